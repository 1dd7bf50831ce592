//! What a person asks the program about itself and about the API: types, paths, completions.

use std::fs;

use serde_json::Value;

use crate::{
    help::{commands, examples, help_of},
    support::{CommandResult, TemporaryFolder, enkash, run},
};

#[test]
fn every_type_that_is_listed_has_a_schema_and_a_mistyped_one_a_suggestion() {
    let listed = run(&["schema", "--list"]);
    assert_eq!(listed.code, Some(0));
    assert!(
        listed.stdout.lines().any(|name| name == "AllocatePointsRequest"),
        "{}",
        listed.stdout
    );
    let as_json: Value = serde_json::from_str(&run(&["schema", "--list", "--json"]).stdout).unwrap();
    assert_eq!(
        as_json["types"].as_array().unwrap().len(),
        listed.stdout.lines().count()
    );

    let schema = run(&["schema", "AllocatePointsRequest"]);
    assert_eq!(schema.code, Some(0));
    let schema: Value = serde_json::from_str(&schema.stdout).unwrap();
    assert!(schema["properties"]["loadAmount"].is_object(), "{schema}");

    let mistyped = run(&["schema", "AlocatePointRequest"]);
    assert_eq!((mistyped.code, mistyped.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        mistyped.stderr,
        "enkash: there is no type \"AlocatePointRequest\"; did you mean AllocatePointsRequest?\n"
    );
    assert_eq!(run(&["schema"]).code, Some(2));
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = run(&["completions", shell]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        for command in ["allocate", "doctor", "no-token-cache"] {
            assert!(ended.stdout.contains(command), "{shell}: {command}");
        }
    }
    assert_eq!(run(&["completions", "cmd"]).code, Some(2));
}

#[test]
fn a_path_that_the_profile_gives_is_no_longer_unknown() {
    let unknown = run(&["paths"]);
    assert_eq!(unknown.code, Some(0), "{unknown:?}");
    assert!(
        unknown.stdout.contains("searchCatalog         unknown   POST"),
        "{}",
        unknown.stdout
    );

    let folder = TemporaryFolder::new();
    let file = folder.write(
        "config.toml",
        "[profile.hrms.paths]\nsearchCatalog = \"POST /given/path\"\n",
    );
    let given = |arguments: &[&str]| {
        let mut command = enkash(arguments);
        CommandResult::from(command.env("ENKASH_CONFIG", &file).output().unwrap())
    };
    let paths = given(&["--profile", "hrms", "paths", "--json"]);
    let paths: Value = serde_json::from_str(&paths.stdout).unwrap();
    let operations = paths["operations"].as_array().unwrap();
    let catalog = operations
        .iter()
        .find(|row| row["operation"] == "searchCatalog")
        .unwrap();
    assert_eq!(
        (&catalog["evidence"], &catalog["given"], &catalog["path"]),
        (&"unknown".into(), &"POST /given/path".into(), &Value::Null)
    );
    let doctor = given(&["--profile", "hrms", "doctor"]);
    assert!(
        doctor
            .stdout
            .contains("2 operations need a path from you: getProductDetails, createOrderLowerCase"),
        "{}",
        doctor.stdout
    );
    let help = run(&["help", "paths"]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("[profile.hrms.paths]"), "{}", help.stdout);
}

#[test]
fn every_command_has_a_manual_page_with_its_examples() {
    let folder = TemporaryFolder::new();
    let pages = folder.path().join("share/man1");
    let ended = run(&["man", pages.to_str().unwrap()]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for command in commands() {
        let name = ["enkash".to_owned()]
            .into_iter()
            .chain(command.clone())
            .collect::<Vec<_>>();
        let file = pages.join(format!("{}.1", name.join("-")));
        let page = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(page.starts_with(".ie") && page.contains("\n.TH "), "{page}");
        for example in examples(&help_of(&command)) {
            let escaped = example.replace('-', "\\-").replace('\'', "\\(aq");
            // A long one goes on in the next line of the page.
            let shown = page.replace("\\(rs\n", "").replace("\\(ti", "~");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
            assert!(words(&shown).contains(&words(&escaped)), "{example} in {page}");
        }
    }
    assert_eq!(
        run(&["man"]).stdout,
        fs::read_to_string(pages.join("enkash.1")).unwrap()
    );
    let file = folder.write("file", "");
    let ended = run(&["man", file.to_str().unwrap()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains(file.to_str().unwrap()), "{}", ended.stderr);
}
