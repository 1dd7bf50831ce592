//! The cart of one person (page: Get Cart for User, Add to cart, Update Cart). It moves nothing: ordering does not use it.

use enkash_api::{Money, OperationId, types};
use serde::Serialize;

use crate::{
    error::{Error, MissingField, documented_payload},
    model::ids::{ProductCatalogId, ProductConfigId, UserId},
    redemption::{PRODUCT, Redemption, catalogue::Denomination},
    response::Response,
};

/// One product (brand) in the cart. Every field is optional on the wire.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CartRow {
    /// The row: what an update names (page: `id`, `cartId` in an update).
    pub id: Option<i64>,
    /// The person.
    pub user: Option<UserId>,
    /// The product.
    pub product: Option<ProductCatalogId>,
    /// Name of the product.
    pub name: Option<String>,
    /// The chosen denominations.
    pub items: Vec<CartItem>,
    /// Pieces in the row.
    pub quantity: Option<i64>,
    /// What the row costs, in rupees.
    pub amount: Option<Money>,
    /// What is saved on the row, in rupees.
    pub savings: Option<Money>,
    /// Every denomination on offer for the product.
    pub available: Vec<Denomination>,
}

/// One chosen denomination. Known from examples only.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CartItem {
    /// The denomination.
    pub config: ProductConfigId,
    /// Face value of one voucher, in rupees.
    pub face_value: Option<Money>,
    /// Price of one voucher, in rupees.
    pub price: Option<Money>,
    /// Pieces.
    pub quantity: Option<i64>,
    /// What the line costs, in rupees.
    pub total: Option<Money>,
}

/// How many of one denomination to put into the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CartLineInput {
    /// The denomination.
    pub config: ProductConfigId,
    /// Pieces. Whether that is the new number or an increment is not documented: read the cart that comes back.
    pub quantity: i64,
}

impl CartLineInput {
    /// So many of one denomination.
    #[must_use]
    pub fn new(config: impl Into<ProductConfigId>, quantity: i64) -> Self {
        Self {
            config: config.into(),
            quantity,
        }
    }
}

impl CartRow {
    fn from_wire(row: types::CartRow) -> Self {
        let items = row.items.unwrap_or_default();
        Self {
            id: row.id,
            user: row.ek_user_id.map(Into::into),
            product: row.product_catalog_id.map(Into::into),
            name: row.name,
            items: items
                .into_iter()
                .map(|(key, item)| CartItem {
                    config: item.product_config_id.unwrap_or(key).into(),
                    face_value: item.mrp,
                    price: item.sell_rate,
                    quantity: item.quantity,
                    total: item.total,
                })
                .collect(),
            quantity: row.total_quantity,
            amount: row.total_amount,
            savings: row.total_savings,
            available: row
                .product_configs
                .unwrap_or_default()
                .into_iter()
                .map(Denomination::from_wire)
                .collect(),
        }
    }
}

fn rows(answer: types::CartResponse) -> Result<Vec<CartRow>, MissingField> {
    let rows = documented_payload(answer.payload)?;
    Ok(rows.into_iter().map(CartRow::from_wire).collect())
}

fn wire_items(items: &[CartLineInput]) -> Result<std::collections::BTreeMap<String, types::CartItemRequest>, Error> {
    if items.is_empty() {
        return Err(Error::input("items", "are empty"));
    }
    let wire = items.iter().map(|item| {
        let quantity = types::CartItemRequest {
            description: None,
            quantity: item.quantity,
        };
        (item.config.as_str().to_owned(), quantity)
    });
    Ok(wire.collect())
}

impl Redemption {
    /// What is in the person's cart (page: Get Cart for User, api-9796919).
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had another form than the documented one.
    pub async fn cart(&self) -> Result<Response<Vec<CartRow>>, Error> {
        self.enkash
            .call(
                OperationId::GetCart,
                async move |client| client.get_cart().product(PRODUCT).send().await,
                rows,
            )
            .await
    }

    /// Puts denominations of one product into the cart (page: Add to cart, api-9796920). The response's form is inferred
    /// from the page's siblings. Never repeated by itself: what a retry adds is not known.
    ///
    /// # Errors
    ///
    /// There is no item, the API refused, no response came, or it had another form: then read the [`cart`](Self::cart).
    pub async fn add_to_cart(
        &self,
        product: &ProductCatalogId,
        items: &[CartLineInput],
    ) -> Result<Response<Vec<CartRow>>, Error> {
        let body = types::AddToCartRequest::builder()
            .product_catalog_id(product.as_str())
            .items(wire_items(items)?);
        self.enkash
            .call(
                OperationId::AddToCart,
                async move |client| client.add_to_cart().product(PRODUCT).body(body).send().await,
                rows,
            )
            .await
    }

    /// Changes quantities in one row of the cart (page: Update Cart, api-9796921). Never repeated by itself: whether the
    /// quantity is absolute is not known.
    ///
    /// # Errors
    ///
    /// As [`add_to_cart`](Self::add_to_cart).
    pub async fn update_cart(&self, row: i64, items: &[CartLineInput]) -> Result<Response<Vec<CartRow>>, Error> {
        let body = types::UpdateCartRequest::builder()
            .cart_id(row)
            .items(wire_items(items)?);
        self.enkash
            .call(
                OperationId::UpdateCart,
                async move |client| client.update_cart().product(PRODUCT).body(body).send().await,
                rows,
            )
            .await
    }
}
