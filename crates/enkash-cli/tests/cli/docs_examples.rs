//! The tour, the guide and the run that the README shows are what happens.

use std::{fs, net::TcpListener, path::Path};

use enkash_sandbox::{FaultRule, Sandbox};
use enkash_test_pages::Page;

use crate::{
    help::serves,
    support::{TemporaryFolder, settings},
};

/// The port that the pages name; each run takes a free one in its place.
const PORT: &str = "4010";

fn check(page: &str, settings: &[(&'static str, String)]) -> usize {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = TemporaryFolder::new();
    std::os::unix::fs::symlink(
        repository.join("examples").canonicalize().unwrap(),
        folder.path().join("examples"),
    )
    .unwrap();
    let own = [
        ("ENKASH_STATE_DIR", folder.path().join("state")),
        ("ENKASH_CONFIG", folder.path().join("profiles.toml")),
    ];
    let own = own.map(|(name, path)| (name.to_owned(), path.to_str().unwrap().to_owned()));
    let given = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let page = Page {
        path: &repository.join("docs").join(page),
        folder: folder.path(),
        programs: Path::new(env!("CARGO_BIN_EXE_enkash")).parent().unwrap(),
        environment: own.into_iter().chain(given).collect(),
        port: Some((PORT, free)),
    };
    page.run()
}

#[test]
fn the_tour_is_what_happens() {
    // It brings its own settings.
    assert_eq!(check("tour.md", &[]), 16);
}

#[test]
fn the_run_of_the_readme_is_what_happens() {
    assert_eq!(check("../README.md", &[]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_is_what_happens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide");
    let mut ran = 0;
    for page in fs::read_dir(folder).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        // Live calls of a page go to a sandbox of its own.
        let sandbox = Sandbox::start().await.unwrap();
        ran += check(&format!("guide/{name}"), &settings(sandbox.credentials()));
    }
    assert!(ran > 0);
}

#[test]
fn the_command_of_the_compose_file_serves() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/docker-compose.md");
    let page = fs::read_to_string(page).unwrap();
    let command = page
        .lines()
        .find_map(|line| line.trim().strip_prefix("command: "))
        .unwrap();
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    let arguments: Vec<_> = command
        .iter()
        .map(|word| if word == PORT { "0" } else { word })
        .collect();
    assert_eq!(arguments[0], "enkash");
    serves(&arguments[1..]);
}

#[test]
fn the_faults_of_the_page_on_testing_are_rules() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/testing.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rules) = page.split_once("```yaml\n").unwrap();
    let rules: String = rules
        .lines()
        .take_while(|line| line.trim() != "```")
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect();
    assert_eq!(FaultRule::list_from_yaml(&rules).unwrap().len(), 3, "{rules}");
}
