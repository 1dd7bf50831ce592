//! What a person at a terminal sees and a program does not: colours, and hints what to do next. `script` gives a command a terminal.

use std::process::Command;

use enkash_sandbox::{Fault, FaultRule, Operation, When};

use crate::{
    live_calls::ALLOCATE_ARGS,
    profiles::profile_of,
    support::{CommandResult, LiveSandbox, enkash, refusal, run, settings},
};

const ESCAPE: char = '\u{1b}';

/// Runs a command on a terminal, with standard output and standard error on it.
fn on_terminal(command: &Command, environment: &[(&str, &str)]) -> String {
    let word = |text: &std::ffi::OsStr| format!("'{}'", text.to_str().unwrap().replace('\'', r"'\''"));
    let words: Vec<_> = [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .map(word)
        .collect();
    let mut script = Command::new("script");
    script
        .args(["-q", "-e", "-c", &words.join(" "), "/dev/null"])
        .current_dir(command.get_current_dir().unwrap())
        .stdin(std::process::Stdio::null())
        .env("TERM", "xterm");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        script.env_remove(name);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.envs(environment.iter().copied());
    let ended = CommandResult::from(script.output().unwrap());
    assert_eq!(ended.stderr, "", "{words:?}");
    ended.stdout.replace("\r\n", "\n")
}

#[test]
fn colours_are_for_a_terminal_that_wants_them() {
    let allocate = [&["--sandbox", "allocate"], &ALLOCATE_ARGS[..]].concat();
    let painted = "\u{1b}[32mdone\u{1b}[0m";
    let shown = on_terminal(&enkash(&allocate), &[]);
    assert!(shown.contains(painted), "{shown:?}");
    for environment in [
        ("NO_COLOR", "1"),
        ("NO_COLOR", "0"),
        ("TERM", "dumb"),
        ("CLICOLOR", "0"),
    ] {
        let shown = on_terminal(&enkash(&allocate), &[environment]);
        assert!(
            !shown.contains(ESCAPE) && shown.contains("done"),
            "{environment:?}: {shown:?}"
        );
    }
    // An empty NO_COLOR says nothing.
    assert!(on_terminal(&enkash(&allocate), &[("NO_COLOR", "")]).contains(painted));
    let never = [&allocate[..], &["--color", "never"]].concat();
    assert!(!on_terminal(&enkash(&never), &[]).contains(ESCAPE));
    let always = [&allocate[..], &["--color", "always"]].concat();
    assert!(on_terminal(&enkash(&always), &[("NO_COLOR", "1")]).contains(painted));
    // A program reads JSON and CSV.
    for form in ["json", "csv"] {
        let list = enkash(&["--sandbox", "cards", "--quiet", "--color", "always", "--output", form]);
        assert!(
            !on_terminal(&list, &[("CLICOLOR_FORCE", "1")]).contains(ESCAPE),
            "{form}"
        );
    }
}

#[test]
fn help_and_mistakes_follow_the_same_rule() {
    for (arguments, is_colored) in [
        (&["--help"][..], true),
        (&["--color", "never", "--help"], false),
        (&["--no-such-flag"], true),
        (&["--no-such-flag", "--color=never"], false),
        (&["settle", "--sandbox"], true),
        (&["settle", "--sandbox", "--color=never"], false),
    ] {
        let shown = on_terminal(&enkash(arguments), &[]);
        assert_eq!(shown.contains(ESCAPE), is_colored, "{arguments:?}: {shown:?}");
        assert!(
            !on_terminal(&enkash(arguments), &[("NO_COLOR", "1")]).contains(ESCAPE),
            "{arguments:?}"
        );
    }
    // Where no terminal is, it takes a wish.
    let mistake = |arguments: &[&str]| run(arguments).stderr;
    assert!(!mistake(&["settle", "--sandbox"]).contains(ESCAPE));
    assert!(mistake(&["settle", "--sandbox", "--color", "always"]).starts_with("\u{1b}[31menkash:\u{1b}[0m "));
    let mut forced = enkash(&["settle", "--sandbox"]);
    let forced = CommandResult::from(forced.env("CLICOLOR_FORCE", "1").output().unwrap());
    assert!(forced.stderr.contains(ESCAPE), "{forced:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_names_the_next_command_as_the_user_would_type_it() {
    let live = LiveSandbox::start().await;
    let profile = profile_of(live.sandbox.credentials(), &live.folder);
    let config = live.folder.write("config.toml", &profile);
    let state = live.state();
    let shown = |arguments: &[&str], reference: &str| {
        let arguments = [
            arguments,
            &ALLOCATE_ARGS[..],
            &["--reference", reference, "--yes", "--profile", "hrms"],
        ]
        .concat();
        let mut command = enkash(&arguments);
        command.env("ENKASH_CONFIG", &config).env("ENKASH_STATE_DIR", &state);
        let on_terminal = on_terminal(&command, &[("NO_COLOR", "1")]);
        let hints: Vec<_> = on_terminal
            .lines()
            .filter(|line| line.starts_with("hint:"))
            .map(str::to_owned)
            .collect();
        assert_eq!(hints.is_empty(), arguments[0] != "allocate", "{on_terminal}");
        hints
    };
    assert_eq!(
        shown(&["allocate"], "it's-1"),
        [r"hint: to see it: enkash --profile hrms transactions --reference 'it'\''s-1'"]
    );
    live.sandbox
        .add_fault(FaultRule::on(Operation::CreateAllocatePoints, refusal()).nth(1));
    let refused = shown(&["allocate"], "B2");
    assert!(
        refused[0].ends_with("with a new reference; this one: enkash --profile hrms history --reference B2"),
        "{refused:?}"
    );
    live.sandbox.clear_faults();
    live.sandbox.add_fault(FaultRule::on(
        Operation::CreateAllocatePoints,
        Fault::Reset(When::After),
    ));
    assert_eq!(
        shown(&["allocate"], "B3"),
        ["hint: to find out, and send nothing: enkash --profile hrms settle"]
    );
    live.sandbox.clear_faults();
    for silent in [&["--no-hints", "allocate"][..], &["--quiet", "allocate"]] {
        assert_eq!(shown(silent, &format!("C{}", silent[0])), [""; 0], "{silent:?}");
    }
}

/// The same command again would be the next failed login.
#[tokio::test(flavor = "multi_thread")]
async fn no_hint_leads_into_another_failed_login() {
    let live = LiveSandbox::start().await;
    let arguments = [&["allocate"], &ALLOCATE_ARGS[..], &["--yes"]].concat();
    let mut command = enkash(&arguments);
    command
        .envs(settings(live.sandbox.credentials()))
        .env("ENKASH_PASSWORD", "wrong")
        .env("ENKASH_STATE_DIR", live.state());
    let shown = on_terminal(&command, &[("NO_COLOR", "1")]);
    assert!(shown.contains("not sent") && !shown.contains("hint:"), "{shown}");
}

/// The hint's command is one that works, and standard error that is no terminal has none.
#[tokio::test(flavor = "multi_thread")]
async fn a_hint_can_be_typed() {
    let live = LiveSandbox::start().await;
    let arguments = [&["allocate"], &ALLOCATE_ARGS[..], &["--reference=-B$1", "--yes"]].concat();
    let mut command = enkash(&arguments);
    command
        .envs(settings(live.sandbox.credentials()))
        .env("ENKASH_STATE_DIR", live.state());
    let shown = on_terminal(&command, &[("NO_COLOR", "1")]);
    let hint = shown
        .lines()
        .find_map(|line| line.strip_prefix("hint: to see it: enkash "))
        .unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(hint, "transactions --reference='-B$1'");
    let seen = live.run(&["transactions", "--reference=-B$1", "--json"]);
    assert!(seen.stdout.contains(r#""reference":"-B$1""#), "{seen:?}");
    let quiet = live.run(&[&["allocate"], &ALLOCATE_ARGS[..], &["--reference", "B2", "--yes"]].concat());
    assert!(
        !quiet.stderr.contains("hint:") && !quiet.stdout.contains("hint:"),
        "{quiet:?}"
    );
}
