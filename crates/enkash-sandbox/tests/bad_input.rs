//! Bad input gets what a real server gives, and never a panic.

mod client;

use client::{ACCOUNT, ALLOCATE, CART, Client, assert_error, assert_sound, reply};
use enkash_sandbox::{Operation, Sandbox};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn what_is_not_json_is_400() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let deep = "[".repeat(60_000);
    for body in [
        "{",
        "",
        "\u{feff}{}",
        "{\"a\":1}}",
        "{\"companyId\":\"\\ud800\"}",
        &deep,
        "{\"loadAmount\":1e999}",
    ] {
        let request = client
            .request(Method::POST, ACCOUNT)
            .header("content-type", "application/json");
        let reply = reply(request.body(body.to_owned()).send().await.unwrap()).await;
        assert_error(&reply, 400, "The body");
    }
    let request = client
        .request(Method::POST, ACCOUNT)
        .header("content-type", "application/json");
    let reply = reply(request.body(vec![0xff, 0xfe]).send().await.unwrap()).await;
    assert_error(&reply, 400, "not JSON: line 1");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn json_of_another_shape_is_422_and_the_place_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for body in [json!([]), json!(null), json!("text"), json!(5)] {
        assert_eq!(client.post(ACCOUNT, &body).await.0, 422, "{body}");
    }
    let body = json!({ "companyId": 5, "cardAccountId": null });
    let reply = client.post(ACCOUNT, &body).await;
    assert_error(&reply, 422, "companyId: ");
    assert_error(&reply, 422, "cardAccountId: ");
    let body = json!({ "productCatalogId": "PC0", "items": { "PCN0": { "quantity": "many" } } });
    assert_error(&client.post(CART, &body).await, 422, "items.PCN0.quantity");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_value_that_it_refuses() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let mut body = client.credit("9000001234", &json!("s3cret-amount"), "A");
    body["title"] = json!("s3cret-title");
    let (status, body) = client.post(ALLOCATE, &body).await;
    assert_eq!(status, 422);
    assert!(!body.to_string().contains("s3cret"), "{body}");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_404_and_405() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for path in [
        "/nothing",
        "/api/v0/nothing",
        "/api/v0/partner/enKashCard/create-allocate-points/",
        "//",
        "/oauth/token/x",
    ] {
        assert_error(&client.get(path).await, 404, "No operation has this path");
    }
    let response = client.request(Method::DELETE, "/api/v0/cart").send().await.unwrap();
    let allow = response.headers()["allow"].to_str().unwrap().to_owned();
    assert!(
        ["GET", "POST", "PATCH"].iter().all(|method| allow.contains(method)),
        "{allow}"
    );
    assert_error(&reply(response).await, 405, "no such method");
    for method in [
        Method::PUT,
        Method::TRACE,
        Method::OPTIONS,
        Method::from_bytes(b"BREW").unwrap(),
    ] {
        let reply = reply(client.request(method, ACCOUNT).send().await.unwrap()).await;
        assert_error(&reply, 405, "no such method");
    }
    assert_eq!(sandbox.calls(Operation::GetRewardAccount), 0);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let sandbox = Sandbox::builder().body_limit(1_000).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let mut body = client.account();
    body["filler"] = json!("x".repeat(2_000));
    assert_error(&client.post(ACCOUNT, &body).await, 413, "larger than 1000 bytes");
    body["filler"] = json!("x".repeat(500));
    assert_eq!(client.post(ACCOUNT, &body).await.0, 200);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_body_of_many_short_values_is_413() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for body in [
        json!(vec![json!({"": 0}); 20_000]),
        json!({ "companyId": vec![0; 100_000] }),
        json!(vec![json!({}); 100_000]),
    ] {
        assert_error(&client.post(ACCOUNT, &body).await, 413, "more JSON values than");
    }
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for (count, length) in [(1, 500_000), (150, 10)] {
        let mut request = client.request(Method::POST, ACCOUNT).json(&client.account());
        for number in 0..count {
            request = request.header(format!("x-{number}"), "x".repeat(length));
        }
        // Where the rest of a long head is still being written, the response may be lost to a reset.
        let status = request.send().await.map(|response| response.status().as_u16());
        assert!(matches!(status, Err(_) | Ok(431)), "{status:?}");
    }
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn another_media_type_is_415() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "",
    ] {
        let request = client.request(Method::POST, ACCOUNT).body(client.account().to_string());
        let request = if media.is_empty() {
            request
        } else {
            request.header("content-type", media)
        };
        assert_error(
            &reply(request.send().await.unwrap()).await,
            415,
            "must be application/json",
        );
    }
    let request = client
        .request(Method::POST, ACCOUNT)
        .header("content-type", "Application/JSON; charset=utf-8");
    let reply = reply(request.body(client.account().to_string()).send().await.unwrap()).await;
    assert_eq!(reply.0, 200);

    // The document has no 415 for a login: OAuth calls any malformed request 400.
    let request = client.http.post(format!("{}/oauth/token", client.to.url));
    let request = request
        .basic_auth(&client.to.client_id, Some(&client.to.client_secret))
        .json(&json!({}));
    let (status, body) = client::reply(request.send().await.unwrap()).await;
    assert_eq!((status.as_u16(), &body["error"]), (400, &json!("invalid_request")));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn the_token_is_looked_at_before_the_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let request = client.request(Method::POST, ACCOUNT).body("{");
    assert_eq!(reply(request.send().await.unwrap()).await.0, 401);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn odd_values_in_paths_and_queries_are_only_values() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    for value in ["%00", "%2e%2e%2f", "%F0%9F%92%B0", "a%20b", "'%3B--", "%7B%7D"] {
        assert_eq!(
            client.get(&format!("/api/v0/enkash-coins/{value}")).await.0,
            404,
            "{value}"
        );
        assert_eq!(
            client.get(&format!("/api/v0/coins/balance?userId={value}")).await.0,
            200,
            "{value}"
        );
    }
    assert_error(&client.get("/api/v0/enkash-coins/%FF").await, 400, "not UTF-8");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn what_is_not_http_ends_the_connection_and_not_the_sandbox() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(b"this is not HTTP\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(
        answer.starts_with(b"HTTP/1.1 400"),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
    let client = Client::partner(&sandbox).await;
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    assert_sound(&sandbox);
}
