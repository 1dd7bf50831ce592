//! Get Reward Transaction Details and Get Incentive Transaction details. The path is inferred from the
//! Prepaid product's page of the same purpose, and nobody saw the response: its rows are read by the names
//! that the pages have for the same things, beside the raw JSON.

use enkash_api::{
    Money, OperationId, PersonalData, UndocumentedJson,
    types::{self, TransactionType},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    envelope::{json::Json, list::List},
    error::Error,
    model::{
        ids::{CardTransactionId, CompanyId, EnKashCardId, UserId},
        reference::ClientReference,
    },
    response::Response,
    rewards::Rewards,
};

/// Names of the id of one movement. The pages spell it in four ways.
pub(crate) const TRANSACTION_IDS: [&str; 4] = [
    "enKashCardTransactionId",
    "enkashCardTransactionId",
    "enkashCardTxnId",
    "enKashTransactionId",
];
/// Which transactions to look for. What is named here narrows the response, presumably: all but the card and the reference are
/// known from an example only, and an API server may not know a filter.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TransactionSearch {
    body: types::builder::TransactionSearchRequest,
}

impl TransactionSearch {
    /// Every transaction of the account.
    pub fn all() -> Self {
        Self::default()
    }

    fn with(
        self,
        add: impl FnOnce(types::builder::TransactionSearchRequest) -> types::builder::TransactionSearchRequest,
    ) -> Self {
        Self { body: add(self.body) }
    }

    /// Those of one card.
    pub fn card(self, card: impl Into<EnKashCardId>) -> Self {
        self.with(|body| body.en_kash_card_id(card.into().as_str()))
    }

    /// Those that carry a reference (page: `pgReferenceNumber`).
    pub fn reference(self, reference: ClientReference) -> Self {
        self.with(|body| body.pg_reference_number(reference.as_str()))
    }

    /// Those that carry one of several references (page: `pgReferenceNumbers`).
    pub fn references(self, references: impl IntoIterator<Item = ClientReference>) -> Self {
        let references = references.into_iter().map(|reference| reference.as_str().to_owned());
        let references: Vec<_> = references.collect();
        self.with(|body| body.pg_reference_numbers((!references.is_empty()).then_some(references)))
    }

    /// One transaction (page: `enKashTransactionId`).
    pub fn transaction(self, id: impl Into<CardTransactionId>) -> Self {
        self.with(|body| body.en_kash_transaction_id(id.into().as_str()))
    }

    /// Several transactions (page: `enKashTransactionIds`).
    pub fn transactions(self, ids: impl IntoIterator<Item = CardTransactionId>) -> Self {
        let ids: Vec<_> = ids.into_iter().map(|id| id.as_str().to_owned()).collect();
        self.with(|body| body.en_kash_transaction_ids((!ids.is_empty()).then_some(ids)))
    }

    /// Those of a person (page: `userId`).
    pub fn user(self, user: impl Into<UserId>) -> Self {
        self.with(|body| body.user_id(user.into().as_str()))
    }

    /// Those of the holders of this name (page: `cardHolderName`).
    pub fn holder_name(self, name: impl Into<PersonalData>) -> Self {
        self.with(|body| body.card_holder_name(name.into()))
    }

    /// Those of the company of this name (page: `companyName`).
    pub fn company_name(self, name: impl Into<String>) -> Self {
        self.with(|body| body.company_name(name.into()))
    }

    /// Those that credit cards (`CR`), or that debit them (`DR`).
    pub fn direction(self, direction: impl Into<TransactionType>) -> Self {
        self.with(|body| body.card_transaction_type(direction.into()))
    }

    /// Those in this state; `CREATED` is the only one that a page shows.
    pub fn status(self, status: impl Into<String>) -> Self {
        self.with(|body| body.status(status.into()))
    }

    /// Those of at least this amount.
    pub fn amount_from(self, amount: Money) -> Self {
        self.with(|body| body.amount_from(amount))
    }

    /// Those of at most this amount.
    pub fn amount_to(self, amount: Money) -> Self {
        self.with(|body| body.amount_to(amount))
    }

    /// Those made from this time on (page: `txnDateFrom`). Times are sent in whole milliseconds, as in the example.
    pub fn since(self, time: Timestamp) -> Self {
        self.with(|body| body.txn_date_from(wire_time(time)))
    }

    /// Those made until this time (page: `txnDateTo`).
    pub fn until(self, time: Timestamp) -> Self {
        self.with(|body| body.txn_date_to(wire_time(time)))
    }

    /// Those of a time. Whether the ends belong to it is not known.
    pub fn between(self, from: Timestamp, to: Timestamp) -> Self {
        self.since(from).until(to)
    }
}

/// As the page's example writes a time.
fn wire_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// One movement on a card. **Nobody saw one in a response**: the names of the fields are those of the pages for the same
/// things and of a public integration's records. A field that is missing or has another form is `None`: see
/// [`raw`](Self::raw).
///
/// Serialised, it holds a person's data. `Debug` shows nothing of the person.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Transaction {
    /// The movement (page: `enKashCardTransactionId`, also spelled in other ways).
    pub id: Option<CardTransactionId>,
    /// The caller's reference (page: `pgReferenceNumber`).
    pub reference: Option<String>,
    /// The card (page: `enkashCardId`, `enKashCardId`).
    pub card: Option<EnKashCardId>,
    /// The card's number, masked (page: `maskedCard`).
    pub masked_number: Option<PersonalData>,
    /// The kit number of a physical card (page: `cardKitNumber`).
    pub kit_number: Option<String>,
    /// The person, as EnKash names them.
    pub user: Option<UserId>,
    /// The person's name (page: `cardHolderName`).
    pub holder_name: Option<PersonalData>,
    /// The company.
    pub company: Option<CompanyId>,
    /// The company's name.
    pub company_name: Option<String>,
    /// `CR` credits the card, `DR` debits it (page: `cardTransactionType`).
    pub direction: Option<TransactionType>,
    /// What moved (page: `principalAmount`).
    pub amount: Option<Money>,
    /// The currency of `amount`.
    pub currency: Option<String>,
    /// What moved in a foreign currency (page: `fcyAmount`).
    pub foreign_amount: Option<Money>,
    /// The foreign currency (page: `fcyCurrency`).
    pub foreign_currency: Option<String>,
    /// What the card held afterwards, presumably.
    pub balance: Option<Money>,
    /// The state; `CREATED` is the only one that a page shows.
    pub status: Option<String>,
    /// Kind of movement, such as `ALLOCATE_POINT` (page: `type`).
    pub kind: Option<String>,
    /// Free text, which may name the person.
    pub description: Option<PersonalData>,
    /// When it was made, as it came (page: `txnDate`).
    pub at: Option<String>,
    /// When the record was made, as it came (page: `createdOn`).
    pub created: Option<String>,
    /// When the record was changed last, as it came (page: `modifiedOn`).
    pub modified: Option<String>,
    #[serde(skip)]
    raw: UndocumentedJson,
}

impl Transaction {
    /// The row as it came, with fields that stand nowhere above. It may hold a person's data.
    #[must_use]
    pub fn raw(&self) -> &Value {
        self.raw.as_value()
    }

    pub(crate) fn from_wire(row: &Value) -> Self {
        // A blank text says nothing, and is no id.
        let text = |name: &str| match row.get(name)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let amount = |name: &str| row.get(name)?.as_money();
        Self {
            id: TRANSACTION_IDS.iter().find_map(|name| text(name)).map(Into::into),
            reference: text("pgReferenceNumber"),
            card: text("enkashCardId").or_else(|| text("enKashCardId")).map(Into::into),
            masked_number: text("maskedCard").map(Into::into),
            kit_number: text("cardKitNumber"),
            user: text("userId").map(Into::into),
            holder_name: text("cardHolderName").map(Into::into),
            company: text("companyId").map(Into::into),
            company_name: text("companyName"),
            direction: text("cardTransactionType").map(Into::into),
            amount: amount("principalAmount"),
            currency: text("currency"),
            foreign_amount: amount("fcyAmount"),
            foreign_currency: text("fcyCurrency"),
            balance: amount("balance"),
            status: text("status"),
            kind: text("type"),
            description: text("description").map(Into::into),
            at: text("txnDate"),
            created: text("createdOn"),
            modified: text("modifiedOn"),
            raw: row.clone().into(),
        }
    }
}

/// A response that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct Transactions {
    json: UndocumentedJson,
}

impl Transactions {
    /// The rows, where a list may be expected: `payload.data`, `payload`, or a single transaction in `payload`. An inference
    /// from the card search of the same family, so an empty list proves nothing. `None` where no list is found there, or
    /// where rows are said to be there and none is shown: that is not the same as an empty one.
    ///
    /// The list may be cut: see [`Response::total_count`].
    #[must_use]
    pub fn rows(&self) -> Option<Vec<Transaction>> {
        let list = List::from_response_or_single(self.json.as_value(), "pgReferenceNumber")?;
        (!list.lacks_all_rows()).then(|| list.rows.iter().map(Transaction::from_wire).collect())
    }
}

impl Rewards {
    /// Looks for transactions (page: Get Reward Transaction Details; path inferred, answer unknown).
    ///
    /// # Errors
    ///
    /// The API refused, or no response came.
    pub async fn transactions(&self, search: TransactionSearch) -> Result<Response<Transactions>, Error> {
        let body = search.body;
        let body = body
            .company_id(self.company.as_str())
            .card_account_id(self.account.as_str());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_person() {
        let row = serde_json::json!({
            "cardHolderName": "Meera", "maskedCard": "XX04", "description": "Bonus of Meera", "mobile": "9000000004"
        });
        let transaction = Transaction::from_wire(&row);
        let shown = format!("{transaction:?}");
        assert!(
            ["Meera", "XX04", "9000000004"].iter().all(|text| !shown.contains(text)),
            "{shown}"
        );
        assert_eq!(
            transaction.description.as_ref().map(PersonalData::expose),
            Some("Bonus of Meera")
        );
    }

    #[test]
    fn every_filter_of_a_search_is_sent_by_the_name_of_its_page() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let reference = |text: &str| text.parse::<ClientReference>().unwrap();
        let search = TransactionSearch::all()
            .card("EKC1")
            .reference(reference("REF1"))
            .references([reference("REF2")])
            .transaction("T1")
            .transactions(["T2".into()])
            .user("EK1")
            .holder_name("Meera")
            .company_name("Acme")
            .direction("CR")
            .status("CREATED")
            .amount_from(1.into())
            .amount_to(2.into())
            .between(at(0), at(1));
        let request =
            types::TransactionSearchRequest::try_from(search.body.company_id("C").card_account_id("A")).unwrap();
        let expected = serde_json::json!({
            "companyId": "C", "cardAccountId": "A", "enKashCardId": "EKC1", "pgReferenceNumber": "REF1",
            "pgReferenceNumbers": ["REF2"], "enKashTransactionId": "T1", "enKashTransactionIds": ["T2"], "userId": "EK1",
            "cardHolderName": "Meera", "companyName": "Acme", "cardTransactionType": "CR", "status": "CREATED",
            "amountFrom": 1, "amountTo": 2, "txnDateFrom": "1970-01-01T00:00:00.000Z", "txnDateTo": "1970-01-01T00:00:01.000Z"
        });
        assert_eq!(serde_json::to_value(request).unwrap(), expected);
    }
}
