//! Exact amounts. Every `format: money` number of the spec becomes a [`Money`], so no binary
//! floating point stands between the wire and a ledger. The generated types use it; callers build it.

use std::{cmp::Ordering, fmt, iter::Sum, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// What a JSON number survives in every reader: more digits are refused before sending.
const MAX_DIGITS: u32 = 15;
const MANTISSA_LIMIT: u128 = 10_u128.pow(MAX_DIGITS);

/// An exact amount, in rupees (or in points where an account holds points: the API uses one field for both).
///
/// * On the wire it is a JSON number; a numeric string is read as well.
/// * It has at most 15 significant digits, which every JSON reader keeps. Building one with more is an error.
/// * Reading never fails on a number. A number of more digits is kept as an approximation, is marked
///   ([`is_exact`](Self::is_exact) is false, `Display` starts with `≈`) and cannot be sent.
/// * Of a number beyond 79228162514264337593543950335 only its sign is kept: `Display` says `beyond what can be kept`,
///   and no number near it.
///
/// # Example
///
/// ```
/// use enkash_api::Money;
///
/// let amount: Money = "898138.10".parse()?;
/// assert_eq!(serde_json::to_string(&amount).unwrap(), "898138.1");
/// assert_eq!(format!("{amount:.2}"), "898138.10");
///
/// let read: Money = serde_json::from_str("-990553.44").unwrap();
/// assert!(read.is_exact());
/// assert_eq!(read, "-990553.44".parse()?);
/// # Ok::<(), enkash_api::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    amount: Decimal,
    exactness: Exactness,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Exactness {
    Exact,
    /// More than 15 significant digits.
    Approximate,
    /// Further from zero than a decimal holds: the amount is the end of what one does, and near nothing.
    Beyond,
}

/// Why a value is not an amount that can be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// The text is not a plain decimal number: digits, at most one point, an optional leading minus.
    #[error("not a plain decimal number")]
    NotANumber,
    /// More significant digits than every JSON reader keeps.
    #[error("more than {MAX_DIGITS} significant digits")]
    TooManyDigits,
    /// One of the amounts of a calculation is not exact, so its result is not known.
    #[error("an amount that is not exact cannot be calculated with")]
    NotExact,
}

impl Money {
    /// Nothing: zero rupees or points.
    pub const ZERO: Self = Self {
        amount: Decimal::ZERO,
        exactness: Exactness::Exact,
    };

    /// The amount, unless the wire carried more digits than can be trusted.
    #[must_use]
    pub fn exact(&self) -> Option<Decimal> {
        self.is_exact().then_some(self.amount)
    }

    /// Whether the amount is exactly the number that was read or built.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exactness == Exactness::Exact
    }

    /// The amount as near as it could be kept; `None` beyond what a decimal holds. Never post this to a ledger: see
    /// [`exact`](Self::exact).
    #[must_use]
    pub fn approximate(&self) -> Option<Decimal> {
        (self.exactness != Exactness::Beyond).then_some(self.amount)
    }

    /// How many decimals the amount needs; trailing zeros do not count.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        self.amount.normalize().scale()
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.amount > Decimal::ZERO
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// One of the amounts is not [exact](Self::is_exact), or the sum has more digits than an amount can have.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.calculate(other, Decimal::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// As [`checked_add`](Self::checked_add).
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.calculate(other, Decimal::checked_sub)
    }

    fn calculate(
        self,
        other: Self,
        operation: impl Fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Result<Self, MoneyError> {
        let (Some(one), Some(other)) = (self.exact(), other.exact()) else {
            return Err(MoneyError::NotExact);
        };
        operation(one, other).ok_or(MoneyError::TooManyDigits)?.try_into()
    }

    fn read(amount: Decimal) -> Self {
        Self::try_from(amount).unwrap_or(Self {
            amount,
            exactness: Exactness::Approximate,
        })
    }

    fn read_text(text: &str) -> Option<Self> {
        if !is_plain_decimal(text) {
            return None;
        }
        Some(match Decimal::from_str_exact(text) {
            Ok(amount) => Self::read(amount),
            Err(_) => match Decimal::from_str(text) {
                Ok(amount) => Self {
                    amount,
                    exactness: Exactness::Approximate,
                },
                Err(_) => Self {
                    amount: saturated(text),
                    exactness: Exactness::Beyond,
                },
            },
        })
    }
}

/// A number that no decimal holds still has a sign and is very large.
fn saturated(text: &str) -> Decimal {
    if text.starts_with('-') {
        Decimal::MIN
    } else {
        Decimal::MAX
    }
}

fn is_plain_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

impl TryFrom<Decimal> for Money {
    type Error = MoneyError;

    fn try_from(amount: Decimal) -> Result<Self, MoneyError> {
        let amount = amount.normalize();
        if significant_mantissa(amount) >= MANTISSA_LIMIT {
            return Err(MoneyError::TooManyDigits);
        }
        Ok(Self {
            amount,
            exactness: Exactness::Exact,
        })
    }
}

/// The digits that count: neither the trailing zeros of a whole number nor those of a fraction do.
fn significant_mantissa(normalized: Decimal) -> u128 {
    let mut mantissa = normalized.mantissa().unsigned_abs();
    while mantissa != 0 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
    }
    mantissa
}

impl From<i32> for Money {
    fn from(amount: i32) -> Self {
        Self {
            amount: amount.into(),
            exactness: Exactness::Exact,
        }
    }
}

impl From<u32> for Money {
    fn from(amount: u32) -> Self {
        Self {
            amount: amount.into(),
            exactness: Exactness::Exact,
        }
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        if !is_plain_decimal(text) {
            return Err(MoneyError::NotANumber);
        }
        let amount = Decimal::from_str_exact(text).map_err(|_| MoneyError::TooManyDigits)?;
        Self::try_from(amount)
    }
}

/// Exact amounts compare by value. An amount that is not exact is neither more nor less than another: it equals only one that
/// was read as the same approximation.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.exact(), other.exact()) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => (self == other).then_some(Ordering::Equal),
        }
    }
}

/// The exact sum, or why there is none.
///
/// ```
/// use enkash_api::{Money, MoneyError};
///
/// let amounts: [Money; 3] = ["0.1".parse()?, "0.2".parse()?, 7.into()];
/// let total: Result<Money, MoneyError> = amounts.into_iter().sum();
/// assert_eq!(total?.to_string(), "7.3");
/// # Ok::<(), MoneyError>(())
/// ```
impl Sum<Money> for Result<Money, MoneyError> {
    fn sum<I: Iterator<Item = Money>>(mut amounts: I) -> Self {
        amounts.try_fold(Money::ZERO, Money::checked_add)
    }
}

/// The plain number; `{:.2}` pads or rounds to two decimals.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exactness {
            Exactness::Exact => {}
            Exactness::Approximate => f.write_str("≈")?,
            Exactness::Beyond if self.amount.is_sign_negative() => {
                return f.write_str("negative, beyond what can be kept");
            }
            Exactness::Beyond => return f.write_str("beyond what can be kept"),
        }
        fmt::Display::fmt(&self.amount, f)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({self})")
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(amount) = self.exact() else {
            return Err(ser::Error::custom(
                "an approximate amount cannot be sent: it was read with more than 15 significant digits",
            ));
        };
        if amount.scale() == 0
            && let Ok(whole) = i64::try_from(amount)
        {
            return serializer.serialize_i64(whole);
        }
        // At most 15 digits: the double nearest to them prints as exactly these digits.
        serializer.serialize_f64(amount.to_string().parse().map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MoneyVisitor)
    }
}

struct MoneyVisitor;

impl<'de> de::Visitor<'de> for MoneyVisitor {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a string that holds one")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Money, E> {
        Ok(Money::read(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Money, E> {
        Ok(Money::read(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Money, E> {
        // The shortest text that reads back as this double: what the sender wrote, up to 15 digits.
        let mut buffer = ryu::Buffer::new();
        let text = buffer.format(value);
        match text.contains('e') {
            true => self.visit_str(&value.to_string()),
            false => self.visit_str(text.trim_end_matches(".0")),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Money, E> {
        Money::read_text(text.trim()).ok_or_else(|| E::custom("expected a number, found other text"))
    }

    /// With serde_json's `arbitrary_precision`, which any crate of a build may switch on, a number
    /// arrives as a map of one private key and its digits.
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Money, A::Error> {
        let entry: Option<(String, String)> = map.next_entry()?;
        match entry {
            Some((key, digits)) if key.starts_with("$serde_json::private") => {
                let digits = match digits.contains(['e', 'E']) {
                    true => match digits.parse::<f64>() {
                        Ok(value) => value.to_string(),
                        Err(_) => digits,
                    },
                    false => digits,
                };
                self.visit_str(&digits)
            }
            _ => Err(de::Error::custom("expected a number, found an object")),
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Money {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "format": "money"})
    }
}

#[cfg(test)]
mod tests;
