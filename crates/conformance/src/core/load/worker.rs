//! One of the users at once: its turns, its random numbers and its tally.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::schedule::ratio;
use super::tally::{Slow, Tally};
use super::timeline::{Event, What};
use super::{Crowd, Shared, TICK};

/// How many events a worker keeps before it hands them in.
const MOST_EVENTS: usize = 512;

/// One user at a time.
pub(crate) struct Worker<'a> {
    crowd: &'a Crowd<'a>,
    shared: &'a Shared,
    /// From 0.
    pub(crate) number: u64,
    random: u64,
    pub(crate) tally: Tally,
    /// What has happened since it last handed in.
    events: Vec<Event>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(crowd: &'a Crowd<'a>, shared: &'a Shared, number: usize) -> Self {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        let seed = crowd.seed.derive(number, b"w");
        let random = seed.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        Self { crowd, shared, number, random, tally: Tally::new(crowd.steps), events: Vec::new() }
    }

    /// How many users there are at once.
    pub(crate) fn users(&self) -> u64 {
        u64::try_from(self.crowd.users).unwrap_or(u64::MAX)
    }

    /// Without a rate, users come one after the other during the ramp-up.
    pub(crate) fn wait_for_ramp_up(&self) {
        if self.crowd.schedule.rate.is_none() {
            let share = self.crowd.schedule.ramp_up.mul_f64(ratio(self.number, self.users()));
            self.sleep_until(share);
        }
    }

    /// Waits until the next ceremony may begin. False when the load is over: what was due until then and could not
    /// begin is missed, not made up for.
    pub(crate) fn wait_for_turn(&mut self) -> bool {
        let schedule = &self.crowd.schedule;
        if schedule.rate.is_none() {
            return !self.is_stopped() && !self.is_over();
        }
        let due = schedule.due(self.shared.arrivals.fetch_add(1, Ordering::Relaxed));
        if due >= schedule.duration {
            return false;
        }
        self.sleep_until(due);
        if self.is_stopped() || self.is_over() {
            return false;
        }
        // How late a ceremony begins, because every user was still busy, is a latency of its own.
        self.tally.began_late(self.shared.began.elapsed().saturating_sub(due));
        true
    }

    /// Times a request that reached the target. If it is among the slowest, `tell` says whose it was and what the answer was.
    pub(crate) fn timed<T>(
        &mut self,
        step: &'static str,
        request: impl FnOnce() -> T,
        has_reached: impl FnOnce(&T) -> bool,
        tell: impl FnOnce(&T) -> (String, String),
    ) -> T {
        let at = self.shared.began.elapsed();
        let answer = request();
        let took = self.shared.began.elapsed().saturating_sub(at);
        if !has_reached(&answer) {
            return answer;
        }
        if let Some(place) = self.crowd.steps.iter().position(|name| *name == step) {
            self.tally.time(place, took);
            self.happened(What::Answered(place, took));
        }
        self.tally.keep_if_slow(took, || {
            let (user, answer) = tell(&answer);
            Slow { step, at, took, user, answer }
        });
        answer
    }

    /// Counts a sound ceremony that was accepted.
    pub(crate) fn accepted(&mut self, kind: &'static str) {
        *self.tally.accepted.entry(kind).or_default() += 1;
        self.shared.accepted.fetch_add(1, Ordering::Relaxed);
        self.happened(What::Accepted);
    }

    /// Counts a sound ceremony that was not accepted.
    pub(crate) fn failed(&mut self, step: &'static str, kind: &'static str, why: &str) {
        self.tally.error(step, kind, why);
        self.shared.failed.fetch_add(1, Ordering::Relaxed);
        self.happened(What::Failed);
    }

    fn happened(&mut self, what: What) {
        self.events.push(Event { at: self.shared.began.elapsed(), what });
        if self.events.len() >= MOST_EVENTS {
            self.hand_in();
        }
    }

    /// Puts what has happened where it is counted for all workers.
    pub(super) fn hand_in(&mut self) {
        let mut timeline = self.shared.timeline.lock().unwrap_or_else(PoisonError::into_inner);
        self.events.drain(..).for_each(|event| timeline.add(&event));
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.crowd.is_stopped()
    }

    fn is_over(&self) -> bool {
        self.shared.began.elapsed() >= self.crowd.schedule.duration
    }

    fn sleep_until(&self, time: Duration) {
        while !self.is_stopped() {
            match time.saturating_sub(self.shared.began.elapsed()) {
                Duration::ZERO => break,
                left => thread::sleep(left.min(TICK)),
            }
        }
    }

    /// Whether something of this probability happens.
    pub(crate) fn draws(&mut self, probability: f64) -> bool {
        probability > 0.0 && ratio(self.draw() >> 32, 1 << 32) < probability
    }

    /// One of so many, from 0.
    pub(crate) fn draw_below(&mut self, count: u64) -> u64 {
        self.draw() % count.max(1)
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): even enough for a mix, and the same for the same seed.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
