//! What is divided by what, and what the project wants to come out.

use crate::contenders::{
    P256, PASSKEY_AWS_LC, PASSKEY_RUSTCRYPTO, STUNTKEY, STUNTKEY_RUSTCRYPTO,
    Work::{self, Authenticate, Key, LoginSignature, PackedSignature, RegisterNone, RegisterPacked},
};
use crate::measure::Measured;

pub(crate) struct Ratio {
    who: &'static str,
    work: Work,
    /// Their times are added up.
    over: &'static [(Whose, Work)],
    /// The limit that the project sets itself.
    pub(crate) aim: Option<f64>,
}

#[derive(Clone, Copy)]
enum Whose {
    Of(&'static str),
    /// Of those whose median over all rounds is the least.
    Fastest,
}

use Whose::{Fastest, Of};

/// Those of one numerator next to each other.
pub(crate) const ALL: &[Ratio] = &[
    ratio(STUNTKEY, RegisterPacked, &[(Fastest, Key), (Fastest, PackedSignature)], Some(1.15)),
    ratio(STUNTKEY, RegisterNone, &[(Fastest, Key)], None),
    ratio(STUNTKEY, RegisterNone, &[(Of(PASSKEY_AWS_LC), RegisterNone)], Some(0.65)),
    ratio(STUNTKEY, RegisterNone, &[(Of(PASSKEY_RUSTCRYPTO), RegisterNone)], None),
    ratio(STUNTKEY, Authenticate, &[(Fastest, LoginSignature)], None),
    ratio(STUNTKEY, Authenticate, &[(Of(PASSKEY_AWS_LC), Authenticate)], Some(0.5)),
    ratio(STUNTKEY, Authenticate, &[(Of(PASSKEY_RUSTCRYPTO), Authenticate)], None),
    ratio(STUNTKEY_RUSTCRYPTO, RegisterPacked, &[(Of(P256), Key), (Of(P256), PackedSignature)], Some(1.05)),
    ratio(STUNTKEY_RUSTCRYPTO, RegisterNone, &[(Of(P256), Key)], Some(1.05)),
    ratio(STUNTKEY_RUSTCRYPTO, RegisterNone, &[(Of(PASSKEY_RUSTCRYPTO), RegisterNone)], None),
    ratio(STUNTKEY_RUSTCRYPTO, Authenticate, &[(Of(P256), LoginSignature)], Some(1.05)),
    ratio(STUNTKEY_RUSTCRYPTO, Authenticate, &[(Of(PASSKEY_RUSTCRYPTO), Authenticate)], None),
];

const fn ratio(who: &'static str, work: Work, over: &'static [(Whose, Work)], aim: Option<f64>) -> Ratio {
    Ratio { who, work, over, aim }
}

/// The numerator, and what it is divided by in words.
pub(crate) struct Resolved {
    pub(crate) of: String,
    pub(crate) over: String,
    /// One entry a round.
    pub(crate) values: Vec<f64>,
}

impl Ratio {
    /// Divides round by round, so that a while in which the machine is slow falls out. `None` if someone was not
    /// measured.
    pub(crate) fn resolve(&self, measured: &[Measured]) -> Option<Resolved> {
        let numerator = find(measured, Of(self.who), self.work)?;
        let parts: Vec<&Measured> =
            self.over.iter().map(|(whose, work)| find(measured, *whose, *work)).collect::<Option<_>>()?;
        let mut sums = vec![0.0; numerator.microseconds.len()];
        for part in &parts {
            for (sum, time) in sums.iter_mut().zip(&part.microseconds) {
                *sum += time;
            }
        }
        Some(Resolved {
            of: format!("{}: {}", self.who, self.work.name()),
            over: self.name_of(&parts),
            values: numerator.microseconds.iter().zip(sums).map(|(time, sum)| time / sum).collect(),
        })
    }

    fn name_of(&self, parts: &[&Measured]) -> String {
        let name = |part: &&Measured| match part.work {
            // The same work: its name has been said.
            work if work == self.work => part.who.to_owned(),
            Key => format!("{} key", part.who),
            _ => format!("{} signature", part.who),
        };
        parts.iter().map(name).collect::<Vec<_>>().join(" + ")
    }
}

fn find(measured: &[Measured], whose: Whose, work: Work) -> Option<&Measured> {
    let mut those = measured.iter().filter(|one| one.work == work);
    match whose {
        Of(who) => those.find(|one| one.who == who),
        Fastest => those.min_by(|a, b| a.spread().median.total_cmp(&b.spread().median)),
    }
}

impl Measured {
    pub(crate) fn spread(&self) -> Spread {
        Spread::of(&self.microseconds)
    }
}

/// Where the values lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    /// The 10th percentile.
    pub(crate) low: f64,
    /// The 90th percentile.
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        // The nearest value that is there; none at all is no number.
        let last = sorted.len().saturating_sub(1);
        let percentile =
            |percent: usize| sorted.get((last * percent + 50) / 100).copied().unwrap_or(f64::NAN);
        Self { median: percentile(50), low: percentile(10), high: percentile(90) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_are_there() {
        let hundred_and_one: Vec<f64> = (0..=100_u8).rev().map(f64::from).collect();
        assert_eq!(Spread::of(&hundred_and_one), Spread { median: 50.0, low: 10.0, high: 90.0 });
        assert_eq!(Spread::of(&[3.0]), Spread { median: 3.0, low: 3.0, high: 3.0 });
        assert!(Spread::of(&[]).median.is_nan());
    }

    #[test]
    fn divides_round_by_round_by_the_fastest() {
        let of = |who, work, times: &[f64]| Measured { who, work, microseconds: times.to_vec() };
        let measured = [
            of(STUNTKEY, RegisterPacked, &[30.0, 60.0, 33.0]),
            of("slow", Key, &[99.0, 99.0, 1.0]),
            of("quick", Key, &[10.0, 20.0, 10.0]),
            of("quick", PackedSignature, &[20.0, 40.0, 12.0]),
        ];
        let resolved = ALL[0].resolve(&measured).unwrap();
        assert_eq!(resolved.over, "quick key + quick signature");
        assert_eq!(resolved.values, [1.0, 1.0, 1.5]);
        assert!(ALL[1].resolve(&measured).is_none());
    }
}
