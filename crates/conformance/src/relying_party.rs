//! What a relying party must do: the catalogue of cases, the stage that they play on, the targets, and the reference
//! relying party that every case is proven against.

pub(crate) mod catalogue;
pub(crate) mod defects;
pub(crate) mod explain;
pub(crate) mod harness;
pub(crate) mod hints;
#[cfg(feature = "load")]
pub(crate) mod load;
pub(crate) mod metadata;
pub(crate) mod need;
pub(crate) mod plan;
pub(crate) mod preparation;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod stage;
pub(crate) mod standard;
pub(crate) mod steps;
pub(crate) mod suite;
pub(crate) mod target;
