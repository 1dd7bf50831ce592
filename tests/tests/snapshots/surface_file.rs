//! What spec/surface.yaml says is there, is there: a method in the public API of enkash, a command of enkash-cli.

use std::fs;

use enkash_tests::repository;
use heck::ToUpperCamelCase;
use serde_json::Value;

use crate::public_api;

fn surface() -> Value {
    let text = fs::read_to_string(repository().join("spec/surface.yaml")).expect("spec/surface.yaml");
    enkash_codegen::spec::yaml_to_json(&text).expect("codegen reads it")
}

/// The names under this key, each with its operation. What follows a name in words is left out.
fn names(key: &str) -> Vec<(String, String)> {
    let surface = surface();
    let operations = surface["operations"].as_object().expect("codegen reads it").iter();
    let named = operations.filter_map(|(id, row)| Some((id, row[key]["is"].as_str()?)));
    let split = named.flat_map(|(id, names)| names.split(", ").map(move |name| (id.clone(), name.to_owned())));
    split.filter(|(_, name)| !name.starts_with("with ")).collect()
}

#[test]
fn each_method_of_the_high_level_exists() {
    let outline = public_api::text("enkash");
    for (id, name) in names("high-level") {
        let (owner, method) = name.split_once("::").unwrap();
        let of_owner = outline.split(&format!("struct {owner}")).nth(1).unwrap_or_default();
        let of_owner = of_owner.split("\n\n").next().unwrap_or_default();
        assert!(
            of_owner.contains(&format!("fn {method}(")),
            "spec/surface.yaml: {id}: enkash has no `{name}`: write it, or say `not` and why"
        );
    }
}

#[test]
fn each_command_exists() {
    let mut sources = String::new();
    let mut folders = vec![repository().join("crates/enkash-cli/src/commands")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources += &fs::read_to_string(path).unwrap();
            }
        }
    }
    for (id, name) in names("cli") {
        let words = name.split(' ').skip(1).take_while(|word| !word.starts_with('-'));
        for word in words {
            let variant = format!("{}(", word.to_upper_camel_case());
            assert!(
                sources.contains(&variant) || sources.contains(&format!("alias = \"{word}\"")),
                "spec/surface.yaml: {id}: enkash-cli has no `{name}`: write it, or say `not` and why"
            );
        }
    }
}
