//! The control routes: what they do, and who may use them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod client;

use std::time::Duration;

use client::{ACCOUNT, Client, assert_sound, reply};
use enkash_sandbox::{Operation, Preset, Sandbox};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

async fn control(client: &Client, method: Method, path: &str, body: Option<&Value>) -> client::Reply {
    let request = client.http.request(method, format!("{}/_sandbox{path}", client.to.url));
    let request = body.into_iter().fold(request, |request, body| request.json(body));
    reply(request.send().await.unwrap()).await
}

#[tokio::test]
async fn the_clock_is_moved() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let before = sandbox.now();
    let (status, _) = control(
        &client,
        Method::POST,
        "/clock",
        Some(&json!({ "advance_seconds": 301 })),
    )
    .await;
    assert_eq!(status, 200);
    assert!(sandbox.now() >= before + Duration::from_secs(301));
    assert_eq!(
        client.post(ACCOUNT, &client.account()).await.0,
        401,
        "the token died on the way"
    );
    let set = json!({ "set": "2030-01-31T12:00:00Z" });
    let (_, body) = control(&client, Method::POST, "/clock", Some(&set)).await;
    assert!(body["now"].as_str().unwrap().starts_with("2030-01-31T12:00"), "{body}");
    let expected = Timestamp::from_second(1_896_091_200).unwrap();
    assert!(sandbox.now() >= expected && sandbox.now() < expected + Duration::from_secs(60));
    for wrong in [
        json!({}),
        json!({ "set": "tomorrow" }),
        json!({ "set": "2030-01-31T12:00:00Z", "advance_seconds": 1 }),
    ] {
        assert_eq!(
            control(&client, Method::POST, "/clock", Some(&wrong)).await.0,
            422,
            "{wrong}"
        );
    }
    assert_eq!(
        control(&client, Method::POST, "/clock", Some(&json!({ "advance": 1 })))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn switches_and_faults_are_set_and_shown() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let change = json!({ "duplicate_reference": "refuse", "expires_in": 86399 });
    let (status, body) = control(&client, Method::POST, "/switches", Some(&change)).await;
    assert_eq!((status.as_u16(), &body["duplicate_reference"]), (200, &json!("refuse")));
    assert_eq!(
        control(&client, Method::GET, "/switches", None).await.1["expires_in"],
        "86399"
    );
    let wrong = json!({ "duplicate_reference": "replay-first", "envelope": "none" });
    let (status, body) = control(&client, Method::POST, "/switches", Some(&wrong)).await;
    assert_eq!(status, 422);
    assert!(
        body["response_message"]
            .as_str()
            .unwrap()
            .contains("response_code, mixed"),
        "{body}"
    );
    let (_, body) = control(&client, Method::GET, "/switches", None).await;
    assert_eq!(
        body["duplicate_reference"], "refuse",
        "a change that is wrong in part changes nothing"
    );

    let rules = json!([{ "operation": "getRewardAccount", "nth": 1, "kind": "server-error" }]);
    assert_eq!(control(&client, Method::POST, "/faults", Some(&rules)).await.0, 200);
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 500);
    let (_, body) = control(&client, Method::GET, "/faults", None).await;
    assert_eq!(
        (&body[0]["fired"], &body[0]["rule"]["when"]),
        (&json!(1), &json!("before"))
    );
    assert_eq!(
        control(&client, Method::POST, "/faults", Some(&json!([{ "kind": "no" }])))
            .await
            .0,
        400
    );
    assert_eq!(control(&client, Method::DELETE, "/faults", None).await.1, json!([]));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_preset_is_listed_and_puts_its_switches_and_faults_in_place_of_those_before() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (_, list) = control(&client, Method::GET, "/presets", None).await;
    let names: Vec<_> = list.as_array().unwrap().iter().map(|preset| &preset["name"]).collect();
    let all: Vec<_> = Preset::ALL.iter().map(|preset| json!(preset.name())).collect();
    assert_eq!(names, all.iter().collect::<Vec<_>>());
    let locked_out = list
        .as_array()
        .unwrap()
        .iter()
        .find(|preset| preset["name"] == "locked-out");
    assert_eq!(locked_out.unwrap()["faults"][0]["operation"], "issueToken");

    let before = json!({ "code_type": "string" });
    control(&client, Method::POST, "/switches", Some(&before)).await;
    let choice = json!({ "name": "locked-out" });
    let (status, now) = control(&client, Method::POST, "/presets", Some(&choice)).await;
    assert_eq!(
        (status.as_u16(), &now["switches"]["code_type"]),
        (200, &json!("documented"))
    );
    assert_eq!(now["faults"].as_array().unwrap().len(), 1);
    let (username, password) = (client.to.username.clone(), client.to.password.clone());
    assert_eq!(client.login(&username, &password).await.0, 401);

    sandbox.apply_preset(Preset::GoodDay);
    assert_eq!(client.login(&username, &password).await.0, 200);
    let unknown = json!({ "name": "payday" });
    let (status, body) = control(&client, Method::POST, "/presets", Some(&unknown)).await;
    assert_eq!(status, 422);
    assert!(body.to_string().contains("payday-from-hell"), "{body}");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn what_the_control_routes_take_is_bounded() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let rule = json!({ "operation": "getRewardAccount", "kind": "server-error" });
    for (count, status) in [(1_000, 200), (1_001, 422)] {
        let rules = json!(vec![&rule; count]);
        assert_eq!(control(&client, Method::POST, "/faults", Some(&rules)).await.0, status);
    }
    let (_, rules) = control(&client, Method::GET, "/faults", None).await;
    assert_eq!(
        rules.as_array().map(Vec::len),
        Some(1_000),
        "what is refused changes nothing"
    );
    for body in [json!(vec![json!({"": 0}); 20_000]), json!("x".repeat(1 << 20))] {
        assert_eq!(control(&client, Method::POST, "/switches", Some(&body)).await.0, 413);
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn log_and_ledger_show_what_happened_and_hold_no_secret_and_no_person() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000001234", 12.5, "REF1").await;
    client.get("/nothing/9000001234").await;
    let (_, log) = control(&client, Method::GET, "/log", None).await;
    assert_eq!(log[1]["operation"], "createAllocatePoints");
    assert_eq!((&log[1]["status"], &log[1]["reference"]), (&json!(200), &json!("REF1")));
    assert_eq!(
        (&log[1]["method"], &log[1]["path"]),
        (&json!("POST"), &json!(client::ALLOCATE))
    );
    assert!(log[1]["milliseconds"].as_f64().unwrap() > 0.0, "{log}");
    assert_eq!((&log[2]["status"], &log[2]["path"]), (&json!(404), &json!("/…")));
    let (_, ledger) = control(&client, Method::GET, "/ledger?reference=REF1", None).await;
    assert_eq!(
        (&ledger[0]["amount"], &ledger[0]["purpose"]),
        (&json!(12.5), &json!("ALLOCATE_POINT"))
    );
    assert_eq!(
        control(&client, Method::GET, "/ledger?reference=REF2", None).await.1,
        json!([])
    );
    let (_, overview) = control(&client, Method::GET, "", None).await;
    assert!(
        overview["stated_paths"]["searchCatalog"]
            .as_str()
            .unwrap()
            .starts_with("POST /api/v0/"),
        "{overview}"
    );

    let to = &client.to;
    let secrets = [
        &client.token,
        &to.client_secret,
        &to.password,
        &to.username,
        "9000001234",
        "Meera",
        "meera@example.com",
    ];
    for shown in [
        log,
        ledger,
        overview,
        json!(format!("{:?} {:?} {:?}", sandbox.log(), sandbox, to)),
    ] {
        let shown = shown.to_string();
        for secret in secrets {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn extra_records_and_mutations_are_set_over_http() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000001234", 5.0, "REF1").await;
    let records = json!([
        { "reference": "REF1", "mobile": "9000001234", "amount": 5, "with": { "status": "FAILED" } },
        { "reference": "REF1", "mobile": "9000001234", "amount": "0.5", "debit": true, "without": ["txnDate"] },
    ]);
    let (status, body) = control(&client, Method::POST, "/records", Some(&records)).await;
    assert_eq!((status.as_u16(), &body["added"]), (200, &json!(2)));
    let count =
        async || client.post(client::TRANSACTIONS, &client.account()).await.1["payload"]["recordsCount"].clone();
    assert_eq!(count().await, 3);
    let wrong = json!([{ "reference": "REF1", "mobile": "9000001234", "amount": 5, "state": "FAILED" }]);
    let (status, body) = control(&client, Method::POST, "/records", Some(&wrong)).await;
    assert_eq!(status, 400);
    assert!(
        body["response_message"]
            .as_str()
            .unwrap()
            .contains("unknown field `state`"),
        "{body}"
    );
    assert_eq!(control(&client, Method::DELETE, "/records", None).await.0, 200);
    assert_eq!(count().await, 1);

    let mutations = json!([{ "status": 206 }, { "set": { "at": "payload.recordsCount", "raw": "28" } }]);
    let rules = json!([{ "operation": "searchTransactions", "kind": "mutated-response", "mutations": mutations }]);
    assert_eq!(control(&client, Method::POST, "/faults", Some(&rules)).await.0, 200);
    assert_eq!(count().await, 28);
    let (_, shown) = control(&client, Method::GET, "/faults", None).await;
    assert_eq!(
        (&shown[0]["rule"]["mutations"], &shown[0]["fired"]),
        (&mutations, &json!(1))
    );
    let wrong = json!([{ "kind": "mutated-response", "mutations": [{ "status": 20 }] }]);
    let (status, body) = control(&client, Method::POST, "/faults", Some(&wrong)).await;
    assert_eq!(status, 400);
    assert!(
        body["response_message"].as_str().unwrap().contains("from 200 to 599"),
        "{body}"
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn tokens_are_revoked_and_locks_are_lifted() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    control(&client, Method::POST, "/tokens/revoke", None).await;
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 401);
    for _ in 0..3 {
        client.login(&client.to.username, "wrong").await;
    }
    let unlock = json!({ "username": client.to.username });
    assert_eq!(control(&client, Method::POST, "/unlock", Some(&unlock)).await.0, 200);
    assert_eq!(client.login(&client.to.username, &client.to.password).await.0, 200);
    assert_eq!(
        control(&client, Method::POST, "/unlock", Some(&json!({ "username": "nobody" })))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn the_served_document_names_paths_that_are_served() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let (_, document) = control(&client, Method::GET, "/openapi.json", None).await;
    assert_eq!(document, serde_json::from_str::<Value>(&sandbox.document()).unwrap());
    assert_eq!(document["servers"][0]["url"], client.to.url);
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "patch"]
            .into_iter()
            .filter(|method| item.get(method).is_some())
        {
            let path = path.replace(['{', '}'], "x");
            let request = client.http.request(
                method.to_uppercase().parse().unwrap(),
                format!("{}{path}", client.to.url),
            );
            let (status, _) = reply(request.send().await.unwrap()).await;
            assert!(![404, 405].contains(&status.as_u16()), "{method} {path}: {status}");
            count += 1;
        }
    }
    assert_eq!(count, Operation::ALL.len());
}

#[tokio::test]
async fn only_the_own_host_and_origin_reach_the_control_routes() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let port = sandbox.address().port();
    let ask = async |host: String, origin: Option<String>| {
        let request = client
            .http
            .get(format!("{}/_sandbox/clock", client.to.url))
            .header("host", host);
        let request = origin
            .into_iter()
            .fold(request, |request, origin| request.header("origin", origin));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(format!("127.0.0.1:{port}"), None).await, 200);
    assert_eq!(
        ask(format!("localhost:{port}"), Some(format!("http://localhost:{port}"))).await,
        200
    );
    assert_eq!(
        ask(format!("evil.example:{port}"), None).await,
        403,
        "a name bound to the loopback address"
    );
    assert_eq!(ask("127.0.0.1".to_owned(), None).await, 403, "another port");
    assert_eq!(ask(format!("127.0.0.1.evil.example:{port}"), None).await, 403);
    for origin in [
        "http://evil.example",
        "null",
        "https://localhost",
        "http://localhost:1",
        "",
    ] {
        assert_eq!(
            ask(format!("127.0.0.1:{port}"), Some(origin.to_owned())).await,
            403,
            "{origin}"
        );
    }
    // A form of another site cannot send JSON without being asked first.
    let request = client
        .http
        .post(format!("{}/_sandbox/clock", client.to.url))
        .body("{\"advance_seconds\":1}");
    assert_eq!(request.send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn the_health_route_answers_under_every_host_and_shows_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let url = format!("{}/_sandbox/health", client.to.url);
    for host in ["localhost:8080", "10.1.2.3:4010", "enkash", "evil.test"] {
        let request = client.http.get(&url).header("host", host);
        let (status, body) = reply(request.send().await.unwrap()).await;
        assert_eq!((status.as_u16(), &body["status"]), (200, &json!("ok")), "{host}");
        let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["status", "uptime_seconds", "version"]);
    }
    let (status, _) = reply(client.http.post(&url).send().await.unwrap()).await;
    assert_eq!(status, 405);
    assert!(sandbox.calls(Operation::IssueToken) == 0);
}
