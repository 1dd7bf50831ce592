//! What the sandbox's own JSON says of allocations: the rows of a call that allocates, and what a transaction search asked
//! for and showed. The API's routes ask here while they still have request and response at hand.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::operation::Operation;
use crate::operations::OperationResult;
use crate::store::journal::Movement;

/// The most characters of a reference that moved nothing: it may be of any length.
const MAX_REFERENCE: usize = 100;

/// What an allocation moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) amount: Decimal,
    pub(crate) transaction_id: Arc<str>,
    /// Number of its movement in the journal.
    pub(crate) movement: u64,
}

/// One row of a call that allocates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllocationRow {
    pub(crate) reference: Option<Arc<str>>,
    pub(crate) moved: Option<Moved>,
    /// The operation said no to it.
    pub(crate) refused: bool,
}

/// A row as requests and responses spell it. Fields of any type, because a request may be anything.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct JsonRow {
    unique_reference_number: Value,
    unique_reference_num: Value,
    enkash_card_txn_id: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BulkPayload {
    #[serde(rename = "successBulkEnKashCardCreateDTOs")]
    succeeded: Vec<JsonRow>,
    #[serde(rename = "failedBulkEnKashCardCreateDTOs")]
    failed: Vec<JsonRow>,
}

impl JsonRow {
    fn reference(&self) -> Option<Arc<str>> {
        let reference = self.unique_reference_number.as_str();
        let reference = reference.or_else(|| self.unique_reference_num.as_str())?;
        let end = reference.char_indices().nth(MAX_REFERENCE).map(|(end, _)| end);
        Some(Arc::from(end.map_or(reference, |end| &reference[..end])))
    }

    fn row(&self, refused: bool) -> AllocationRow {
        AllocationRow {
            reference: self.reference(),
            moved: None,
            refused,
        }
    }
}

impl AllocationRow {
    /// Whether an operation allocates, and so has rows.
    pub(crate) fn has_rows(operation: Operation) -> bool {
        matches!(
            operation,
            Operation::CreateAllocatePoints | Operation::BulkCreateAllocateRewards
        )
    }

    /// The rows of a request that was not carried out.
    pub(crate) fn of_request(operation: Operation, body: &[u8], refused: bool) -> Vec<AllocationRow> {
        let rows = match operation {
            Operation::CreateAllocatePoints => vec![serde_json::from_slice(body).unwrap_or_default()],
            Operation::BulkCreateAllocateRewards => serde_json::from_slice(body).unwrap_or_default(),
            _ => Vec::new(),
        };
        rows.iter().map(|row: &JsonRow| row.row(refused)).collect()
    }

    /// The rows of a call that came to the operation, which wrote these movements.
    pub(crate) fn of_call<'a>(
        operation: Operation,
        body: &[u8],
        result: &OperationResult,
        moved: impl Iterator<Item = (u64, &'a Movement)>,
    ) -> Vec<AllocationRow> {
        if !AllocationRow::has_rows(operation) {
            return Vec::new();
        }
        // A change that became due in this call is no row of it.
        let mut rows: Vec<AllocationRow> = moved
            .filter(|(_, movement)| movement.is_allocation())
            .map(|(number, movement)| AllocationRow {
                reference: Some(movement.reference.clone()),
                moved: Some(Moved {
                    amount: movement.directed(),
                    transaction_id: movement.id.clone(),
                    movement: number,
                }),
                refused: result.is_err(),
            })
            .collect();
        match result {
            Ok(response) if operation == Operation::BulkCreateAllocateRewards => {
                let payload: BulkPayload = serde_json::from_str(response.payload.get()).unwrap_or_default();
                let is_there = |row: &JsonRow| {
                    let id = row.enkash_card_txn_id.as_str();
                    rows.iter()
                        .any(|done| done.moved.as_ref().map(|moved| &*moved.transaction_id) == id)
                };
                // Said to be done without a movement: the answer to an earlier row was repeated.
                let repeated: Vec<_> = payload.succeeded.iter().filter(|row| !is_there(row)).collect();
                let repeated = repeated.into_iter().map(|row| row.row(false)).collect::<Vec<_>>();
                rows.extend(repeated);
                rows.extend(payload.failed.iter().map(|row| row.row(true)));
            }
            _ if rows.is_empty() => rows = AllocationRow::of_request(operation, body, result.is_err()),
            _ => {}
        }
        rows
    }
}

/// A transaction search: the references that it asked for, and the transactions that its response shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TransactionSearch {
    pub(crate) asked: Vec<String>,
    /// Reference and id of each.
    pub(crate) shown: Vec<(String, String)>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SearchBody {
    pg_reference_number: Value,
    pg_reference_numbers: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchPayload {
    data: Vec<JsonTransaction>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JsonTransaction {
    #[serde(rename = "enKashCardTransactionId")]
    id: Value,
    #[serde(rename = "pgReferenceNumber")]
    reference: Value,
}

impl TransactionSearch {
    pub(crate) fn new(body: &[u8], result: &OperationResult) -> Self {
        let body: SearchBody = serde_json::from_slice(body).unwrap_or_default();
        let several = body.pg_reference_numbers.as_array().map_or(&[][..], Vec::as_slice);
        let asked = several
            .iter()
            .chain([&body.pg_reference_number, &body.pg_reference_numbers]);
        let payload = result.as_ref().ok().map(|response| response.payload.get());
        let payload: SearchPayload = payload
            .and_then(|payload| serde_json::from_str(payload).ok())
            .unwrap_or_default();
        let shown = payload.data.iter().filter_map(|row| {
            let (reference, id) = (row.reference.as_str()?, row.id.as_str()?);
            Some((reference.to_owned(), id.to_owned()))
        });
        TransactionSearch {
            asked: asked.filter_map(Value::as_str).map(str::to_owned).collect(),
            shown: shown.collect(),
        }
    }
}
