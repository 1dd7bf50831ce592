//! The help: its examples run, its exit codes are listed, and it fits a terminal.

use std::{
    collections::BTreeSet,
    fmt::Debug,
    io::{BufRead, BufReader},
};

use enkash_sandbox::Sandbox;

use crate::{
    profiles::profile_of,
    support::{CommandResult, Running, TemporaryFolder, enkash, run, settings, settings_of_user},
};

/// Every command, by what its own help and that of the commands above it list.
fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut at = 0;
    while let Some(command) = found.get(at).cloned() {
        let help = help_of(&command);
        let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
        for line in listed.lines().take_while(|line| !line.is_empty()) {
            // A name stands at the second column; what is further in goes on from the line before.
            let name = line.split_whitespace().next().unwrap();
            if name != "help" && line.starts_with("  ") && !line.starts_with("   ") {
                found.push([&command[..], &[name.to_owned()]].concat());
            }
        }
        at += 1;
    }
    assert!(found.len() > 15, "{found:?}");
    found
}

pub(crate) fn help_of(command: &[impl AsRef<str> + Debug]) -> String {
    let mut arguments: Vec<_> = command.iter().map(AsRef::as_ref).collect();
    arguments.push("--help");
    let ended = run(&arguments);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command:?}");
    ended.stdout
}

/// The lines below `Examples:`, with continued lines joined.
pub(crate) fn examples(help: &str) -> Vec<String> {
    let below = help
        .split_once("\nExamples:\n")
        .unwrap_or_else(|| panic!("no examples in\n{help}"))
        .1;
    let block = below.split("\n\n").next().unwrap_or_default();
    block
        .replace("\\\n", " ")
        .lines()
        .map(|line| line.trim().to_owned())
        .collect()
}

/// Where the examples of live calls go: a sandbox, by the environment and by the profile that the examples name.
struct LiveSandbox {
    sandbox: Sandbox,
    folder: TemporaryFolder,
}

impl LiveSandbox {
    async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let folder = TemporaryFolder::new();
        let profile = profile_of(sandbox.credentials(), &folder);
        let paths = "[profile.hrms.paths]\nsearchCatalog = \"POST /api/v0/sandbox/search-catalog\"\n\
                     getProductDetails = \"GET /api/v0/sandbox/products/{id}\"\n";
        folder.write("config.toml", &format!("{profile}{paths}"));
        Self { sandbox, folder }
    }

    fn run(&self, arguments: &[&str]) -> CommandResult {
        let mut command = enkash(arguments);
        command
            .env("ENKASH_CONFIG", self.folder.path().join("config.toml"))
            .env("ENKASH_STATE_DIR", self.folder.path().join("state"));
        if !arguments.windows(2).any(|pair| pair == ["--profile", "hrms"]) {
            command.envs(settings_of_user(&self.sandbox));
            command.envs(settings(self.sandbox.credentials()));
        }
        command.output().unwrap().into()
    }
}

/// Serves until it is stopped, on any port.
pub(crate) fn serves(arguments: &[&str]) {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| if *argument == "4010" { "0" } else { argument })
        .collect();
    let mut running = Running::start(enkash(&arguments));
    let mut line = String::new();
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with('{'), "{arguments:?}: {line}");
    running.interrupt();
    assert_eq!(running.ended().code, Some(0), "{arguments:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_runs() {
    let live = LiveSandbox::start().await;
    let (mut ran, mut failed) = (BTreeSet::new(), Vec::new());
    for command in commands() {
        let examples = examples(&help_of(&command));
        assert!(!examples.is_empty(), "{command:?}");
        for example in examples {
            let arguments: Vec<_> = example.split_whitespace().collect();
            assert_eq!(arguments[0], "enkash", "{example}");
            if !ran.insert(example.clone()) {
                continue;
            }
            if arguments[1] == "sandbox" {
                serves(&arguments[1..]);
                continue;
            }
            let mut ended = live.run(&arguments[1..]);
            // Nobody is at a terminal to say yes.
            if ended.code == Some(2) && ended.stderr.contains("Add --yes") {
                ended = live.run(&[&arguments[1..], &["--yes"]].concat());
            }
            // The ids of a live example are not this sandbox's, and it says so.
            let is_of_elsewhere =
                arguments[1] != "--sandbox" && ended.code == Some(3) && ended.stderr.contains("not found");
            if !is_of_elsewhere && (ended.code != Some(0) || ended.stdout.is_empty()) {
                failed.push(format!("{example}: {ended:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(ran.len() > 35, "{ran:?}");
}

#[test]
fn no_example_is_wider_than_a_terminal() {
    for command in commands() {
        let help = help_of(&command);
        let below = help.split_once("\nExamples:\n").unwrap().1;
        assert!(below.lines().all(|line| line.len() <= 80), "{command:?}");
    }
}

#[test]
fn exit_codes_are_documented() {
    let money = ["bulk", "incentives allocate", "order create", "points allocate"];
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let commands = ["", "allocate", "unallocate"].into_iter().chain(money).map(words);
    for command in commands {
        let help = help_of(&command);
        for code in [
            "  0    done",
            "  1  ",
            "  2  ",
            "  3    the API refused",
            "  4    unknown",
            "  5  ",
            "  6    not sent",
            "  130 ",
            "  141 ",
        ] {
            assert!(help.contains(code), "{code} in {command:?}");
        }
    }
}

#[test]
fn nothing_is_coloured_where_there_is_no_terminal() {
    for arguments in [
        &["--help"][..],
        &["--no-such-flag"],
        &["--sandbox", "account"],
        &["-vv", "--sandbox", "account"],
    ] {
        let ended = run(arguments);
        assert!(
            !ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'),
            "{arguments:?}"
        );
    }
    assert_eq!(run(&["--no-such-flag"]).code, Some(2));
    assert_eq!(run(&[]).code, Some(2));
}
