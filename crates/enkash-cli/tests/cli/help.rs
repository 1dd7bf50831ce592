//! The help: its exit codes are listed, and it fits a terminal. `help_examples` runs its examples.

use std::fmt::Debug;

use crate::support::run;

/// Every command, by what its own help and that of the commands above it list.
pub(crate) fn commands() -> Vec<Vec<String>> {
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
