//! What the setters of optional fields take: whatever those of required fields take, or an `Option` of it. The generated
//! builders of types call it.

use std::fmt::Display;

/// A value for an optional field, or an `Option` of one. `How` says which, and the compiler finds it.
pub trait IntoOptional<T, How> {
    /// The value of the field with this name.
    ///
    /// # Errors
    ///
    /// What was given does not fit the field.
    fn into_optional(self, field: &str) -> Result<Option<T>, String>;
}

/// How a value is given: as it is.
pub struct Plain;

/// How a value is given: in an `Option`.
pub struct Wrapped;

impl<T, V: TryInto<T, Error: Display>> IntoOptional<T, Plain> for V {
    fn into_optional(self, field: &str) -> Result<Option<T>, String> {
        let value = self.try_into();
        value
            .map(Some)
            .map_err(|error| format!("error converting supplied value for {field}: {error}"))
    }
}

impl<T, V: IntoOptional<T, Plain>> IntoOptional<T, Wrapped> for Option<V> {
    fn into_optional(self, field: &str) -> Result<Option<T>, String> {
        self.map_or(Ok(None), |value| value.into_optional(field))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Money, types::RewardAccount};

    #[test]
    fn an_optional_field_takes_a_value_and_an_option_of_one() {
        let plain = RewardAccount::builder()
            .company_name("Acme")
            .available_balance(7)
            .total_cards(2);
        let owned = RewardAccount::builder()
            .company_name("Acme".to_owned())
            .available_balance(Money::from(7));
        let wrapped = RewardAccount::builder()
            .company_name(Some("Acme"))
            .available_balance(Some(Money::from(7)))
            .total_cards(Some(2));
        let plain = RewardAccount::try_from(plain).unwrap();
        assert_eq!(plain.company_name.as_deref(), Some("Acme"));
        assert_eq!(plain.available_balance, Some(Money::from(7)));
        assert!(plain.total_cards.is_some());
        let wrapped = RewardAccount::try_from(wrapped.total_cards(None::<i64>)).unwrap();
        assert_eq!((wrapped.company_name, wrapped.total_cards), (plain.company_name, None));
        assert_eq!(
            RewardAccount::try_from(owned).unwrap().available_balance,
            wrapped.available_balance
        );
    }

    #[test]
    fn a_value_that_does_not_fit_names_its_field() {
        let card = RewardAccount::builder().available_balance(rust_decimal::Decimal::MAX);
        let error = RewardAccount::try_from(card).unwrap_err().to_string();
        assert!(
            error.starts_with("error converting supplied value for available_balance: "),
            "{error}"
        );
    }
}
