use serde_json::{Value, json};

use super::*;
use crate::policy::Policies;

fn points() -> Ticket {
    serde_json::from_value(json!({
        "operation": "createAllocatePoints", "reference": "42", "intended_at": "2026-11-23T09:00:00Z",
        "company": "CEK1PU9AOO", "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5,
        "mobile": "9000000004", "card": "EKC1"
    }))
    .unwrap()
}

fn order() -> Ticket {
    serde_json::from_value(json!({
        "operation": "createOrder", "reference": "R1", "intended_at": "2026-11-23T09:00:00Z",
        "product": "PC1", "denomination": 500, "quantity": 3
    }))
    .unwrap()
}

fn against(ticket: &Ticket, object: &Value) -> Vec<&'static str> {
    let policies = Policies::shipped();
    contradictions(object, ticket, &policies.of(ticket.operation()).settlement.entry)
}

#[test]
fn what_is_the_same_in_any_documented_form_contradicts_nothing() {
    for object in [
        json!({}),
        json!({"pgReferenceNumber": 42, "loadAmount": "250.50", "transactionType": "CR", "type": "ALLOCATE_POINT"}),
        json!({"pgReferenceNumber": "42", "uniqueReferenceNum": null, "status": "CREATED", "other": "FAILED"}),
        json!({"mobile": "+91 9000000004", "enKashCardId": "EKC1", "cardAccountId": "CAQL8YCV3"}),
    ] {
        assert_eq!(against(&points(), &object), [""; 0], "{object}");
    }
    let object = json!({"totalQuantity": 3, "totalAmount": 1500.0, "paidAmount": 1400, "orderStatus": "SUCCESS"});
    assert_eq!(against(&order(), &object), [""; 0]);
}

#[test]
fn each_other_fact_is_named() {
    for (object, name) in [
        (
            json!({"pgReferenceNumber": "42", "uniqueReferenceNumber": "43"}),
            "reference",
        ),
        (json!({"pgReferenceNumber": true}), "reference"),
        (json!({"pgReferenceNumber": 42.0}), "reference"),
        (json!({"loadAmount": 250.51}), "amount"),
        (json!({"amount": "1e300"}), "amount"),
        (json!({"amount": []}), "amount"),
        (json!({"transactionType": "DR"}), "direction"),
        (json!({"type": "UNALLOCATE_POINT"}), "kind"),
        (json!({"type": "SALE"}), "kind"),
        (json!({"status": "created"}), "status"),
        (json!({"status": true}), "status"),
        (json!({"cardAccountId": "CAQL8YCV4"}), "account"),
        (json!({"companyId": "CEK1PU9AO0"}), "company"),
        (json!({"enKashCardId": "EKC1", "enkashCardId": "EKC2"}), "card"),
        (json!({"mobile": "9000000005"}), "mobile"),
        (json!({"mobile": "XXXXXX0004"}), "mobile"),
    ] {
        assert_eq!(against(&points(), &object), [name], "{object}");
    }
    for (object, name) in [
        (json!({"orderReferenceId": "R2"}), "reference"),
        (json!({"productCatalogId": "PC2"}), "product"),
        (json!({"quantity": 2}), "quantity"),
        (json!({"quantity": "three"}), "quantity"),
        (json!({"denomination": 501}), "denomination"),
        (json!({"totalAmount": 1500.01}), "amount"),
        (json!({"paymentStatus": "FAILED"}), "status"),
        (json!({"orderStatus": 1}), "status"),
    ] {
        assert_eq!(against(&order(), &object), [name], "{object}");
    }
}
