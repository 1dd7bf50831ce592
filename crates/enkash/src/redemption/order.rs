//! Orders of vouchers (page: Create Order, Fetch Order Info by Partner order Reference id). Ordering moves value and gives
//! an outcome; nobody saw its response. The order that is read back holds voucher codes and pins, which are secrets.

use enkash_api::{Money, OperationId, PathSegment, Secret, UndocumentedJson, types};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    envelope::{Envelope, json::Node},
    error::{Error, MissingField, documented_payload},
    model::{
        ids::{OrderId, ProductCatalogId},
        reference::ClientReference,
        serialize::optional_text,
        ticket::{Intent, OrderIntent, Ticket},
    },
    outcome::{Outcome, Pending, facts},
    redemption::Redemption,
    response::Response,
};

/// The one value of `orderStatus` and `paymentStatus` that a page shows.
const FINISHED: &str = "SUCCESS";

/// Vouchers to buy.
#[derive(Clone, Debug)]
pub struct VoucherOrder {
    intent: OrderIntent,
    reference: ClientReference,
}

impl VoucherOrder {
    /// So many vouchers of one product and one face value, in whole rupees: the page takes no decimals.
    ///
    /// # Errors
    ///
    /// Face value or quantity is not more than 0, or the reference cannot stand in the path by which an order is read: it is `.` or
    /// `..`, or has a backslash.
    pub fn new(
        product: impl Into<ProductCatalogId>,
        denomination: i64,
        quantity: i64,
        reference: ClientReference,
    ) -> Result<Self, Error> {
        for (field, value) in [("denomination", denomination), ("quantity", quantity)] {
            if value <= 0 {
                return Err(Error::input(field, "is not more than 0"));
            }
        }
        in_path("reference", reference.as_str())?;
        let intent = OrderIntent {
            product: product.into(),
            denomination,
            quantity,
        };
        Ok(Self { intent, reference })
    }

    /// The caller's reference: store it before the call.
    #[must_use]
    pub fn reference(&self) -> &ClientReference {
        &self.reference
    }
}

/// What the API says to an order. Nobody saw it. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct OrderReceipt {
    json: UndocumentedJson,
}

impl OrderReceipt {
    /// The response as it came. It may hold voucher codes.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.json.as_value()
    }

    /// EnKash's id of the order, if it stands where the order that is read back has it (`payload.orderId`). **Inferred**.
    #[must_use]
    pub fn order_id(&self) -> Option<OrderId> {
        Envelope::new(self.json.as_value())
            .at("payload.orderId")?
            .as_str()
            .map(Into::into)
    }

    /// The order, if the response has the form of the one that is read back. **Inferred**.
    #[must_use]
    pub fn order(&self) -> Option<Order> {
        Order::from_row(Envelope::new(self.json.as_value()).at("payload")?)
    }

    /// Whether it names a state of the order or of the payment that is not one of the good ones.
    fn is_unfinished(&self, good: &[String]) -> bool {
        let payload = Envelope::new(self.json.as_value()).payload();
        facts::ORDER_STATES
            .iter()
            .filter_map(|name| payload?.get(name)?.as_str())
            .any(|state| !good.iter().any(|word| word == state))
    }
}

/// An order that was read back. Known from an example only; every field is optional on the wire.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Order {
    /// EnKash's id of the order.
    pub id: Option<OrderId>,
    /// The reference of the partner. That it is the one that the order was made with is **inferred**.
    pub partner_reference: Option<String>,
    /// State of the order; `SUCCESS` is the only one that a page shows.
    pub status: Option<String>,
    /// State of the payment; `SUCCESS` is the only one that a page shows.
    pub payment_status: Option<String>,
    /// Pieces ordered.
    pub quantity: Option<i64>,
    /// The face values together, presumably, in rupees.
    pub total: Option<Money>,
    /// What was paid, in rupees.
    pub paid: Option<Money>,
    /// The vouchers. There may be fewer than were ordered, as in the page's example.
    pub vouchers: Vec<Voucher>,
}

/// One voucher. `Debug` and `Serialize` show neither code nor pin.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Voucher {
    /// The voucher's code (page: `cardNumber`).
    #[serde(serialize_with = "optional_text")]
    pub code: Option<Secret>,
    /// Its pin.
    #[serde(serialize_with = "optional_text")]
    pub pin: Option<Secret>,
    /// When it ends: a local date and time without a zone, as it came.
    pub expires: Option<String>,
}

impl Order {
    /// Whether order and payment have the one state that a page shows for success.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        [&self.status, &self.payment_status]
            .into_iter()
            .all(|status| status.as_deref() == Some(FINISHED))
    }

    /// What may be an order, where nobody saw one.
    pub(super) fn from_row(row: &Value) -> Option<Self> {
        let order = Self::from_wire(types::OrderInfo::deserialize(row).ok()?);
        order.id.is_some().then_some(order)
    }

    fn from_wire(order: types::OrderInfo) -> Self {
        let vouchers = order.voucher_details_list.unwrap_or_default();
        Self {
            id: order.order_id.map(Into::into),
            partner_reference: order.partner_order_reference_id,
            status: order.order_status,
            payment_status: order.payment_status,
            quantity: order.total_quantity,
            total: order.total_amount,
            paid: order.paid_amount,
            vouchers: vouchers
                .into_iter()
                .map(|voucher| Voucher {
                    code: voucher.card_number,
                    pin: voucher.pin,
                    expires: voucher.expiry_date,
                })
                .collect(),
        }
    }
}

/// The order, under either spelling of `payload`.
fn order(answer: types::OrderInfoResponse) -> Result<Order, MissingField> {
    let order = Order::from_wire(documented_payload(answer.payload.or(answer.paylod))?);
    // An order without any of these is none.
    if order.id.is_none() && order.partner_reference.is_none() {
        return Err(MissingField("payload.orderId"));
    }
    Ok(order)
}

/// Refuses what would lead to another path.
fn in_path(field: &'static str, value: &str) -> Result<(), Error> {
    PathSegment::try_from(value)
        .map(drop)
        .map_err(|error| Error::input(field, error.to_string()))
}

impl Redemption {
    /// Buys vouchers (page: Create Order, api-9796924). At most one request is sent.
    ///
    /// Nobody saw the response. It is done by an explicit success code, and pending where the response names a state of the order
    /// other than `SUCCESS`; no page promises that the reference is repeated.
    ///
    /// # Cancellation
    ///
    /// Dropping the future, as `tokio::time::timeout` and `select!` do, gives neither an outcome nor a ticket. Once the request
    /// was handed over, value may have moved all the same: only a warning in the log names the reference. Give the call a
    /// [`deadline`](crate::config::CallOptions::deadline), which ends it with an outcome, and store its [`ticket`](Self::ticket) first.
    /// What was dropped is unknown: [settle](crate::Enkash::settle) it by the ticket before anything is repeated.
    pub async fn order(&self, order: VoucherOrder) -> Outcome<Response<OrderReceipt>> {
        let ticket = self.ticket(&order);
        let body = types::CreateOrderRequest::builder()
            .product_catalog_id(order.intent.product.as_str())
            .denomination(order.intent.denomination)
            .quantity(order.intent.quantity)
            .order_reference_id(order.reference.as_str());
        let send = async move |client: enkash_api::Client| client.create_order().body(body).send().await.map(drop);
        self.submit(ticket, send).await
    }

    async fn submit(
        &self,
        ticket: Ticket,
        send: impl AsyncFnOnce(enkash_api::Client) -> Result<(), enkash_api::Error>,
    ) -> Outcome<Response<OrderReceipt>> {
        let read = |response: &Node<'_>| OrderReceipt {
            json: Value::from(response).into(),
        };
        // A yes that names an unfinished state is not done yet.
        let unfinished = ticket.clone();
        let references = vec![ticket.reference.clone()];
        let good = &self.enkash.policies().of(ticket.operation()).settlement.entry.states;
        let conclude = |outcome: Outcome<Response<OrderReceipt>>| match outcome {
            Outcome::Done(done) if done.value().is_unfinished(good) => {
                Outcome::Pending(Pending::new(unfinished, done.map(drop)))
            }
            outcome => outcome,
        };
        self.enkash
            .move_value_with(ticket, references, send, read, conclude, std::slice::from_ref)
            .await
    }

    /// What an order could be looked up with: store it before the call.
    #[must_use]
    pub fn ticket(&self, order: &VoucherOrder) -> Ticket {
        Ticket::new(order.reference.clone(), Intent::Order(order.intent.clone()))
    }

    /// Calls the page "create order" (lower case). Path, request and answer are **unknown**: give the path with
    /// [`EnkashBuilder::path`](crate::EnkashBuilder::path), and the body as your server wants it. It is taken to move
    /// value, by its title. The reference is for your own ledger: nothing here knows where the request has one.
    ///
    /// # Cancellation
    ///
    /// Dropping the future, as `tokio::time::timeout` and `select!` do, gives neither an outcome nor a ticket. Once the request
    /// was handed over, value may have moved all the same: only a warning in the log names the reference. Give the call a
    /// [`deadline`](crate::config::CallOptions::deadline), which ends it with an outcome, and store its [ticket](Self::undocumented_ticket) first.
    /// What was dropped is unknown: ask EnKash with the reference before anything is repeated.
    pub async fn undocumented_order(&self, body: Value, reference: ClientReference) -> Outcome<Response<OrderReceipt>> {
        let ticket = self.undocumented_ticket(reference);
        let send = async move |client: enkash_api::Client| {
            let call = client.create_order_lower_case().body(UndocumentedJson::from(body));
            call.send().await.map(drop)
        };
        self.submit(ticket, send).await
    }

    /// What such an order could be asked about with: store it before the call. Nothing looks it up.
    #[must_use]
    pub fn undocumented_ticket(&self, reference: ClientReference) -> Ticket {
        Ticket::new(reference, Intent::UndocumentedOrder {})
    }

    /// Reads an order with its vouchers, by the newer form of the page (page: Fetch Order Info by Partner order Reference id,
    /// api-13454287; GET).
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had another form than the documented one.
    pub async fn order_info(&self, reference: &str) -> Result<Response<Order>, Error> {
        in_path("reference", reference)?;
        self.enkash
            .call(
                OperationId::FetchOrderInfo,
                async move |client| {
                    let call = client.fetch_order_info().partner_order_reference_id(reference);
                    call.send().await
                },
                order,
            )
            .await
    }

    /// Reads an order with its vouchers, by the older form of the page (POST). It calls its one field the partner's reference
    /// and shows EnKash's own order id.
    ///
    /// # Errors
    ///
    /// As [`order_info`](Self::order_info).
    pub async fn order_info_by_post(&self, reference_or_id: &str) -> Result<Response<Order>, Error> {
        let body = types::FetchOrderRequest::builder().order_id(reference_or_id);
        self.enkash
            .call(
                OperationId::FetchOrderInfoByPost,
                async move |client| client.fetch_order_info_by_post().body(body).send().await,
                order,
            )
            .await
    }
}
