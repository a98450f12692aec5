//! What a case needs of an authenticator, so that it says something about it.

use std::fmt;
use std::time::Duration;

/// What a case needs of an authenticator, or of the run. Before one that lacks it the case is skipped, as it would say
/// nothing.
///
/// The displayed text goes on with "if the target": "speaks U2F".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// It is reached by CTAPHID.
    Hid,
    /// It is reached as a card.
    Card,
    /// It speaks U2F.
    U2f,
    /// getInfo has the option, whatever its value.
    Option(&'static str),
    /// getInfo has the option, and it is true.
    Enabled(&'static str),
    /// getInfo lacks the option, or it is false.
    Disabled(&'static str),
    /// getInfo has the extension.
    Extension(&'static str),
    /// getInfo lists algorithms.
    Algorithms,
    /// It verifies its user by itself, now.
    BuiltInUv,
    /// It cannot verify its user by itself, now.
    NoBuiltInUv,
    /// It does not verify its user always.
    NoAlwaysUv,
    /// A PIN is set that the run knows. One is set if there is none.
    PinSet,
    /// No PIN is set.
    NoPin,
    /// It is as it was made.
    Fresh,
    /// A touch can be withheld.
    WithheldTouch,
    /// Its power can be taken away.
    PowerCycle,
    /// It may be reset.
    Reset,
    /// The run has the time to wait so long.
    Time(Duration),
}

impl Need {
    /// What to do so that the case can be played, if only the run is in the way: in the imperative.
    pub(crate) fn to_test(self) -> Option<String> {
        Some(match self {
            Need::PinSet | Need::NoPin | Need::Fresh | Need::Reset => {
                "let the run reset the authenticator: --allow-reset".into()
            }
            Need::WithheldTouch => "say how it is touched: --touch COMMAND, or be there at a terminal".into(),
            Need::PowerCycle => "say how its power is taken away: --power-cycle COMMAND".into(),
            Need::Time(time) => format!("give the run more time: --wait {}s", time.as_secs() + 1),
            _ => return None,
        })
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Hid => f.write_str("is reached by CTAPHID"),
            Need::Card => f.write_str("is reached as a card"),
            Need::U2f => f.write_str("speaks U2F"),
            Need::Option(name) => write!(f, "has the option {name}"),
            Need::Enabled(name) => write!(f, "has the option {name} enabled"),
            Need::Disabled(name) => write!(f, "lacks the option {name}"),
            Need::Extension(name) => write!(f, "has the extension {name}"),
            Need::Algorithms => f.write_str("lists its algorithms"),
            Need::BuiltInUv => f.write_str("verifies its user by itself"),
            Need::NoBuiltInUv => f.write_str("does not verify its user by itself"),
            Need::NoAlwaysUv => f.write_str("does not verify its user always"),
            Need::PinSet => f.write_str("has a PIN that the run knows"),
            Need::NoPin => f.write_str("has no PIN set"),
            Need::Fresh => f.write_str("is as it was made"),
            Need::WithheldTouch => f.write_str("waits for a touch that can be withheld"),
            Need::PowerCycle => f.write_str("can have its power taken away"),
            Need::Reset => f.write_str("may be reset"),
            Need::Time(time) => write!(f, "may be waited for {} s", time.as_secs()),
        }
    }
}
