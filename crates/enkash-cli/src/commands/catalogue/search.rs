//! `enkash catalog`: searches the catalogue, at the path that the user gives.

use std::path::PathBuf;

use enkash::OperationId;
use serde_json::json;

use super::{
    super::command::{Command, Effect},
    show, with_path_hint,
};
use crate::{
    exit::{Exit, Failure},
    input_file::read_json,
    output::Output,
    session::{Connection, Target},
};

const HELP: &str = "\
Examples:
  enkash --sandbox catalog
  enkash --sandbox catalog --output json
  enkash --profile hrms catalog --body examples/search.json

Path, request and answer are on no page. The path comes from the profile:

  [profile.hrms.paths]
  searchCatalog = \"POST /api/v0/…\"";

/// Search the catalogue of vouchers, at a path that you give
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Catalog {
    /// The request's body, a file of JSON; without it {} is sent
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Log in as the redemption user, not as the partner
    #[arg(long)]
    as_user: bool,
    /// With JSON, add the answer as it came
    #[arg(long)]
    raw: bool,
}

impl Command for Catalog {
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    fn lists(&self) -> bool {
        true
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let body = match &self.body {
            None => json!({}),
            Some(path) => read_json(path)?,
        };
        let (_connection, redemption) = Connection::open_redemption(target, self.as_user, output).await?;
        let answer = redemption.search_catalogue(body).await.map_err(with_path_hint)?;
        show(OperationId::SearchCatalog, &answer, self.raw, output)
    }
}
