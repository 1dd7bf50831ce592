//! The voucher catalogue: products (one per brand) with their denominations. The catalogue operations show it, carts and
//! orders take prices from it. It does not change while a sandbox runs, so it is what the seed says.

use rust_decimal::Decimal;

use crate::seed::{DenominationSeed, ProductSeed};

impl DenominationSeed {
    /// The price of one voucher of this face value: two decimals, halves to the even digit (the sandbox's own choice). The
    /// discount is a percentage, by the arithmetic of the Update Cart example (api-9796921).
    pub(crate) fn sell_rate(&self, mrp: Decimal) -> Decimal {
        (mrp * (Decimal::ONE_HUNDRED - self.discount) / Decimal::ONE_HUNDRED).round_dp(2)
    }
}

impl ProductSeed {
    pub(crate) fn logo_url(&self) -> String {
        format!("https://images.example.com/{}/logo.png", self.id)
    }

    pub(crate) fn denomination(&self, id: &str) -> Option<&DenominationSeed> {
        self.denominations.iter().find(|denomination| denomination.id == id)
    }

    /// The denomination that sells this face value: the one that has it, or one that takes any amount.
    pub(crate) fn selling(&self, mrp: Decimal) -> Option<&DenominationSeed> {
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
    products: Vec<ProductSeed>,
}

impl Catalogue {
    pub(crate) fn new(seed: &[ProductSeed]) -> Self {
        Catalogue {
            products: seed.to_vec(),
        }
    }

    pub(crate) fn products(&self) -> &[ProductSeed] {
        &self.products
    }

    pub(crate) fn get(&self, id: &str) -> Option<&ProductSeed> {
        self.products.iter().find(|product| product.id == id)
    }
}
