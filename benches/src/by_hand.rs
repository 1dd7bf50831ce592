//! What somebody writes who has no client: JSON over reqwest, and over reqwest with the token layer as its middleware.

use enkash::token::{TokenMiddleware, TokenSource};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::{Value, json};

use crate::{ACCOUNT_PATH, ALLOCATE_PATH, Address, Client};

#[derive(Clone)]
pub(crate) struct ByHand<H> {
    http: H,
    address: Address,
}

impl ByHand<reqwest::Client> {
    pub(crate) fn new(http: reqwest::Client, address: &Address) -> Self {
        let address = address.clone();
        Self { http, address }
    }
}

impl ByHand<ClientWithMiddleware> {
    pub(crate) fn with_middleware(http: reqwest::Client, tokens: TokenSource, address: &Address) -> Self {
        Self {
            http: ClientBuilder::new(http).with(TokenMiddleware::new(tokens)).build(),
            address: address.clone(),
        }
    }
}

/// Posts JSON.
pub(crate) trait Post: Clone + Send + Sync + 'static {
    fn post(&self, url: String, partner: &str, body: Value) -> impl Future<Output = reqwest::Response> + Send;
}

impl Post for reqwest::Client {
    async fn post(&self, url: String, partner: &str, body: Value) -> reqwest::Response {
        let call = self.post(url).header("partnerId", partner).json(&body);
        call.send().await.unwrap()
    }
}

impl Post for ClientWithMiddleware {
    async fn post(&self, url: String, partner: &str, body: Value) -> reqwest::Response {
        let call = self.post(url).header("partnerId", partner);
        let call = call.header("content-type", "application/json").body(body.to_string());
        call.send().await.unwrap()
    }
}

impl<H: Post> ByHand<H> {
    async fn call(&self, path: &str, body: Value) {
        let url = format!("{}{path}", self.address.url);
        let answer = self.http.post(url, &self.address.partner, body).await;
        assert!(answer.json::<Value>().await.unwrap()["payload"].is_object());
    }
}

impl<H: Post> Client for ByHand<H> {
    async fn read(&self) {
        let body = json!({"companyId": self.address.company, "cardAccountId": self.address.account});
        self.call(ACCOUNT_PATH, body).await;
    }

    async fn allocate(&self, reference: String) {
        let body = json!({
            "companyId": self.address.company,
            "cardAccountId": self.address.account,
            "transactionCode": "ALLOCATION",
            "transactionType": "CR",
            "type": "ALLOCATE_POINT",
            "loadAmount": 1.25,
            "uniqueReferenceNumber": reference,
            "title": "Mr",
            "firstName": "Ashwini",
            "email": "ashwini@example.com",
            "mobile": "9000000002",
            "gender": "M",
        });
        self.call(ALLOCATE_PATH, body).await;
    }
}
