use rust_decimal::Decimal;

use super::contents::{DEFAULT, Seed};
use super::error::SeedError;

#[test]
fn the_default_seed_is_read() {
    let seed = Seed::from_yaml(DEFAULT).unwrap();
    assert_eq!(seed.companies[0].accounts[0].balance, Decimal::from(1_000_000));
    assert_eq!(
        seed.companies[0].accounts[0].people[0].balance,
        Decimal::new(250_050, 2)
    );
    assert_eq!(seed.companies[0].client_secret.len(), 40);
}

#[test]
fn mistakes_are_named_with_their_place() {
    let text = DEFAULT.replace("balance: 1000000", "balanse: 1000000");
    let error = Seed::from_yaml(&text).unwrap_err().to_string();
    assert!(error.contains("balanse") && error.contains("line"), "{error}");
    let text = DEFAULT.replace("person: '9000000901'", "person: '9000000999'");
    assert!(matches!(Seed::from_yaml(&text), Err(SeedError::Inconsistent(_))));
    let text = DEFAULT.replace("PCN0SANDBOXBK0500", "PCN0SANDBOXBK0100");
    assert!(
        Seed::from_yaml(&text)
            .unwrap_err()
            .to_string()
            .contains("PCN0SANDBOXBK0100 is there twice")
    );
    assert!(Seed::from_yaml("companies: []").is_err());
}

#[test]
fn debug_shows_no_person_and_no_secret() {
    let shown = format!("{:?}", Seed::small());
    for hidden in ["9000000901", "Ravi", "sandbox-password", "5a5a", "example.com"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}
