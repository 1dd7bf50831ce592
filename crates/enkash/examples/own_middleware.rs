//! The token layer alone, in a `reqwest` client with middleware of your own. Needs the feature `middleware`.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use enkash::{
    Credentials,
    token::{TokenMiddleware, TokenSource},
};
use enkash_sandbox::Sandbox;
use reqwest_middleware::ClientBuilder;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let to = sandbox.credentials();
    let tokens = TokenSource::builder(&to.url)
        .credentials(Credentials::new(
            &to.client_id,
            &to.client_secret,
            &to.username,
            &to.password,
        ))
        .build()?;
    // Innermost, next to the client: your own layers go before it.
    let client = ClientBuilder::new(enkash::http_client_builder().build()?)
        .with(TokenMiddleware::new(tokens))
        .build();

    let body = json!({"companyId": to.company_id, "cardAccountId": to.card_account_id});
    let response = client
        .post(format!("{}/api/v0/partner/enKashCard/cardAccount/get", to.url))
        .header("partnerId", &to.partner_id)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await?;
    println!("HTTP {}: {}", response.status(), response.text().await?);
    Ok(())
}
