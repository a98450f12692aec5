//! A plan as a map of any format that serde knows.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Plan;
use crate::encoding::setting::json::{Found, set, write};

/// Seeds and private keys of the authority stand in it as they are.
impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write(&mut map, Self::ROWS, self)?;
        map.end()
    }
}

/// A member that is no setting is an error.
impl<'de> Deserialize<'de> for Plan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        At("").deserialize(deserializer)
    }
}

/// Reads a plan that stands at a place.
pub(crate) struct At(pub(crate) &'static str);

impl<'de> DeserializeSeed<'de> for At {
    type Value = Plan;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Plan, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for At {
    type Value = Plan;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the settings of an attestation plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plan, A::Error> {
        let mut plan = Plan::default();
        while let Some(name) = map.next_key::<String>()? {
            set(Plan::ROWS, &mut plan, self.0, &name, &map.next_value::<Found>()?)?;
        }
        Ok(plan)
    }
}
