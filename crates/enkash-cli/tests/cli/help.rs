//! The help: its examples run, its exit codes are listed, and it fits a terminal.

use crate::binary::run;

const COMMANDS: [&[&str]; 10] = [
    &[],
    &["allocate"],
    &["unallocate"],
    &["account"],
    &["token"],
    &["cards"],
    &["transactions"],
    &["sso"],
    &["sso", "token"],
    &["sandbox"],
];

fn help_of(command: &[&str]) -> String {
    let ended = run(&[command, &["--help"]].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command:?}");
    ended.stdout
}

/// The lines below `Examples:`, with continued lines joined.
fn examples(help: &str) -> Vec<String> {
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
fn every_example_in_the_sandbox_runs() {
    for command in COMMANDS {
        let examples = examples(&help_of(command));
        assert!(
            examples.iter().all(|example| example.starts_with("enkash ")),
            "{examples:?}"
        );
        let mut ran = 0;
        for example in examples
            .iter()
            .filter(|example| example.starts_with("enkash --sandbox"))
        {
            let arguments: Vec<_> = example.split_whitespace().skip(1).collect();
            let ended = run(&arguments);
            assert_eq!(ended.code, Some(0), "{example}: {ended:?}");
            assert!(!ended.stdout.is_empty(), "{example}");
            ran += 1;
        }
        // `enkash sandbox` serves until it is stopped: its own tests run it.
        assert!(ran > 0 || command == ["sandbox"], "{command:?} has no example to try");
    }
}

#[test]
fn no_example_is_wider_than_a_terminal() {
    for command in COMMANDS {
        let help = help_of(command);
        let below = help.split_once("\nExamples:\n").unwrap().1;
        assert!(below.lines().all(|line| line.len() <= 80), "{command:?}");
    }
}

#[test]
fn exit_codes_are_documented() {
    for command in [&[][..], &["allocate"], &["unallocate"]] {
        let help = help_of(command);
        for code in [
            "  0    done",
            "  1  ",
            "  2  ",
            "  3    the portal refused",
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
