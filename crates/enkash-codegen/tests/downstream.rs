//! A workspace of somebody else that takes a low level of its own, as docs/guide/api-differs.md says: its overlays and its Rust
//! are compiled here with the high level.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn repository() -> &'static Path {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("the crate lies in the repository")
}

/// The blocks of the guide that begin with this fence, in their order.
fn blocks(guide: &str, fence: &str) -> Vec<String> {
    let fence = format!("```{fence}\n");
    guide
        .split(&fence)
        .skip(1)
        .map(|block| block.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// A workspace of somebody else, with the files of the guide.
fn workspace() -> PathBuf {
    let guide = fs::read_to_string(repository().join("docs/guide/api-differs.md")).expect("the guide is there");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("downstream");
    // What an earlier run left behind.
    let _ = fs::remove_dir_all(&root);
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("the test folder can be written");
        fs::write(path, text).expect("the test folder can be written");
    };
    let (yaml, json, rust) = (
        blocks(&guide, "yaml"),
        blocks(&guide, "json"),
        blocks(&guide, "rust,ignore"),
    );
    let ([papers, newer], [policy], [calls, client]) = (yaml.as_slice(), json.as_slice(), rust.as_slice()) else {
        panic!("the guide has other blocks");
    };
    write("papers.yaml", papers);
    write("newer-papers.yaml", newer);
    write("my-policy.json", policy);
    write("src/calls.rs", calls);
    write("src/client.rs", client);
    write("src/lib.rs", "pub mod calls;\npub mod client;\n");
    let address = repository()
        .display()
        .to_string()
        .replace('\\', "/")
        .replace(' ', "%20");
    let slash = if address.starts_with('/') { "" } else { "/" };
    let path = repository().display();
    // Without TLS, which the low level does not need to be compiled, and which takes longest.
    let manifest = format!(
        "[package]\nname = \"downstream\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nenkash = {{ path = '{path}/crates/enkash', default-features = false }}\nserde_json = \"1\"\n\n\
         [patch.\"file://{slash}{address}/crates/enkash-api\"]\nenkash-api = {{ path = \"vendor/enkash-api\" }}\n"
    );
    write("Cargo.toml", &manifest);
    // The versions that are here already.
    fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).expect("the test folder can be written");
    root
}

fn codegen(root: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_enkash-codegen"))
        .args([
            "--overlay",
            "papers.yaml",
            "--overlay",
            "newer-papers.yaml",
            "--policy-overlay",
            "my-policy.json",
        ])
        .args(["--allow-loosening", "getCardLimits", "--out", "vendor/enkash-api"])
        .args(more)
        .current_dir(root)
        .output()
        .expect("it can be started")
}

#[test]
fn the_high_level_compiles_with_the_low_level_of_the_guide() {
    let root = workspace();
    let output = codegen(&root, &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "written vendor/enkash-api\n  \
         added operation getCardLimits: GET /api/v0/partner/enKashCard/limits, as `Client::get_card_limits` of the low level only; \
         the client needs your policy overlay to know what it does with value\n  \
         added field RewardAccount.costCentre\n  \
         the policy is not part of it: give my-policy.json to `EnkashBuilder::policy_overlay`\n"
    );
    assert!(codegen(&root, &["--check"]).status.success());

    // A folder that stays, so that only what changed is compiled again.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("downstream-target");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(&root)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo can be started");
    // The code of the guide compiles only with what the overlays add: the patch was used.
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.is_empty(), "{stderr}");
}
