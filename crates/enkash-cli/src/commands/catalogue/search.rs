//! `enkash catalog`: searches the catalogue, at the path that the user gives.

use std::path::PathBuf;

use enkash::OperationId;
use serde_json::json;

use super::{show, with_path_hint};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    input_file::read_json,
};

const HELP: &str = "\
Examples:
  enkash --sandbox catalog
  enkash --sandbox catalog --output json
  enkash --profile hrms catalog --body examples/search.json

Path, request and response are on no page. The path comes from the profile:

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
    /// With JSON, add the response as it came
    #[arg(long)]
    raw: bool,
}

impl Command for Catalog {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::SearchCatalog];

    fn columns() -> Vec<&'static str> {
        super::products_list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let body = match &self.body {
            None => json!({}),
            Some(path) => read_json(path)?,
        };
        let (_connection, redemption) = context.redemption(self.as_user).await?;
        let response = redemption.search_catalogue(body).await.map_err(with_path_hint)?;
        show(OperationId::SearchCatalog, &response, self.raw, context.output)
    }
}
