//! Taking times, in turns: what else the machine does in a while strikes everybody alike.

use std::time::{Duration, Instant};

use crate::contenders::{Contender, Work};

/// What one contender took.
pub(crate) struct Measured {
    pub(crate) who: &'static str,
    pub(crate) work: Work,
    /// For one piece of work, in µs: one entry a round, in the order of the rounds.
    pub(crate) microseconds: Vec<f64>,
}

/// Long beside the clock's grain and a change of caches, short beside what disturbs a machine.
const BATCH: Duration = Duration::from_millis(5);

/// Runs a batch of everybody in each round, and begins each round with another.
pub(crate) fn in_turns(contenders: Vec<Contender>, rounds: usize) -> Vec<Measured> {
    let mut turns: Vec<Turn> = contenders.into_iter().map(Turn::warm_up).collect();
    for round in 0..rounds {
        let first = round % turns.len().max(1);
        let (before, from) = turns.split_at_mut(first);
        for turn in from.iter_mut().chain(before) {
            let elapsed = turn.contender.batch(turn.size);
            turn.microseconds.push(elapsed.as_secs_f64() * 1e6 / f64::from(turn.size));
        }
    }
    turns.into_iter().map(Turn::measured).collect()
}

struct Turn {
    contender: Contender,
    /// How many times the work is done in a batch.
    size: u32,
    microseconds: Vec<f64>,
}

impl Turn {
    /// Doubles a batch until it lasts, which warms caches too, and sizes the batches of the rounds by the last.
    fn warm_up(mut contender: Contender) -> Self {
        let mut size = 1_u32;
        let mut elapsed = contender.batch(size);
        while elapsed < 4 * BATCH && size < u32::MAX / 2 {
            size *= 2;
            elapsed = contender.batch(size);
        }
        let once = (elapsed / size).as_nanos().max(1);
        let size = u32::try_from(BATCH.as_nanos() / once).unwrap_or(u32::MAX).max(1);
        Self { contender, size, microseconds: Vec::new() }
    }

    fn measured(self) -> Measured {
        let Contender { who, work, .. } = self.contender;
        Measured { who, work, microseconds: self.microseconds }
    }
}

impl Contender {
    fn batch(&mut self, size: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..size {
            (self.run)();
        }
        start.elapsed()
    }
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
            let run = Box::new(move || {
                std::thread::sleep(2 * BATCH);
                order.borrow_mut().push(who);
            });
            Contender { who, work: Work::Key, run }
        };
        let measured = in_turns(vec![contender("a"), contender("b"), contender("c")], 3);
        let order = order.borrow();
        // So slow that a batch is once.
        assert_eq!(order[order.len() - 9..], ["a", "b", "c", "b", "c", "a", "c", "a", "b"]);
        assert_eq!(measured.iter().map(|m| m.who).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(measured.iter().all(|m| m.microseconds.len() == 3 && m.microseconds[0] > 5e3));
    }
}
