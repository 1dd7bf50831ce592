//! A caller that knows nothing but HTTP and JSON, so that no type of a client crate can hide a mistake of the sandbox.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use enkash_sandbox::{Credentials, Sandbox};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const ALLOCATE: &str = "/api/v0/partner/enKashCard/create-allocate-points";
pub(crate) const BULK: &str = "/api/v0/partner/enKashCard/bulk-create-allocate-points-json";
pub(crate) const ACCOUNT: &str = "/api/v0/partner/enKashCard/cardAccount/get";
pub(crate) const SEARCH: &str = "/api/v0/partner/enKashCard/search";
pub(crate) const TRANSACTIONS: &str = "/api/v0/partner/enKashCard/transaction/all";
pub(crate) const SSO: &str = "/api/v0/partner/enKashCard/sso-token";
pub(crate) const CART: &str = "/api/v0/cart?product=VOUCHER";
pub(crate) const ORDER: &str = "/api/v0/partner/create-order";

/// Synthetic person of the default seed who has a card and a login.
pub(crate) const HOLDER: &str = "9000000901";

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) to: Credentials,
    pub(crate) token: String,
}

/// Waits until this is so. After a minute it fails: a test that waits for ever does not say for what.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !is_so() {
        assert!(started.elapsed().as_secs() < 60, "it never came: {what}");
        tokio::task::yield_now().await;
    }
}

/// A status and a JSON body (null where there is none).
pub(crate) type Reply = (StatusCode, Value);

pub(crate) async fn reply(response: Response) -> Reply {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

impl Client {
    /// A client that is not logged in.
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let http = enkash_api::http_client_builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Client {
            http,
            to: sandbox.credentials().clone(),
            token: String::new(),
        }
    }

    /// A client with the partner's token.
    pub(crate) async fn partner(sandbox: &Sandbox) -> Self {
        Client::logged_in(sandbox, &sandbox.credentials().username).await
    }

    /// A client with the card holder's token.
    pub(crate) async fn holder(sandbox: &Sandbox) -> Self {
        Client::logged_in(sandbox, HOLDER).await
    }

    async fn logged_in(sandbox: &Sandbox, username: &str) -> Self {
        let mut client = Client::new(sandbox);
        let password = client.to.password.clone();
        let (status, body) = client.login(username, &password).await;
        assert_eq!(status, 200, "{body}");
        client.token = body["access_token"].as_str().unwrap().to_owned();
        client
    }

    pub(crate) fn login_request(&self, username: &str, password: &str) -> RequestBuilder {
        let form = [
            ("username", username),
            ("password", password),
            ("grant_type", "password"),
            ("clientId", &self.to.client_id),
        ];
        let request = self.http.post(format!("{}/oauth/token", self.to.url));
        request
            .basic_auth(&self.to.client_id, Some(&self.to.client_secret))
            .form(&form)
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Reply {
        reply(self.login_request(username, password).send().await.unwrap()).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.to.url));
        request
            .bearer_auth(&self.token)
            .header("partnerId", &self.to.partner_id)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        reply(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Reply {
        reply(self.request(Method::PATCH, path).json(body).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        reply(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// The body that names the announced account.
    pub(crate) fn account(&self) -> Value {
        json!({ "companyId": self.to.company_id, "cardAccountId": self.to.card_account_id })
    }

    /// The body of a credit for a new or known person.
    pub(crate) fn credit(&self, mobile: &str, amount: &Value, reference: &str) -> Value {
        json!({
            "companyId": self.to.company_id, "cardAccountId": self.to.card_account_id,
            "transactionCode": "ALLOCATION", "transactionType": "CR", "type": "ALLOCATE_POINT",
            "title": "Ms", "firstName": "Meera", "gender": "F", "email": "meera@example.com", "mobile": mobile,
            "loadAmount": amount, "uniqueReferenceNumber": reference,
        })
    }

    /// The body that takes points back.
    pub(crate) fn debit(&self, mobile: &str, amount: &Value, reference: &str) -> Value {
        let mut body = self.credit(mobile, amount, reference);
        body["transactionType"] = json!("DR");
        body["type"] = json!("UNALLOCATE_POINT");
        body
    }

    pub(crate) async fn give(&self, mobile: &str, amount: f64, reference: &str) -> Reply {
        self.post(ALLOCATE, &self.credit(mobile, &json!(amount), reference))
            .await
    }

    pub(crate) async fn take(&self, mobile: &str, amount: f64, reference: &str) -> Reply {
        self.post(ALLOCATE, &self.debit(mobile, &json!(amount), reference))
            .await
    }
}

/// A failure in a 200, with these words in the documented places.
pub(crate) fn assert_failure(reply: &Reply, words: &str) {
    let (status, body) = reply;
    assert_eq!(*status, 200, "{body}");
    assert_eq!(
        *body,
        json!({ "response_code": 1, "response_message": words, "payload": words })
    );
}

/// An error status whose body names what is wrong.
pub(crate) fn assert_error(reply: &Reply, status: u16, words: &str) {
    assert_eq!(reply.0, status, "{}", reply.1);
    let message = reply.1["response_message"].as_str().unwrap_or_default();
    assert!(message.contains(words), "{message:?} does not say {words:?}");
}

/// What every test ends with: every response was as documented, and every sum is right.
pub(crate) fn assert_sound(sandbox: &Sandbox) {
    assert_eq!(sandbox.violations(), Vec::<String>::new());
    assert_eq!(sandbox.audit(), Vec::<String>::new());
}
