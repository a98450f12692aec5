//! What is divided by what, and what the project wants to come out.

use crate::contenders::{
    P256, PASSKEY_AWS_LC, PASSKEY_RUSTCRYPTO, STUNTKEY, STUNTKEY_RUSTCRYPTO, WEBAUTHN_RS,
    Work::{
        self, Authenticate, Key, LoginSignature, LoginVerification, PackedSignature, PackedVerification,
        RegisterNone, RegisterPacked, RegisterSelf, VerifyLogin, VerifyRegistration,
    },
};
use crate::measure::Measured;

/// A time divided by others, which are added up.
pub(crate) struct Ratio<'a> {
    who: &'a str,
    work: Work,
    over: Vec<(Whose<'a>, Work)>,
    /// The limit that the project sets itself.
    pub(crate) aim: Option<f64>,
}

#[derive(Clone, Copy)]
enum Whose<'a> {
    Of(&'a str),
    /// Of those whose median over all rounds is the least.
    Fastest,
}

use Whose::{Fastest, Of};

/// The ratios with an aim or a primitive, and stuntkey over everybody else who does the same. Those of one numerator are next
/// to each other.
pub(crate) fn all(measured: &[Measured]) -> Vec<Ratio<'_>> {
    let mut all: Vec<Ratio<'_>> = CHOSEN
        .iter()
        .map(|(who, work, over, aim)| Ratio { who, work: *work, over: over.to_vec(), aim: *aim })
        .collect();
    for other in measured.iter().filter(|one| Work::OF_LIBRARIES.contains(&one.work)) {
        let (who, work) = (other.who.as_str(), other.work);
        let chosen = |ratio: &Ratio<'_>| {
            ratio.who == STUNTKEY
                && ratio.work == work
                && matches!(ratio.over.as_slice(), [(Of(of), over)] if *of == who && *over == work)
        };
        if who != STUNTKEY && !all.iter().any(chosen) {
            all.push(Ratio { who: STUNTKEY, work, over: vec![(Of(who), work)], aim: None });
        }
    }
    // Stable: what is divided by stays in its order.
    all.sort_by_key(|ratio| (ratio.who != STUNTKEY, Work::ALL.iter().position(|work| *work == ratio.work)));
    all
}

type Chosen = (&'static str, Work, &'static [(Whose<'static>, Work)], Option<f64>);

const CHOSEN: &[Chosen] = &[
    (STUNTKEY, RegisterPacked, &[(Fastest, Key), (Fastest, PackedSignature)], Some(1.15)),
    (STUNTKEY, RegisterSelf, &[(Fastest, Key), (Fastest, PackedSignature)], None),
    (STUNTKEY, RegisterNone, &[(Fastest, Key)], None),
    (STUNTKEY, RegisterNone, &[(Of(PASSKEY_AWS_LC), RegisterNone)], Some(0.65)),
    (STUNTKEY, Authenticate, &[(Fastest, LoginSignature)], None),
    (STUNTKEY, Authenticate, &[(Of(PASSKEY_AWS_LC), Authenticate)], Some(0.5)),
    // The attestation's signature, and the certificate's.
    (
        STUNTKEY,
        VerifyRegistration,
        &[(Fastest, PackedVerification), (Fastest, PackedVerification)],
        Some(1.25),
    ),
    (STUNTKEY, VerifyLogin, &[(Fastest, LoginVerification)], Some(1.25)),
    (STUNTKEY_RUSTCRYPTO, RegisterPacked, &[(Of(P256), Key), (Of(P256), PackedSignature)], Some(1.05)),
    (STUNTKEY_RUSTCRYPTO, RegisterSelf, &[(Of(P256), Key), (Of(P256), PackedSignature)], None),
    (STUNTKEY_RUSTCRYPTO, RegisterNone, &[(Of(P256), Key)], Some(1.05)),
    (STUNTKEY_RUSTCRYPTO, RegisterNone, &[(Of(PASSKEY_RUSTCRYPTO), RegisterNone)], None),
    (STUNTKEY_RUSTCRYPTO, Authenticate, &[(Of(P256), LoginSignature)], Some(1.05)),
    (STUNTKEY_RUSTCRYPTO, Authenticate, &[(Of(PASSKEY_RUSTCRYPTO), Authenticate)], None),
    (
        STUNTKEY_RUSTCRYPTO,
        VerifyRegistration,
        &[(Of(P256), PackedVerification), (Of(P256), PackedVerification)],
        Some(1.1),
    ),
    (STUNTKEY_RUSTCRYPTO, VerifyRegistration, &[(Of(WEBAUTHN_RS), VerifyRegistration)], None),
    (STUNTKEY_RUSTCRYPTO, VerifyLogin, &[(Of(P256), LoginVerification)], Some(1.1)),
    (STUNTKEY_RUSTCRYPTO, VerifyLogin, &[(Of(WEBAUTHN_RS), VerifyLogin)], None),
];

/// The numerator, and what it is divided by in words.
pub(crate) struct Resolved {
    pub(crate) of: String,
    pub(crate) over: String,
    /// One entry a round.
    pub(crate) values: Vec<f64>,
}

impl Ratio<'_> {
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
            work if work == self.work => part.who.clone(),
            Key => format!("{} key", part.who),
            PackedVerification | LoginVerification => format!("{} verification", part.who),
            _ => format!("{} signature", part.who),
        };
        let names: Vec<String> = parts.iter().map(name).collect();
        match names.as_slice() {
            [one, other] if one == other => format!("2 × {one}"),
            _ => names.join(" + "),
        }
    }
}

fn find<'a>(measured: &'a [Measured], whose: Whose<'_>, work: Work) -> Option<&'a Measured> {
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

    fn of(who: &str, work: Work, times: &[f64]) -> Measured {
        Measured { who: who.to_owned(), work, microseconds: times.to_vec() }
    }

    #[test]
    fn divides_round_by_round_by_the_fastest() {
        let measured = [
            of(STUNTKEY, RegisterPacked, &[30.0, 60.0, 33.0]),
            of("slow", Key, &[99.0, 99.0, 1.0]),
            of("quick", Key, &[10.0, 20.0, 10.0]),
            of("quick", PackedSignature, &[20.0, 40.0, 12.0]),
        ];
        let all = all(&measured);
        let resolved = all[0].resolve(&measured).unwrap();
        assert_eq!(resolved.over, "quick key + quick signature");
        assert_eq!(resolved.values, [1.0, 1.0, 1.5]);
        assert!(all[1].resolve(&measured).is_none());
    }

    #[test]
    fn a_registration_is_divided_by_two_verifications() {
        let measured = [of(STUNTKEY, VerifyRegistration, &[50.0]), of("quick", PackedVerification, &[20.0])];
        let resolved: Vec<Resolved> =
            all(&measured).iter().filter_map(|ratio| ratio.resolve(&measured)).collect();
        assert_eq!(resolved.len(), 1);
        assert_eq!((&resolved[0].over[..], resolved[0].values[0]), ("2 × quick verification", 1.25));
    }

    #[test]
    fn stuntkey_is_divided_by_every_library_once() {
        let everybody = [STUNTKEY, STUNTKEY_RUSTCRYPTO, PASSKEY_AWS_LC, PASSKEY_RUSTCRYPTO, "another"];
        let measured: Vec<Measured> =
            Work::OF_LIBRARIES.iter().flat_map(|work| everybody.map(|who| of(who, *work, &[1.0]))).collect();
        let all = all(&measured);
        let resolved: Vec<Resolved> = all.iter().filter_map(|ratio| ratio.resolve(&measured)).collect();
        for work in Work::OF_LIBRARIES {
            let numerator = format!("{STUNTKEY}: {}", work.name());
            let over: Vec<&str> =
                resolved.iter().filter(|one| one.of == numerator).map(|one| &one.over[..]).collect();
            assert_eq!(over.len(), everybody.len() - 1, "{numerator}");
        }
        let mut numerators: Vec<&str> = resolved.iter().map(|one| &one.of[..]).collect();
        numerators.dedup();
        let all_of_them = numerators.len();
        numerators.sort_unstable();
        numerators.dedup();
        assert_eq!(numerators.len(), all_of_them, "those of one numerator are next to each other");
    }
}
