use std::{collections::BTreeSet, sync::Mutex};

use enkash_sandbox::Sandbox;
use serde_json::json;

use super::*;
use crate::{
    client::Enkash,
    encryption::settings::Encryption,
    model::{credentials::Credentials, hosts::Hosts, person::Person},
    outcome::Outcome,
    rewards::allocate::Allocation,
};

type Seen = Arc<Mutex<Vec<DryRunRequest>>>;

fn client(url: &str) -> (Enkash, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let client = Enkash::builder(Hosts::new(url))
        .credentials(Credentials::new(
            "CEK1",
            "canary-secret",
            "9000000099",
            "canary-password",
        ))
        .partner_id("CEK1")
        .dry_run(move |request| kept.lock().unwrap().push(request))
        .build()
        .unwrap();
    (client, seen)
}

#[tokio::test]
async fn nothing_is_sent_and_people_and_secrets_are_left_out() {
    let sandbox = Sandbox::start().await.unwrap();
    let (enkash, seen) = client(&sandbox.credentials().url);
    let person = Person::new("Ms", "Canary", "canary@example.com", "9000000004", "F").unwrap();
    let allocation = Allocation::for_person(person, "250.50".parse().unwrap(), "R1".parse().unwrap());
    let outcome = enkash.rewards("CO1", "CA1").allocate(allocation).await;
    assert!(matches!(outcome, Outcome::NotSent(_)), "{outcome:?}");
    assert!(enkash.token().await.is_err());

    let seen = seen.lock().unwrap();
    let [call, login] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(
        (call.operation, call.method.as_str()),
        (OperationId::CreateAllocatePoints, "POST")
    );
    assert!(call.url.ends_with("/api/v0/partner/enKashCard/create-allocate-points"));
    assert_eq!(
        (&*call.headers["authorization"], &*call.headers["partnerid"]),
        (REDACTED, "CEK1")
    );
    let shown = call.to_string();
    assert!(
        shown.contains("250.5") && shown.contains("\"R1\"") && shown.contains("\"CO1\""),
        "{shown}"
    );
    assert_eq!(login.operation, OperationId::IssueToken);
    assert_eq!(login.body.as_ref().unwrap()["clientId"], "CEK1");
    for request in seen.iter() {
        let shown = format!("{request} {request:?} {}", serde_json::to_string(request).unwrap()).to_lowercase();
        for hidden in ["canary", "90000000", "basic", "\"ms\""] {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
    }
    assert!(sandbox.log().is_empty());
}

#[tokio::test]
async fn what_would_be_encrypted_is_shown_plain_and_marked() {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let enkash = Enkash::builder(Hosts::new("http://127.0.0.1:9"))
        .credentials(Credentials::new("CEK1", "secret", "user", "password"))
        .partner_id("CEK1")
        .encryption(Encryption::with_client_secret())
        .dry_run(move |request| kept.lock().unwrap().push(request))
        .build()
        .unwrap();
    assert!(enkash.rewards("CO1", "CA1").account().await.is_err());
    assert!(enkash.token().await.is_err());
    let seen = seen.lock().unwrap();
    assert_eq!([seen[0].is_encrypted, seen[1].is_encrypted], [true, false]);
    assert_eq!(seen[0].body.as_ref().unwrap()["companyId"], "CO1");
}

#[test]
fn a_value_under_an_unknown_name_is_left_out() {
    let body = json!({"loadAmount": 1, "later": {"mobile": 9000000004_i64, "status": ["A"]}, "remarks": "for Asha"});
    assert_eq!(
        redacted("", body),
        json!({"loadAmount": 1, "later": {"mobile": REDACTED, "status": ["A"]}, "remarks": REDACTED})
    );
    let url = "https://a.example/x?limit=1&who=9000000004".parse().unwrap();
    assert_eq!(shown_url(&url), "https://a.example/x?limit=1&who=[redacted]");
}

#[tokio::test]
async fn what_would_be_refused_for_plain_http_is_refused_here_as_well() {
    let (enkash, seen) = client("http://192.0.2.1");
    assert!(enkash.rewards("CO1", "CA1").account().await.is_err());
    assert!(seen.lock().unwrap().is_empty());
}

/// The names of all request fields that the spec has, apart by whether they are a person's or a secret.
#[tokio::test]
async fn what_is_shown_is_what_the_description_calls_harmless() {
    let sandbox = Sandbox::start().await.unwrap();
    let document: Value = serde_json::from_str(&sandbox.document()).unwrap();
    let (mut harmless, mut private) = (BTreeSet::new(), BTreeSet::new());
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
    {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(&document, parameter);
            let name = parameter["name"].as_str().unwrap();
            assert_eq!(
                parameter["schema"]["format"],
                Value::Null,
                "{name} may be a person's: leave it out of the URL"
            );
            harmless.insert(name.to_owned());
        }
        for content in operation["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
        {
            collect(
                &document,
                &content["schema"],
                &mut Vec::new(),
                &mut harmless,
                &mut private,
            );
        }
    }
    assert!(
        private.contains("mobile") && private.contains("password"),
        "{private:?}"
    );
    for name in SHOWN_FIELDS {
        assert!(!private.contains(*name), "{name} is a person's, or a secret");
        assert!(harmless.contains(*name), "no request has {name}");
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn collect(
    document: &Value,
    schema: &Value,
    within: &mut Vec<String>,
    harmless: &mut BTreeSet<String>,
    private: &mut BTreeSet<String>,
) {
    if !schema.is_object() {
        return;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        if within.iter().any(|outer| outer == reference) {
            return;
        }
        within.push(reference.to_owned());
        collect(document, resolved(document, schema), within, harmless, private);
        within.pop();
        return;
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let is_private = matches!(property["format"].as_str(), Some("personal" | "password"));
        if is_private { &mut *private } else { &mut *harmless }.insert(name.clone());
        collect(document, property, within, harmless, private);
    }
    for part in ["allOf", "anyOf", "oneOf"] {
        for schema in schema[part].as_array().into_iter().flatten() {
            collect(document, schema, within, harmless, private);
        }
    }
    for part in ["items", "additionalProperties"] {
        collect(document, &schema[part], within, harmless, private);
    }
}
