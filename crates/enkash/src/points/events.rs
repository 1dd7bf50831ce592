//! Coin events (page: Create Event, Get Event, Update Event): how many coins an event gives. Nobody saw the answers of the
//! first two; their extractor takes the form that Update Event documents.

use enkash_api::types::CoinConfiguration;
use enkash_api::{OperationId, UndocumentedJson, types};
use serde::Serialize;
use serde_json::Value;

use crate::{
    envelope::Envelope,
    error::{Error, MissingField, documented_payload},
    model::ids::{CoinConfigId, CompanyId},
    points::Points,
    response::Response,
};

/// An event to configure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewCoinEvent {
    /// The company that the event belongs to.
    pub company: CompanyId,
    /// Name of the event, such as `REFERRAL_EVENT`. No list is published.
    pub event: String,
    /// How many coins the event gives.
    pub coins: i64,
    /// The examples send `DEFAULT`, the page's text names `CUSTOM`.
    pub configuration: CoinConfiguration,
}

impl NewCoinEvent {
    /// An event that gives so many coins.
    #[must_use]
    pub fn new(
        company: impl Into<CompanyId>,
        event: impl Into<String>,
        coins: i64,
        configuration: impl Into<CoinConfiguration>,
    ) -> Self {
        Self {
            company: company.into(),
            event: event.into(),
            coins,
            configuration: configuration.into(),
        }
    }
}

/// What to change in an event. What is left out stays, presumably: the page marks every field as optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CoinEventChange {
    company: Option<CompanyId>,
    event: Option<String>,
    coins: Option<i64>,
    configuration: Option<CoinConfiguration>,
}

impl CoinEventChange {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Another company.
    pub fn company(mut self, company: impl Into<CompanyId>) -> Self {
        self.company = Some(company.into());
        self
    }

    /// Another name.
    pub fn event(mut self, event: impl Into<String>) -> Self {
        self.event = Some(event.into());
        self
    }

    /// Another number of coins.
    pub fn coins(mut self, coins: i64) -> Self {
        self.coins = Some(coins);
        self
    }

    /// Another kind. The page's text says to keep `CUSTOM`, its example sends `DEFAULT`.
    pub fn configuration(mut self, configuration: impl Into<CoinConfiguration>) -> Self {
        self.configuration = Some(configuration.into());
        self
    }
}

/// A configured event. Every field is optional on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CoinEvent {
    /// The configuration.
    pub id: Option<CoinConfigId>,
    /// Name of the event.
    pub event: Option<String>,
    /// How many coins it gives.
    pub coins: Option<i64>,
    /// Kind of configuration.
    pub configuration: Option<CoinConfiguration>,
}

impl CoinEvent {
    fn from_wire(event: types::CoinEvent) -> Self {
        Self {
            id: event.coin_config_id.map(Into::into),
            event: event.event,
            coins: event.amount,
            configuration: event.configuration,
        }
    }
}

/// A response that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct CoinEventAnswer {
    json: UndocumentedJson,
}

impl CoinEventAnswer {
    /// The response as it came.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.json.as_value()
    }

    /// The event, if `payload` has the form that Update Event documents. **Inferred**.
    #[must_use]
    pub fn event(&self) -> Option<CoinEvent> {
        let payload = Envelope::new(self.json.as_value()).at("payload")?.clone();
        let event = CoinEvent::from_wire(serde_json::from_value(payload).ok()?);
        event.id.is_some().then_some(event)
    }
}

impl Points {
    /// Configures an event (page: Create Event, api-9796915; answer unknown). Never repeated by itself: what a second
    /// configuration for the same company and event does is not known.
    ///
    /// # Errors
    ///
    /// The API refused, or no response came; after [`Error::was_sent`] the event may be there.
    pub async fn create_event(&self, event: NewCoinEvent) -> Result<Response<CoinEventAnswer>, Error> {
        let body = types::CreateCoinEventRequest::builder()
            .company_id(event.company.as_str())
            .event(event.event)
            .amount(event.coins)
            .configuration(event.configuration);
        self.enkash
            .call(
                OperationId::CreateCoinEvent,
                async move |client| client.create_coin_event().body(body).send().await,
                |json| Ok(CoinEventAnswer { json }),
            )
            .await
    }

    /// Reads an event (page: Get Event, api-9796914; answer unknown).
    ///
    /// # Errors
    ///
    /// The API refused, or no response came.
    pub async fn event(&self, id: &CoinConfigId) -> Result<Response<CoinEventAnswer>, Error> {
        self.enkash
            .call(
                OperationId::GetCoinEvent,
                async move |client| {
                    let call = client.get_coin_event().coin_config_id(id.as_str());
                    call.send().await
                },
                |json| Ok(CoinEventAnswer { json }),
            )
            .await
    }

    /// Changes an event, and with it what later allocations are worth (page: Update Event, api-9796916). Never repeated by
    /// itself.
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had another form than the documented one: then read the
    /// [`event`](Self::event).
    pub async fn update_event(&self, id: &CoinConfigId, change: CoinEventChange) -> Result<Response<CoinEvent>, Error> {
        let body = types::UpdateCoinEventRequest::builder()
            .company_id(change.company.map(|company| company.as_str().to_owned()))
            .event(change.event)
            .amount(change.coins)
            .configuration(change.configuration);
        self.enkash
            .call(
                OperationId::UpdateCoinEvent,
                async move |client| {
                    let call = client.update_coin_event().coin_config_id(id.as_str()).body(body);
                    call.send().await
                },
                |answer| {
                    let event = CoinEvent::from_wire(documented_payload(answer.payload)?);
                    let is_event = event.id.is_some() || event.event.is_some();
                    is_event.then_some(event).ok_or(MissingField("payload.coinConfigId"))
                },
            )
            .await
    }
}
