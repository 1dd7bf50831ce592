//! Names that stand in several places agree, and an archive follows from its content alone.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use clap::Parser as _;
use tempfile::TempDir;
use toml::Table;

use super::archive::{self, Entry};
use super::licenses;
use super::release::{self, Release};
use super::tools::Tool;
use super::{Dist, stage};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn release(target: &str) -> Release {
    Release {
        version: "1.2.3".to_owned(),
        target: target.to_owned(),
        checkout: "/enkash-rs".into(),
        target_folder: "target".into(),
        time: 1_700_000_000,
    }
}

fn metadata(of: &str) -> Table {
    let manifest = fs::read_to_string(repository().join("crates/enkash-cli/Cargo.toml")).unwrap();
    let manifest: Table = manifest.parse().unwrap();
    manifest["package"]["metadata"][of].as_table().unwrap().clone()
}

#[test]
fn binstall_finds_the_archive_and_the_binary_in_it() {
    let binstall = metadata("binstall");
    for (target, suffix) in [("x86_64-unknown-linux-musl", ""), ("x86_64-pc-windows-msvc", ".exe")] {
        let filled = |name: &str| {
            let values = [
                ("{ repo }", "https://example.com/r"),
                ("{ version }", "1.2.3"),
                ("{ target }", target),
                ("{ bin }", "enkash"),
                ("{ binary-ext }", suffix),
            ];
            let template = binstall[name].as_str().unwrap().to_owned();
            values
                .iter()
                .fold(template, |text, (variable, value)| text.replace(variable, value))
        };
        let release = release(target);
        let url = format!(
            "https://example.com/r/releases/download/v1.2.3/{}",
            release.archive_name()
        );
        assert_eq!(filled("pkg-url"), url);
        assert_eq!(
            filled("bin-dir"),
            format!("{}/{}", release.folder_name(), release.binary_name())
        );
    }
    // Nothing that others have built.
    assert_eq!(
        binstall["disabled-strategies"].to_string(),
        r#"["quick-install", "compile"]"#
    );
}

#[test]
fn the_package_takes_its_files_from_the_stage() {
    let package = metadata("deb");
    let completions: Vec<_> = stage::COMPLETIONS
        .iter()
        .map(|(_, name)| format!("completions/{name}"))
        .collect();
    let documents = stage::DOCUMENTS.iter().map(|(_, name)| (*name).to_owned());
    let others = ["enkash", "man/man1/*.1", stage::PARTS].map(str::to_owned);
    let known: Vec<_> = completions.into_iter().chain(documents).chain(others).collect();
    for asset in package["assets"].as_array().unwrap() {
        let source = asset[0].as_str().unwrap();
        let file = source
            .strip_prefix("../../target/dist-stage/")
            .unwrap_or_else(|| panic!("{source}"));
        assert!(known.iter().any(|name| name == file), "{file} is not among {known:?}");
    }
    assert!(release("x").stage().ends_with("target/dist-stage"));
}

#[test]
fn the_workflow_builds_targets_that_the_docs_name_and_installs_as_ci_does() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let workflow = read(".github/workflows/release.yml");
    let install = read("docs/install.md");
    let targets: Vec<_> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- { target: ")?.split(',').next())
        .collect();
    assert_eq!(targets.len(), 5, "{targets:?}");
    for target in targets {
        assert!(
            install.contains(&format!("`{target}`")),
            "docs/install.md does not name {target}"
        );
    }
    for file in [&workflow, &read(".ci/run")] {
        assert!(file.contains("cargo xtask dist --install-tools"), "{file}");
    }
}

#[test]
fn nothing_is_pushed_before_every_target_is_built() {
    let workflow = fs::read_to_string(repository().join(".github/workflows/release.yml")).unwrap();
    let needs = |job: &str| {
        let (_, rest) = workflow.split_once(&format!("\n  {job}:\n")).unwrap();
        let lines = rest.lines().take_while(|line| line.starts_with("    "));
        let needs = lines
            .filter_map(|line| line.strip_prefix("    needs: "))
            .next()
            .unwrap();
        needs
            .trim_matches(['[', ']'])
            .split(", ")
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(needs("image"), ["checks", "build"]);
    assert_eq!(needs("image-index"), ["image"]);
    for (job, before) in [
        ("release", "image-index"),
        ("release", "build"),
        ("crates", "release"),
        ("build", "checks"),
    ] {
        assert!(
            needs(job).iter().any(|name| name == before),
            "{job} does not wait for {before}"
        );
    }
}

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    dist: Dist,
}

#[test]
fn each_part_needs_its_own_tool_alone() {
    let tools = |arguments: &[&str]| {
        let line = Line::try_parse_from([&["dist"], arguments].concat()).ok()?;
        Some(line.dist.tools().into_iter().map(Tool::subcommand).collect::<Vec<_>>())
    };
    assert_eq!(tools(&[]).unwrap(), ["auditable", "deb"]);
    assert_eq!(tools(&["--sbom"]).unwrap(), ["auditable", "deb", "cyclonedx"]);
    assert_eq!(tools(&["--install-tools", "--no-package"]).unwrap(), ["auditable"]);
    assert_eq!(tools(&["--no-package", "--sbom"]).unwrap(), ["auditable", "cyclonedx"]);
    assert!(tools(&["--archive-only"]).unwrap().is_empty());
    assert_eq!(tools(&["--archive-only", "--sbom"]), None);
    assert_eq!(tools(&["--archive-only", "--no-package"]), None);
}

/// Files with these names, which are their content too.
fn folder_of(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    folder
}

/// A container is not built here, so that what its build reads and takes is there is held together by this.
#[test]
fn the_image_has_what_the_archive_is_made_of() {
    let read = |name: &str| fs::read_to_string(repository().join(name)).unwrap();
    let ignored = read(".dockerignore");
    for (from, _) in stage::DOCUMENTS {
        let top = from.split('/').next().unwrap();
        assert!(ignored.lines().any(|line| line == format!("!{top}")), "{from}");
    }
    let dockerfile = read("Dockerfile");
    let taken = dockerfile
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("target/dist-stage/"));
    let taken: Vec<_> = taken.collect();
    assert!(taken.contains(&stage::PARTS), "{taken:?}");
    for name in taken {
        let is_document = stage::DOCUMENTS.iter().any(|(_, document)| *document == name);
        assert!(is_document || [release::BINARY, stage::PARTS].contains(&name), "{name}");
    }
}

fn archive_of(folder: &Path, out: &Path) -> Vec<u8> {
    archive::write(out, "enkash-1", &Entry::below(folder).unwrap(), 1_700_000_000).unwrap();
    fs::read(out).unwrap()
}

#[test]
fn an_archive_follows_from_its_content() {
    let out = tempfile::tempdir().unwrap();
    let names = ["enkash", "man/man1/enkash.1", "README.md", "completions/enkash.fish"];
    let one = archive_of(folder_of(&names).path(), &out.path().join("one"));
    let reversed: Vec<_> = names.into_iter().rev().collect();
    let later = folder_of(&reversed);
    let file = fs::File::options()
        .write(true)
        .open(later.path().join("enkash"))
        .unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(86_400))
        .unwrap();
    assert!(
        one == archive_of(later.path(), &out.path().join("two")),
        "the archives differ"
    );

    let listed = Command::new("tar")
        .arg("-tvzf")
        .arg(out.path().join("one"))
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let lines: Vec<Vec<_>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    let shown: Vec<_> = lines.iter().map(|words| (words[0], *words.last().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("-rw-r--r--", "enkash-1/README.md"),
            ("-rw-r--r--", "enkash-1/completions/enkash.fish"),
            ("-rwxr-xr-x", "enkash-1/enkash"),
            ("-rw-r--r--", "enkash-1/man/man1/enkash.1"),
        ],
        "{listed}"
    );
    assert!(listed.contains("2023-11-14"), "{listed}");
}

#[test]
fn checksums_are_those_of_sha256sum() {
    let folder = folder_of(&["one", "two"]);
    let files = ["one", "two"].map(|name| folder.path().join(name));
    archive::write_checksums(folder.path(), &files).unwrap();
    let check = || {
        let mut command = Command::new("sha256sum");
        command
            .args(["--check", "--quiet", "SHA256SUMS"])
            .current_dir(folder.path());
        command.output().unwrap().status.success()
    };
    assert!(check());
    fs::write(&files[1], "three").unwrap();
    assert!(!check());
}

/// What cargo lists for the workspace has more: tools of the tests, and what writes code.
#[test]
fn the_licences_are_those_of_what_the_binary_holds_each_with_its_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let release = Release::of(root, Some("x86_64-unknown-linux-musl")).unwrap();
    let text = licenses::text(root, &release, release::PACKAGE).unwrap();
    let (list, texts) = text.split_once(&"-".repeat(80)).unwrap();
    for held in [
        "tokio ",
        "rustls ",
        "progenitor-client ",
        "musl: MIT",
        "the standard library of Rust: ",
    ] {
        assert!(list.contains(&format!("\n{held}")), "{held} is missing:\n{list}");
    }
    for tool in ["jsonschema ", "sqlx ", "syn ", "serde_derive ", "proptest "] {
        assert!(!list.contains(&format!("\n{tool}")), "the binary has no {tool}");
    }
    for line in list.lines().skip(2).filter(|line| !line.is_empty()) {
        let (id, _) = line.split_once(": ").unwrap();
        let has_text = texts.lines().any(|line| line.split(", ").any(|one| one == id));
        assert!(has_text, "{id} has no text");
    }
}
