//! Voucher orders. The request of Create Order (api-9796924), part of Order Search (api-9796922) and the order that is read
//! back (api-13454287) are documented. That an order is final at once (unless a switch says otherwise), who pays, and the responses of creation and search are
//! the sandbox's own choice; the second creating page, of which only the title is known, does the same here as the first.

use http::StatusCode;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use super::allocation::{DUPLICATE, INSUFFICIENT};
use super::cards::List;
use super::catalogue::AGGREGATOR;
use super::{Call, EnvelopeKind, Fields, OperationResponse, OperationResult, Refusal, iso};
use crate::entry_state::EntryState;
use crate::money::Money;
use crate::store::id_generator::IdKind;
use crate::store::orders::{Order, Voucher};
use crate::store::{MoveRefused, Store};
use crate::switches::DuplicateReference;

/// Most rows of one page of a search.
const MAX_ROWS: usize = 1_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VoucherRecord<'a> {
    card_number: &'a str,
    pin: &'a str,
    expiry_date: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderRecord<'a> {
    order_id: &'a str,
    payment_status: &'static str,
    order_status: &'static str,
    total_quantity: u32,
    total_amount: Money,
    order_amount: Money,
    paid_amount: Money,
    partner_order_reference_id: &'a str,
    voucher_details_list: Vec<VoucherRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_catalog_id: Option<&'a str>,
}

impl<'a> OrderRecord<'a> {
    fn new(order: &'a Order) -> Self {
        let (order_status, payment_status) = order.state.order_words();
        let is_done = order.state == EntryState::Done;
        let vouchers = order.vouchers.iter().filter(|_| is_done);
        let vouchers = vouchers.map(|voucher| VoucherRecord {
            card_number: &voucher.number,
            pin: &voucher.pin,
            // A local date and time without a zone, as on the page.
            expiry_date: order
                .expires
                .to_zoned_datetime(TimeZone::UTC)
                .datetime()
                .strftime("%Y-%m-%dT%H:%M:%S")
                .to_string(),
        });
        OrderRecord {
            order_id: &order.id,
            payment_status,
            order_status,
            total_quantity: order.quantity,
            total_amount: Money(order.total),
            order_amount: Money(order.paid),
            paid_amount: Money(order.paid),
            partner_order_reference_id: &order.reference,
            voucher_details_list: vouchers.collect(),
            created_on: None,
            brand: None,
            product_catalog_id: None,
        }
    }

    /// As a row of a search: without codes and pins.
    fn row(order: &'a Order) -> Self {
        OrderRecord {
            voucher_details_list: Vec::new(),
            created_on: Some(iso(order.made)),
            brand: Some(&order.brand),
            product_catalog_id: Some(&order.product_id),
            ..OrderRecord::new(order)
        }
    }
}

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let caller = call.caller()?;
    let fields = call.fields();
    let reference = fields.required("orderReferenceId")?;
    let product_id = fields.required("productCatalogId")?;
    let positive = |name: &str| match fields.integer(name) {
        Some(number) if number > 0 => Ok(number),
        Some(_) => Err(Refusal::invalid(format!("{name}: is not more than 0"))),
        None => Err(Refusal::missing(name)),
    };
    let (mrp, quantity) = (Decimal::from(positive("denomination")?), positive("quantity")?);

    if let Some(first) = store.orders.with_reference(&caller.company.id, reference).cloned() {
        match call.switches.duplicate_reference {
            DuplicateReference::CreditAgain => {}
            DuplicateReference::Refuse => return Err(Refusal::failure(DUPLICATE)),
            DuplicateReference::ReplayFirst => return response(&first, EnvelopeKind::ResponseCode),
            DuplicateReference::SuccessWithoutCredit => {
                let id = store.ids.id(IdKind::Order);
                return response(&Order { id, ..first }, EnvelopeKind::ResponseCode);
            }
        }
    }
    let mut order = priced(store, call, reference, product_id, mrp, quantity)?;
    order.account_id = store
        .pay(caller, order.paid, reference, call.now)
        .map_err(|refused| match refused {
            MoveRefused::Insufficient => Refusal::failure(INSUFFICIENT),
            MoveRefused::Impossible => Refusal::status(StatusCode::UNPROCESSABLE_ENTITY, "No card account can pay"),
        })?;
    order.id = store.ids.id(IdKind::Order);
    let card = store.cards.of_user(&caller.user_id);
    order.email = card.map(|card| card.person.email.clone()).unwrap_or_default();
    order.vouchers = (0..order.quantity)
        .map(|_| {
            let (number, pin) = store.ids.voucher();
            Voucher { number, pin }
        })
        .collect();
    let order = store.add_order(order);
    response(&order, EnvelopeKind::ResponseCode)
}

/// The order with its price, before it is paid: without an id and vouchers.
fn priced(
    store: &Store,
    call: &Call<'_>,
    reference: &str,
    product_id: &str,
    mrp: Decimal,
    quantity: i64,
) -> Result<Order, Refusal> {
    let caller = call.caller()?;
    let product = store
        .catalogue
        .get(product_id)
        .ok_or_else(|| Refusal::failure("Product not found"))?;
    let denomination = product
        .selling(mrp)
        .ok_or_else(|| Refusal::failure("Denomination not found"))?;
    let quantity = u32::try_from(quantity)
        .ok()
        .filter(|quantity| *quantity <= denomination.max_quantity);
    let quantity = quantity.ok_or_else(|| {
        Refusal::failure(format!(
            "Quantity is more than the maximum of {}",
            denomination.max_quantity
        ))
    })?;
    let pieces = Decimal::from(quantity);
    let too_large = || Refusal::invalid("denomination: is too large");
    let total = mrp.checked_mul(pieces).ok_or_else(too_large)?;
    let paid = denomination.sell_rate(mrp).checked_mul(pieces).ok_or_else(too_large)?;
    let life = SignedDuration::from_hours(24 * i64::from(product.expiry_days));
    let course = call.switches.order_progress.course(call.now);
    Ok(Order {
        id: String::new(),
        reference: reference.to_owned(),
        company_id: caller.company.id.clone(),
        user_id: caller.user_id.clone(),
        email: String::new(),
        brand: product.brand.clone(),
        category: product.category.clone(),
        product_id: product.id.clone(),
        discount: denomination.discount,
        quantity,
        total,
        paid,
        vouchers: Vec::new(),
        expires: call.now.checked_add(life).unwrap_or(Timestamp::MAX),
        made: call.now,
        account_id: "".into(),
        card_id: caller.card_id.clone(),
        state: course.state,
        due: course.due,
    })
}

fn response(order: &Order, form: EnvelopeKind) -> OperationResult {
    let mut response = OperationResponse::new(form, &OrderRecord::new(order))?;
    response.reference = Some(order.reference.as_str().into());
    Ok(response)
}

/// Whether the caller may see an order: a card holder sees the own ones, the partner all of the company.
fn visible(call: &Call<'_>, order: &Order) -> bool {
    call.caller.is_some_and(|caller| {
        order.company_id == caller.company.id && (caller.card_id.is_none() || order.user_id == caller.user_id)
    })
}

pub(super) fn fetch_by_reference(store: &Store, call: &Call<'_>) -> OperationResult {
    let found = find(store, call, call.path("partnerOrderReferenceId")?);
    response(
        found.ok_or_else(|| Refusal::not_found("Order not found"))?,
        EnvelopeKind::OrderInfo,
    )
}

pub(super) fn fetch(store: &Store, call: &Call<'_>) -> OperationResult {
    let found = find(store, call, call.fields().required("orderId")?);
    response(
        found.ok_or_else(|| Refusal::failure("Order not found"))?,
        EnvelopeKind::OrderInfo,
    )
}

/// By the partner's reference, as the page says, or by the order's own id, as its example looks.
fn find<'a>(store: &'a Store, call: &Call<'_>, id: &str) -> Option<&'a Order> {
    let company = &call.caller?.company.id;
    let found = store
        .orders
        .with_reference(company, id)
        .or_else(|| store.orders.with_id(company, id));
    found.filter(|order| visible(call, order))
}

/// The documented filters of an order search. One that is absent or blank lets everything through.
fn fits(fields: Fields<'_>, order: &Order, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    let text = |name: &str, value: &str| fields.text(name).is_none_or(|wanted| wanted == value);
    let among = |name: &str, value: &str| {
        let wanted = fields.texts(name);
        wanted.is_empty() || wanted.contains(&value)
    };
    let range = |low: &str, high: &str, value: Decimal| {
        fields.number(low).is_none_or(|low| value >= low) && fields.number(high).is_none_or(|high| value <= high)
    };
    text("aggregator", AGGREGATOR)
        && text("aggregatorOrderId", &order.id)
        && text("aggregatorProductId", &order.product_id)
        && text("companyId", &order.company_id)
        && text("ekUserId", &order.user_id)
        && text("email", &order.email)
        && among("brand", &order.brand)
        && among("category", &order.category)
        && range("amountFrom", "amountTo", order.paid)
        && range("enkashDiscountFrom", "enkashDiscountTo", order.discount)
        && range("aggregatorDiscountFrom", "aggregatorDiscountTo", order.discount)
        && from.is_none_or(|from| order.made >= from)
        && to.is_none_or(|to| order.made <= to)
}

pub(super) fn search(store: &Store, call: &Call<'_>) -> OperationResult {
    let fields = call.fields();
    let count = |name: &str| -> Result<usize, Refusal> {
        call.query(name)?
            .parse()
            .map_err(|_| Refusal::invalid(format!("{name}: is not a number of rows")))
    };
    let (limit, offset) = (count("limit")?.min(MAX_ROWS), count("offset")?);
    let (from, to) = (fields.instant("createdOnFrom")?, fields.instant("createdOnTo")?);
    let mut found: Vec<_> = store
        .orders
        .all()
        .filter(|order| visible(call, order) && fits(fields, order, from, to))
        .collect();
    if !fields
        .text("direction")
        .is_some_and(|direction| direction.eq_ignore_ascii_case("ASC"))
    {
        found.reverse();
    }
    let records_count = found.len();
    let data: Vec<_> = found
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(OrderRecord::row)
        .collect();
    OperationResponse::new(EnvelopeKind::ResponseCode, &List::new(records_count, data))
}
