//! Coins and the events that give them (page: Point Management). An event's configuration says how many coins it is worth;
//! an allocation names the event, so the request does not say how much value moves.

pub(crate) mod allocate;
pub(crate) mod events;

pub use crate::points::{
    allocate::CoinAllocation,
    events::{CoinEvent, CoinEventAnswer, CoinEventChange, NewCoinEvent},
};
use enkash_api::OperationId;
pub use enkash_api::types::CoinConfiguration;

use crate::{
    client::Enkash,
    error::{Error, documented_payload},
    model::ids::UserId,
    response::Response,
    transport::options::CallOptions,
};

/// Coins: see [`Enkash::points`].
///
/// ```
/// use enkash::{ClientReference, Outcome, points::CoinAllocation};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = enkash_sandbox::Sandbox::start().await?;
/// # let c = sandbox.credentials().clone();
/// # let enkash = enkash::Enkash::from_settings(c.settings())?;
/// # let (company, account) = (c.company_id.as_str(), c.card_account_id.as_str());
/// # let cards = enkash.rewards(company, account).cards(enkash::rewards::CardSearch::all()).await?;
/// # let user = cards.value().iter().find_map(|card| card.user.clone()).ok_or("no person")?;
/// let points = enkash.points();
///
/// let referral = CoinAllocation::new(company, user.clone(), "REFERRAL_EVENT", ClientReference::generate());
/// println!("sending {}", referral.reference()); // store it before the call
/// match points.allocate(referral).await {
///     Outcome::Done(_) => println!("{} coins", points.balance(&user).await?.value()),
///     // No page documents a way to look it up.
///     Outcome::Unknown(unknown) => println!("ask EnKash about {}", unknown.ticket.reference),
///     other => println!("{}", other.as_str()),
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Points {
    pub(crate) enkash: Enkash,
}

impl Enkash {
    /// Coins and the events that give them (page: Point Management).
    #[must_use]
    pub fn points(&self) -> Points {
        Points { enkash: self.clone() }
    }
}

impl Points {
    /// The same handle with other times or attempts for its calls: see [`Enkash::with_options`].
    ///
    /// # Errors
    ///
    /// As [`Enkash::with_options`].
    pub fn with_options(&self, options: CallOptions) -> Result<Self, Error> {
        Ok(Self {
            enkash: self.enkash.with_options(options)?,
        })
    }

    /// How many coins a person has (page: Get Balance, api-9796918).
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had another form than the documented one.
    pub async fn balance(&self, user: &UserId) -> Result<Response<i64>, Error> {
        self.enkash
            .call(
                OperationId::GetCoinBalance,
                async move |client| client.get_coin_balance().user_id(user.as_str()).send().await,
                |answer| documented_payload(answer.payload).map(Into::into),
            )
            .await
    }
}
