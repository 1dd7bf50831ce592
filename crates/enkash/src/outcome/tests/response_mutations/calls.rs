//! The calls that move value, as the generator makes them: with the same facts at the sandbox and without a socket.

use enkash_api::{OperationId, PathTemplate};
use enkash_sandbox::{Operation, Sandbox};
use http::Method;
use serde_json::json;

use crate::{
    client::{Enkash, builder::EnkashBuilder},
    model::{
        ids::{CardAccountId, CompanyId, EnKashCardId, UserId},
        person::Person,
        reference::ClientReference,
    },
    points::allocate::CoinAllocation,
    redemption::order::VoucherOrder,
    rewards::{
        allocate::{Allocation, Unallocation},
        bulk::{BulkAllocation, BulkMode, BulkRow},
        cards::CardSearch,
        person_check::CheckedPerson,
    },
};

/// The card holder of the default seed.
const MOBILE: &str = "9000000901";
/// Two people who get a card with their first points.
const ROWS: [&str; 2] = ["9000005001", "9000005002"];
const PRODUCT: &str = "PC0SANDBOXTEA001";

/// A call that moves value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Give,
    GiveToCard,
    Take,
    Bulk,
    Order,
    UndocumentedOrder,
    Coins,
}

pub(super) const CALLS: [Call; 7] = [
    Call::Give,
    Call::GiveToCard,
    Call::Take,
    Call::Bulk,
    Call::Order,
    Call::UndocumentedOrder,
    Call::Coins,
];

/// Whether the API has a reason to refuse a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    Refusable,
}

/// The ids that calls name. Those of the default seed are the same in every sandbox.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    company: CompanyId,
    account: CardAccountId,
    user: UserId,
    card: EnKashCardId,
}

impl Ids {
    pub(super) async fn read(sandbox: &Sandbox, enkash: &Enkash) -> Self {
        let to = sandbox.credentials();
        let (company, account) = (to.company_id.as_str().into(), to.card_account_id.as_str().into());
        let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
        let cards = rewards.cards(CardSearch::all()).await.unwrap();
        let card = cards
            .value()
            .iter()
            .find(|card| card.mobile == Some(MOBILE.into()))
            .unwrap();
        Self {
            company,
            account,
            user: card.user.clone().unwrap(),
            card: card.id.clone().unwrap(),
        }
    }
}

/// Tells a client the path that no page shows.
pub(super) fn with_path(builder: EnkashBuilder) -> EnkashBuilder {
    let path = PathTemplate::new(Method::POST, "/api/v0/sandbox/create-order-lower-case").unwrap();
    builder.path(OperationId::CreateOrderLowerCase, path)
}

impl Call {
    pub(super) fn operation(self) -> Operation {
        match self {
            Self::Give | Self::GiveToCard | Self::Take => Operation::CreateAllocatePoints,
            Self::Bulk => Operation::BulkCreateAllocateRewards,
            Self::Order => Operation::CreateOrder,
            Self::UndocumentedOrder => Operation::CreateOrderLowerCase,
            Self::Coins => Operation::AllocateCoins,
        }
    }

    /// Whether a page promises that the response repeats the reference.
    pub(super) fn has_echo(self) -> bool {
        matches!(self, Self::Give | Self::GiveToCard | Self::Take)
    }

    pub(super) fn is_order(self) -> bool {
        matches!(self, Self::Order | Self::UndocumentedOrder)
    }

    /// The words of its outcome: one, or one for each row.
    pub(super) async fn make(self, enkash: &Enkash, ids: &Ids, validity: Validity, name: &str) -> Vec<&'static str> {
        let rewards = enkash.rewards(ids.company.clone(), ids.account.clone());
        let is_valid = validity == Validity::Valid;
        let reference: ClientReference = name.parse().unwrap();
        let amount = || if is_valid { "10.50" } else { "900000000" }.parse().unwrap();
        let person = || Person::new("Mr", "Ravi", "ravi@example.com", MOBILE, "M").unwrap();
        let word = match self {
            Self::Give => {
                let allocation = Allocation::for_person(person(), amount(), reference);
                rewards.allocate(allocation).await.as_str()
            }
            Self::GiveToCard => {
                let allocation = Allocation::for_card(ids.card.clone(), amount(), reference);
                rewards.allocate(allocation).await.as_str()
            }
            Self::Take => {
                let person = CheckedPerson::assume_checked(person());
                let back = Unallocation::from_person(person, amount(), reference);
                rewards.unallocate(back).await.as_str()
            }
            Self::Bulk => {
                let row = |number: usize| {
                    let reference = format!("{name}{}", ["A", "B"][number]).parse().unwrap();
                    BulkRow::new("Ms", "Asha", "asha@example.com", ROWS[number], amount(), reference)
                };
                let bulk = BulkAllocation::new(vec![row(0), row(1)], BulkMode::ExistingAndNew).unwrap();
                let outcome = rewards.allocate_bulk(bulk).await;
                return outcome.rows.iter().map(crate::outcome::Outcome::as_str).collect();
            }
            Self::Order => {
                let product = if is_valid { PRODUCT } else { "PC0NOBODY" };
                let order = VoucherOrder::new(product, 250, 2, reference).unwrap();
                enkash.redemption_as_partner().order(order).await.as_str()
            }
            Self::UndocumentedOrder => {
                let product = if is_valid { PRODUCT } else { "PC0NOBODY" };
                let body = json!({
                    "productCatalogId": product, "denomination": 250, "quantity": 2, "orderReferenceId": name,
                });
                let redemption = enkash.redemption_as_partner();
                redemption.undocumented_order(body, reference).await.as_str()
            }
            Self::Coins => {
                let event = if is_valid { "REFERRAL_EVENT" } else { "NO_SUCH_EVENT" };
                let coins = CoinAllocation::new(ids.company.clone(), ids.user.clone(), event, reference);
                enkash.points().allocate(coins).await.as_str()
            }
        };
        vec![word]
    }

    /// How often it took effect under a reference, row by row. `coins` is what the person had before.
    pub(super) fn effects(self, sandbox: &Sandbox, name: &str, coins: i64) -> Vec<bool> {
        match self {
            Self::Give | Self::GiveToCard => vec![sandbox.credits(name) > 0],
            Self::Take | Self::Order | Self::UndocumentedOrder => vec![sandbox.debits(name) > 0],
            Self::Bulk => vec![
                sandbox.credits(&format!("{name}A")) > 0,
                sandbox.credits(&format!("{name}B")) > 0,
            ],
            Self::Coins => vec![sandbox.coin_balance(MOBILE) != Some(coins)],
        }
    }
}

/// What the person has in coins.
pub(super) fn coins(sandbox: &Sandbox) -> i64 {
    sandbox.coin_balance(MOBILE).unwrap()
}
