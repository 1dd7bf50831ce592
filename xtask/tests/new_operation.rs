//! `cargo xtask new-operation` on copies of the repository's own spec: what it writes, what it refuses, and that lint and code
//! generation take the result.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use enkash_codegen::generator;
use enkash_codegen::lint::{self, MARK};
use enkash_codegen::spec::{Changes, Level, Operation, Sources};
use serde_json::Value;
use xtask::new_operation::steps::STEPS;

const PAGE: &str = include_str!("pages/list-reward-limits.md");
const CONTRADICTION: &str = include_str!("pages/block-voucher.md");

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A copy of what the command reads, in a folder of its own.
struct Repository {
    root: PathBuf,
}

impl Repository {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new_operation").join(name);
        // What an earlier run left behind.
        let _ = fs::remove_dir_all(&root);
        for file in [
            "Cargo.toml",
            "crates/enkash-api/Cargo.toml",
            "crates/enkash-api/README.md",
            "crates/enkash-api/src/lib.rs",
            "crates/enkash-sandbox/src/operations/mod.rs",
            "spec/README.md",
            "spec/policy.yaml",
            "spec/rewards.yaml",
            "spec/sandbox.overlay.yaml",
            "spec/surface.yaml",
            "tests/tests/contract/served.rs",
        ] {
            let to = root.join(file);
            fs::create_dir_all(to.parent().expect("a file has a folder")).expect("the test folder can be written");
            fs::copy(here().join(file), to).expect("the test folder can be written");
        }
        Self { root }
    }

    fn with(self, name: &str, text: &str) -> Self {
        fs::write(self.root.join(name), text).expect("the test folder can be written");
        self
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(name)).expect("the file is there")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("new-operation")
            .args(arguments)
            .arg("--root")
            .arg(&self.root)
            .current_dir(&self.root)
            .output()
            .expect("xtask can be started")
    }

    /// Runs it, and expects it to go well; what it printed.
    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs it, and expects a refusal that says all of this, with nothing written.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let before = self.everything();
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        for word in words {
            assert!(errors.contains(word), "{word:?} is not in: {errors}");
        }
        assert_eq!(self.everything(), before, "it wrote something");
    }

    fn everything(&self) -> Vec<(PathBuf, String)> {
        let (mut files, mut folders) = (Vec::new(), vec![self.root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder is there") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = fs::read_to_string(&path).expect("a text");
                    files.push((path, text));
                }
            }
        }
        files.sort();
        files
    }

    /// Lint finds marks and nothing else, and code generation takes the spec; its operation of this id.
    #[track_caller]
    fn operation(&self, id: &str) -> (Operation, Value) {
        let sources = Sources::in_repository(&self.root);
        let found = lint::run(&sources, &Changes::default());
        let others: Vec<_> = found.iter().filter(|found| !found.message.starts_with(MARK)).collect();
        assert!(others.is_empty(), "{others:#?}");
        assert!(!found.is_empty(), "nothing is left to write");
        let spec = lint::load(&sources, &Changes::default()).expect("lint found nothing");
        generator::files(&spec).expect("the generator takes it");
        let operation = spec
            .operations
            .iter()
            .find(|operation| operation.id == id)
            .expect("it is there");
        (operation.clone(), spec.document)
    }
}

fn schema<'d>(document: &'d Value, name: &str) -> &'d Value {
    let found = document.pointer(&format!("/components/schemas/{name}"));
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

#[test]
fn a_page_becomes_an_operation() {
    let repository = Repository::new("page").with("page.md", PAGE);
    let before: Vec<_> = ["spec/rewards.yaml", "spec/policy.yaml", "spec/surface.yaml"]
        .map(|file| repository.text(file))
        .into();
    let printed = repository.succeeds(&["--from", "page.md"]);
    let (operation, document) = repository.operation("listRewardLimits");

    assert_eq!(
        (operation.method.as_str(), operation.path.as_str()),
        ("POST", "/api/v0/partner/enKashCard/reward-limits")
    );
    assert_eq!(
        (operation.tag.as_str(), operation.pages[0].id.as_deref()),
        ("Reward Allocation", Some("api-9000001"))
    );
    let evidence = &operation.evidence;
    let levels = [&evidence.path, &evidence.request, &evidence.response, &evidence.errors].map(|fact| fact.level);
    assert_eq!(
        levels,
        [Level::Documented, Level::Documented, Level::Documented, Level::Inferred]
    );
    assert_eq!(operation.policy.effect.as_str(), "moves-value");
    assert!(operation.policy.is_sent_once() && operation.policy.reference.is_none());

    let request = schema(&document, "ListRewardLimitsRequest");
    assert_eq!(request["required"], serde_json::json!(["companyId", "email", "items"]));
    assert_eq!(
        request["properties"]["email"]["format"], "personal",
        "as everywhere in the spec"
    );
    let description = request["properties"]["companyId"]["description"].as_str();
    assert_eq!(description, Some("REWRITE: the company"));
    assert!(request["properties"]["items"]["additionalProperties"]["$ref"].is_string());
    let row = schema(&document, "ListRewardLimitsLimitsItem");
    assert_eq!(row["properties"]["limitAmount"]["format"], "money");
    assert_eq!(row["properties"]["holderName"]["format"], "personal", "by its name");
    assert!(row.get("required").is_none(), "a response requires nothing");
    let parameters = &document["paths"]["/api/v0/partner/enKashCard/reward-limits"]["post"]["parameters"];
    assert_eq!(parameters[0]["$ref"], "#/components/parameters/PartnerId");
    assert_eq!(
        (&parameters[1]["name"], &parameters[1]["example"]),
        (&"pageSize".into(), &20.into())
    );
    assert_eq!(
        parameters.as_array().map(Vec::len),
        Some(2),
        "the client sets the others"
    );

    // Examples are synthetic, and what stood there before stands there still, each line of it.
    assert_eq!(operation.seen.len(), 2);
    for real in ["someone.of.a.page", "CEKFICT10N", "PCN000411229AB", "Atall"] {
        assert!(!repository.text("spec/rewards.yaml").contains(real), "{real}");
    }
    for (file, before) in ["spec/rewards.yaml", "spec/policy.yaml", "spec/surface.yaml"]
        .iter()
        .zip(before)
    {
        let after = repository.text(file);
        let mut lines = after.lines();
        assert!(
            before.lines().all(|line| lines.any(|new| new == line)),
            "{file} lost a line"
        );
    }
    assert!(
        repository
            .text("crates/enkash-sandbox/src/operations/mod.rs")
            .contains("Operation::ListRewardLimits => Err(")
    );
    assert!(
        repository
            .text("tests/tests/contract/served.rs")
            .ends_with("    assert_served(\"listRewardLimits\").await;\n}\n")
    );
    assert!(
        repository
            .text("crates/enkash-codegen/embedded/spec/rewards.yaml")
            .contains("listRewardLimits")
    );
    for (index, step) in STEPS.iter().enumerate() {
        assert!(
            printed.contains(&format!("\n  {}. {}: ", index + 1, step.title)),
            "{printed}"
        );
    }
    assert!(
        printed.contains("ListRewardLimitsRequest.limitKind: the table names words for it"),
        "{printed}"
    );
}

#[test]
fn line_ends_of_windows_change_nothing_and_stay() {
    let unix = Repository::new("unix").with("page.md", PAGE);
    let windows = Repository::new("windows").with("page.md", &format!("\u{feff}{}", PAGE.replace('\n', "\r\n")));
    let rewards = windows.text("spec/rewards.yaml").replace('\n', "\r\n");
    let windows = windows.with("spec/rewards.yaml", &rewards);
    unix.succeeds(&["--from", "page.md"]);
    windows.succeeds(&["--from", "page.md"]);
    let after = windows.text("spec/rewards.yaml");
    assert_eq!(after.replace("\r\n", "\n"), unix.text("spec/rewards.yaml"));
    assert_eq!(
        after.matches("\r\n").count(),
        after.matches('\n').count(),
        "it keeps one kind"
    );
}

#[test]
fn a_contradiction_is_stated_and_never_resolved() {
    let repository = Repository::new("contradiction").with("page.md", CONTRADICTION);
    let printed = repository.succeeds(&["--from", "page.md"]);
    let (operation, document) = repository.operation("blockVoucher");
    let request = &operation.evidence.request;
    assert_eq!(request.level, Level::Inferred);
    let note = request.note.as_deref().unwrap_or_default();
    for sentence in [
        "voucherPin is a whole number in the table and a text in the example.",
        "reason is required by the table and absent from the example.",
        "remarks stands in the example only.",
    ] {
        assert!(note.contains(sentence), "{note}");
    }
    let schema = schema(&document, "BlockVoucherRequest");
    let pin = &schema["properties"]["voucherPin"];
    assert_eq!(
        pin["allOf"][0]["$ref"], "#/components/schemas/UnseenBody",
        "either may be right"
    );
    assert!(
        pin["description"]
            .as_str()
            .unwrap()
            .contains("a whole number in the table and a text in the example")
    );
    assert_eq!(
        schema["required"],
        serde_json::json!(["voucherPin", "amount"]),
        "the example has no reason"
    );

    // Broken JSON is told with its place, and read as far as it goes.
    for fault in ["page.md:50: a comma before `}`", "page.md:60: it ends inside a text"] {
        assert!(printed.contains(fault), "{printed}");
    }
    let response = operation.seen.iter().find(|seen| seen.status == Some(200)).unwrap();
    assert!(
        !response.complete && response.value["response_code"] == "0" && response.value.get("response_mess").is_none()
    );
    assert!(
        printed.contains("the page lists errors") && printed.contains("contradicts itself in its own words"),
        "{printed}"
    );
}

#[test]
fn a_request_and_a_response_become_an_operation() {
    let repository = Repository::new("json")
        .with(
            "my-request.json",
            r#"{"companyId": "CEKFICT10N", "otp": "123456", "nickname": "x7"}"#,
        )
        .with(
            "my-response.json",
            r#"{"code": 0, "message": "Success", "payload": [{"loadAmount": 5, "unheardOf": 7, "pin": 4455}]}"#,
        );
    let arguments = [
        "--from",
        "my-request.json+my-response.json",
        "--id",
        "sendLimits",
        "--tag",
        "Redemption",
        "--method",
        "post",
    ];
    let printed = repository.succeeds(&[&arguments[..], &["--path", "/api/v0/limits"]].concat());
    let (operation, document) = repository.operation("sendLimits");
    let evidence = &operation.evidence;
    assert_eq!(
        [evidence.path.level, evidence.request.level, evidence.response.level],
        [Level::Inferred; 3]
    );
    let request = schema(&document, "SendLimitsRequest");
    assert_eq!(request["properties"]["otp"]["format"], "password", "by its name");
    assert_eq!(request["properties"]["nickname"].get("format"), None);
    assert!(request.get("required").is_none(), "one example requires nothing");
    let row = schema(&document, "SendLimitsRow");
    assert_eq!(
        row["properties"]["loadAmount"]["format"], "money",
        "as everywhere in the spec"
    );
    assert_eq!(row["properties"]["unheardOf"]["type"], "integer");
    let pin = &row["properties"]["pin"]["allOf"][0]["$ref"];
    assert_eq!(
        pin, "#/components/schemas/UnseenBody",
        "a secret that is a number would be printed"
    );
    assert!(!repository.text("spec/rewards.yaml").contains("pin: 4455"));
    for question in [
        "SendLimitsRequest.nickname: no field of the spec",
        "SendLimitsRow.unheardOf: a whole number that the spec",
    ] {
        assert!(printed.contains(question), "{printed}");
    }
}

#[test]
fn without_a_response_and_a_path_both_are_unknown() {
    let repository = Repository::new("request_only").with("request.json", r#"{"companyId": "CEKFICT10N"}"#);
    repository.succeeds(&[
        "--from",
        "request.json",
        "--id",
        "sendLimits",
        "--tag",
        "Token",
        "--method",
        "POST",
    ]);
    let (operation, document) = repository.operation("sendLimits");
    let evidence = &operation.evidence;
    let levels = [evidence.path.level, evidence.request.level, evidence.response.level];
    assert_eq!(levels, [Level::Unknown, Level::Inferred, Level::Unknown]);
    assert_eq!(operation.path, "/-unknown-/sendLimits");
    let response =
        &document["paths"][&operation.path]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(response["$ref"], "#/components/schemas/UnseenBody");
    let only_response = Repository::new("response_only").with("response.json", r#"{"a": 1}"#);
    only_response.succeeds(&[
        "--from",
        "response.json",
        "--id",
        "getLimits",
        "--tag",
        "Token",
        "--method",
        "GET",
    ]);
    assert_eq!(
        only_response.operation("getLimits").0.evidence.request.level,
        Level::Unknown
    );
}

#[test]
fn a_dry_run_prints_the_diff_and_writes_nothing() {
    let repository = Repository::new("dry_run").with("page.md", PAGE);
    let before = repository.everything();
    let printed = repository.succeeds(&["--from", "page.md", "--dry-run"]);
    assert_eq!(repository.everything(), before);
    assert!(
        printed.contains("--- spec/rewards.yaml (as it is)\n+++ spec/rewards.yaml (as it would be)\n"),
        "{printed}"
    );
    assert!(
        printed.contains("\n+      operationId: listRewardLimits\n"),
        "{printed}"
    );
}

#[test]
fn what_exists_is_never_overwritten() {
    let repository = Repository::new("existing").with("page.md", PAGE);
    repository.refuses(
        &["--from", "page.md", "--id", "getCart"],
        &["spec/rewards.yaml:", "getCart exists already", "--id"],
    );
    let cart = ["--from", "page.md", "--method", "GET", "--path", "/api/v0/cart"];
    repository.refuses(&cart, &["GET /api/v0/cart is getCart already"]);
    repository.succeeds(&["--from", "page.md"]);
    repository.refuses(&["--from", "page.md"], &["listRewardLimits exists already"]);
    // Another method of a path that is there goes below the path.
    repository.succeeds(&[
        "--from",
        "page.md",
        "--id",
        "dropCart",
        "--method",
        "DELETE",
        "--path",
        "/api/v0/cart",
    ]);
    let (operation, document) = repository.operation("dropCart");
    assert_eq!(
        operation.evidence.path.level,
        Level::Inferred,
        "the page says something else"
    );
    assert_eq!(
        document["paths"]["/api/v0/cart"].as_object().map(serde_json::Map::len),
        Some(4)
    );
}

#[test]
fn what_is_missing_or_out_of_bounds_is_told_with_its_remedy() {
    let repository = Repository::new("refusals")
        .with("page.md", PAGE)
        .with("bare.md", "# Bare\n")
        .with("large.md", &"x".repeat(1024 * 1024 + 1))
        .with("body.json", "{}")
        .with("request.json", "nothing");
    let method = ["--method", "GET"];
    let cases: [(&[&str], &[&str]); 9] = [
        (&["--from", "gone.md"], &["gone.md cannot be read"]),
        (&["--from", "bare.md"], &["the method is not known: give --method"]),
        (
            &["--from", "bare.md", "--method", "GET"],
            &["names no tag", "--tag, one of Token, Reward Allocation"],
        ),
        (&["--from", "large.md"], &["large.md is larger than 1 MiB"]),
        (
            &["--from", "body.json"],
            &["body.json: its name says neither `request` nor `response`"],
        ),
        (
            &["--from", "page.md+body.json"],
            &["--from takes one page, or a request and a response"],
        ),
        (
            &["--from", "page.md", "--id", "Get_Limits"],
            &["Get_Limits: not a camelCase name"],
        ),
        (
            &["--from", "page.md", "--path", "limits"],
            &["limits: not a path such as"],
        ),
        (
            &["--from", "page.md", "--tag", "Nothing"],
            &["--tag Nothing: no tag of spec/rewards.yaml; its tags are Token"],
        ),
    ];
    for (arguments, words) in cases {
        repository.refuses(arguments, words);
    }
    let arguments = ["--from", "request.json", "--id", "x", "--tag", "Token"];
    repository.refuses(
        &[&arguments[..], &method].concat(),
        &[
            "request.json: no object and no list could be read",
            "`nothing` is no value of JSON",
        ],
    );
    let broken = repository
        .text("spec/policy.yaml")
        .replacen("effect: reads", "effect: read", 1);
    let repository = repository.with("spec/policy.yaml", &broken);
    repository.refuses(
        &["--from", "page.md"],
        &["spec/ has to be in order first: spec/policy.yaml:"],
    );
}

#[test]
fn the_mark_is_refused_wherever_it_stands() {
    let repository = Repository::new("marks").with("page.md", PAGE);
    repository.succeeds(&["--from", "page.md"]);
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["lint", "--root"])
        .arg(&repository.root)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    for file in ["spec/rewards.yaml:", "spec/policy.yaml:", "spec/surface.yaml:"] {
        assert!(
            errors
                .lines()
                .any(|line| line.starts_with(file) && line.contains("REWRITE:")),
            "{errors}"
        );
    }
}

#[test]
fn the_steps_are_those_of_contributing() {
    let page = fs::read_to_string(here().join("CONTRIBUTING.md")).unwrap();
    let chapter = page
        .split("\n## ")
        .find(|chapter| chapter.starts_with("Add an operation\n"))
        .unwrap();
    assert!(chapter.contains("cargo xtask new-operation --from page.md"));
    let is_item = |line: &&str| {
        line.split_once(". **")
            .is_some_and(|(number, _)| number.parse::<usize>().is_ok())
    };
    assert_eq!(chapter.lines().filter(is_item).count(), STEPS.len());
    for (index, step) in STEPS.iter().enumerate() {
        let head = format!("\n{}. **{}.**", index + 1, step.title);
        let item = chapter
            .split(&head)
            .nth(1)
            .unwrap_or_else(|| panic!("CONTRIBUTING.md has no {head:?}"));
        let item = item.split(&format!("\n{}. **", index + 2)).next().unwrap_or_default();
        for file in step.files {
            assert!(
                item.contains(file),
                "step {} of CONTRIBUTING.md does not name {file}",
                index + 1
            );
            let below = [*file, &format!("crates/enkash-cli/src/{file}")].map(|path| here().join(path).exists());
            assert!(below.contains(&true), "{file} does not exist");
        }
    }
}
