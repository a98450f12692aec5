//! Taking times, in turns: what else the machine does in a while strikes everybody alike.

use std::thread;
use std::time::{Duration, Instant};

use crate::contenders::{Contender, Runs, Work};

/// What one contender took.
pub(crate) struct Measured {
    pub(crate) who: String,
    pub(crate) work: Work,
    /// For one piece of work, in µs: one entry a round, in the order of the rounds.
    pub(crate) microseconds: Vec<f64>,
}

/// Long beside the clock's grain and a change of caches, short beside what disturbs a machine.
const BATCH: Duration = Duration::from_millis(5);

/// What compiles while it runs gets quicker for a while. A program in another language works in such stretches, …
const STRETCH: Duration = Duration::from_millis(500);

/// … until so many one after the other, two seconds, …
const SETTLED: u32 = 4;

/// … are no quicker than the quickest before them, by more than this part of it, …
const QUICKER: f64 = 0.03;

/// … or it has worked in so many.
const MOST_STRETCHES: u32 = 60;

/// Runs a batch of everybody in each round, and begins each round with another.
///
/// # Errors
/// A program does not answer.
pub(crate) fn in_turns(contenders: Vec<Contender>, rounds: usize) -> Result<Vec<Measured>, String> {
    let mut turns: Vec<Turn> = contenders.into_iter().map(Turn::warm_up).collect::<Result<_, _>>()?;
    for round in 0..rounds {
        let first = round % turns.len().max(1);
        let (before, from) = turns.split_at_mut(first);
        for turn in from.iter_mut().chain(before) {
            let elapsed = turn.contender.batch(turn.size)?;
            turn.microseconds.push(elapsed.as_secs_f64() * 1e6 / f64::from(turn.size));
        }
    }
    Ok(turns.into_iter().map(Turn::measured).collect())
}

struct Turn {
    contender: Contender,
    /// How many times the work is done in a batch.
    size: u32,
    microseconds: Vec<f64>,
}
impl Turn {
    /// Doubles a batch until it lasts, which warms caches too, and sizes the batches of the rounds by the last.
    fn warm_up(mut contender: Contender) -> Result<Self, String> {
        let mut size = 1_u32;
        let mut elapsed = contender.batch(size)?;
        while elapsed < 4 * BATCH && size < u32::MAX / 2 {
            size *= 2;
            elapsed = contender.batch(size)?;
        }
        let mut once = elapsed / size;
        if let Runs::There(_) = contender.runs {
            once = contender.until_it_settles(once)?;
        }
        let size = times_in(BATCH, once);
        Ok(Self { contender, size, microseconds: Vec::new() })
    }

    fn measured(self) -> Measured {
        let Contender { who, work, .. } = self.contender;
        Measured { who, work, microseconds: self.microseconds }
    }
}

impl Contender {
    fn batch(&mut self, size: u32) -> Result<Duration, String> {
        match &mut self.runs {
            Runs::Here(run) => {
                let start = Instant::now();
                for _ in 0..size {
                    run();
                }
                Ok(start.elapsed())
            }
            Runs::There(running) => {
                let elapsed = running.batch(size);
                // It may go on compiling and cleaning up memory, which is not to strike who comes next.
                thread::sleep(BATCH);
                elapsed
            }
        }
    }

    /// How long the work takes once it gets no quicker. `once` is how long it takes now.
    fn until_it_settles(&mut self, mut once: Duration) -> Result<Duration, String> {
        let mut no_quicker = 0;
        for _ in 0..MOST_STRETCHES {
            let size = times_in(STRETCH, once);
            let now = self.batch(size)? / size;
            let is_quicker = now.as_secs_f64() < once.as_secs_f64() * (1.0 - QUICKER);
            no_quicker = if is_quicker { 0 } else { no_quicker + 1 };
            once = once.min(now);
            if no_quicker == SETTLED {
                break;
            }
        }
        Ok(once)
    }
}

/// How often something is done in this while, at least once.
fn times_in(duration: Duration, once: Duration) -> u32 {
    u32::try_from(duration.as_nanos() / once.as_nanos().max(1)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn everybody_begins_a_round_in_turn() {
        let order = Rc::new(RefCell::new(Vec::new()));
        let contender = |who: &'static str| {
            let order = Rc::clone(&order);
            Contender::here(who, Work::Key, move || {
                thread::sleep(2 * BATCH);
                order.borrow_mut().push(who);
            })
        };
        let measured = in_turns(vec![contender("a"), contender("b"), contender("c")], 3).unwrap();
        let order = order.borrow();
        // So slow that a batch is once.
        assert_eq!(order[order.len() - 9..], ["a", "b", "c", "b", "c", "a", "c", "a", "b"]);
        assert_eq!(measured.iter().map(|m| &m.who[..]).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(measured.iter().all(|m| m.microseconds.len() == 3 && m.microseconds[0] > 5e3));
    }
}
