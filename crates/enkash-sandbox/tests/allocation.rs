//! Giving points and taking them back: who is found, what is echoed, exact money, and a reference that comes twice.

mod client;

use client::{ALLOCATE, Client, assert_error, assert_failure, assert_sound};
use enkash_sandbox::{
    Operation, Sandbox, Seed, Switches,
    switches::{DuplicateReference, ReferenceSpelling},
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_person_gets_a_card_and_the_documented_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (status, body) = client.give("9000001234", 11.0, "REF1").await;
    assert_eq!(status, 200);
    assert_eq!((&body["code"], &body["message"]), (&json!(0), &json!("Success")));
    let card = &body["payload"];
    let is_id = |value: &Value, prefix: &str, length: usize| {
        let id = value.as_str().unwrap();
        assert!(id.starts_with(prefix) && id.len() == length, "{id}");
    };
    is_id(&card["enKashCardId"], "EKC", 10);
    is_id(&card["userId"], "EK", 8);
    assert_eq!(card["cardAccountId"], client.to.card_account_id);
    assert_eq!(card["token"].as_str().unwrap().len(), 20);
    assert_eq!(
        card["maskedNumber"], "XXXX XXXX XXXX 1234",
        "the last four digits are the mobile's"
    );
    assert_eq!(card["pgReferenceNumber"], "REF1");
    assert_eq!(card["otbBalance"], 11);
    assert!(card["enkashCardTxnId"].as_str().unwrap().len() > 4);
    assert_eq!(
        (&card["mobile"], &card["firstName"]),
        (&json!("9000001234"), &json!("Meera"))
    );
    assert_eq!(sandbox.credits("REF1"), 1);
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_known_person_is_found_by_mobile_and_a_card_by_its_id() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let first = client.give("9000001234", 10.0, "A").await.1;
    let second = client.give("9000001234", 5.5, "B").await.1;
    assert_eq!(first["payload"]["enKashCardId"], second["payload"]["enKashCardId"]);
    assert_ne!(
        first["payload"]["enkashCardTxnId"],
        second["payload"]["enkashCardTxnId"]
    );
    assert_eq!(second["payload"]["otbBalance"], 15.5);

    let mut by_card = json!({
        "companyId": client.to.company_id, "cardAccountId": client.to.card_account_id,
        "transactionCode": "ALLOCATION", "transactionType": "DR", "type": "UNALLOCATE_POINT",
        "enkashCardId": first["payload"]["enKashCardId"], "loadAmount": 0.25, "uniqueReferenceNum": "C",
    });
    let third = client.post(ALLOCATE, &by_card).await.1;
    assert_eq!(third["payload"]["otbBalance"], 15.25);
    assert_eq!(third["payload"]["pgReferenceNumber"], "C");
    assert_eq!((sandbox.credits("C"), sandbox.debits("C")), (0, 1));

    by_card["mobile"] = json!("9000000000");
    assert_error(&client.post(ALLOCATE, &by_card).await, 422, "mobile");
    by_card["enkashCardId"] = json!("EKC0000000");
    assert_failure(&client.post(ALLOCATE, &by_card).await, "Card not found");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_given_or_taken() {
    let sandbox = Sandbox::builder()
        .seed(Seed::small().account_balance(100))
        .start()
        .await
        .unwrap();
    let client = Client::partner(&sandbox).await;
    assert_failure(
        &client.give("9000001234", 100.01, "A").await,
        "Insufficient balance in card account",
    );
    assert_eq!(
        sandbox.card_balance("9000001234"),
        None,
        "no card is made for a refused person"
    );
    assert_eq!(
        client.give("9000001234", 100.0, "B").await.1["payload"]["otbBalance"],
        100
    );
    assert_failure(
        &client.give("9000001234", 0.01, "C").await,
        "Insufficient balance in card account",
    );
    assert_failure(
        &client.take("9000001234", 100.01, "D").await,
        "Insufficient balance in card",
    );
    assert_eq!(
        client.take("9000001234", 100.0, "E").await.1["payload"]["otbBalance"],
        0
    );
    assert_failure(&client.take("9000005678", 1.0, "F").await, "Card not found");
    assert_eq!(sandbox.account_balance(), 100.into());
    assert_eq!(
        ["A", "C", "D", "F"].map(|reference| sandbox.credits(reference) + sandbox.debits(reference)),
        [0; 4]
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn money_is_exact_where_floats_are_not() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for number in 0..10 {
        client.give("9000001234", 0.1, &format!("R{number}")).await;
    }
    assert_eq!(sandbox.card_balance("9000001234"), Some("1.0".parse().unwrap()));

    // Seventeen digits do not fit into a float, on neither side.
    let seed = Seed::small().account_balance(100_000_000_000_000_000_i64);
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let body = client.credit("9000001234", &json!(0), "BIG").to_string();
    let body = body.replace("\"loadAmount\":0", "\"loadAmount\":99999999999999.99");
    let text = client
        .request(Method::POST, ALLOCATE)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.contains("\"otbBalance\":99999999999999.99"), "{text}");
    let account = client.request(Method::POST, client::ACCOUNT).json(&client.account());
    let text = account.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("\"availableBalance\":99900000000000000.01"), "{text}");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn fields_that_are_missing_or_wrong_are_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let right = client.credit("9000001234", &json!(5), "A");
    let mut cases = Vec::new();
    for name in [
        "companyId",
        "loadAmount",
        "transactionCode",
        "mobile",
        "email",
        "title",
        "firstName",
        "gender",
    ] {
        let mut body = right.clone();
        body.as_object_mut().unwrap().remove(name);
        cases.push((body, 400, name));
    }
    let mut no_reference = right.clone();
    no_reference.as_object_mut().unwrap().remove("uniqueReferenceNumber");
    cases.push((no_reference, 400, "uniqueReferenceNumber"));
    let wrong = [
        ("loadAmount", json!("5"), "loadAmount"),
        ("loadAmount", json!(0), "not more than 0"),
        ("loadAmount", json!(-1), "not more than 0"),
        ("loadAmount", json!(0.001), "two decimals"),
        ("loadAmount", json!(1e300), "too many digits"),
        ("transactionType", json!("XX"), "transactionType"),
        ("type", json!("UNALLOCATE_POINT"), "CR goes with ALLOCATE_POINT"),
        ("transactionCode", json!("PRINCIPLE"), "only ALLOCATION"),
        ("mobile", json!("12345"), "ten digits"),
        ("title", json!("Dr"), "title"),
    ];
    for (name, value, words) in wrong {
        let mut body = right.clone();
        body[name] = value;
        cases.push((body, 422, words));
    }
    for (body, status, words) in cases {
        assert_error(&client.post(ALLOCATE, &body).await, status, words);
    }
    assert_eq!(sandbox.transactions().len(), 0);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn only_the_own_account_with_the_own_partner_id_can_be_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let mut body = client.credit("9000001234", &json!(5), "A");
    body["cardAccountId"] = json!("CA0000000");
    let words = format!(
        "Card account not found for companyId: {} and cardAccountId: CA0000000",
        client.to.company_id
    );
    assert_error(&client.post(ALLOCATE, &body).await, 404, &words);

    let right = client.credit("9000001234", &json!(5), "A");
    let url = format!("{}{ALLOCATE}", client.to.url);
    let bare = client.http.post(&url).bearer_auth(&client.token).json(&right);
    assert_error(
        &client::reply(bare.send().await.unwrap()).await,
        400,
        "partnerId: is required",
    );
    let other = client
        .http
        .post(&url)
        .bearer_auth(&client.token)
        .header("partnerId", "CRMOTHER0")
        .json(&right);
    let reply = client::reply(other.send().await.unwrap()).await;
    assert_error(&reply, 422, "Card Account does not exist for this partner");

    let holder = Client::holder(&sandbox).await;
    assert_error(&holder.post(ALLOCATE, &right).await, 422, "card holder's log-in");
    assert_eq!(sandbox.transactions().len(), 0);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_reference_that_comes_twice_does_what_its_switch_says() {
    for (switch, credits, balance) in [
        (DuplicateReference::CreditAgain, 2, 20),
        (DuplicateReference::Refuse, 1, 10),
        (DuplicateReference::ReplayFirst, 1, 10),
        (DuplicateReference::SuccessWithoutCredit, 1, 10),
    ] {
        let switches = Switches::new().duplicate_reference(switch);
        let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
        let client = Client::partner(&sandbox).await;
        let first = client.give("9000001234", 10.0, "SAME").await.1;
        let second = client.give("9000001234", 10.0, "SAME").await;
        match switch {
            DuplicateReference::Refuse => assert_failure(&second, "Transaction ID already exists."),
            DuplicateReference::ReplayFirst => assert_eq!(second.1, first),
            _ => {
                assert_eq!(second.1["code"], 0);
                assert_ne!(
                    second.1["payload"]["enkashCardTxnId"],
                    first["payload"]["enkashCardTxnId"]
                );
                assert_eq!(second.1["payload"]["otbBalance"], balance);
            }
        }
        assert_eq!(sandbox.credits("SAME"), credits, "{switch}");
        assert_eq!(sandbox.card_balance("9000001234"), Some(balance.into()), "{switch}");
        // What failed the first time took no effect, so its reference is still free.
        assert_failure(
            &client.take("9000001234", 5_000.0, "FREE").await,
            "Insufficient balance in card",
        );
        assert_eq!(client.give("9000001234", 1.0, "FREE").await.1["code"], 0, "{switch}");
        assert_eq!(sandbox.credits("FREE"), 1, "{switch}");
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn the_spelling_of_the_reference_follows_its_switch() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let number = client.credit("9000001234", &json!(5), "A");
    let mut num = number.clone();
    num.as_object_mut().unwrap().remove("uniqueReferenceNumber");
    num["uniqueReferenceNum"] = json!("A");
    for (switch, number_works, num_works) in [
        (ReferenceSpelling::Either, true, true),
        (ReferenceSpelling::Number, true, false),
        (ReferenceSpelling::Num, false, true),
    ] {
        sandbox.set_switches(Switches::new().reference_spelling(switch));
        for (body, works) in [(&number, number_works), (&num, num_works)] {
            let reply = client.post(ALLOCATE, body).await;
            if works {
                assert_eq!(reply.1["payload"]["pgReferenceNumber"], "A", "{switch}");
            } else {
                assert_error(&reply, 400, "uniqueReferenceNum");
            }
        }
    }
    assert_sound(&sandbox);
}
