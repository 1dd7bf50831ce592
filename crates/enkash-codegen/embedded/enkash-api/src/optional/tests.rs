//! Setters of optional fields take values and options.

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
