//! The voucher catalogue. One product with its denominations is documented (api-9796927). The list and Product Details are
//! known by title only: both answer with the same product record, the list in `payload.data` as EnKash's public storefront
//! reads it, which is the sandbox's own choice.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::cards::List;
use super::{Call, EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::money::Money;
use crate::seed::{DenominationSeed, ProductSeed};
use crate::store::Store;

/// Texts that every product of the sandbox shares.
pub(super) const TERMS: &str = "Synthetic terms, first line.<br/>Synthetic terms, second line.";
pub(super) const HOW_TO_REDEEM: &str = "Nowhere: this voucher exists in the sandbox only.";

/// The only supplier in the documentation.
pub(super) const AGGREGATOR: &str = "REWARD_STORE";

/// A denomination as the product and the cart list it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfigRecord<'a> {
    product_config_id: &'a str,
    mrp: Money,
    sell_rate: Money,
    enkash_discount: Money,
    max_quantity: u32,
    custom_amount_enabled: bool,
}

impl<'a> ConfigRecord<'a> {
    pub(super) fn new(denomination: &'a DenominationSeed) -> Self {
        ConfigRecord {
            product_config_id: &denomination.id,
            mrp: Money(denomination.mrp),
            sell_rate: Money(denomination.sell_rate(denomination.mrp)),
            enkash_discount: Money(denomination.discount),
            max_quantity: denomination.max_quantity,
            custom_amount_enabled: denomination.custom_amount,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductRecord<'a> {
    product_catalog_id: &'a str,
    brand: &'a str,
    aggregator: &'static str,
    category: &'a str,
    images: BTreeMap<&'static str, String>,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_responses: Option<Vec<ConfigRecord<'a>>>,
    enabled: bool,
    rank: usize,
    terms_and_condition: &'static str,
    how_to_redeem: &'static str,
    expiry_period: u32,
    active: bool,
    enkash_images: BTreeMap<&'static str, String>,
    discount: Money,
}

impl<'a> ProductRecord<'a> {
    fn new(product: &'a ProductSeed, rank: usize, with_denominations: bool) -> Self {
        let discount = product
            .denominations
            .iter()
            .map(|denomination| denomination.discount)
            .max();
        let images = ["BRAND_IMAGE", "LOGO_IMAGE", "LOGO_IMAGE_SMALL"].map(|kind| (kind, product.logo_url()));
        ProductRecord {
            product_catalog_id: &product.id,
            brand: &product.brand,
            aggregator: AGGREGATOR,
            category: &product.category,
            images: images.into_iter().collect(),
            description: &product.description,
            config_responses: with_denominations.then(|| product.denominations.iter().map(ConfigRecord::new).collect()),
            enabled: true,
            rank,
            terms_and_condition: TERMS,
            how_to_redeem: HOW_TO_REDEEM,
            expiry_period: product.expiry_days,
            active: true,
            enkash_images: BTreeMap::new(),
            discount: Money(discount.unwrap_or(Decimal::ZERO)),
        }
    }
}

pub(super) fn search(store: &Store, call: &Call<'_>) -> OperationResult {
    let fields = call.fields();
    let (brands, categories) = (fields.texts("brand"), fields.texts("category"));
    let id = fields.text("productCatalogId");
    let data: Vec<_> = (1..)
        .zip(store.catalogue.products())
        .filter(|(_, product)| brands.is_empty() || brands.contains(&product.brand.as_str()))
        .filter(|(_, product)| categories.is_empty() || categories.contains(&product.category.as_str()))
        .filter(|(_, product)| id.is_none_or(|id| product.id == id))
        .map(|(rank, product)| ProductRecord::new(product, rank, false))
        .collect();
    OperationResponse::new(EnvelopeKind::ResponseCode, &List::new(data.len(), data))
}

pub(super) fn get(store: &Store, call: &Call<'_>) -> OperationResult {
    let id = call.path("productCatalogId")?;
    let found = (1..)
        .zip(store.catalogue.products())
        .find(|(_, product)| product.id == id);
    let (rank, product) = found.ok_or_else(|| Refusal::not_found("Product not found"))?;
    OperationResponse::new(EnvelopeKind::ResponseCode, &ProductRecord::new(product, rank, true))
}
