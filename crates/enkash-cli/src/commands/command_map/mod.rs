//! `enkash commands`: every command with its options, its columns, what it does with value and which operations it calls, for tools
//! that call this program. The command line and the table of commands are read, so that nothing here can be forgotten.

use clap::{Arg, ArgAction, CommandFactory, builder::ValueRange};
use enkash::{OperationId, spec::EvidenceLevel};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Cli, Commands};
use crate::{
    command::{Command, CommandFacts, Context, Effect, LeafFacts},
    exit::{CliError, ExitStatus},
    output::{Format, List},
};

const HELP: &str = "\
Examples:
  enkash commands
  enkash commands --json
  enkash commands --output csv

The JSON is one object; enkash schema CommandMap prints its schema.";

/// List every command, with --json as a map for tools
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct ListCommands {}

/// The whole command line.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct CommandMap {
    /// Its name.
    program: &'static str,
    /// Its version; the map may change with it.
    version: &'static str,
    /// Options that every command has.
    global_options: Vec<OptionEntry>,
    exit_codes: Vec<ExitCodeEntry>,
    /// Every command that runs, by its words.
    commands: Vec<CommandEntry>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct ExitCodeEntry {
    code: u8,
    meaning: &'static str,
}

/// One command.
#[derive(Debug, JsonSchema, Serialize)]
struct CommandEntry {
    /// Its words after `enkash`, such as `order create`.
    name: String,
    /// Other names of its last word.
    aliases: Vec<String>,
    about: String,
    /// How it is called, with what must be there and what goes together.
    usage: String,
    /// `moves_value`, `changes`, `reads`, `forwards` (what other programs send) or `local`: what it may do at the API.
    effect: &'static str,
    /// Whether value may move by it: also where it forwards calls that move value.
    moves_value: bool,
    /// What it calls for its own purpose; a login and look-ups beside it are not here.
    operations: Vec<OperationEntry>,
    /// What `--output` may be.
    formats: Vec<&'static str>,
    /// The option that CSV needs, where it needs one.
    csv_needs: Option<&'static str>,
    /// The columns of its CSV, in their order.
    columns: Vec<&'static str>,
    /// What stands without a name, in its order.
    arguments: Vec<OptionEntry>,
    options: Vec<OptionEntry>,
}

/// An operation of the API, and how well it is known.
#[derive(Debug, JsonSchema, Serialize)]
struct OperationEntry {
    id: &'static str,
    method: String,
    /// `null` where nobody has seen it.
    path: Option<&'static str>,
    /// `documented`, `observed`, `inferred` or `unknown`.
    path_evidence: String,
    response_evidence: String,
}

/// An option or an argument.
#[derive(Debug, JsonSchema, Serialize)]
struct OptionEntry {
    /// `--reference`, or the name of an argument.
    name: String,
    short: Option<char>,
    /// What its value is called; `null` for a switch.
    value_name: Option<String>,
    help: String,
    default: Option<String>,
    /// The values that it takes, where they are few.
    possible_values: Vec<String>,
    /// Whether it may stand several times.
    repeats: bool,
    /// Whether it must be there in any case.
    required: bool,
    /// The variable of the environment that stands for it.
    env: Option<String>,
    /// Options that exclude it.
    conflicts: Vec<String>,
}

impl CommandMap {
    pub(super) fn read() -> Self {
        let mut root = Cli::command();
        root.build();
        let global_options = root.get_arguments().filter(|argument| argument.is_global_set());
        let mut commands = Vec::new();
        collect(&root, &Commands::facts(), "", &mut commands);
        Self {
            program: "enkash",
            version: env!("CARGO_PKG_VERSION"),
            global_options: global_options.map(|argument| option(&root, argument)).collect(),
            exit_codes: ExitStatus::ALL
                .iter()
                .map(|(status, meaning)| ExitCodeEntry {
                    code: *status as u8,
                    meaning,
                })
                .collect(),
            commands,
        }
    }
}

/// The commands whose result can be CSV, with the option that one needs for that.
pub(super) fn lists() -> Vec<String> {
    let entries = CommandMap::read().commands.into_iter();
    let lists = entries.filter(|entry| entry.formats.contains(&"csv"));
    lists
        .map(|entry| match entry.csv_needs {
            Some(option) => format!("{} {option}", entry.name),
            None => entry.name,
        })
        .collect()
}

/// The commands of clap, without the help that it adds itself. They stand in the order of their table.
fn subcommands(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|command| command.get_name() != "help")
}

fn collect(command: &clap::Command, facts: &CommandFacts, name: &str, entries: &mut Vec<CommandEntry>) {
    match facts {
        CommandFacts::Table(parts) => {
            for (command, part) in subcommands(command).zip(parts) {
                let name = format!("{name} {}", command.get_name());
                collect(command, part, name.trim_start(), entries);
            }
        }
        CommandFacts::Leaf(leaf) => {
            entries.push(entry(command, leaf, name));
            if let Some(below) = &leaf.below {
                return collect(command, below, name, entries);
            }
            // Without a table of its own, what stands below does no more than the command itself.
            for part in subcommands(command) {
                let below = LeafFacts {
                    effect: leaf.effect,
                    ..LeafFacts::default()
                };
                entries.push(entry(part, &below, &format!("{name} {}", part.get_name())));
            }
        }
    }
}

fn entry(command: &clap::Command, facts: &LeafFacts, name: &str) -> CommandEntry {
    let own = || {
        command
            .get_arguments()
            .filter(|argument| !argument.is_global_set() && argument.get_id() != "help")
    };
    let (arguments, options): (Vec<_>, Vec<_>) = own().partition(|argument| argument.is_positional());
    let entries = |arguments: Vec<&Arg>| {
        arguments
            .into_iter()
            .map(|argument| option(command, argument))
            .collect()
    };
    let has_csv = facts.lists || facts.csv_needs.is_some();
    let formats = [
        Some("table"),
        facts.has_json.then_some("json"),
        has_csv.then_some("csv"),
    ];
    CommandEntry {
        name: name.to_owned(),
        aliases: command.get_visible_aliases().map(str::to_owned).collect(),
        about: command.get_about().map(ToString::to_string).unwrap_or_default(),
        usage: usage(command),
        effect: facts.effect.as_str(),
        moves_value: matches!(facts.effect, Effect::MovesValue | Effect::Forwards),
        operations: facts.operations.iter().copied().map(operation).collect(),
        formats: formats.into_iter().flatten().collect(),
        csv_needs: facts.csv_needs,
        columns: facts.columns.clone(),
        arguments: entries(arguments),
        options: entries(options),
    }
}

fn usage(command: &clap::Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage);
    usage.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn operation(id: OperationId) -> OperationEntry {
    let operation = id.operation();
    OperationEntry {
        id: operation.name,
        method: operation.method.to_string(),
        path: Some(operation.path).filter(|_| operation.evidence.path != EvidenceLevel::Unknown),
        path_evidence: operation.evidence.path.to_string(),
        response_evidence: operation.evidence.response.to_string(),
    }
}

fn option(command: &clap::Command, argument: &Arg) -> OptionEntry {
    let name = |argument: &Arg| match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => argument.get_id().to_string(),
    };
    let takes_values = argument.get_num_args() != Some(ValueRange::EMPTY);
    let values = || argument.get_value_names().map(|names| names.join(" "));
    let defaults: Vec<_> = argument
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    let possible = argument.get_possible_values();
    OptionEntry {
        name: name(argument),
        short: argument.get_short(),
        value_name: takes_values.then(values).flatten(),
        help: argument.get_help().map(ToString::to_string).unwrap_or_default(),
        default: (takes_values && !defaults.is_empty()).then(|| defaults.join(" ")),
        possible_values: match takes_values {
            true => possible.iter().map(|value| value.get_name().to_owned()).collect(),
            false => Vec::new(),
        },
        repeats: matches!(argument.get_action(), ArgAction::Append | ArgAction::Count),
        required: argument.is_required_set(),
        env: argument.get_env().map(|name| name.to_string_lossy().into_owned()),
        conflicts: command.get_arg_conflicts_with(argument).into_iter().map(name).collect(),
    }
}

impl Command for ListCommands {
    const EFFECT: Effect = Effect::Local;
    const LISTS: bool = true;

    fn columns() -> Vec<&'static str> {
        list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let map = CommandMap::read();
        match context.output.format {
            Format::Json => context.output.json(&map)?,
            Format::Table | Format::Csv => list().write(&map.commands, context.output)?,
        }
        Ok(ExitStatus::Done)
    }
}

fn list() -> List<CommandEntry> {
    List::<CommandEntry>::new()
        .text("command", |entry: &CommandEntry| Some(entry.name.clone()))
        .text("effect", |entry| Some(entry.effect.replace('_', " ")))
        .text("operations", |entry| {
            let ids: Vec<_> = entry.operations.iter().map(|operation| operation.id).collect();
            Some(ids.join(" ")).filter(|ids| !ids.is_empty())
        })
        .text("about", |entry| Some(entry.about.clone()))
        .in_table("command effect about")
}

#[cfg(test)]
mod tests;
