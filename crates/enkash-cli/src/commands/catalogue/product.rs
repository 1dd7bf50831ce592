//! `enkash product`: one product with its denominations, whose ids a cart takes.

use enkash::{OperationId, ProductCatalogId};
use serde_json::json;

use super::{
    super::{
        command::{Command, Effect},
        evidence::{EvidenceJson, note_evidence},
    },
    denominations_list, products_list,
};
use crate::{
    exit::{Exit, Failure},
    output::{Format, Output, listing},
    session::{Connection, Target},
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
    fn effect(&self) -> Effect {
        Effect::Reads
    }

    fn lists(&self) -> bool {
        true
    }

    async fn run(self, target: &Target, output: &mut Output) -> Result<Exit, Failure> {
        let (_connection, redemption) = Connection::open_redemption(target, self.as_user, output).await?;
        let id = ProductCatalogId::from(self.id);
        let product = redemption.product(&id).await?.into_value();
        let list = products_list();
        if output.format == Format::Json {
            let mut shown = json!(list.json(&product));
            if let Some(fields) = shown.as_object_mut() {
                let evidence = EvidenceJson::of(OperationId::GetProductConfigs);
                fields.insert("evidence".to_owned(), json!(evidence));
            }
            output.json(&shown)?;
        } else {
            if output.format == Format::Table {
                let list = list.in_table(&["product", "brand", "category", "description"]);
                output.lines(listing(&list.pairs(&product)))?;
                output.line("")?;
            }
            let items: Vec<_> = product.denominations.iter().map(|item| (&product, item)).collect();
            denominations_list().write(&items, output)?;
        }
        note_evidence(output, OperationId::GetProductConfigs);
        Ok(Exit::Done)
    }
}
