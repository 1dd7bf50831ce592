//! The tour, the guide and the run that the README shows are what happens.

use std::{
    env, fs,
    hash::{BuildHasher, RandomState},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use enkash_sandbox::{FaultRule, Sandbox};
use enkash_test_pages::Page;

use crate::{
    help_examples::serves,
    support::{TemporaryFolder, settings},
};

/// The port that the pages name; each run takes a free one in its place.
const PORT: &str = "4010";

/// The folder of the command that the pages run: the one that was built here, or that of `ENKASH_BIN`, such as an installed one.
fn folder_of_command() -> PathBuf {
    let given = env::var_os("ENKASH_BIN").map(PathBuf::from);
    let binary = given.unwrap_or_else(|| env!("CARGO_BIN_EXE_enkash").into());
    let name = binary.file_name().and_then(|name| name.to_str());
    assert_eq!(name, Some("enkash"), "{}: pages call it enkash", binary.display());
    let binary = binary
        .canonicalize()
        .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    binary.parent().unwrap().to_owned()
}

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
    let page = Page {
        path: &repository.join("docs").join(page),
        folder: folder.path(),
        programs: &folder_of_command(),
        environment: own.into_iter().chain(given).collect(),
        port: Some((PORT, free_port())),
    };
    page.run()
}

/// A port for the whole of a page. It is below those that the system gives away, so that no other connection gets it before the
/// page opens it, and each page of this process has another one.
fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| (RandomState::new().hash_one(0) % 10_000).into());
    (0..1_000)
        .map(|_| u16::try_from(20_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000).unwrap())
        .find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        .unwrap()
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
fn the_command_of_the_image_serves_as_the_compose_file_says() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| fs::read_to_string(repository.join(path)).unwrap();
    let (image, page) = (read("Dockerfile"), read("docs/guide/docker-compose.md"));
    let command = image.lines().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    let words: Vec<String> = serde_json::from_str(command).unwrap();
    // The page shows it, in one line or two.
    let spaced = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(spaced.contains(&format!("`{command}`")), "{command}");
    assert!(page.contains("\n  enkash:\n    image: ") && page.contains(&format!("http://enkash:{PORT}")));
    assert!(words.windows(2).any(|pair| pair == ["--expose", "enkash"]), "{command}");
    let arguments: Vec<_> = words.iter().map(|word| if word == PORT { "0" } else { word }).collect();
    serves(&arguments);
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
