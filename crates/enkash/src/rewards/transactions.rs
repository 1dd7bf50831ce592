//! Get Reward Transaction Details and Get Incentive Transaction details. The path is inferred from the
//! Prepaid product's page of the same purpose, and nobody saw the answer: it is raw JSON with an extractor.

use enkash_api::{FreeJson, OperationId, types};
use serde_json::Value;

use super::Rewards;
use crate::{Answer, ClientReference, EnKashCardId, Error, list::List};

/// Which transactions to look for.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TransactionSearch {
    card: Option<EnKashCardId>,
    reference: Option<ClientReference>,
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
}

/// An answer that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct Transactions {
    json: FreeJson,
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
}

impl Rewards {
    /// Looks for transactions (portal: Get Reward Transaction Details; path inferred, answer unknown).
    ///
    /// # Errors
    ///
    /// The portal refused, or no answer came.
    pub async fn transactions(&self, search: TransactionSearch) -> Result<Answer<Transactions>, Error> {
        let mut body = types::TransactionSearchRequest::builder()
            .company_id(self.company.as_str())
            .card_account_id(self.account.as_str());
        if let Some(card) = search.card {
            body = body.en_kash_card_id(card.as_str().to_owned());
        }
        if let Some(reference) = search.reference {
            body = body.pg_reference_number(reference.as_str().to_owned());
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
