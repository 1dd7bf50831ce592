//! New operations: each test fails until the sandbox and the high level serve its operation, and says which step of
//! CONTRIBUTING.md, "Add an operation", is the next. `cargo xtask new-operation` adds them at the end; the first shows that an
//! operation that is served passes.

use std::{fs, path::PathBuf};

use enkash_api::{Client, Method, PathTemplate, Secret};
use enkash_codegen::{lint::MARK, spec::Reachable};
use enkash_sandbox::Sandbox;
use enkash_tests::{
    calls::{Arguments, call_of, id_of},
    repository,
    spec_view::{Operation, operation, spec},
};
use heck::ToUpperCamelCase;
use serde_json::Value;

/// Where the sandbox has an arm for each operation.
const DISPATCH: &str = "crates/enkash-sandbox/src/operations/mod.rs";

async fn assert_served(id: &str) {
    let sources = fs::read_to_string(repository().join(DISPATCH)).unwrap();
    assert!(
        !sources.contains(&format!("\"{id} is not written yet\"")),
        "{id}: next is step 5, The sandbox: in {DISPATCH}, replace the arm of `Operation::{}`, which answers 501",
        id.to_upper_camel_case()
    );
    assert_answered(&operation(id)).await;
    let reach = &spec().surface.operations[id];
    for (key, reachable, step) in [
        (
            "sandbox",
            &reach.sandbox,
            "step 3, The surface: the sandbox serves it now",
        ),
        (
            "high-level",
            &reach.high_level,
            "step 6, The wrapper: write a method of a handle in crates/enkash/src",
        ),
        (
            "cli",
            &reach.cli,
            "step 7, The command: write it in crates/enkash-cli/src/commands",
        ),
    ] {
        match reachable {
            Reachable::Not(reason) => assert!(
                !reason.contains(MARK),
                "{id}: next is {step}; then name it in spec/surface.yaml under `{key}`, or say there why there is none"
            ),
            Reachable::Is(names) if key == "high-level" => assert_written(id, names, step),
            Reachable::Is(_) => {}
        }
    }
}

/// The sandbox answers each example of the spec as the spec allows. The ids of the examples need not exist there.
async fn assert_answered(operation: &Operation) {
    let id = &operation.facts.id;
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::unauthenticated(sandbox.url())
        .unwrap()
        .bearer(&token(&sandbox).await)
        .unwrap();
    let mut paths = sandbox.stated_paths().into_iter();
    let client = match paths.find(|(stated, _)| stated.id() == id) {
        Some((_, (method, path))) => {
            let template = PathTemplate::new(method.parse::<Method>().unwrap(), &path).unwrap();
            client.with_path(id_of(operation), template)
        }
        None => client,
    };
    for (name, arguments) in Arguments::examples(operation) {
        let answer = (call_of(operation).send)(client.clone(), arguments).await;
        let status = answer.err().and_then(|error| error.status());
        assert!(
            status.is_none_or(|status| !status.is_server_error()),
            "{id}: next is step 5, The sandbox: it answers {status:?} to the example {name}"
        );
    }
    assert_eq!(
        sandbox.violations(),
        Vec::<String>::new(),
        "{id}: next is step 5, The sandbox"
    );
}

async fn token(sandbox: &Sandbox) -> Secret {
    let to = sandbox.credentials();
    let form = [
        ("username", to.username.as_str()),
        ("password", &to.password),
        ("grant_type", "password"),
        ("clientId", &to.client_id),
    ];
    let request = enkash_api::http_client_builder()
        .build()
        .unwrap()
        .post(format!("{}/oauth/token", sandbox.url()));
    let request = request.basic_auth(&to.client_id, Some(&to.client_secret)).form(&form);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    Secret::new(answer["access_token"].as_str().unwrap())
}

/// Each method that is named stands in the sources of enkash.
fn assert_written(id: &str, names: &str, step: &str) {
    let (mut sources, mut folders) = (String::new(), vec![repository().join("crates/enkash/src")]);
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (below, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
        folders.extend(below);
        sources.extend(files.iter().map(|file| fs::read_to_string(file).unwrap()));
    }
    let methods = names
        .split(", ")
        .filter_map(|name| name.split_once("::"))
        .map(|(_, method)| method);
    for method in methods {
        assert!(
            sources.contains(&format!("fn {method}(")),
            "{id}: next is {step}: `{method}` is not there yet"
        );
    }
}

#[tokio::test]
async fn get_coin_balance_is_served() {
    assert_served("getCoinBalance").await;
}
