//! Records that a transaction search shows and no movement stands behind: one that failed, was reversed, or is somebody
//! else's. Tests and the control routes add them; the search lists them before the transactions, and no sum counts them.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::journal::Direction;
use crate::money;

/// Most extra records that are kept; the oldest goes.
const MAX_RECORDS: usize = 1_000;

/// A record that a transaction search shows although nothing moved.
///
/// It looks like the record of an allocation (or of points taken back) that happened now, to the person with this mobile in the
/// announced account; [`with`](Self::with) and [`without`](Self::without) make it say something else.
///
/// ```
/// use enkash_sandbox::ExtraRecord;
///
/// let failed = ExtraRecord::credit("REF1", "9000000901", 250).with("status", "FAILED");
/// # let _ = failed;
/// ```
///
/// Over HTTP, `POST /_sandbox/records` takes a list of them:
/// `[{"reference": "REF1", "mobile": "9000000901", "amount": 250, "with": {"status": "FAILED"}}]`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ExtraRecord {
    pub(crate) reference: String,
    pub(crate) mobile: String,
    #[serde(deserialize_with = "money::from_seed")]
    pub(crate) amount: Decimal,
    #[serde(default)]
    pub(crate) debit: bool,
    #[serde(default)]
    with: Map<String, Value>,
    #[serde(default)]
    without: Vec<String>,
}

impl ExtraRecord {
    /// Of points that a person would have got.
    pub fn credit(reference: impl Into<String>, mobile: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        ExtraRecord {
            reference: reference.into(),
            mobile: mobile.into(),
            amount: amount.into(),
            debit: false,
            with: Map::new(),
            without: Vec::new(),
        }
    }

    /// Of points that would have been taken back from a person.
    pub fn debit(reference: impl Into<String>, mobile: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        ExtraRecord {
            debit: true,
            ..ExtraRecord::credit(reference, mobile, amount)
        }
    }

    /// Puts a value under a name of the record, in place of what would stand there.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with.insert(name.into(), value.into());
        self
    }

    /// Leaves a name of the record out.
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.without.push(name.into());
        self
    }

    pub(crate) const fn direction(&self) -> Direction {
        if self.debit {
            Direction::Debit
        } else {
            Direction::Credit
        }
    }

    /// The record with what was asked for.
    pub(crate) fn apply_to(&self, record: &mut Map<String, Value>) {
        record.extend(self.with.clone());
        record.retain(|name, _| !self.without.contains(name));
    }
}

/// It shows no person.
impl std::fmt::Debug for ExtraRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ExtraRecord")
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .field("debit", &self.debit)
            .finish_non_exhaustive()
    }
}

/// An extra record with what it got when it was added.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedRecord {
    #[serde(with = "as_text")]
    pub(crate) record: ExtraRecord,
    pub(crate) id: Arc<str>,
    pub(crate) account_id: Arc<str>,
    pub(crate) at: Timestamp,
}

/// All of them, oldest first.
#[derive(Default, Clone, Serialize, Deserialize)]
pub(crate) struct ExtraRecords(VecDeque<ListedRecord>);

impl ExtraRecords {
    pub(crate) fn add(&mut self, extra: ListedRecord) {
        if self.0.len() >= MAX_RECORDS {
            self.0.pop_front();
        }
        self.0.push_back(extra);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &ListedRecord> {
        self.0.iter()
    }
}

/// A record as the text of its JSON: it may hold any value, as deep as one text of JSON may be, and is deeper inside of a
/// snapshot.
pub(crate) mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    use super::ExtraRecord;

    pub(crate) fn serialize<S: Serializer>(record: &ExtraRecord, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(record).map_err(ser::Error::custom)?;
        serializer.serialize_str(&text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ExtraRecord, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map_err(|_| de::Error::custom("an extra record is not one"))
    }
}
