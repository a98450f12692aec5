//! A model as a map of any format that serde knows.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Model;
use super::setting::PLAN;
use crate::attestation::PlanAt;
use crate::encoding::setting::json::{Found, set, write};

/// Every setting that is set, under its name; those of the plan under `attestation`.
impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write(&mut map, Self::ROWS, self)?;
        map.serialize_entry(PLAN, &self.attestation)?;
        map.end()
    }
}

/// What is left out is as in the default model. A member that is no setting is an error, which names its place.
impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ModelVisitor)
    }
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = Model;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the settings of a model")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Model, A::Error> {
        let mut model = Model::default();
        while let Some(name) = map.next_key::<String>()? {
            if name == PLAN {
                model.attestation = map.next_value_seed(PlanAt("attestation."))?;
            } else {
                set(Model::ROWS, &mut model, "", &name, &map.next_value::<Found>()?)?;
            }
        }
        Ok(model)
    }
}
