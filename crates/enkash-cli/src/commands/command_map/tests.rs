use std::{collections::BTreeSet, fs, path::Path};

use super::*;

/// The words of every command of clap that runs.
fn of_clap(command: &clap::Command, name: &str, names: &mut BTreeSet<String>) {
    if !command.is_subcommand_required_set() && !name.is_empty() {
        names.insert(name.to_owned());
    }
    for part in subcommands(command) {
        of_clap(part, format!("{name} {}", part.get_name()).trim_start(), names);
    }
}

#[test]
fn every_command_and_every_option_is_there() {
    let mut root = Cli::command();
    root.build();
    let mut expected = BTreeSet::new();
    of_clap(&root, "", &mut expected);
    let map = CommandMap::read();
    let listed: BTreeSet<_> = map.commands.iter().map(|entry| entry.name.clone()).collect();
    assert_eq!((listed.len(), &listed), (map.commands.len(), &expected));
    assert!(listed.len() > 40, "{listed:?}");
    for entry in &map.commands {
        let mut command = &root;
        for word in entry.name.split(' ') {
            command = command.find_subcommand(word).unwrap();
        }
        let all = command.get_arguments().count();
        let global = command
            .get_arguments()
            .filter(|argument| argument.is_global_set())
            .count();
        // Beside the help.
        assert_eq!(
            entry.arguments.len() + entry.options.len() + global + 1,
            all,
            "{}",
            entry.name
        );
        assert_eq!(
            entry.formats.contains(&"csv"),
            !entry.columns.is_empty(),
            "{}",
            entry.name
        );
        assert!(!entry.about.is_empty(), "{}", entry.name);
    }
}

/// `spec/surface.yaml` says which command calls an operation; a change there is a change here.
#[test]
fn every_operation_has_the_commands_of_the_surface() {
    let surface = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/surface.yaml");
    let surface = fs::read_to_string(surface).unwrap();
    let map = CommandMap::read();
    let mut operation = "";
    let mut compared = 0;
    for line in surface.lines() {
        if let Some(name) = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':')) {
            operation = name.trim();
        }
        let Some(commands) = line.trim().strip_prefix("cli: {is: '") else {
            continue;
        };
        let words = commands
            .trim_end_matches("'}")
            .split(", ")
            .filter_map(|text| text.strip_prefix("enkash "));
        let calls = |entry: &CommandEntry| entry.operations.iter().any(|known| known.id == operation);
        for word in words {
            let name = word.split(" --").next().unwrap_or(word);
            let is_named = |entry: &CommandEntry| {
                let parent = entry.name.rsplit_once(' ').map_or("", |(parent, _)| parent);
                entry.name == name
                    || parent == name
                    || entry
                        .aliases
                        .iter()
                        .any(|alias| format!("{parent} {alias}").trim() == name)
            };
            assert!(
                map.commands.iter().any(|entry| is_named(entry) && calls(entry)),
                "{operation}: {name}"
            );
            compared += 1;
        }
    }
    assert!(compared > 25, "{compared}");
    // What moves value says what it calls.
    for entry in map.commands.iter().filter(|entry| entry.moves_value) {
        assert!(!entry.operations.is_empty(), "{}", entry.name);
    }
}

#[test]
fn the_exit_codes_are_those_of_the_help() {
    let help = crate::command::exit_codes!();
    for (status, meaning) in ExitStatus::ALL {
        assert!(
            help.contains(&format!("  {:<3}  {meaning}\n", *status as u8)),
            "{meaning}"
        );
    }
}

/// `--limit N=10`, with `*` where it may stand several times and `!` where it must stand.
fn outline(option: &OptionEntry) -> String {
    let mut text = option.name.clone();
    if let Some(value) = &option.value_name {
        text.push_str(&format!(" {value}"));
    }
    if let Some(default) = &option.default {
        text.push_str(&format!("={default}"));
    }
    text.push_str(if option.repeats { "*" } else { "" });
    text.push_str(if option.required { "!" } else { "" });
    text
}

#[test]
fn the_map_is_as_reviewed() {
    let map = CommandMap::read();
    let outlines = |options: &[OptionEntry]| options.iter().map(outline).collect::<Vec<_>>().join(", ");
    let mut text = format!("everywhere: {}\n", outlines(&map.global_options));
    for entry in &map.commands {
        let ids: Vec<_> = entry.operations.iter().map(|operation| operation.id).collect();
        let head = format!("\n{} ({} {}", entry.name, entry.effect, ids.join(" "));
        text.push_str(head.trim_end());
        text.push_str(")\n");
        let columns = entry.columns.join(" ");
        for (name, list) in [
            ("arguments", outlines(&entry.arguments)),
            ("options", outlines(&entry.options)),
            ("columns", columns),
        ] {
            if !list.is_empty() {
                text.push_str(&format!("  {name}: {list}\n"));
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/commands.txt");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        fs::write(&path, &text).unwrap();
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == reviewed,
        "the commands are not as in {}: if this is meant, run `INSTA_UPDATE=always cargo test -p enkash-cli --bin enkash -- \
         command_map` and review the diff",
        path.display()
    );
}

#[test]
fn the_readme_names_every_list() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, csv) = readme.split_once("`--output csv` is for lists: ").unwrap();
    let (csv, _) = csv.split_once(". A header").unwrap();
    let named: Vec<_> = csv.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, lists());
}
