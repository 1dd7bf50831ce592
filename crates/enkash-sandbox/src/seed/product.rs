//! The products and coin events of a seed. The catalogue of the state is made of these very products, because no call changes
//! one.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money;

/// A product of the voucher catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ProductSeed {
    /// Product catalogue id.
    pub id: String,
    /// Brand.
    pub brand: String,
    /// Category.
    pub category: String,
    /// Description.
    #[serde(default)]
    pub description: String,
    /// Days until a voucher expires.
    #[serde(default = "default_expiry_days")]
    pub expiry_days: u32,
    /// Denominations.
    pub denominations: Vec<DenominationSeed>,
}

/// A denomination of a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DenominationSeed {
    /// Product config id.
    pub id: String,
    /// Face value.
    #[serde(deserialize_with = "money::from_seed")]
    pub mrp: Decimal,
    /// Discount in percent.
    #[serde(default, deserialize_with = "money::from_seed")]
    pub discount: Decimal,
    /// Most pieces of one order.
    pub max_quantity: u32,
    /// Whether any amount can be ordered.
    #[serde(default)]
    pub custom_amount: bool,
}

/// A coin event of a company.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CoinEventSeed {
    /// Company id.
    pub company: String,
    /// Name of the event.
    pub event: String,
    /// Coins for it.
    pub amount: i64,
}

fn default_expiry_days() -> u32 {
    365
}

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
