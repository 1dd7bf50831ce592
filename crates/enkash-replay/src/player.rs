//! Plays exchanges in their order against one sandbox, and compares each response. The search plays a recording once for each
//! setting of the switches, always on a fresh sandbox.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enkash_recording::{Exchange, Message};
use enkash_sandbox::seed::PersonSeed;
use enkash_sandbox::{Sandbox, Seed, Switches};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::answer::{Answer, text_of, token};
use crate::error::ReplayError;
use crate::report::{Comparison, Verdict};
use crate::substitution::Substitution;

/// More people of a recording than this are not in the seed.
const MAX_PEOPLE: usize = 500;

const FORM: &str = "application/x-www-form-urlencoded";

/// An exchange that can be played, with its operation.
pub(crate) struct Scene<'a> {
    pub(crate) operation: String,
    pub(crate) exchange: &'a Exchange,
}

/// Plays on sandboxes of one seed.
pub(crate) struct Player<'a> {
    scenes: Vec<Scene<'a>>,
    http: reqwest::Client,
    seed: Seed,
    /// Whether numbers of the recording are those that were sent: a redacted one has others.
    has_counts: bool,
}

impl<'a> Player<'a> {
    pub(crate) fn new(scenes: Vec<Scene<'a>>, has_counts: bool) -> Result<Self, ReplayError> {
        let http = enkash_api::http_client_builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let mut seed = Seed::small();
        seed = seed.account_balance(1_000_000_000_000_i64);
        for mobile in mobiles(&scenes, &seed) {
            let mut person = PersonSeed::new(mobile).first_name("Asha").balance(100_000);
            "asha@example.com".clone_into(&mut person.email);
            seed = seed.person(person);
        }
        Ok(Self {
            scenes,
            http,
            seed,
            has_counts,
        })
    }

    /// Plays all of it.
    pub(crate) async fn play(&self, switches: Switches) -> Result<Comparison, ReplayError> {
        let builder = Sandbox::builder()
            .seed(self.seed.clone())
            .switches(switches)
            .check_responses(false);
        let sandbox = builder.start().await?;
        let mut play = Play {
            http: &self.http,
            sandbox: &sandbox,
            token: None,
            substitution: Substitution::new(sandbox.credentials(), Vec::new()),
        };
        let mut existing = Vec::new();
        existing.extend(
            self.seed
                .catalogue
                .first()
                .map(|product| ("productCatalogId", product.id.clone())),
        );
        if self.scenes.iter().any(|scene| names_a_card(scene.exchange)) {
            existing.extend(play.any_card().await?.map(|card| ("enKashCardId", card)));
        }
        play.substitution = Substitution::new(sandbox.credentials(), existing);
        let mut comparison = Comparison::default();
        for scene in &self.scenes {
            let verdict = play.scene(scene, self.has_counts).await?;
            comparison.add(&scene.operation, verdict);
        }
        sandbox.shutdown().await;
        Ok(comparison)
    }
}

/// One play on one sandbox.
struct Play<'a> {
    http: &'a reqwest::Client,
    sandbox: &'a Sandbox,
    token: Option<String>,
    substitution: Substitution,
}

impl Play<'_> {
    async fn scene(&mut self, scene: &Scene<'_>, has_counts: bool) -> Result<Verdict, ReplayError> {
        let exchange = scene.exchange;
        let recorded = Answer::recorded(exchange);
        let is_login = scene.operation == "issueToken";
        let answered = match is_login {
            true => self.login(exchange, recorded.is_success()).await?,
            false => self.call(scene).await?,
        };
        if let (Some(one), Some(other)) = (&recorded.json, &answered.json) {
            self.substitution.learn(one, other, 0);
        }
        if is_login && answered.is_success() {
            self.token = answered.json.as_ref().and_then(token);
        }
        Ok(recorded.compare(&answered, has_counts))
    }

    /// Logs in as the recording did, with the sandbox's credentials, or with wrong ones where the recorded login failed.
    async fn login(&self, exchange: &Exchange, is_accepted: bool) -> Result<Answer, ReplayError> {
        let credentials = self.sandbox.credentials();
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(exchange.request.body.bytes().unwrap_or_default()) {
            let value = match name.as_ref() {
                "username" => credentials.username.as_str().into(),
                "password" if is_accepted => credentials.password.as_str().into(),
                "password" => "wrong".into(),
                "clientId" => credentials.client_id.as_str().into(),
                _ => value,
            };
            form.append_pair(&name, &value);
        }
        self.send_login(form.finish()).await
    }

    async fn send_login(&self, form: String) -> Result<Answer, ReplayError> {
        let credentials = self.sandbox.credentials();
        let basic = STANDARD.encode(format!("{}:{}", credentials.client_id, credentials.client_secret));
        let request = self.http.post(format!("{}/oauth/token", self.sandbox.url()));
        let request = request
            .header(AUTHORIZATION, format!("Basic {basic}"))
            .header(CONTENT_TYPE, FORM)
            .body(form);
        Answer::received(request.send().await?).await
    }

    /// The token of the last login, or of one that the recording does not show.
    async fn bearer(&mut self) -> Result<String, ReplayError> {
        if self.token.is_none() {
            let credentials = self.sandbox.credentials();
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("username", &credentials.username)
                .append_pair("password", &credentials.password);
            form.append_pair("grant_type", "password")
                .append_pair("clientId", &credentials.client_id);
            self.token = self.send_login(form.finish()).await?.json.as_ref().and_then(token);
        }
        Ok(self.token.clone().unwrap_or_default())
    }

    async fn call(&mut self, scene: &Scene<'_>) -> Result<Answer, ReplayError> {
        // What a recorded 401 says is that the token was not good.
        let token = match scene.exchange.status {
            401 => "not-a-token".to_owned(),
            _ => self.bearer().await?,
        };
        let exchange = scene.exchange;
        let parameter = match scene.operation.as_str() {
            "getProductConfigs" => "productCatalogId",
            _ => "",
        };
        let last = exchange.path.split('/').count() - 1;
        let path = exchange.path.split('/').enumerate();
        let path: Vec<_> = path
            .map(|(at, segment)| self.substitution.text(if at == last { parameter } else { "" }, segment))
            .collect();
        let method = reqwest::Method::from_bytes(exchange.method.as_bytes()).unwrap_or(reqwest::Method::GET);
        let query: Vec<_> = exchange
            .query
            .iter()
            .map(|(name, value)| (name, self.substitution.text(name, value)))
            .collect();
        let mut request = self
            .http
            .request(method, format!("{}{}", self.sandbox.url(), path.join("/")))
            .query(&query);
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        // A recording that has no header but that of the body may have lost them.
        let has_headers = exchange.request.headers.iter().any(|(name, _)| name != "content-type");
        if !has_headers || exchange.request.header("partnerid").is_some() {
            request = request.header("partnerId", &self.sandbox.credentials().partner_id);
        }
        if let Some(bytes) = exchange.request.body.bytes() {
            let body = match serde_json::from_slice::<Value>(bytes) {
                Ok(value) => self.substitution.body("", &value, 0).to_string().into_bytes(),
                Err(_) => bytes.to_vec(),
            };
            // What a recording says of itself is no header to be sent.
            let is_form = exchange.request.media_type().as_deref() == Some(FORM);
            let media_type = if is_form { FORM } else { "application/json" };
            request = request.header(CONTENT_TYPE, media_type).body(body);
        }
        Answer::received(request.send().await?).await
    }

    /// The id of a card that exists.
    async fn any_card(&mut self) -> Result<Option<String>, ReplayError> {
        let token = self.bearer().await?;
        let credentials = self.sandbox.credentials();
        let body =
            serde_json::json!({"companyId": credentials.company_id, "cardAccountId": credentials.card_account_id});
        let url = format!("{}/api/v0/partner/enKashCard/search", self.sandbox.url());
        let request = self.http.post(url).header(AUTHORIZATION, format!("Bearer {token}"));
        let request = request
            .header("partnerId", &credentials.partner_id)
            .header(CONTENT_TYPE, "application/json");
        let answer = Answer::received(request.body(body.to_string()).send().await?).await?;
        Ok(answer.json.as_ref().and_then(|json| text_of(json, "enKashCardId", 0)))
    }
}

fn names_a_card(exchange: &Exchange) -> bool {
    let body = json_body(&exchange.request);
    body.is_some_and(|body| {
        ["enKashCardId", "enkashCardId"]
            .iter()
            .any(|name| text_of(&body, name, 0).is_some())
    })
}

/// The people that the requests name before they describe them, and that the seed does not have.
fn mobiles(scenes: &[Scene<'_>], seed: &Seed) -> BTreeSet<String> {
    let accounts = seed.companies.iter().flat_map(|company| &company.accounts);
    let people = accounts.flat_map(|account| account.people.iter().chain(&account.primary));
    let mut found: BTreeMap<String, bool> = people.map(|person| (person.mobile.clone(), true)).collect();
    for scene in scenes {
        if let Some(body) = json_body(&scene.exchange.request) {
            collect_mobiles(&body, &mut found, 0);
        }
    }
    let unknown = found.into_iter().filter(|(_, is_described)| !is_described);
    unknown.map(|(mobile, _)| mobile).take(MAX_PEOPLE).collect()
}

/// Whether each person was described where it stood first: such a one is new.
fn collect_mobiles(value: &Value, found: &mut BTreeMap<String, bool>, depth: usize) {
    match value {
        Value::Object(map) => {
            let is_mobile = |text: &&str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(mobile) = map.get("mobile").and_then(Value::as_str).filter(is_mobile) {
                let is_described = map.contains_key("firstName") || map.contains_key("name");
                found.entry(mobile.to_owned()).or_insert(is_described);
            }
            let values = map.values().filter(|_| depth < 8);
            values.for_each(|value| collect_mobiles(value, found, depth + 1));
        }
        Value::Array(values) => {
            let values = values.iter().filter(|_| depth < 8);
            values.for_each(|value| collect_mobiles(value, found, depth + 1));
        }
        _ => {}
    }
}

pub(crate) fn json_body(message: &Message) -> Option<Value> {
    serde_json::from_slice(message.body.bytes()?).ok()
}
