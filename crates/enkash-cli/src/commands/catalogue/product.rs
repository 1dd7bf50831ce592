//! `enkash product`: one product with its denominations, whose ids a cart takes.

use enkash::{
    OperationId, ProductCatalogId,
    redemption::{Denomination, Product as Details},
};
use serde_json::json;

use super::{super::EvidenceJson, as_json};
use crate::{
    commands::note_evidence,
    exit::{Exit, Failure},
    output::{Cell, Column, Format, Output, listing, money},
    session::{Connection, Target},
};

#[derive(clap::Args, Debug)]
pub(crate) struct Product {
    /// The product's id
    id: String,
    /// Log in as the redemption user, not as the partner
    #[arg(long)]
    as_user: bool,
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox product PC0SANDBOXBOOKS1
  enkash --sandbox product PC0SANDBOXBOOKS1 --output csv
  enkash product PC7513531244A681 --output json";

pub(in super::super) async fn run(target: &Target, arguments: Product, output: &mut Output) -> Result<Exit, Failure> {
    let (_connection, redemption) = Connection::open_redemption(target, arguments.as_user, output).await?;
    let id = ProductCatalogId::from(arguments.id);
    let product = redemption.product(&id).await?.into_value();
    match output.format {
        Format::Json => {
            let mut told = as_json(&product);
            if let Some(fields) = told.as_object_mut() {
                let evidence = EvidenceJson::of(OperationId::GetProductConfigs);
                fields.insert("evidence".to_owned(), json!(evidence));
            }
            output.json(&told)?;
        }
        Format::Csv => as_csv(&product, output)?,
        Format::Table => as_table(&product, output)?,
    }
    note_evidence(output, OperationId::GetProductConfigs);
    Ok(Exit::Done)
}

fn as_csv(product: &Details, output: &mut Output) -> Result<(), Failure> {
    output.header(&[
        "product",
        "denomination",
        "face_value",
        "price",
        "discount",
        "max_quantity",
        "allows_any_amount",
    ])?;
    product.denominations.iter().try_for_each(|denomination| {
        output.record(&[
            Cell::text(product.id.as_ref().map(|id| id.as_str())),
            Cell::text(denomination.id.as_ref().map(|id| id.as_str())),
            Cell::number(denomination.face_value.map(money)),
            Cell::number(denomination.price.map(money)),
            Cell::number(denomination.discount.map(money)),
            Cell::number(denomination.max_quantity.map(|pieces| pieces.to_string())),
            Cell::text(denomination.allows_any_amount.map(|any| any.to_string())),
        ])
    })
}

fn as_table(product: &Details, output: &mut Output) -> Result<(), Failure> {
    let lines = listing(&[
        ("product", product.id.as_ref().map(ToString::to_string)),
        ("brand", product.brand.clone()),
        ("category", product.category.clone()),
        ("description", product.description.clone()),
    ]);
    output.lines(lines)?;
    output.line("")?;
    let columns = vec![
        Column::left("denomination"),
        Column::right("face value"),
        Column::right("price"),
        Column::right("discount %"),
        Column::right("at most"),
        Column::left("any amount"),
    ];
    let rows: Vec<_> = product.denominations.iter().map(as_row).collect();
    output.table(columns, &rows)
}

fn as_row(denomination: &Denomination) -> Vec<String> {
    let any_amount = denomination
        .allows_any_amount
        .map(|any| if any { "yes" } else { "no" }.to_owned());
    [
        denomination.id.as_ref().map(ToString::to_string),
        denomination.face_value.map(money),
        denomination.price.map(money),
        denomination.discount.map(money),
        denomination.max_quantity.map(|pieces| pieces.to_string()),
        any_amount,
    ]
    .map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
    .to_vec()
}
