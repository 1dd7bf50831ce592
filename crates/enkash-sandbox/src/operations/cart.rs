//! The cart (api-9796919, api-9796920, api-9796921), which belongs to the user behind the token. Its arithmetic is that of
//! the Update Cart example: savings = (mrp - sellRate) x quantity, total = sellRate x quantity, row totals are sums. Items
//! that an update does not name stay.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use super::catalogue::{ConfigRecord, HOW_TO_REDEEM, TERMS};
use super::{Call, EnvelopeKind, Fields, OperationResponse, OperationResult, Refusal};
use crate::money::Money;
use crate::seed::ProductSeed;
use crate::store::Store;
use crate::store::carts::CartRow;
use crate::switches::CartAdd;

/// The only product family in the documentation.
const FAMILY: &str = "VOUCHER";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CartItem<'a> {
    product_config_id: &'a str,
    mrp: Money,
    sell_rate: Money,
    enkash_discount: Money,
    savings: Money,
    quantity: u32,
    total: Money,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CartRowRecord<'a> {
    id: u64,
    ek_user_id: &'a str,
    product_catalog_id: &'a str,
    name: &'a str,
    logo_url: String,
    items: BTreeMap<&'a str, CartItem<'a>>,
    total_quantity: u32,
    total_amount: Money,
    total_savings: Money,
    terms_and_condition: &'static str,
    product_configs: Vec<ConfigRecord<'a>>,
    how_to_redeem: &'static str,
}

fn row<'a>(product: &'a ProductSeed, row: &'a CartRow, user_id: &'a str) -> CartRowRecord<'a> {
    let mut record = CartRowRecord {
        id: row.id,
        ek_user_id: user_id,
        product_catalog_id: &product.id,
        name: &product.brand,
        logo_url: product.logo_url(),
        items: BTreeMap::new(),
        total_quantity: 0,
        total_amount: Money(Decimal::ZERO),
        total_savings: Money(Decimal::ZERO),
        terms_and_condition: TERMS,
        product_configs: product.denominations.iter().map(ConfigRecord::new).collect(),
        how_to_redeem: HOW_TO_REDEEM,
    };
    for (id, quantity) in &row.quantities {
        let Some(denomination) = product.denomination(id) else {
            continue;
        };
        let sell_rate = denomination.sell_rate(denomination.mrp);
        let pieces = Decimal::from(*quantity);
        let (savings, total) = ((denomination.mrp - sell_rate) * pieces, sell_rate * pieces);
        record.total_quantity += quantity;
        record.total_amount.0 += total;
        record.total_savings.0 += savings;
        let item = CartItem {
            product_config_id: id,
            mrp: Money(denomination.mrp),
            sell_rate: Money(sell_rate),
            enkash_discount: Money(denomination.discount),
            savings: Money(savings),
            quantity: *quantity,
            total: Money(total),
        };
        record.items.insert(id, item);
    }
    record
}

pub(super) fn get(store: &Store, call: &Call<'_>) -> OperationResult {
    let caller = call.caller()?;
    let rows = if call.query("product")? == FAMILY {
        store.carts.of_user(&caller.user_id)
    } else {
        &[]
    };
    let records: Vec<_> = rows
        .iter()
        .filter_map(|cart_row| {
            Some(row(
                store.catalogue.get(&cart_row.product_id)?,
                cart_row,
                &caller.user_id,
            ))
        })
        .collect();
    OperationResponse::new(EnvelopeKind::ResponseCode, &records)
}

pub(super) fn add(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let caller = call.caller()?;
    let product = product(store, call, call.fields().required("productCatalogId")?)?;
    let present = store.carts.row_of_product(&caller.user_id, &product.id);
    let present = present.map(|row| row.quantities.clone()).unwrap_or_default();
    let add_up = call.switches.cart_add == CartAdd::Add;
    let quantities = merged(product, present, call.body, add_up)?;
    let product_id = product.id.clone();
    store.carts.put(&caller.user_id, &product_id, quantities);
    get(store, call)
}

pub(super) fn update(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let caller = call.caller()?;
    let id = call.fields().integer("cartId").and_then(|id| u64::try_from(id).ok());
    let cart_row = id.and_then(|id| store.carts.row(&caller.user_id, id));
    let cart_row = cart_row.ok_or_else(|| Refusal::failure("Cart not found"))?.clone();
    let product = product(store, call, &cart_row.product_id)?;
    // A quantity is absolute here and 0 takes the item out: the sandbox's own choice.
    let quantities = merged(product, cart_row.quantities, call.body, false)?;
    store.carts.put(&caller.user_id, &cart_row.product_id, quantities);
    get(store, call)
}

fn product<'a>(store: &'a Store, call: &Call<'_>, id: &str) -> Result<&'a ProductSeed, Refusal> {
    if call.query("product")? != FAMILY {
        return Err(Refusal::failure("Unknown product family"));
    }
    store
        .catalogue
        .get(id)
        .ok_or_else(|| Refusal::failure("Product not found"))
}

/// The quantities with the body's items merged in. More than `maxQuantity` is refused; with which words is not stated.
fn merged(
    product: &ProductSeed,
    mut quantities: BTreeMap<String, u32>,
    body: &Value,
    add_up: bool,
) -> Result<BTreeMap<String, u32>, Refusal> {
    for (id, item) in body.get("items").and_then(Value::as_object).into_iter().flatten() {
        let denomination = product.denomination(id);
        let denomination = denomination.ok_or_else(|| Refusal::failure("Product config not found"))?;
        let asked = Fields(item)
            .integer("quantity")
            .and_then(|quantity| u32::try_from(quantity).ok());
        let asked = asked.ok_or_else(|| Refusal::invalid(format!("items.{id}.quantity: is not a quantity")))?;
        let present = if add_up {
            quantities.get(id).copied().unwrap_or_default()
        } else {
            0
        };
        let quantity = present.saturating_add(asked);
        if quantity > denomination.max_quantity {
            let text = format!("Quantity is more than the maximum of {}", denomination.max_quantity);
            return Err(Refusal::failure(text));
        }
        quantities.insert(id.clone(), quantity);
    }
    Ok(quantities)
}
