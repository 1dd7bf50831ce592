//! `enkash paths`: the operations whose path the portal does not document, and the paths that the profile gives.

use enkash::{EvidenceLevel, OPERATIONS};
use serde_json::json;

use crate::{
    exit::{Exit, Failure},
    output::{Column, Format, Output},
    session::Target,
    settings::{Profile, Settings},
};

pub(super) fn run(target: &Target, output: &mut Output) -> Result<Exit, Failure> {
    let settings = Settings::read(target.profile.as_deref());
    let profile = settings.profile.as_ref().map(|(_, profile)| profile);
    let given = |id| profile.and_then(|profile: &Profile| profile.paths.get(&id));
    let operations: Vec<_> = OPERATIONS
        .iter()
        .filter(|operation| operation.evidence.path != EvidenceLevel::Documented || given(operation.id).is_some())
        .collect();
    match output.format {
        Format::Json => {
            let rows = operations.iter().map(|operation| {
                let is_known = operation.evidence.path != EvidenceLevel::Unknown;
                json!({
                    "operation": operation.name,
                    "method": operation.method,
                    "path": is_known.then_some(operation.path),
                    "evidence": operation.evidence.path.to_string(),
                    "given": given(operation.id).map(|path| path.value.text.as_str()),
                    "pages": operation.pages.iter().map(|page| page.title).collect::<Vec<_>>(),
                })
            });
            output.json(&json!({ "operations": rows.collect::<Vec<_>>() }))?;
        }
        Format::Table | Format::Csv => {
            let columns = vec![
                Column::left("operation"),
                Column::left("path is"),
                Column::left("method and path"),
            ];
            let rows: Vec<_> = operations
                .iter()
                .map(|operation| {
                    let (known, path) = match (given(operation.id), operation.evidence.path) {
                        (Some(given), _) => ("given".to_owned(), given.value.text.clone()),
                        (None, EvidenceLevel::Unknown) => ("unknown".to_owned(), operation.method.to_owned()),
                        (None, level) => (level.to_string(), format!("{} {}", operation.method, operation.path)),
                    };
                    vec![operation.name.to_owned(), known, path]
                })
                .collect();
            output.table(columns, &rows)?;
            output.note("note: enkash help paths says how to give one");
        }
    }
    match settings.mistakes() {
        [] => Ok(Exit::Done),
        mistakes => Err(Failure::bad_input(mistakes.join("\n"))),
    }
}
