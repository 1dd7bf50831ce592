//! The voucher catalogue: products (one per brand) with their denominations. The catalogue operations show it, carts and
//! orders take prices from it. It does not change while a sandbox runs.

use rust_decimal::Decimal;

use crate::seed::{DenominationSeed, ProductSeed};

/// A denomination of a product.
#[derive(Clone)]
pub(crate) struct Denomination {
    pub(crate) id: String,
    pub(crate) mrp: Decimal,
    /// Percentage, by the arithmetic of the Update Cart example (api-9796921).
    pub(crate) discount: Decimal,
    pub(crate) max_quantity: u32,
    pub(crate) custom_amount: bool,
}

impl Denomination {
    /// The price of one voucher of this face value: two decimals, halves to the even digit (the sandbox's own choice).
    pub(crate) fn sell_rate(&self, mrp: Decimal) -> Decimal {
        (mrp * (Decimal::ONE_HUNDRED - self.discount) / Decimal::ONE_HUNDRED).round_dp(2)
    }
}

/// A product.
#[derive(Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) brand: String,
    pub(crate) category: String,
    pub(crate) description: String,
    pub(crate) expiry_days: u32,
    pub(crate) denominations: Vec<Denomination>,
}

impl Product {
    pub(crate) fn logo_url(&self) -> String {
        format!("https://images.example.com/{}/logo.png", self.id)
    }

    pub(crate) fn denomination(&self, id: &str) -> Option<&Denomination> {
        self.denominations.iter().find(|denomination| denomination.id == id)
    }

    /// The denomination that sells this face value: the one that has it, or one that takes any amount.
    pub(crate) fn selling(&self, mrp: Decimal) -> Option<&Denomination> {
        let exact = self
            .denominations
            .iter()
            .find(|denomination| denomination.mrp == mrp && !denomination.custom_amount);
        exact.or_else(|| {
            self.denominations
                .iter()
                .find(|denomination| denomination.custom_amount)
        })
    }
}

/// All products, in the seed's order, which is their rank.
#[derive(Default, Clone)]
pub(crate) struct Catalogue {
    products: Vec<Product>,
}

impl Catalogue {
    pub(crate) fn new(seed: &[ProductSeed]) -> Self {
        Catalogue {
            products: seed.iter().map(product).collect(),
        }
    }

    pub(crate) fn products(&self) -> &[Product] {
        &self.products
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }
}

fn product(seed: &ProductSeed) -> Product {
    Product {
        id: seed.id.clone(),
        brand: seed.brand.clone(),
        category: seed.category.clone(),
        description: seed.description.clone(),
        expiry_days: seed.expiry_days,
        denominations: seed.denominations.iter().map(denomination).collect(),
    }
}

fn denomination(seed: &DenominationSeed) -> Denomination {
    Denomination {
        id: seed.id.clone(),
        mrp: seed.mrp,
        discount: seed.discount,
        max_quantity: seed.max_quantity,
        custom_amount: seed.custom_amount,
    }
}
