//! `enkash product-details`: details of a product, at the path that the user gives.

use enkash::OperationId;

use super::{show, with_path_hint};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash --sandbox product-details --fill productCatalogId=PC0SANDBOXTEA001
  enkash --profile hrms product-details --fill id=PC7513531244A681 --json --raw

Path and response are on no page. The path comes from the profile:

  [profile.hrms.paths]
  getProductDetails = \"GET /api/v0/…/{id}\"";

/// Show details of a product, at a path that you give
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct ProductDetails {
    /// The value of a {placeholder} in the profile's path; repeat it for several
    #[arg(long = "fill", value_name = "PLACEHOLDER=VALUE", value_parser = placeholder_value)]
    values: Vec<(String, String)>,
    /// Log in as the redemption user, not as the partner
    #[arg(long)]
    as_user: bool,
    /// With JSON, add the response as it came
    #[arg(long)]
    raw: bool,
}

/// What stands for a placeholder.
fn placeholder_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is not PLACEHOLDER=VALUE".to_owned()),
    }
}

impl Command for ProductDetails {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::GetProductDetails];

    fn columns() -> Vec<&'static str> {
        super::products_list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        context.target.path_values = self.values;
        let (_connection, redemption) = context.redemption(self.as_user).await?;
        let response = redemption.product_details().await.map_err(|error| {
            let lacks_path = error.is_unknown_path();
            let mut failure = with_path_hint(error);
            if lacks_path {
                failure
                    .message
                    .push_str(" A {placeholder} of the path takes its value from --fill.");
            }
            failure
        })?;
        show(OperationId::GetProductDetails, &response, self.raw, context.output)
    }
}
