//! A resolver whose answers are given here, in front of a real HTTP client and the sandbox.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use enkash_sandbox::{Operation, Sandbox};

use super::*;
use crate::{
    client::Enkash,
    model::hosts::Hosts,
    outcome::Outcome,
    tests::support as script,
    transport::{
        http_client::{self, Connections},
        sender::{HttpSender, ReqwestSender, SendError},
    },
};

/// Answers in turn; the last one again and again.
struct Answers {
    addresses: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Answers {
    fn of<const N: usize>(answers: [&[&str]; N]) -> Arc<Self> {
        let parsed = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self {
            addresses: Mutex::new(answers.iter().map(parsed).collect()),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolve for Answers {
    fn resolve(&self, _: Name) -> Resolving {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut addresses = self.addresses.lock().unwrap();
        let answer = match addresses.len() {
            1 => addresses[0].clone(),
            _ => addresses.pop_front().unwrap(),
        };
        let answer: Vec<_> = answer.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
        Box::pin(async move { Ok(Box::new(answer.into_iter()) as Addrs) })
    }
}

/// Sends through an HTTP client of the test's.
#[derive(Clone)]
struct Through(reqwest::Client);

impl HttpSender for Through {
    async fn send(&self, _: &reqwest::Client, request: reqwest::Request) -> Result<reqwest::Response, SendError> {
        ReqwestSender.send(&self.0, request).await
    }
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// The sandbox's address by the name `portal.test`, the rule for it, and an HTTP client that keeps to it.
fn by_name(sandbox: &Sandbox, answers: &Arc<Answers>) -> (String, PlainHttpPolicy, reqwest::Client) {
    let base = format!("http://portal.test:{}", sandbox.address().port());
    let rule = PlainHttpPolicy::new(&[url(&base)], Vec::new());
    let http = enkash_api::http_client_builder()
        .no_proxy()
        .dns_resolver(rule.resolver_over(Arc::clone(answers) as _))
        // Each call connects anew, and so resolves anew.
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    (base, rule, http)
}

/// A client of the sandbox by the name `portal.test`, whose token comes by the address.
fn client(sandbox: &Sandbox, answers: &Arc<Answers>) -> Enkash {
    let to = sandbox.credentials();
    let (base, _, http) = by_name(sandbox, answers);
    let tokens = crate::token_source::TokenSource::builder(sandbox.url())
        .credentials(crate::model::credentials::Credentials::new(
            to.client_id.as_str(),
            to.client_secret.as_str(),
            to.username.as_str(),
            to.password.as_str(),
        ))
        .build()
        .unwrap();
    Enkash::builder(Hosts::new(base))
        .token_source(tokens)
        .partner_id(to.partner_id.as_str())
        .build_with_sender(Through(http))
        .unwrap()
}

#[tokio::test]
async fn a_name_is_connected_to_only_where_it_resolves_to_loopback_at_that_moment() {
    let sandbox = Sandbox::start().await.unwrap();
    let to = sandbox.credentials();
    // TEST-NET-1: nobody is there, and nobody is asked.
    let answers = Answers::of([&["127.0.0.1"], &["127.0.0.1", "192.0.2.1"]]);
    let enkash = client(&sandbox, &answers);
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    rewards.account().await.unwrap();
    // DNS says something else now.
    let Outcome::NotSent(error) = rewards.allocate(script::allocation()).await else {
        panic!("nothing was sent");
    };
    assert!(!error.was_sent());
    let text = error.to_string();
    assert!(
        text.contains("portal.test over plain http: it resolves to 192.0.2.1"),
        "{text}"
    );
    assert_eq!(answers.asked.load(Ordering::Relaxed), 2);
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 0);
}

#[tokio::test]
async fn a_log_in_does_not_go_to_a_name_that_resolves_elsewhere() {
    let sandbox = Sandbox::start().await.unwrap();
    let (base, rule, http) = by_name(&sandbox, &Answers::of([&["192.0.2.1"]]));
    let tokens = crate::token_source::TokenSource::builder(base)
        .credentials(crate::model::credentials::Credentials::new(
            "client", "secret", "user", "password",
        ))
        .with_http_client(http, rule, false)
        .build()
        .unwrap();
    let error = tokens.access_token().await.unwrap_err().to_string();
    assert!(
        error.contains("the login was not sent: credentials are not sent to portal.test over plain http"),
        "{error}"
    );
    assert_eq!(tokens.state().strikes, 0);
}

#[tokio::test]
async fn every_address_of_a_bound_name_must_be_loopback_and_other_names_are_left_alone() {
    let rule = PlainHttpPolicy::new(
        &[
            url("http://Local.Test:1"),
            url("http://stub.test"),
            url("https://api.test"),
        ],
        vec!["STUB.test".to_owned()],
    );
    for (name, addresses, is_fine) in [
        ("local.test", ["127.0.0.1", "::1"], true),
        ("local.test", ["127.9.9.9", "::ffff:127.0.0.1"], true),
        ("LOCAL.test", ["::1", "10.0.0.1"], false),
        ("local.test", ["0.0.0.0", "127.0.0.1"], false),
        ("local.test", ["::ffff:10.0.0.1", "::1"], false),
        ("stub.test", ["10.0.0.1", "10.0.0.2"], true),
        ("api.test", ["10.0.0.1", "10.0.0.2"], true),
    ] {
        let resolver = rule.resolver_over(Answers::of([&addresses]));
        let found = resolver.resolve(name.parse().unwrap()).await.map(Iterator::count);
        match found {
            Ok(count) => assert!(is_fine && count == 2, "{name} {addresses:?}"),
            Err(error) => assert!(!is_fine && error.is::<NotLoopback>(), "{name} {addresses:?} {error}"),
        }
    }
}

#[test]
fn literals_and_names_that_the_client_is_not_bound_to_are_refused_at_once() {
    let rule = PlainHttpPolicy::new(&[url("http://local.test")], Vec::new());
    for (address, is_fine) in [
        ("http://local.test/path", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]", true),
        ("https://api.test", true),
        ("http://api.test", false),
        ("http://192.0.2.1", false),
    ] {
        assert_eq!(rule.check(&url(address)).is_ok(), is_fine, "{address}");
    }
}

/// What the operating system says of `localhost` is what is connected to.
#[tokio::test]
async fn localhost_is_resolved_like_any_other_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = url(&format!("http://localhost:{}", sandbox.address().port()));
    let rule = PlainHttpPolicy::new(std::slice::from_ref(&base), Vec::new());
    assert_eq!(&*rule.bound, ["localhost"]);
    let time = std::time::Duration::from_secs(5);
    let http = http_client::build(Connections::Pooled, None, time, std::slice::from_ref(&base), &rule).unwrap();
    assert!(http.get(base).send().await.is_ok());
}
