use super::*;

fn tickets() -> Vec<Ticket> {
    let points = PointsIntent {
        company: "CEK1PU9AOO".into(),
        account: "CAQL8YCV3".into(),
        direction: Direction::Debit,
        amount: "0.25".parse().unwrap(),
        mobile: Some("9000000004".into()),
        card: None,
    };
    let order = OrderIntent {
        product: "PC7513531244A681".into(),
        denomination: 500,
        quantity: 3,
    };
    let coins = CoinsIntent {
        company: "CEK1PU9AOO".into(),
        user: "EKIQB4L2".into(),
        event: "REFERRAL_EVENT".to_owned(),
    };
    [
        Intent::Points(points.clone()),
        Intent::BulkRow(points),
        Intent::Order(order),
        Intent::UndocumentedOrder {},
        Intent::Coins(coins),
    ]
    .map(|intent| Ticket::new("REF1".parse().unwrap(), intent))
    .into()
}

#[test]
fn every_ticket_survives_being_stored_and_names_its_operation() {
    for ticket in tickets() {
        let stored = serde_json::to_value(&ticket).unwrap();
        assert_eq!(stored["operation"], ticket.operation().operation().name);
        assert_eq!(serde_json::from_value::<Ticket>(stored).unwrap(), ticket);
    }
}

/// Its reference could hold any letter then.
#[test]
fn a_ticket_of_an_earlier_version_is_read() {
    let stored = |reference: &str| {
        serde_json::json!({
            "operation": "createOrderLowerCase", "reference": reference, "intended_at": "2026-11-23T09:00:00Z",
        })
    };
    for reference in ["Zahlung-\u{fc}", "आशा-1", "A\u{202e}1"] {
        let ticket: Ticket = serde_json::from_value(stored(reference)).unwrap();
        assert_eq!(ticket.reference.as_str(), reference);
    }
    for reference in ["", "A B", "A\n"] {
        assert!(
            serde_json::from_value::<Ticket>(stored(reference)).is_err(),
            "{reference:?}"
        );
    }
}

#[test]
fn the_amount_of_an_order_is_its_face_values_together() {
    let amounts = tickets()
        .iter()
        .map(|ticket| ticket.amount().map(|amount| amount.to_string()))
        .collect::<Vec<_>>();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(amounts, [text("0.25"), text("0.25"), text("1500"), None, None]);
}
