//! Looking things up: the account, cards in both documented forms, transactions, and the sign-in token.

mod client;

use std::time::Duration;

use jiff::Timestamp;

use client::{ACCOUNT, Client, SEARCH, SSO, TRANSACTIONS, assert_failure, assert_sound};
use enkash_sandbox::{
    ExtraRecord, Sandbox, Seed, Switches,
    clock::ManualClock,
    switches::{CardSearch, TransactionFilters, TransactionLookup, TransactionWithoutCard},
};
use serde_json::{Value, json};

fn with(mut body: Value, name: &str, value: &Value) -> Value {
    body[name] = value.clone();
    body
}

#[tokio::test]
async fn the_account_shows_its_balance_and_totals() {
    let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000002", 100.25, "A").await;
    client.take("9000000002", 0.25, "B").await;
    let (_, body) = client.post(ACCOUNT, &client.account()).await;
    assert_eq!(
        (&body["response_code"], &body["response_message"]),
        (&json!(0), &json!("Success"))
    );
    let account = &body["payload"];
    assert_eq!(account["cardAccountId"], client.to.card_account_id);
    assert_eq!(account["companyName"], "Sandbox Traders");
    assert_eq!(account["availableBalance"], 999_900);
    assert_eq!(account["availableCardBalance"], 2_600.5);
    assert_eq!(
        account["usedCreditLimit"], -1_002_500.5,
        "minus the sum of the two, as in the page's example"
    );
    assert_eq!(account["totalCards"], 3);
    assert_eq!(account["totalAllocationPoint"], 100.25);
    assert_eq!(account["currentMonthAllocationPoint"], 100.25);
    assert_eq!(account["primaryEnKashCard"]["firstName"], "Asha");

    sandbox.advance(Duration::from_secs(40 * 86_400));
    let client = Client::partner(&sandbox).await;
    let (_, body) = client.post(ACCOUNT, &client.account()).await;
    assert_eq!(body["payload"]["totalAllocationPoint"], 100.25);
    assert_eq!(
        body["payload"]["currentMonthAllocationPoint"], 0,
        "a new month starts at nothing"
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_card_search_answers_in_both_documented_forms() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (_, body) = client.post(SEARCH, &client.account()).await;
    assert_eq!(body["code"], 0);
    assert_eq!(body["payload"]["recordsCount"], 2);
    let row = &body["payload"]["data"][1];
    assert_eq!(
        (&row["mobile"], &row["firstName"]),
        (&json!(client::HOLDER), &json!("Ravi"))
    );
    assert_eq!((&row["expiryMonth"], &row["expiryYear"]), (&json!(""), &json!("")));
    assert!(row.get("token").is_none() && row.get("maskedNumber").is_none(), "{row}");

    let id = row["enKashCardId"].clone();
    let (_, one) = client.post(SEARCH, &with(client.account(), "enKashCardId", &id)).await;
    assert_eq!(one["payload"]["recordsCount"], 1);
    assert_eq!(one["payload"]["data"][0]["enKashCardId"], id);
    let (_, none) = client
        .post(SEARCH, &with(client.account(), "enKashCardId", &json!("EKC0000000")))
        .await;
    assert_eq!(none["payload"], json!({ "recordsCount": 0, "data": [] }));

    sandbox.set_switches(Switches::new().card_search(CardSearch::Single));
    let (_, single) = client.post(SEARCH, &with(client.account(), "enKashCardId", &id)).await;
    assert_eq!(
        (&single["response_code"], &single["payload"]["enKashCardId"]),
        (&json!(0), &id)
    );
    assert_eq!(single["payload"]["maskedNumber"], "XXXX XXXX XXXX 0901");
    let none = client
        .post(SEARCH, &with(client.account(), "enKashCardId", &json!("EKC0000000")))
        .await;
    assert_failure(&none, "Card not found");
    assert_sound(&sandbox);

    // An account with one card only: a search that names none gives the bare card.
    let seed = include_str!("../seed/default.yaml");
    let lines = seed.lines().filter(|line| !line.contains("primary:"));
    let seed = Seed::from_yaml(&lines.collect::<Vec<_>>().join("\n")).unwrap();
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (_, body) = client.post(SEARCH, &client.account()).await;
    assert_eq!(
        (&body["response_code"], &body["payload"]["mobile"]),
        (&json!(0), &json!(client::HOLDER))
    );
    sandbox.set_switches(Switches::new().card_search(CardSearch::List));
    assert_eq!(
        client.post(SEARCH, &client.account()).await.1["payload"]["recordsCount"],
        1
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn transactions_are_found_by_every_filter() {
    let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let first = client.give("9000000002", 10.5, "A").await.1["payload"].clone();
    clock.advance(Duration::from_secs(10));
    client.give("9000000003", 20.0, "B").await;
    clock.advance(Duration::from_secs(10));
    let third = client.take("9000000002", 1.0, "A").await.1["payload"].clone();

    let find = async |filters: Value| {
        let mut body = client.account();
        for (name, value) in filters.as_object().unwrap() {
            body[name] = value.clone();
        }
        let (status, body) = client.post(TRANSACTIONS, &body).await;
        assert_eq!(status, 200, "{body}");
        let rows = body["payload"]["data"].as_array().unwrap().clone();
        assert_eq!(body["payload"]["recordsCount"], rows.len());
        rows
    };
    let all = find(json!({})).await;
    assert_eq!(all.len(), 3);
    let newest = &all[0];
    assert_eq!(newest["enKashCardTransactionId"], third["enkashCardTxnId"]);
    assert_eq!(
        (&newest["pgReferenceNumber"], &newest["cardTransactionType"]),
        (&json!("A"), &json!("DR"))
    );
    assert_eq!(
        (&newest["principalAmount"], &newest["balance"]),
        (&json!(1), &json!(9.5))
    );
    assert_eq!(
        (&newest["type"], &newest["status"]),
        (&json!("UNALLOCATE_POINT"), &json!("CREATED"))
    );
    assert_eq!(newest["txnDate"], "2023-11-14T22:13:40.000Z");

    let cases = [
        (json!({ "enKashCardId": first["enKashCardId"] }), 2),
        (
            json!({ "enKashCardId": first["enKashCardId"], "pgReferenceNumber": "A", "cardTransactionType": "CR" }),
            1,
        ),
        (json!({ "pgReferenceNumbers": ["A", "B"] }), 3),
        (json!({ "pgReferenceNumber": "C" }), 0),
        (json!({ "enKashTransactionId": third["enkashCardTxnId"] }), 1),
        (json!({ "userId": first["userId"] }), 2),
        (json!({ "amountFrom": 10.5, "amountTo": 20 }), 2),
        (json!({ "txnDateFrom": "2023-11-14T22:13:25.000Z" }), 2),
        (json!({ "txnDateTo": "2023-11-14T22:13:25Z" }), 1),
        (json!({ "companyName": "Somebody Else" }), 0),
        (
            json!({ "status": "CREATED", "companyName": "Sandbox Traders", "cardHolderName": "Meera" }),
            3,
        ),
    ];
    for (filters, count) in cases {
        assert_eq!(find(filters.clone()).await.len(), count, "{filters}");
    }
    let wrong = client
        .post(
            TRANSACTIONS,
            &with(client.account(), "txnDateFrom", &json!("yesterday")),
        )
        .await;
    client::assert_error(&wrong, 422, "txnDateFrom");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_transaction_can_be_found_late_or_never() {
    let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
    let late = Switches::new().transaction_lookup(TransactionLookup::Delayed(Duration::from_secs(30)));
    let sandbox = Sandbox::builder().clock(clock).switches(late).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000002", 1.0, "A").await;
    let count = async || client.post(TRANSACTIONS, &client.account()).await.1["payload"]["recordsCount"].clone();
    assert_eq!(count().await, 0);
    sandbox.advance(Duration::from_secs(29));
    assert_eq!(count().await, 0);
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(count().await, 1);
    sandbox.set_switches(Switches::new().transaction_lookup(TransactionLookup::Absent));
    assert_eq!(count().await, 0);
    assert_eq!(sandbox.credits("A"), 1, "the ledger knows it all the same");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn filters_work_as_far_as_the_switch_says() {
    let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
    let sandbox = Sandbox::builder().clock(clock).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let card = client.give("9000000002", 1.0, "REF1").await.1["payload"]["enKashCardId"].clone();
    client.give("9000000003", 2.0, "ref1").await;
    sandbox.advance(Duration::from_secs(60));
    client.give("9000000002", 3.0, "REF2").await;
    let one = json!({ "pgReferenceNumber": "REF1" });
    let several = json!({ "pgReferenceNumbers": ["REF1", "REF2"] });
    let range = json!({ "txnDateFrom": "2023-11-14T22:14:00.000Z", "txnDateTo": "2023-11-14T23:00:00.000Z" });
    let of_card = json!({ "enKashCardId": card });
    for (filters, counts) in [
        (TransactionFilters::Applied, [1, 2, 1, 2]),
        (TransactionFilters::Required, [1, 3, 3, 2]),
        (TransactionFilters::Loose, [2, 3, 1, 2]),
        (TransactionFilters::Ignored, [3, 3, 3, 3]),
    ] {
        sandbox.set_switches(Switches::new().transaction_filters(filters));
        for (asked, count) in [&one, &several, &range, &of_card].into_iter().zip(counts) {
            let mut body = client.account();
            body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
            let (_, found) = client.post(TRANSACTIONS, &body).await;
            assert_eq!(found["payload"]["recordsCount"], count, "{filters} {asked}");
        }
    }
    for (switch, status, count) in [
        (TransactionWithoutCard::Works, 200, json!(3)),
        (TransactionWithoutCard::Empty, 200, json!(0)),
        (TransactionWithoutCard::Refused, 400, Value::Null),
    ] {
        sandbox.set_switches(Switches::new().transaction_without_card(switch));
        let (found, body) = client.post(TRANSACTIONS, &client.account()).await;
        assert_eq!(
            (found.as_u16(), &body["payload"]["recordsCount"]),
            (status, &count),
            "{switch}"
        );
        let (_, of_card) = client
            .post(TRANSACTIONS, &with(client.account(), "enKashCardId", &card))
            .await;
        assert_eq!(of_card["payload"]["recordsCount"], 2, "{switch}");
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_list_can_be_cut_and_says_so_in_one_of_two_ways() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for number in 0..5 {
        client
            .give(&format!("900000010{number}"), 1.0, &format!("REF{number}"))
            .await;
    }
    for path in [TRANSACTIONS, SEARCH] {
        let shown = async |cut: &str| {
            let mut switches = Switches::new();
            switches.apply(&format!("list_cut={cut}")).unwrap();
            sandbox.set_switches(switches);
            client.post(path, &client.account()).await.1["payload"].clone()
        };
        let whole = shown("whole").await;
        let all = whole["data"].as_array().unwrap().len();
        assert!(
            all >= 5 && whole["recordsCount"] == all && whole.get("last").is_none(),
            "{whole}"
        );
        let counted = shown("counted:2").await;
        assert_eq!(
            (counted["data"].as_array().unwrap().len(), &counted["recordsCount"]),
            (2, &json!(all))
        );
        assert_eq!(counted["data"][0], whole["data"][0]);
        let paged = shown("paged:2").await;
        assert_eq!(
            (paged["data"].as_array().unwrap().len(), &paged["recordsCount"]),
            (2, &json!(2))
        );
        assert_eq!(
            (&paged["pageNumber"], &paged["totalPages"], &paged["last"]),
            (&json!(0), &json!(all.div_ceil(2)), &json!(false))
        );
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_extra_record_is_shown_and_filtered_and_no_sum_counts_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000002", 5.0, "REF1").await;
    let before = (sandbox.account_balance(), sandbox.card_balance("9000000002"));
    let failed = ExtraRecord::credit("REF1", "9000000002", 5)
        .with("status", "FAILED")
        .with("txnDate", "2020-01-01T00:00:00.000Z")
        .without("createdOn");
    assert!(!format!("{failed:?}").contains("9000000002"));
    sandbox.add_extra_record(failed);
    sandbox.add_extra_record(ExtraRecord::debit("REF1 ", "9000000002", 7));
    sandbox.add_extra_record(ExtraRecord::credit("REF1", "9000000777", 1));
    let find = async |filters: Value| {
        let mut body = client.account();
        body.as_object_mut()
            .unwrap()
            .extend(filters.as_object().unwrap().clone());
        client.post(TRANSACTIONS, &body).await.1["payload"]["data"].clone()
    };
    let found = find(json!({ "pgReferenceNumber": "REF1" })).await;
    assert_eq!(
        found.as_array().unwrap().len(),
        2,
        "of a person without a card nothing is shown: {found}"
    );
    let (extra, real) = (&found[0], &found[1]);
    assert_eq!(
        (&extra["status"], &extra["txnDate"]),
        (&json!("FAILED"), &json!("2020-01-01T00:00:00.000Z"))
    );
    assert!(
        extra.get("createdOn").is_none() && real["status"] == "CREATED",
        "{found}"
    );
    assert_ne!(extra["enKashCardTransactionId"], real["enKashCardTransactionId"]);
    assert_eq!(extra["enkashCardId"], real["enkashCardId"]);
    let taken = find(json!({ "cardTransactionType": "DR" })).await;
    assert_eq!(
        (&taken[0]["pgReferenceNumber"], &taken[0]["type"]),
        (&json!("REF1 "), &json!("UNALLOCATE_POINT"))
    );
    let old = json!({ "txnDateTo": "2020-06-01T00:00:00.000Z" });
    assert_eq!(find(old).await.as_array().unwrap().len(), 1);

    assert_eq!(sandbox.credits("REF1"), 1);
    assert_eq!((sandbox.account_balance(), sandbox.card_balance("9000000002")), before);
    sandbox.clear_extra_records();
    assert_eq!(find(json!({})).await.as_array().unwrap().len(), 1);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_sign_in_token_is_for_a_card_of_the_account() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let card = client.give("9000000002", 1.0, "A").await.1["payload"]["enKashCardId"].clone();
    let (_, body) = client.post(SSO, &with(client.account(), "enkashCardId", &card)).await;
    assert_eq!(body["payload"]["access_token"].as_str().unwrap().len(), 26);
    assert_failure(
        &client
            .post(SSO, &with(client.account(), "enkashCardId", &json!("EKC0")))
            .await,
        "Card not found",
    );
    assert_sound(&sandbox);
}
