//! The voucher catalogue: products (one per brand) with their denominations. The catalogue operations show it, carts and
//! orders take prices from it. It does not change while a sandbox runs, so it is what the seed says.

use serde::{Deserialize, Serialize};

use crate::seed::ProductSeed;

/// All products, in the seed's order, which is their rank.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
