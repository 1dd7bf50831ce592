//! The two pages: what they load, who may read them, and what they show of a name that means harm.

use std::time::Duration;

use enkash_sandbox::{Sandbox, Seed, seed::PersonSeed};
use reqwest::{RequestBuilder, Response};

use crate::browser::{page, part, url};
use crate::client::{Client, HOLDER, assert_sound};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_hold_no_script_or_style_of_their_own() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let assets = ["console.css", "console.js", "icon.svg"].map(|name| format!("/_sandbox/console/{name}"));
    let mut paths = vec!["/".to_owned(), "/docs".to_owned(), "/_sandbox/console/live".to_owned()];
    paths.extend(assets.clone());
    for path in &paths {
        let answer = client.http.get(url(&client, path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        for (name, value) in [
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers()[name], value, "{path}");
        }
        let text = answer.text().await.unwrap();
        for attribute in ["src=\"", "href=\"", "action=\""] {
            for (at, _) in text.match_indices(attribute) {
                let address = &text[at + attribute.len()..];
                let own = address.starts_with('#') || address.starts_with('/') && !address.starts_with("//");
                assert!(own, "{path} points to {}", &address[..40]);
            }
        }
        assert!(
            !text.contains("url(") && !text.contains("@import"),
            "{path} loads from its style"
        );
        assert!(
            !text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick="),
            "{path}"
        );
        let scripts = text.matches("<script").count();
        let ours = text
            .matches("<script src=\"/_sandbox/console/console.js\" defer>")
            .count();
        assert_eq!(scripts, ours, "{path} has a script of its own");
    }
    let page = page(&client, "/").await;
    assert!(assets.iter().all(|asset| page.contains(asset.as_str())));
    assert!(sandbox.log().is_empty(), "the console is no call of the API");
}

/// A sandbox where a person has this name, and a transaction this reference.
async fn sandbox_with(text: &str) -> (Sandbox, Client) {
    let seed = Seed::small().person(PersonSeed::new("9000000777").first_name(text));
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.give("9000000778", 1.0, text).await;
    assert_eq!(sandbox.credits(text), 1);
    (sandbox, client)
}

#[tokio::test]
async fn a_hostile_name_is_a_text_everywhere() {
    let hostile = "<script>alert(1)</script>\" onfocus=\"alert(2)";
    let (_sandbox, client) = sandbox_with(hostile).await;
    for path in [
        "/",
        "/_sandbox/console/live",
        "/docs",
        "/?person=%3Cscript%3Ealert(1)%22%20onfocus=%22",
    ] {
        let page = page(&client, path).await;
        assert!(!page.contains("<script>alert"), "{path}");
        assert!(!page.contains("\" onfocus=\""), "{path}");
    }
    let page = page(&client, "/").await;
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onfocus=&quot;alert(2)";
    assert!(part(&page, "people").contains(escaped));
    assert!(part(&page, "transactions").contains(escaped));
}

#[tokio::test]
async fn a_text_turns_no_line_round_and_hides_nothing() {
    let hostile = "A\u{202e}B\u{200b}C\u{1b}[2J\u{85}\u{2066}";
    let (_sandbox, client) = sandbox_with(hostile).await;
    for path in [
        "/",
        "/_sandbox/console/live",
        "/?person=A%E2%80%AEB",
        "/_sandbox/log",
        "/_sandbox/ledger",
    ] {
        let page = page(&client, path).await;
        let steers = |c: char| (c.is_control() && c != '\n') || hostile.contains(c) && !c.is_ascii();
        assert_eq!(page.find(steers), None, "{path}");
        assert!(page.contains(r"A\u202eB"), "{path}");
    }
    // The control routes speak JSON, which keeps the value.
    let (_, log) = client.get("/_sandbox/log").await;
    let calls = log.as_array().unwrap();
    assert!(calls.iter().any(|call| call["reference"] == hostile), "{log}");
}

#[tokio::test]
async fn only_the_own_host_and_origin_reach_the_pages() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let port = sandbox.address().port();
    let ask = async |path: &str, host: String, origin: Option<&str>| {
        let request = client.http.get(url(&client, path)).header("host", host);
        let request = origin
            .into_iter()
            .fold(request, |request, origin| request.header("origin", origin));
        request.send().await.unwrap()
    };
    for path in ["/", "/docs", "/_sandbox/console/live", "/_sandbox/console/console.js"] {
        let own = ask(path, format!("localhost:{port}"), None).await;
        assert_eq!(own.status(), 200);
        let rebound = ask(path, format!("evil.example:{port}"), None).await;
        assert_eq!(rebound.status(), 403, "{path}: a name bound to the loopback address");
        assert_eq!(rebound.headers()["content-security-policy"], POLICY);
        assert!(!rebound.text().await.unwrap().contains(&client.to.card_account_id));
        let foreign = ask(path, format!("127.0.0.1:{port}"), Some("http://evil.example")).await;
        assert_eq!(foreign.status(), 403, "{path}: a script of another site");
    }
}

#[tokio::test]
async fn no_other_site_can_change_anything() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let before = sandbox.switches();
    let actions: [(&str, &[(&str, &str)]); 11] = [
        ("clock/advance", &[("seconds", "86400")]),
        ("clock/set", &[("instant", "2040-01-01T00:00:00Z")]),
        ("switches/set", &[("name", "duplicate_reference"), ("value", "refuse")]),
        ("faults/add", &[("rule", "{kind: server-error}")]),
        ("faults/remove", &[("place", "0"), ("rule", "{}")]),
        ("tokens/revoke", &[]),
        ("presets/apply", &[("name", "slow-bank")]),
        ("snapshots/save", &[("name", "theirs")]),
        ("snapshots/load", &[("name", "ours")]),
        ("snapshots/delete", &[("name", "ours")]),
        ("reset", &[]),
    ];
    let send = async |request: RequestBuilder| -> Response { request.send().await.unwrap() };
    for (path, fields) in actions {
        let bare = || {
            client
                .http
                .post(url(&client, &format!("/_sandbox/console/{path}")))
                .form(fields)
        };
        let own = &client.to.url;
        // Nothing says where it comes from.
        assert_eq!(send(bare()).await.status(), 403, "{path}");
        for origin in ["http://evil.example", "null", "http://localhost:1", ""] {
            assert_eq!(
                send(bare().header("origin", origin)).await.status(),
                403,
                "{path} from {origin:?}"
            );
        }
        for site in ["cross-site", "same-site", "none", ""] {
            assert_eq!(
                send(bare().header("sec-fetch-site", site)).await.status(),
                403,
                "{path}: {site:?}"
            );
            let both = bare().header("sec-fetch-site", site).header("origin", own);
            assert_eq!(send(both).await.status(), 403, "{path}: {site:?} with the own origin");
        }
        let rebound = format!("evil.example:{}", sandbox.address().port());
        let origin = format!("http://{rebound}");
        let request = bare().header("host", rebound).header("origin", origin);
        assert_eq!(
            send(request.header("sec-fetch-site", "same-origin")).await.status(),
            403,
            "{path}: rebound"
        );
        // A link or an image of another site is a GET.
        let link = client
            .http
            .get(url(&client, &format!("/_sandbox/console/{path}?seconds=86400")));
        assert_eq!(send(link).await.status(), 405, "{path}");
    }
    assert!(sandbox.now() < jiff::Timestamp::now() + Duration::from_secs(60));
    assert_eq!(sandbox.switches(), before);
    assert!(page(&client, "/").await.contains("No fault is set"));
}

#[tokio::test]
async fn the_log_shows_calls_and_no_secret_and_no_person() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    client.login(HOLDER, "a-wrong-password").await;
    client.give("9000001234", 12.5, "REF1").await;
    client.get("/nothing/9000001234?mobile=9000001234").await;
    client.get("/api/v0/enkash-coins/9000001234").await;
    let page = page(&client, "/").await;
    let log = part(&page, "log");
    for shown in [
        "createAllocatePoints",
        "/api/v0/partner/enKashCard/create-allocate-points",
        "/api/v0/enkash-coins/{coinConfigId}",
        "/…",
        "none has this path",
        ">404<",
    ] {
        assert!(log.contains(shown), "{shown} is not in {log}");
    }
    let to = &client.to;
    for secret in [
        client.token.as_str(),
        &to.client_secret,
        &to.password,
        &to.username,
        "a-wrong-password",
        HOLDER,
        "9000001234",
        "Meera",
        "meera@example.com",
    ] {
        assert!(!log.contains(secret), "{log}");
    }
    for secret in [
        client.token.as_str(),
        &to.client_secret,
        &to.password,
        "meera@example.com",
    ] {
        assert!(!page.contains(secret), "the console shows a secret");
    }
    assert!(part(&page, "people").contains("9000001234"));
    assert!(part(&page, "transactions").contains("REF1"));
    assert_sound(&sandbox);
}

#[tokio::test]
async fn the_reference_shows_every_operation_with_what_is_known_of_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::new(&sandbox);
    let page = page(&client, "/docs").await;
    for operation in enkash_sandbox::Operation::ALL {
        let start = page.find(&format!("id=\"operation-{operation}\"")).unwrap();
        let summary = &page[start..start + page[start..].find("</summary>").unwrap()];
        for part in ["path", "request", "response", "errors"] {
            let known = ["documented", "observed", "inferred", "unknown"]
                .iter()
                .any(|level| summary.contains(&format!("</span> {part} <strong>{level}</strong>")));
            assert!(known, "{operation} does not say how its {part} is known: {summary}");
        }
        assert!(
            page.contains(&format!("id=\"try-{operation}\"")),
            "{operation} cannot be tried"
        );
    }
    let stand_ins = page.matches("Nobody saw the path of this operation.").count();
    assert_eq!(stand_ins, sandbox.stated_paths().len());
    assert!(page.contains(&client.to.client_secret), "the log-in form is filled");
}
