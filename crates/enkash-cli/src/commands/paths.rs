//! `enkash paths`: the operations whose path no page documents, and the paths that the profile gives.

use enkash::spec::{EvidenceLevel, OPERATIONS, Operation};
use serde_json::json;

use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{Cell, Format, List},
    settings::Settings,
};

const HELP: &str = "\
Examples:
  enkash paths
  enkash --profile hrms paths --output json

EnKash's pages name these operations and show no path, or none for this product.
An inferred path is that of a sibling page: it is used, with a note. An observed
one was seen in a recording: it is used as a documented one is. An unknown one
is never guessed: a call that needs it is not sent until you give method and
path, as EnKash told you or your own traffic shows them:

  [profile.hrms.paths]
  searchCatalog = \"POST /the/path/that/you/were/given\"

The method is GET, POST, PUT, PATCH or DELETE. A path begins with one slash. It
cannot name a host, a query or a fragment; {NAME} takes the operation's own
parameter of that name. It may not be the path of another operation that moves
value, nor a read's that of one that is never repeated. On a path of yours
nothing is repeated by itself.";

/// List the operations whose path no page shows, and say how to give one
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Paths {}

/// An operation, and the path that the profile gives.
struct PathRow {
    operation: &'static Operation,
    given: Option<String>,
}

impl Command for Paths {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let settings = Settings::read(context.target.profile.as_deref());
        let given = |id| {
            let (_, profile) = settings.profile.as_ref()?;
            Some(profile.paths.get(&id)?.value.text.clone())
        };
        let paths: Vec<_> = OPERATIONS
            .iter()
            .map(|operation| PathRow {
                operation,
                given: given(operation.id),
            })
            .filter(|path| path.level() != EvidenceLevel::Documented || path.given.is_some())
            .collect();
        let list = list();
        if context.output.format == Format::Json {
            context
                .output
                .json(&json!({ "operations": list.json_of_all(&paths) }))?;
        } else {
            list.write(&paths, context.output)?;
            context.output.note("note: enkash help paths says how to give one");
        }
        match settings.mistakes() {
            [] => Ok(ExitStatus::Done),
            mistakes => Err(CliError::bad_input(mistakes.join("\n"))),
        }
    }
}

impl PathRow {
    fn level(&self) -> EvidenceLevel {
        self.operation.evidence.path
    }

    /// The path of the spec, where somebody has seen one.
    fn path(&self) -> Option<&'static str> {
        (self.level() != EvidenceLevel::Unknown).then_some(self.operation.path)
    }
}

fn list() -> List<PathRow> {
    List::<PathRow>::new()
        .text("operation", |known: &PathRow| Some(known.operation.name.to_owned()))
        .text("method", |known| Some(known.operation.method.to_owned()))
        .text("path", |known| known.path().map(str::to_owned))
        .text("evidence", |known| Some(known.level().to_string()))
        .text("given", |known| known.given.clone())
        .cell("pages", |known| {
            let titles = known.operation.pages.iter().map(|page| page.title.to_owned());
            Cell::List(titles.collect())
        })
        .text("origin", |known| {
            let level = known.level().to_string();
            Some(known.given.as_ref().map_or(level, |_| "given".to_owned()))
        })
        .heading("path is")
        .only_in_table()
        .text("call", |known| {
            let method = known.operation.method;
            let call = known
                .path()
                .map_or(method.to_owned(), |path| format!("{method} {path}"));
            Some(known.given.clone().unwrap_or(call))
        })
        .heading("method and path")
        .only_in_table()
        .in_table("operation origin call")
}
