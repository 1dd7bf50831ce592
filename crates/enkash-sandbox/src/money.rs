//! Exact money between JSON and [`Decimal`]. Amounts of requests are read from the text of the number and amounts of
//! responses are written as text, so that no digit passes through a float. Operations and the seed use it.

use rust_decimal::Decimal;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::fmt;
use std::str::FromStr;

/// An amount in a response: a JSON number with all its digits and no more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Money(pub(crate) Decimal);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.normalize().to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// The text of a JSON number as a decimal; `None` where it has more digits than a decimal holds.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    }
}

/// The `loadAmount` of a request body, as it was written.
#[derive(Deserialize)]
struct LoadAmount<'a> {
    #[serde(rename = "loadAmount", borrow)]
    load_amount: Option<&'a RawValue>,
}

impl LoadAmount<'_> {
    fn exact(&self) -> Option<Decimal> {
        self.load_amount.and_then(|text| parse(text.get()))
    }
}

/// The exact `loadAmount` of an object.
pub(crate) fn load_amount(body: &[u8]) -> Result<Option<Decimal>, serde_json::Error> {
    serde_json::from_slice::<LoadAmount<'_>>(body).map(|amount| amount.exact())
}

/// The exact `loadAmount` of every object of an array.
pub(crate) fn load_amounts(body: &[u8]) -> Result<Vec<Option<Decimal>>, serde_json::Error> {
    let amounts: Vec<LoadAmount<'_>> = serde_json::from_slice(body)?;
    Ok(amounts.iter().map(LoadAmount::exact).collect())
}

/// Reads an amount of the seed, which may be written as a number or in quotes.
pub(crate) fn from_seed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    struct Amount;

    impl Visitor<'_> for Amount {
        type Value = Decimal;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an amount, such as 1000 or '250.50'")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
            parse(text).ok_or_else(|| E::custom(format_args!("{text:?} is not an amount")))
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Decimal, E> {
            Ok(number.into())
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimal, E> {
            Ok(number.into())
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<Decimal, E> {
            // The shortest text that gives this float again is what was written, up to 15 digits.
            Decimal::from_str(&number.to_string())
                .map_err(|_| E::custom(format_args!("{number} is not an amount; write it in quotes")))
        }
    }

    deserializer.deserialize_any(Amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive_both_ways() {
        for text in ["0.1", "11", "-990553.44", "12345678901234567890.12", "0.0000001"] {
            let body = format!("{{\"loadAmount\": {text}}}");
            let amount = load_amount(body.as_bytes()).unwrap().unwrap();
            assert_eq!(serde_json::to_string(&Money(amount)).unwrap(), text);
        }
    }

    #[test]
    fn exponents_are_numbers_and_absurd_ones_are_none() {
        assert_eq!(
            load_amount(br#"{"loadAmount":1.5e2}"#).unwrap(),
            Some(Decimal::from(150))
        );
        assert_eq!(load_amount(br#"{"loadAmount":1e300}"#).unwrap(), None);
        assert_eq!(load_amount(br#"{"loadAmount":"5"}"#).unwrap(), None);
        assert_eq!(load_amount(b"{}").unwrap(), None);
    }

    #[test]
    fn an_amount_given_twice_is_an_error() {
        assert!(load_amount(br#"{"loadAmount":1,"loadAmount":2}"#).is_err());
    }
}
