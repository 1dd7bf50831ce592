//! Get Reward Transaction Details and Get Incentive Transaction details. The path is inferred from the
//! Prepaid product's page of the same purpose, and nobody saw the answer: it is raw JSON with an extractor.

use enkash_api::{OperationId, UndocumentedJson, types};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    envelope::list::List,
    error::Error,
    model::{ids::EnKashCardId, reference::ClientReference},
    response::Response,
    rewards::Rewards,
};

/// Which transactions to look for.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TransactionSearch {
    card: Option<EnKashCardId>,
    reference: Option<ClientReference>,
    references: Vec<ClientReference>,
    between: Option<(Timestamp, Timestamp)>,
}

impl TransactionSearch {
    /// Every transaction of the account.
    pub fn all() -> Self {
        Self::default()
    }

    /// Those of one card.
    pub fn card(mut self, card: EnKashCardId) -> Self {
        self.card = Some(card);
        self
    }

    /// Those that carry a reference (portal: `pgReferenceNumber`).
    pub fn reference(mut self, reference: ClientReference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Those that carry one of several references (portal: `pgReferenceNumbers`, in an example only).
    pub fn references(mut self, references: impl IntoIterator<Item = ClientReference>) -> Self {
        self.references = references.into_iter().collect();
        self
    }

    /// Those of a time (portal: `txnDateFrom` and `txnDateTo`, in an example only). Whether the ends belong to it is not
    /// known. Times are sent in whole milliseconds, as in the example.
    pub fn between(mut self, from: Timestamp, to: Timestamp) -> Self {
        self.between = Some((from, to));
        self
    }
}

/// As the page's example writes a time.
fn wire_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// An answer that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct Transactions {
    json: UndocumentedJson,
}

impl Transactions {
    /// The rows, where a list may be expected: `payload.data`, `payload`, or a single transaction in `payload`. An inference
    /// from the card search of the same family, so an empty list proves nothing. `None` where no list is found there, or
    /// where rows are said to be there and none is shown: that is not the same as an empty one.
    #[must_use]
    pub fn rows(&self) -> Option<&[Value]> {
        let list = List::of_or_single(self.json.as_value(), "pgReferenceNumber")?;
        (!list.lacks_all_rows()).then_some(list.rows)
    }

    /// How many rows there are in all, where the response says so: one response may hold only the first of them.
    #[must_use]
    pub fn total_count(&self) -> Option<u64> {
        List::of_or_single(self.json.as_value(), "pgReferenceNumber")?.records_count
    }
}

impl Rewards {
    /// Looks for transactions (portal: Get Reward Transaction Details; path inferred, answer unknown).
    ///
    /// # Errors
    ///
    /// The portal refused, or no answer came.
    pub async fn transactions(&self, search: TransactionSearch) -> Result<Response<Transactions>, Error> {
        let mut body = types::TransactionSearchRequest::builder()
            .company_id(self.company.as_str())
            .card_account_id(self.account.as_str());
        if let Some(card) = search.card {
            body = body.en_kash_card_id(card.as_str().to_owned());
        }
        if let Some(reference) = search.reference {
            body = body.pg_reference_number(reference.as_str().to_owned());
        }
        if !search.references.is_empty() {
            let references = search.references.iter().map(|reference| reference.as_str().to_owned());
            body = body.pg_reference_numbers(references.collect::<Vec<_>>());
        }
        if let Some((from, to)) = search.between {
            body = body.txn_date_from(wire_time(from)).txn_date_to(wire_time(to));
        }
        let partner = self.enkash.partner();
        self.enkash
            .call(
                OperationId::SearchTransactions,
                async move |client| client.search_transactions().partner_id(partner).body(body).send().await,
                |json| Ok(Transactions { json }),
            )
            .await
    }
}
