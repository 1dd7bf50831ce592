//! What each operation does to the store. The server checks a call against the document, takes the lock, and hands it to
//! [`dispatch`]; an operation reads plain JSON and gives a response or a refusal, and knows nothing of HTTP or of faults.

mod account;
mod allocation;
mod bulk;
mod cards;
mod cart;
mod catalogue;
mod coins;
mod orders;
mod sso;
mod token;
mod transactions;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::operation::Operation;
use crate::store::Store;
use crate::store::logins::Caller;
use crate::switches::Switches;
pub(crate) use token::{LoginInputs, login_inputs};

/// A call that the document allows, from a caller whose token is good.
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// Who calls; `None` for a login.
    pub(crate) caller: Option<&'a Caller>,
    /// The Basic credentials of a login.
    pub(crate) basic: Option<(&'a str, &'a str)>,
    pub(crate) body: &'a Value,
    /// The body as text, for exact money.
    pub(crate) text: &'a [u8],
    /// Whether the text is JSON; otherwise the body has the fields of a form.
    pub(crate) is_json: bool,
    pub(crate) query: &'a HashMap<String, String>,
    pub(crate) path: &'a HashMap<String, String>,
    pub(crate) partner_id: Option<&'a str>,
    pub(crate) now: Timestamp,
    pub(crate) switches: &'a Switches,
    pub(crate) token_life: Duration,
}

/// Which envelope the operation's page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvelopeKind {
    /// `code`, `message`, `payload`.
    Code,
    /// `response_code`, `response_message`, `payload`.
    ResponseCode,
    /// `paylod` (so the page spells it), `response_message`, and a `response_code` that is a string.
    OrderInfo,
    /// No envelope.
    Bare,
}

/// A success.
pub(crate) struct OperationResponse {
    pub(crate) form: EnvelopeKind,
    pub(crate) payload: Box<RawValue>,
    /// The caller's reference that the response echoes.
    pub(crate) reference: Option<Arc<str>>,
}

/// A call that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A failure of the business: HTTP 200 with a code of 1, as the general guide has it (doc-1038569).
    Failure(String),
    /// An error status.
    Status {
        status: StatusCode,
        message: String,
        /// The word of OAuth for it, on login and bearer errors.
        oauth: Option<&'static str>,
        /// The account that a failed login counted against.
        strike: Option<String>,
    },
}

pub(crate) type OperationResult = Result<OperationResponse, Refusal>;

impl Refusal {
    pub(crate) fn status(status: StatusCode, message: impl Into<String>) -> Self {
        Refusal::Status {
            status,
            message: message.into(),
            oauth: None,
            strike: None,
        }
    }

    /// With the word that OAuth has for it.
    pub(crate) fn oauth(status: StatusCode, word: &'static str, message: impl Into<String>) -> Self {
        Refusal::Status {
            status,
            message: message.into(),
            oauth: Some(word),
            strike: None,
        }
    }

    pub(crate) fn failure(message: impl Into<String>) -> Self {
        Refusal::Failure(message.into())
    }

    /// A mandatory parameter is missing: 400 by the older guide (doc-650021).
    pub(crate) fn missing(name: &str) -> Self {
        Refusal::status(StatusCode::BAD_REQUEST, format!("{name}: is required"))
    }

    /// A value failed validation: 422 by the general guide (doc-1038569).
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Refusal::status(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Refusal::status(StatusCode::NOT_FOUND, message)
    }
}

impl OperationResponse {
    pub(crate) fn new(form: EnvelopeKind, payload: &impl Serialize) -> OperationResult {
        let payload = serde_json::value::to_raw_value(payload)
            .map_err(|error| Refusal::status(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        Ok(OperationResponse {
            form,
            payload,
            reference: None,
        })
    }
}

/// Fields of a JSON object.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a Value);

impl<'a> Fields<'a> {
    /// A text that is not blank.
    fn text(self, name: &str) -> Option<&'a str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    }

    fn required(self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name).ok_or_else(|| Refusal::missing(name))
    }

    /// The texts of an array, or the one text that stands there; blank ones are left out.
    fn texts(self, name: &str) -> Vec<&'a str> {
        let found: Vec<&Value> = match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        found
            .into_iter()
            .filter_map(Value::as_str)
            .filter(|text| !text.trim().is_empty())
            .collect()
    }

    fn instant(self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::invalid(format!("{name}: is not a date and time")))
        };
        self.text(name).map(read).transpose()
    }

    fn integer(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    fn number(self, name: &str) -> Option<rust_decimal::Decimal> {
        self.0
            .get(name)
            .and_then(Value::as_number)
            .and_then(|number| crate::money::parse(&number.to_string()))
    }
}

impl<'a> Call<'a> {
    fn fields(&self) -> Fields<'a> {
        Fields(self.body)
    }

    fn caller(&self) -> Result<&'a Caller, Refusal> {
        self.caller
            .ok_or_else(|| Refusal::status(StatusCode::UNAUTHORIZED, "A bearer token is required"))
    }

    fn path(&self, name: &str) -> Result<&'a str, Refusal> {
        self.path
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Refusal::missing(name))
    }

    fn query(&self, name: &str) -> Result<&'a str, Refusal> {
        self.query
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Refusal::missing(name))
    }

    /// The card account that a call speaks of, if this caller may use it. The two messages are those of the bulk page
    /// (api-9796906); that the other operations give them too is the sandbox's own choice.
    fn account(&self, store: &Store, company_id: &str, account_id: &str) -> Result<Arc<str>, Refusal> {
        let caller = self.caller()?;
        if caller.card_id.is_some() {
            return Err(Refusal::invalid(
                "A card holder's log-in cannot use the company's card account",
            ));
        }
        if self
            .partner_id
            .is_some_and(|partner| partner != caller.company.partner_id)
        {
            return Err(Refusal::invalid("Card Account does not exist for this partner"));
        }
        let account = store
            .accounts
            .get(account_id)
            .filter(|account| account.company_id == company_id);
        match account {
            Some(account) if company_id == caller.company.id => Ok(account.id.clone()),
            _ => Err(Refusal::not_found(format!(
                "Card account not found for companyId: {company_id} and cardAccountId: {account_id}"
            ))),
        }
    }

    /// The card account that the body names.
    fn body_account(&self, store: &Store) -> Result<Arc<str>, Refusal> {
        self.account(
            store,
            self.fields().required("companyId")?,
            self.fields().required("cardAccountId")?,
        )
    }
}

/// An instant as the documentation's search filters write it.
fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// An operation that cannot change the store, as its type says. One that does not stand here is taken for one that can.
type ReadOperation = fn(&Store, &Call<'_>) -> OperationResult;

fn read_operation(operation: Operation) -> Option<ReadOperation> {
    Some(match operation {
        Operation::SearchTransactions => transactions::search,
        Operation::SearchCards => cards::search,
        Operation::GetCart => cart::get,
        Operation::SearchCatalog => catalogue::search,
        Operation::GetProductDetails | Operation::GetProductConfigs => catalogue::get,
        Operation::SearchOrders => orders::search,
        Operation::FetchOrderInfo => orders::fetch_by_reference,
        Operation::FetchOrderInfoByPost => orders::fetch,
        Operation::GetCoinEvent => coins::get_event,
        Operation::GetCoinBalance => coins::balance,
        _ => return None,
    })
}

/// Whether the operation leaves the store as it is.
pub(crate) fn is_read(operation: Operation) -> bool {
    read_operation(operation).is_some()
}

/// Does what the operation does.
pub(crate) fn dispatch(store: &mut Store, call: &Call<'_>) -> OperationResult {
    store.finish_due(call.now);
    match call.operation {
        Operation::IssueToken => token::issue(store, call),
        Operation::CreateSsoToken => sso::create(store, call),
        Operation::CreateAllocatePoints => allocation::create_allocate(store, call),
        Operation::BulkCreateAllocateRewards => bulk::create_allocate(store, call),
        Operation::GetRewardAccount => account::get(store, call),
        Operation::SearchTransactions => transactions::search(store, call),
        Operation::SearchCards => cards::search(store, call),
        Operation::GetCart => cart::get(store, call),
        Operation::AddToCart => cart::add(store, call),
        Operation::UpdateCart => cart::update(store, call),
        Operation::SearchCatalog => catalogue::search(store, call),
        Operation::GetProductDetails | Operation::GetProductConfigs => catalogue::get(store, call),
        Operation::CreateOrder | Operation::CreateOrderLowerCase => orders::create(store, call),
        Operation::SearchOrders => orders::search(store, call),
        Operation::FetchOrderInfo => orders::fetch_by_reference(store, call),
        Operation::FetchOrderInfoByPost => orders::fetch(store, call),
        Operation::CreateCoinEvent => coins::create_event(store, call),
        Operation::GetCoinEvent => coins::get_event(store, call),
        Operation::UpdateCoinEvent => coins::update_event(store, call),
        Operation::AllocateCoins => coins::allocate(store, call),
        Operation::GetCoinBalance => coins::balance(store, call),
    }
}
