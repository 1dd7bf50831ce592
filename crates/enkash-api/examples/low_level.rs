//! The low level alone: a token by hand, and one call with it. Nothing here counts strikes, repeats reads or judges money calls.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use base64::{Engine, prelude::BASE64_STANDARD};
use enkash_api::{
    Client,
    types::{RewardAccountRequest, TokenRequest},
};
use enkash_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?; // in place of the API
    let to = sandbox.credentials();

    let basic = BASE64_STANDARD.encode(format!("{}:{}", to.client_id, to.client_secret));
    let login = TokenRequest::builder()
        .client_id(&to.client_id)
        .username(to.username.as_str())
        .password(to.password.as_str())
        .grant_type("password");
    let client = Client::unauthenticated(&to.url)?;
    let token = client
        .clone()
        .authorization(format!("Basic {basic}"))?
        .issue_token()
        .body(login)
        .send()
        .await?
        .into_inner();

    let account = RewardAccountRequest::builder()
        .company_id(&to.company_id)
        .card_account_id(&to.card_account_id);
    let response = client
        .bearer(&token.access_token.ok_or("no token")?)?
        .get_reward_account()
        .partner_id(&to.partner_id)
        .body(account)
        .send()
        .await?
        .into_inner();
    let account = response.payload.and_then(|payload| payload.into_value());
    println!("left: {:?}", account.and_then(|account| account.available_balance));
    Ok(())
}
