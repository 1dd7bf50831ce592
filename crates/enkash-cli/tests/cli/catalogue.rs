//! The catalogue: products with their denominations, and paths that only the user can give.

use enkash_sandbox::{Operation, Sandbox};
use serde_json::Value;

use crate::{
    profiles::profile_of,
    support::{CommandResult, TemporaryFile, TemporaryFolder, enkash, run, settings},
};

#[test]
fn a_product_is_shown_with_the_ids_that_a_cart_takes() {
    let shown = run(&["--sandbox", "product", "PC0SANDBOXBOOKS1"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{shown:?}");
    assert_eq!(shown.value("brand"), "Paper Moon Books");
    let line = shown
        .stdout
        .lines()
        .find(|line| line.starts_with("PCN0SANDBOXBK0500"))
        .unwrap();
    let cells: Vec<_> = line.split_whitespace().collect();
    assert_eq!(cells, ["PCN0SANDBOXBK0500", "500.00", "490.00", "2.00", "5", "no"]);

    let json = run(&["--sandbox", "product", "PC0SANDBOXBOOKS1", "--json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let first = &json["denominations"][0];
    assert_eq!(
        (&first["denomination"], &first["price"], &first["max_quantity"]),
        (&"PCN0SANDBOXBK0100".into(), &"98.00".into(), &5.into())
    );
    let csv = run(&["--sandbox", "product", "PC0SANDBOXBOOKS1", "--output", "csv"]);
    assert!(
        csv.stdout
            .contains("\nPC0SANDBOXBOOKS1,PCN0SANDBOXBK0500,500.00,490.00,2.00,5,false\n"),
        "{csv:?}"
    );
    assert_eq!(run(&["--sandbox", "product", "PC0"]).code, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_nobody_saw_is_asked_for_and_nothing_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    for (command, line) in [
        ("catalog", "  searchCatalog = \"POST /api/v0/…\""),
        ("product-details", "  getProductDetails = \"GET /api/v0/…\""),
    ] {
        let mut without = enkash(&[command]);
        let ended = CommandResult::from(without.envs(settings(sandbox.credentials())).output().unwrap());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        assert!(
            ended.stderr.contains("[profile.NAME.paths]") && ended.stderr.contains(line),
            "{}",
            ended.stderr
        );
    }
    assert!(sandbox.log().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_the_profile_is_called_with_the_given_body_and_values() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = TemporaryFolder::new();
    let mut text = profile_of(sandbox.credentials(), &folder);
    text.push_str("[profile.hrms.paths]\n");
    for (operation, (method, path)) in sandbox.stated_paths() {
        text.push_str(&format!("{} = \"{method} {path}\"\n", operation.id()));
    }
    let file = folder.write("config.toml", &text);
    let live = |arguments: &[&str]| {
        let mut command = enkash(&[&["--profile", "hrms"], arguments].concat());
        CommandResult::from(command.env("ENKASH_CONFIG", &file).output().unwrap())
    };

    let body = TemporaryFile::new(r#"{"category": ["Food"]}"#);
    let found = live(&["catalog", "--body", body.path(), "--json"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(found["products"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&found["products"][0]["product"], &found["evidence"]["path"]),
        (&"PC0SANDBOXTEA001".into(), &"unknown".into())
    );
    // As it came only where that is asked for.
    assert!(found.get("raw").is_none());
    let raw = live(&["catalog", "--json", "--raw"]);
    let raw: Value = serde_json::from_str(&raw.stdout).unwrap();
    assert_eq!(raw["raw"]["payload"]["recordsCount"], 2);

    let details = live(&["product-details", "--fill", "productCatalogId=PC0SANDBOXTEA001"]);
    assert_eq!(details.code, Some(0), "{details:?}");
    assert!(details.stdout.contains("Two Leaves Tea"), "{}", details.stdout);
    let before = sandbox.calls(Operation::GetProductDetails);
    let unfilled = live(&["product-details"]);
    assert_eq!(unfilled.code, Some(2), "{unfilled:?}");
    assert!(
        unfilled.stderr.contains("{productCatalogId}") && unfilled.stderr.contains("--fill"),
        "{}",
        unfilled.stderr
    );
    assert_eq!(
        live(&["product-details", "--fill", "productCatalogId=.."]).code,
        Some(2)
    );
    assert_eq!(sandbox.calls(Operation::GetProductDetails), before);
}

#[test]
fn a_body_that_is_no_json_is_named_by_its_place() {
    let body = TemporaryFile::new("{\n  \"category\": canary\n}");
    let ended = run(&["--sandbox", "catalog", "--body", body.path()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(
        ended.stderr.contains(&format!("{}:2:", body.path())) && !ended.stderr.contains("canary"),
        "{}",
        ended.stderr
    );
}
