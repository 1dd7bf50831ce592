//! The voucher catalogue (page: Get Product Configs, Search Catalog, Get Product Catalog Details). Nobody saw the paths of
//! the last two, nor their answers: they need a path from the user, and give raw JSON.

use enkash_api::{Money, OperationId, UndocumentedJson, types};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    envelope::list::List,
    error::{Error, MissingField, documented_payload},
    model::ids::{ProductCatalogId, ProductConfigId},
    redemption::Redemption,
    response::Response,
};

/// One product (brand) with its denominations. Every field is optional on the wire.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Product {
    /// The product.
    pub id: Option<ProductCatalogId>,
    /// Name of the brand.
    pub brand: Option<String>,
    /// Category, `E-Commerce` in the example.
    pub category: Option<String>,
    /// Description of the product.
    pub description: Option<String>,
    /// The denominations on offer.
    pub denominations: Vec<Denomination>,
    /// Not explained, nor how it differs from `is_enabled`.
    pub is_active: Option<bool>,
    /// Not explained, nor how it differs from `is_active`.
    pub is_enabled: Option<bool>,
    /// How to redeem a voucher.
    pub how_to_redeem: Option<String>,
    /// Terms, with HTML in one example.
    pub terms: Option<String>,
}

/// One denomination on offer. Known from examples only.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Denomination {
    /// The denomination.
    pub id: Option<ProductConfigId>,
    /// Face value of one voucher, in rupees (page: `mrp`).
    pub face_value: Option<Money>,
    /// Price of one voucher, in rupees (page: `sellRate`).
    pub price: Option<Money>,
    /// Discount, a percentage by the arithmetic of an example.
    pub discount: Option<Money>,
    /// Most pieces that can be ordered.
    pub max_quantity: Option<i64>,
    /// Whether a free amount is allowed.
    pub allows_any_amount: Option<bool>,
}

impl Denomination {
    pub(super) fn from_wire(config: types::ProductConfig) -> Self {
        Self {
            id: config.product_config_id.map(Into::into),
            face_value: config.mrp,
            price: config.sell_rate,
            discount: config.enkash_discount,
            max_quantity: config.max_quantity,
            allows_any_amount: config.custom_amount_enabled,
        }
    }
}

impl Product {
    fn from_wire(product: types::ProductCatalog) -> Self {
        let configs = product.config_responses.unwrap_or_default();
        Self {
            id: product.product_catalog_id.map(Into::into),
            brand: product.brand,
            category: product.category,
            description: product.description,
            denominations: configs.into_iter().map(Denomination::from_wire).collect(),
            is_active: product.active,
            is_enabled: product.enabled,
            how_to_redeem: product.how_to_redeem,
            terms: product.terms_and_condition,
        }
    }
}

/// A response of the catalogue that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct CatalogueAnswer {
    json: UndocumentedJson,
}

impl CatalogueAnswer {
    /// The response as it came.
    #[must_use]
    pub fn json(&self) -> &Value {
        self.json.as_value()
    }

    /// The products, where a list may be expected: `payload.data`, `payload`, or a single product in `payload`. **Inferred**
    /// from EnKash's own storefront, which reads `payload.data`. `None` where no list is found there, which is not the same as
    /// an empty one.
    #[must_use]
    pub fn products(&self) -> Option<Vec<Product>> {
        let list = List::from_response_or_single(self.json.as_value(), "productCatalogId")?;
        let products = list
            .rows
            .iter()
            .filter_map(|row| types::ProductCatalog::deserialize(row).ok());
        Some(products.map(Product::from_wire).collect())
    }
}

impl Redemption {
    /// One product with its denominations (page: Get Product Configs (Denominations), api-9796927).
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had another form than the documented one.
    pub async fn product(&self, product: &ProductCatalogId) -> Result<Response<Product>, Error> {
        self.enkash
            .call(
                OperationId::GetProductConfigs,
                async move |client| {
                    let call = client.get_product_configs().product_catalog_id(product.as_str());
                    call.send().await
                },
                |answer| {
                    let product = Product::from_wire(documented_payload(answer.payload)?);
                    let is_product = product.id.is_some() || product.brand.is_some();
                    is_product
                        .then_some(product)
                        .ok_or(MissingField("payload.productCatalogId"))
                },
            )
            .await
    }

    /// Searches the catalogue (page: Search Catalog). Path, request and answer are **unknown**: give the path with
    /// [`EnkashBuilder::path`](crate::EnkashBuilder::path), and the body as your server wants it.
    ///
    /// # Errors
    ///
    /// No path was given: see [`Error::is_unknown_path`]. Or the API refused, or no response came.
    pub async fn search_catalogue(&self, body: Value) -> Result<Response<CatalogueAnswer>, Error> {
        self.enkash
            .call(
                OperationId::SearchCatalog,
                async move |client| {
                    let call = client.search_catalog().body(UndocumentedJson::from(body));
                    call.send().await
                },
                |json| Ok(CatalogueAnswer { json }),
            )
            .await
    }

    /// Details of the product that the given path names (page: Get Product Catalog Details). Path and answer are
    /// **unknown**: give the path with [`EnkashBuilder::path`](crate::EnkashBuilder::path).
    ///
    /// # Errors
    ///
    /// As [`search_catalogue`](Self::search_catalogue).
    pub async fn product_details(&self) -> Result<Response<CatalogueAnswer>, Error> {
        self.enkash
            .call(
                OperationId::GetProductDetails,
                async move |client| client.get_product_details().send().await,
                |json| Ok(CatalogueAnswer { json }),
            )
            .await
    }
}
