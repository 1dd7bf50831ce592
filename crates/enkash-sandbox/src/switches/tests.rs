use super::{SwitchError, SwitchInfo, Switches};

#[test]
fn every_value_in_the_table_can_be_set_and_is_shown_again() {
    for info in Switches::TABLE {
        for (word, help) in info.values {
            let word = SwitchInfo::before_number(word).map_or((*word).to_owned(), |start| format!("{start}30"));
            let mut switches = Switches::new();
            switches.set(info.name, &word).unwrap();
            assert!(switches.settings().contains(&(info.name, word)), "{}", info.name);
            assert!(!help.trim().is_empty(), "{} has a value without help", info.name);
        }
        let (first, _) = info.values[0];
        assert!(
            Switches::new().settings().contains(&(info.name, first.to_owned())),
            "{}",
            info.name
        );
    }
}

#[test]
fn mistakes_say_what_there_is() {
    let mut switches = Switches::new();
    let unknown = switches.set("duplicate", "refuse").unwrap_err().to_string();
    assert!(unknown.contains("duplicate_reference"), "{unknown}");
    let value = switches.set("duplicate_reference", "refused").unwrap_err().to_string();
    assert!(value.contains("credit-again, refuse, replay-first"), "{value}");
    assert!(matches!(switches.apply("envelope"), Err(SwitchError::Malformed(_))));
    assert!(switches.set("transaction_lookup", "delayed:x").is_err());
}
