//! What one entry of the transaction search proves: one row for each way in which a good entry can be spoiled.

use std::slice;

use enkash_api::OperationId;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    model::ticket::{Direction, Intent, PointsIntent, Ticket},
    outcome::proof::NotSettledReason,
    policy::Policies,
    settle::{
        LookupResult,
        entry::{CardOwner, Expected},
        listing::{Completeness, Cut},
        matching::EntryMatcher,
    },
    tests::support::empty_response,
};

const CARD: &str = "EKC04AZHXP";

fn intent() -> PointsIntent {
    PointsIntent {
        company: "CEK1PU9AOO".into(),
        account: "CAQL8YCV3".into(),
        direction: Direction::Credit,
        amount: "250.50".parse().unwrap(),
        mobile: Some("9000000004".into()),
        card: None,
    }
}

fn ticket(intent: PointsIntent) -> Ticket {
    let mut ticket = Ticket::new("REF1".parse().unwrap(), Intent::Points(intent));
    ticket.intended_at = "2026-11-23T09:00:00.750Z".parse().unwrap();
    ticket
}

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

/// The smallest entry that proves something without a verified recipe.
fn row() -> Value {
    json!({
        "pgReferenceNumber": "REF1", "principalAmount": 250.5, "cardTransactionType": "CR", "enkashCardId": CARD,
        "txnDate": "2026-11-23T09:00:00Z", "status": "CREATED", "type": "ALLOCATE_POINT"
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut row = row();
    row[field] = value;
    row
}

fn owner(card: &str) -> CardOwner {
    match card {
        CARD => CardOwner::Person {
            user: Some("EKIQB4L2".to_owned()),
            is_by_mobile: true,
        },
        "EKC0OTHERS" => CardOwner::Other,
        _ => CardOwner::Unknown,
    }
}

fn judge_with(intent: PointsIntent, rows: &[Value], lists: Completeness, is_verified: bool) -> LookupResult {
    let ticket = ticket(intent.clone());
    let policies = Policies::shipped();
    let expected = Expected {
        ticket: &ticket,
        intent: &intent,
        rules: &policies.of(ticket.operation()).settlement.entry,
        now: now(),
    };
    let mut matcher = EntryMatcher::new(expected, is_verified);
    let response = empty_response(OperationId::SearchTransactions);
    rows.iter().for_each(|row| matcher.add(row, &response, owner));
    matcher.conclude(lists, true)
}

fn judge(rows: &[Value], is_verified: bool) -> LookupResult {
    judge_with(intent(), rows, Completeness::Whole, is_verified)
}

/// What stands against the entries, in one text.
fn against(result: LookupResult) -> String {
    match result {
        LookupResult::Proven(proof) => format!("proven, {} entries", proof.entries),
        LookupResult::Unproven(NotSettledReason::FactsMismatch(facts)) => facts.join(" "),
        LookupResult::Unproven(NotSettledReason::UnknownFields(fields)) => format!("unknown {}", fields.join(" ")),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_good_entry_is_a_proof_with_all_the_facts_that_both_sides_have() {
    let LookupResult::Proven(proof) = judge(&[row()], false) else {
        panic!("not proven");
    };
    assert_eq!(
        proof.matched,
        [
            "reference",
            "amount",
            "direction",
            "card",
            "time",
            "status",
            "kind",
            "mobile"
        ]
    );
    // Every field of the record that an integrator reads.
    let mut whole = row();
    for (field, value) in [
        ("enKashCardTransactionId", json!("EKT1")),
        ("enKashCardId", json!(CARD)),
        ("maskedCard", json!("XXXX XXXX XXXX 0004")),
        ("userId", json!("EKIQB4L2")),
        ("cardKitNumber", json!("K1")),
        ("cardHolderName", json!("Meera")),
        ("companyName", json!("Traders")),
        ("companyId", json!("CEK1PU9AOO")),
        ("cardAccountId", json!("CAQL8YCV3")),
        ("mobile", json!(9_000_000_004_i64)),
        ("fcyAmount", json!(0)),
        ("balance", json!(1250.5)),
        ("description", json!("ALLOCATE_POINT")),
        ("currency", json!("INR")),
        ("fcyCurrency", json!("")),
        ("createdOn", json!("2026-11-23T09:00:01Z")),
        ("modifiedOn", json!("2026-11-23T09:30:00Z")),
        ("txnDetails", json!({"id": 7, "transactionType": "CR", "mcc": null})),
        ("transactionCode", json!("ALLOCATION")),
        ("failureReason", json!(null)),
        ("errorResponse", json!(" ")),
        ("refunds", json!([])),
        // Other dates say nothing.
        ("valueDate", json!("2020-01-01")),
        ("postedOn", json!("2020-01-01T00:00:00Z")),
        ("settledAt", json!(1_577_836_800_000_i64)),
        ("lastModifiedDate", json!("01/01/2030 10:00:00")),
    ] {
        whole[field] = value;
    }
    let LookupResult::Proven(proof) = judge(&[whole.clone()], false) else {
        panic!("not proven: {:?}", judge(&[whole], false));
    };
    assert_eq!(proof.matched[8..], ["company", "mobile", "user"]);
    assert_eq!(proof.matched[7], "account");
}

#[test]
fn whatever_is_other_than_it_should_be_spoils_the_proof() {
    for (field, value, stands_against) in [
        ("pgReferenceNumber", json!("REF1 "), "reference"),
        ("pgReferenceNumber", json!("ref1"), "reference"),
        ("uniqueReferenceNumber", json!("REF2"), "reference"),
        ("principalAmount", json!(250.51), "amount"),
        ("principalAmount", json!(true), "amount"),
        ("principalAmount", json!(-250.5), "amount"),
        ("principalAmount", json!(1e300), "amount"),
        ("loadAmount", json!(250), "amount"),
        ("amount", json!("250.51"), "amount"),
        ("fcyAmount", json!(3), "amount"),
        ("cardTransactionType", json!("DR"), "direction"),
        ("cardTransactionType", json!("cr"), "direction"),
        ("transactionType", json!("DR"), "direction"),
        ("txnDetails", json!({"transactionType": "DR"}), "direction"),
        ("status", json!("FAILED"), "status"),
        ("status", json!("SUCCESS"), "status"),
        ("status", json!("created"), "status"),
        ("status", json!(true), "status"),
        ("status", json!(0), "status"),
        ("type", json!("REVERSAL"), "kind"),
        ("type", json!("UNALLOCATE_POINT"), "kind"),
        ("type", json!("CREDIT"), "kind"),
        ("transactionCode", json!("PRINCIPLE"), "kind"),
        ("companyId", json!("CEK0OTHERS"), "company"),
        ("cardAccountId", json!("CA0OTHERS"), "account"),
        ("mobile", json!("9000000005"), "mobile"),
        ("userId", json!("EK0OTHER"), "user"),
        ("enKashCardId", json!("EKC0OTHERS"), "card"),
        ("enKashCardId", json!("EKC0NOBODY"), "card"),
        ("currency", json!("USD"), "currency"),
        ("fcyCurrency", json!("USD"), "currency"),
        ("description", json!("Reversed by the bank"), "unknown description"),
        (
            "description",
            json!("Rolled back: card is blocked"),
            "unknown description",
        ),
        ("description", json!({"text": "ok"}), "unknown description"),
        ("txnDate", json!("2026-11-23T10:00:31Z"), "time"),
        ("txnDate", json!("2026-11-23T09:00:00"), "time"),
        ("txnDate", json!("23/11/2026"), "time"),
        ("txnDate", json!(true), "time"),
        ("createdOn", json!("2026-11-23T09:31:00Z"), "time"),
        ("createdOn", json!("2020-01-01T00:00:00Z"), "time"),
        ("modifiedOn", json!("2026-11-23T08:00:00Z"), "time"),
        ("modifiedOn", json!("later"), "time"),
        ("reversed", json!(true), "unknown reversed"),
        ("reversed", json!(false), "unknown reversed"),
        ("isReversed", json!("Y"), "unknown isReversed"),
        ("reversedOn", json!("2026-11-23T09:10:00Z"), "unknown reversedOn"),
        ("refundDate", json!("2026-11-23"), "unknown refundDate"),
        ("notSettledAt", json!("2026-11-23"), "unknown notSettledAt"),
        ("settledAt", json!("never"), "unknown settledAt"),
        ("settledAt", json!(0), "unknown settledAt"),
        ("date", json!(true), "unknown date"),
        ("failureReason", json!("limit"), "unknown failureReason"),
        ("failureCode", json!(7), "unknown failureCode"),
        ("errorResponse", json!({"code": 1}), "unknown errorResponse"),
        ("refundAmount", json!(0), "unknown refundAmount"),
        ("txnDetails", json!({"state": "UNDONE"}), "unknown txnDetails.state"),
        ("txnDetails", json!("undone"), "unknown txnDetails"),
    ] {
        for is_verified in [false, true] {
            let spoiled = with(field, value.clone());
            assert_eq!(
                against(judge(slice::from_ref(&spoiled), is_verified)),
                stands_against,
                "{spoiled}"
            );
            // It is on the person's card, so a good entry beside it proves nothing either.
            let mut good = row();
            good["enKashCardTransactionId"] = json!("EKT1");
            assert_eq!(
                against(judge(&[good, spoiled], is_verified)),
                stands_against,
                "{field} {value}"
            );
        }
    }
}

#[test]
fn a_description_is_harmless_only_where_it_is_a_word_of_the_call() {
    for (description, is_harmless) in [
        (json!(null), true),
        (json!(" "), true),
        (json!("REF1"), true),
        (json!("ALLOCATION"), true),
        (json!("ALLOCATE_POINT"), true),
        (json!("UNALLOCATE_POINT"), false),
        (json!("Rolled back: card is blocked"), false),
        (json!("Not credited, amount returned to account"), false),
        (json!("Undone"), false),
        (json!("Bonus of November"), false),
        (json!("ALLOCATION rolled back"), false),
        (json!("not REF1"), false),
        (json!("allocation"), false),
        (json!(["REF1"]), false),
        (json!(0), false),
        (json!(false), false),
    ] {
        for is_verified in [false, true] {
            let told = against(judge(&[with("description", description.clone())], is_verified));
            let expected = if is_harmless {
                "proven, 1 entries"
            } else {
                "unknown description"
            };
            assert_eq!(told, expected, "{description}");
        }
    }
}

#[test]
fn what_is_missing_stops_an_unverified_recipe_and_a_verified_one_where_it_must_be_there() {
    for (field, fact, is_always) in [
        ("pgReferenceNumber", "reference", true),
        ("principalAmount", "amount", true),
        ("cardTransactionType", "direction", true),
        ("enkashCardId", "card", false),
        ("txnDate", "time", false),
        ("status", "status", false),
        ("type", "kind", false),
    ] {
        for nothing in [json!(null), json!("")] {
            let missing_field = with(field, nothing);
            assert_eq!(against(judge(slice::from_ref(&missing_field), false)), fact);
            let verified = against(judge(&[missing_field], true));
            assert_eq!(verified, if is_always { fact } else { "proven, 1 entries" });
        }
    }
    // A card that nobody knows may be the person's: it is no proof, and stops one.
    let stray = with("enkashCardId", json!("EKC0NOBODY"));
    for is_verified in [false, true] {
        assert_eq!(against(judge(slice::from_ref(&stray), is_verified)), "card");
        assert_eq!(against(judge(&[stray.clone(), row()], is_verified)), "card");
    }
}

#[test]
fn a_time_within_the_skew_of_two_clocks_is_good() {
    for (date, is_good) in [
        ("2026-11-23T08:59:30Z", true),
        ("2026-11-23T08:59:29Z", false),
        ("2026-11-23T10:00:30Z", true),
        ("2026-11-23T10:00:31Z", false),
        ("2026-11-23T14:30:00+05:30", true),
    ] {
        let result = against(judge(&[with("txnDate", json!(date))], false));
        assert_eq!(result.starts_with("proven"), is_good, "{date}");
    }
    let millis = with("txnDate", json!(1_795_424_400_000_i64));
    assert!(
        against(judge(slice::from_ref(&millis), false)).starts_with("proven"),
        "{millis}"
    );
    assert_eq!(against(judge(&[with("txnDate", json!(1_795_424_400))], false)), "time");
}

#[test]
fn entries_that_agree_in_all_but_their_id_are_counted_each() {
    let entry = |id: &str| with("enKashCardTransactionId", json!(id));
    let renamed = |blank: &str, id: &str| {
        let mut row = entry(blank);
        row["enkashCardTxnId"] = json!(id);
        row
    };
    let second = |id: &str| {
        let mut row = entry(id);
        row["txnDate"] = json!("2026-11-23T09:00:01Z");
        row
    };
    for (rows, entries) in [
        (vec![entry("EKT1"), entry("EKT1")], 1),
        (vec![entry("EKT1"), entry("EKT2")], 2),
        (vec![entry("EKT1"), entry("EKT2"), entry("EKT1"), entry("EKT3")], 3),
        // Without an id nothing says that two are one.
        (vec![row(), row()], 2),
        // The same movement, seen twice while its balance changed.
        (
            vec![entry("EKT1"), {
                let mut later = entry("EKT1");
                later["balance"] = json!(7);
                later
            }],
            1,
        ),
        // A blank text is no id: the next name has it.
        (vec![renamed("", "EKT1"), renamed(" ", "EKT2")], 2),
        (vec![renamed("", "EKT1"), renamed(" ", "EKT1")], 1),
        (vec![renamed("", "EKT1"), renamed("", "EKT1")], 1),
        (vec![entry(""), entry("")], 2),
        // One id for several movements.
        (vec![entry("0"), second("0")], 2),
        (vec![renamed("", "EKT1"), second("EKT1")], 2),
    ] {
        assert_eq!(
            against(judge(&rows, false)),
            format!("proven, {entries} entries"),
            "{rows:?}"
        );
    }
    let mut confused = entry("EKT1");
    confused["enkashCardTxnId"] = json!("EKT2");
    assert_eq!(against(judge(&[confused], false)), "transaction");
}

#[test]
fn an_entry_of_somebody_else_or_of_an_earlier_use_stops_no_proof_and_is_none() {
    let mut earlier = with("txnDate", json!("2026-11-22T09:00:00Z"));
    earlier["status"] = json!("FAILED");
    let mut others = with("enkashCardId", json!("EKC0OTHERS"));
    others["principalAmount"] = json!(1);
    let mut account = with("enkashCardId", json!("EKC0NOBODY"));
    account["cardAccountId"] = json!("CA0OTHERS");
    for (elsewhere, fact) in [
        (earlier, "time status"),
        (others, "amount card"),
        (account, "card account"),
    ] {
        assert_eq!(against(judge(&[elsewhere.clone(), row()], false)), "proven, 1 entries");
        assert_eq!(against(judge(&[elsewhere], false)), fact);
    }
}

#[test]
fn the_card_of_the_ticket_is_held_against_the_entrys() {
    let named = PointsIntent {
        card: Some("EKC0NAMED".into()),
        ..intent()
    };
    let result = judge_with(named, &[row()], Completeness::Whole, false);
    assert_eq!(against(result), "card");
}

#[test]
fn a_cut_list_proves_neither_presence_nor_absence() {
    let cut = Completeness::Cut(Cut {
        shown: 1,
        of: Some(2),
        field: None,
    });
    for rows in [vec![row()], vec![]] {
        for is_verified in [false, true] {
            let result = judge_with(intent(), &rows, cut.clone(), is_verified);
            let is_incomplete = matches!(result, LookupResult::Unproven(NotSettledReason::Incomplete { .. }));
            assert!(is_incomplete, "{result:?}");
        }
    }
    // What it shows against the call is still shown.
    let result = judge_with(intent(), &[with("status", json!("FAILED"))], cut, false);
    assert_eq!(against(result), "status");
    // A list that does not count may prove presence, and never absence.
    let result = judge_with(intent(), &[row()], Completeness::Uncounted, false);
    assert!(matches!(result, LookupResult::Proven(_)));
    let result = judge_with(intent(), &[], Completeness::Uncounted, true);
    assert!(matches!(result, LookupResult::Absent { is_complete: false }));
}
