//! `enkash product`: one product with its denominations, whose ids a cart takes.

use enkash::{OperationId, ids::ProductCatalogId};
use serde_json::json;

use super::{
    super::evidence::{EvidenceJson, note_evidence},
    denominations_list, products_list,
};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{Format, key_value_lines},
};

const HELP: &str = "\
Examples:
  enkash --sandbox product PC0SANDBOXBOOKS1
  enkash --sandbox product PC0SANDBOXBOOKS1 --output csv
  enkash product PC7513531244A681 --output json";

/// Show a product with its denominations
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Product {
    /// The product's id
    id: String,
    /// Log in as the redemption user, not as the partner
    #[arg(long)]
    as_user: bool,
}

impl Command for Product {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::GetProductConfigs];

    fn columns() -> Vec<&'static str> {
        super::denominations_list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let (_connection, redemption) = context.redemption(self.as_user).await?;
        let id = ProductCatalogId::from(self.id);
        let product = redemption.product(&id).await?.into_value();
        let list = products_list();
        if context.output.format == Format::Json {
            let mut shown = json!(list.json(&product));
            shown["evidence"] = json!(EvidenceJson::for_operation(OperationId::GetProductConfigs));
            context.output.json(&shown)?;
        } else {
            if context.output.format == Format::Table {
                let list = list.in_table("product brand category description");
                context.output.print_lines(key_value_lines(&list.pairs(&product)))?;
                context.output.print_line("")?;
            }
            let items: Vec<_> = product.denominations.iter().map(|item| (&product, item)).collect();
            denominations_list().write(&items, context.output)?;
        }
        note_evidence(context.output, OperationId::GetProductConfigs);
        Ok(ExitStatus::Done)
    }
}
