//! Amounts as the databases hold them: a whole number of millionths, so that sums in SQL are exact.

use std::fmt;

use enkash::Money;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

const DECIMALS: u32 = 6;

/// An amount that a ledger cannot hold exactly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InexactAmount(String);

/// An exact amount in rupees or points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    pub(crate) fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    pub(crate) fn millionths(self) -> i64 {
        self.0
    }

    /// The amount as a decimal.
    #[must_use]
    pub fn as_decimal(self) -> Decimal {
        Decimal::new(self.0, DECIMALS).normalize()
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// Where it is beyond what a ledger holds (about nine trillion).
    pub fn checked_add(self, other: Self) -> Result<Self, InexactAmount> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or_else(|| InexactAmount("the amounts add up to more than the ledger can hold".to_owned()))
    }
}

impl Amount {
    /// The difference.
    ///
    /// # Errors
    ///
    /// Where it is beyond what a ledger holds.
    pub fn checked_sub(self, other: Self) -> Result<Self, InexactAmount> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or_else(|| InexactAmount("the difference is more than the ledger can hold".to_owned()))
    }
}

impl TryFrom<Money> for Amount {
    type Error = InexactAmount;

    fn try_from(money: Money) -> Result<Self, InexactAmount> {
        let whole = money.exact().map(|amount| amount.normalize());
        let millionths = whole.filter(|amount| amount.scale() <= DECIMALS).and_then(|amount| {
            let mut amount = amount;
            amount.rescale(DECIMALS);
            // A rescale that does not fit keeps fewer decimals.
            (amount.scale() == DECIMALS).then(|| i64::try_from(amount.mantissa()).ok())?
        });
        millionths
            .map(Self)
            .ok_or_else(|| InexactAmount(format!("the ledger cannot hold the amount {money} exactly")))
    }
}

/// With at least two decimals: `250.50`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut amount = self.as_decimal();
        if amount.scale() < 2 {
            amount.rescale(2);
        }
        amount.fmt(f)
    }
}

/// As text, for no number of JSON is exact everywhere.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_exact_or_refused() {
        for (text, shown) in [
            ("250.5", "250.50"),
            ("0.000001", "0.000001"),
            ("7", "7.00"),
            ("-3.1", "-3.10"),
        ] {
            let amount = Amount::try_from(text.parse::<Money>().unwrap()).unwrap();
            assert_eq!(amount.to_string(), shown);
        }
        for text in ["0.0000001", "123456789012345"] {
            assert!(Amount::try_from(text.parse::<Money>().unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sum_beyond_the_ledger_is_refused() {
        assert!(Amount(i64::MAX).checked_add(Amount(1)).is_err());
    }
}
