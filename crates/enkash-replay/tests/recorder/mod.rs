//! Calls a server as a client would, and keeps what was said as a recording of plain pairs.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

use enkash_recording::Recording;
use enkash_sandbox::Credentials;
use serde_json::{Value, json};

pub(crate) struct Recorder {
    http: reqwest::Client,
    to: Credentials,
    token: String,
    pairs: Vec<Value>,
}

impl Recorder {
    pub(crate) fn new(to: &Credentials) -> Self {
        Self {
            http: enkash_api::http_client_builder().no_proxy().build().unwrap(),
            to: to.clone(),
            token: String::new(),
            pairs: Vec::new(),
        }
    }

    /// Calls another server than the sandbox that the credentials are of.
    pub(crate) fn to(url: &str, credentials: &Credentials) -> Self {
        let mut recorder = Self::new(credentials);
        url.clone_into(&mut recorder.to.url);
        recorder
    }

    pub(crate) async fn login(&mut self) {
        let username = self.to.username.clone();
        self.login_as(&username).await;
    }

    pub(crate) async fn login_as(&mut self, username: &str) {
        let to = self.to.clone();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("username", username)
            .append_pair("password", &to.password);
        form.append_pair("grant_type", "password")
            .append_pair("clientId", &to.client_id);
        let form = form.finish();
        let request = self.http.post(format!("{}/oauth/token", to.url));
        let request = request.basic_auth(&to.client_id, Some(&to.client_secret));
        let media_type = "application/x-www-form-urlencoded";
        let request = request.header("content-type", media_type).body(form.clone());
        let body = self
            .keep("POST", "/oauth/token", media_type, json!(form), request)
            .await;
        let token = ["/access_token", "/accessToken", "/payload/access_token"];
        let token = token.iter().find_map(|at| body.pointer(at)?.as_str());
        token.unwrap_or_default().clone_into(&mut self.token);
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Value {
        let request = self
            .http
            .post(format!("{}{path}", self.to.url))
            .bearer_auth(&self.token);
        let request = request
            .header("partnerId", &self.to.partner_id)
            .header("content-type", "application/json");
        let request = request.body(body.to_string());
        self.keep("POST", path, "application/json", body.clone(), request).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.to.url)).bearer_auth(&self.token);
        let request = request.header("partnerId", &self.to.partner_id);
        self.keep("GET", path, "application/json", Value::Null, request).await
    }

    pub(crate) async fn allocate(&mut self, mobile: &str, reference: &str) {
        let body = json!({
            "companyId": self.to.company_id, "cardAccountId": self.to.card_account_id,
            "transactionCode": "ALLOCATION", "transactionType": "CR", "type": "ALLOCATE_POINT",
            "title": "Ms", "firstName": "Meera", "gender": "F", "email": "meera@example.com", "mobile": mobile,
            "loadAmount": 10, "uniqueReferenceNumber": reference,
        });
        self.post("/api/v0/partner/enKashCard/create-allocate-points", &body)
            .await;
    }

    async fn keep(
        &mut self,
        method: &str,
        path: &str,
        sent: &str,
        body: Value,
        request: reqwest::RequestBuilder,
    ) -> Value {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let received = response
            .headers()
            .get("content-type")
            .map(|value| value.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
        let headers = received.map_or(json!({}), |received| json!({"content-type": received}));
        self.pairs.push(json!({
            "request": {"method": method, "url": path, "headers": {"content-type": sent, "partnerid": "x"}, "body": body},
            "response": {"status": status, "headers": headers, "body": json},
        }));
        json
    }

    pub(crate) fn recording(&self) -> Recording {
        let text = Value::Array(self.pairs.clone()).to_string();
        Recording::from_slice(text.as_bytes()).unwrap()
    }
}
