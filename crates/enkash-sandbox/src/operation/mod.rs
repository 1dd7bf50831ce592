//! The operations that the sandbox answers, by the ids of the bundled document. Rules of faults, the request log and
//! the assertions of tests name operations through [`Operation`], which codegen writes from the spec. A new one does not
//! compile until [`operations::dispatch`](crate::operations::dispatch) serves it. Which method and path an operation has is
//! not written here: that stands in the document alone.

mod generated;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use generated::Operation;

impl Operation {
    pub(crate) const COUNT: usize = Operation::ALL.len();

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// The word is not an `operationId` of the bundled document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no operation {0:?}; the ids are those of the bundled document, for instance createAllocatePoints")]
pub struct UnknownOperation(String);

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Operation::ALL
            .iter()
            .copied()
            .find(|operation| operation.id() == text)
            .ok_or_else(|| UnknownOperation(text.to_owned()))
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
