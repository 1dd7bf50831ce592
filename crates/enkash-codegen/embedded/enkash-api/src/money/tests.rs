use super::*;

fn read(json: &str) -> Money {
    serde_json::from_str(json).unwrap()
}

#[test]
fn what_is_read_is_what_is_written() {
    for text in ["0", "11", "-4", "898138.1", "-990553.44", "0.01", "123456789012.345"] {
        assert_eq!(serde_json::to_string(&read(text)).unwrap(), text);
    }
}

#[test]
fn equality_and_order_agree() {
    let amounts = ["0", "1", "1.0", "-1", "1234567890123456", "1e300", "-1e300"].map(read);
    for one in amounts {
        for other in amounts {
            let is_equal = one.partial_cmp(&other) == Some(Ordering::Equal);
            assert_eq!(is_equal, one == other, "{one} {other}");
        }
    }
}

#[test]
fn calculations_are_exact_or_fail() {
    assert_eq!(read("0.1").checked_add(read("0.2")), Ok(read("0.3")));
    assert_eq!(read("1").checked_sub(read("1.5")), Ok(read("-0.5")));
    let large = read("999999999999999");
    assert_eq!(large.checked_add(1.into()), Ok(read("1000000000000000")));
    assert_eq!(large.checked_add(read("0.1")), Err(MoneyError::TooManyDigits));
    let beyond = [large, read("1e300")].into_iter().sum::<Result<Money, _>>();
    assert_eq!(beyond, Err(MoneyError::NotExact));
    assert_eq!([].into_iter().sum::<Result<Money, _>>(), Ok(Money::ZERO));
}

#[test]
fn a_numeric_string_is_read() {
    assert_eq!(read("\"250.50\""), read("250.5"));
    assert!(serde_json::from_str::<Money>("\"two\"").is_err());
    assert!(serde_json::from_str::<Money>("\"1e3\"").is_err());
}

#[test]
fn a_number_of_too_many_digits_is_kept_marked_and_never_sent() {
    for text in ["1234567890123456", "0.1234567890123456789", "1e300", "-1e300", "1e-300"] {
        let amount = read(text);
        assert!(!amount.is_exact(), "{text}");
        assert_eq!(amount.exact(), None);
        let is_beyond = text.ends_with("e300");
        assert_eq!(amount.to_string().starts_with('≈'), !is_beyond, "{amount}");
        assert_eq!(amount.approximate().is_none(), is_beyond, "{amount}");
        assert!(serde_json::to_string(&amount).is_err());
        assert_eq!(amount.partial_cmp(&amount), Some(Ordering::Equal));
        assert_eq!(amount.checked_add(1.into()), Err(MoneyError::NotExact));
    }
}

#[test]
fn an_amount_that_no_decimal_holds_is_shown_as_no_number() {
    for text in [
        "1e300",
        "79228162514264337593543950336000",
        "\"1234567890123456789012345678901234567890.5\"",
    ] {
        assert_eq!(read(text).to_string(), "beyond what can be kept");
        assert_eq!(format!("{:.2}", read(text)), "beyond what can be kept");
    }
    assert_eq!(read("-1e300").to_string(), "negative, beyond what can be kept");
    assert_eq!(read("1e300").partial_cmp(&Money::ZERO), None);
}

#[test]
fn a_large_round_number_is_exact() {
    assert!(read("10000000000000000000").is_exact());
    assert_eq!(
        serde_json::to_string(&read("1000000000000000000")).unwrap(),
        "1000000000000000000"
    );
}

#[test]
fn text_is_parsed_strictly() {
    for bad in [
        "", "-", ".", "1.", ".5", "1_000", "1,000", "+1", "1e3", " 1", "NaN", "₹5",
    ] {
        assert_eq!(bad.parse::<Money>(), Err(MoneyError::NotANumber), "{bad:?}");
    }
    assert_eq!("1234567890.123456".parse::<Money>(), Err(MoneyError::TooManyDigits));
}

#[test]
fn numbers_read_under_arbitrary_precision() {
    let map = serde_json::json!({"$serde_json::private::Number": "898138.10"});
    assert_eq!(
        serde_json::from_value::<Money>(map).unwrap(),
        "898138.1".parse().unwrap()
    );
}
