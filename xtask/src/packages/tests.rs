//! The rules of what is published, on workspaces that cargo might print.

use serde_json::json;

use super::*;

fn package(name: &str, dependencies: Value) -> Value {
    json!({
        "name": name, "version": "0.1.0", "source": null, "publish": ["crates-io"], "rust_version": "1.90",
        "description": "…", "license": "MIT", "readme": "README.md", "repository": "https://example.com",
        "keywords": ["rewards"], "categories": ["finance"], "dependencies": dependencies,
    })
}

fn workspace(packages: Value) -> Workspace {
    let tree = "a v0.1.0 (/crates/a)\nx v1.90.1\nx v1.9\nx v2\nx v1.90.0";
    Workspace::new(json!({ "packages": packages }), tree)
}

fn needs(name: &str, kind: Value, req: &str) -> Value {
    json!({ "name": name, "kind": kind, "req": req, "path": format!("/crates/{name}") })
}

#[test]
fn a_crate_comes_after_those_that_it_needs_for_itself_or_its_tests() {
    let order = workspace(json!([
        package("a", json!([needs("c", Value::Null, "^0.1.0")])),
        package("b", json!([])),
        package(
            "c",
            json!([needs("b", json!("dev"), "^0.1.0"), needs("a", json!("dev"), "*")])
        ),
    ]));
    let order = order.publish_order().unwrap();
    let names: Vec<_> = order.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["b", "c", "a"]);
}

#[test]
fn a_circle_is_named() {
    let circle = workspace(json!([
        package("a", json!([needs("b", Value::Null, "^0.1.0")])),
        package("b", json!([needs("a", json!("dev"), "^0.1.0")])),
    ]));
    let error = circle.publish_order().unwrap_err().to_string();
    assert!(error.ends_with("circle and have no order: a, b"), "{error}");
}

#[test]
fn what_crates_io_would_refuse_is_named() {
    let mut poor = package(
        "poor",
        json!([needs("private", Value::Null, "^0.1.0"), needs("bare", Value::Null, "*")]),
    );
    poor["description"] = Value::Null;
    poor["keywords"] = json!(["two words"]);
    poor["categories"] = json!([]);
    let mut private = package("private", json!([]));
    private["publish"] = json!([]);
    let problems = workspace(json!([poor, private, package("bare", json!([]))])).problems();
    assert_eq!(
        problems,
        [
            "poor: its manifest has no description",
            "poor: crates.io takes 1 to 5 categories, and it has 0",
            "poor: crates.io does not take the keyword two words",
            "poor: it depends on private, which is not published",
            "poor: it depends on bare without a version",
        ]
    );
}

#[test]
fn a_dependency_that_asks_for_a_newer_rust_is_named() {
    let foreign = |version: &str| json!({ "name": "x", "version": version, "source": "r", "rust_version": version });
    // The last is in the lock file, and no feature brings it in.
    let versions = ["1.90.1", "1.9", "2", "1.90.0", "3"];
    let mut packages = vec![package("a", json!([]))];
    packages.extend(versions.map(foreign));
    let newer = workspace(packages.into()).newer_rust();
    assert_eq!(newer.len(), 2, "{newer:?}");
    assert!(newer[0].starts_with("x 1.90.1 needs Rust 1.90.1"), "{newer:?}");
}

#[test]
fn the_rust_that_is_promised_is_the_one_that_the_workflow_checks_with() {
    let read = |path: &str| std::fs::read_to_string(Path::new("..").join(path)).unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let promised = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    let line = format!("RUSTUP_TOOLCHAIN: \"{promised}\"");
    assert!(read(".github/workflows/ci.yml").contains(&line), "{line}");
}
