//! `enkash catalog`, `product` and `product-details`: what vouchers there are. Only the page of `product` shows its path; the
//! other two call a path that the user's profile gives.

pub(super) mod details;
pub(super) mod product;
pub(super) mod search;

use enkash::{
    Error, OperationId, Response,
    redemption::{CatalogueAnswer, Denomination, Product},
};
use serde_json::json;

use super::evidence::{EvidenceJson, no_list, note_evidence};
use crate::{
    exit::{CliError, ExitStatus},
    output::{Cell, Format, List, Output},
};

/// An error, with the way out where the path is not known.
fn with_path_hint(error: Error) -> CliError {
    if !error.is_unknown_path() {
        return error.into();
    }
    let operation = error.operation().map(OperationId::operation);
    let (name, method) = operation.map_or(("", ""), |operation| (operation.name, operation.method));
    // Both the error and its cause name the operation.
    let text = error.to_string();
    let cause = text.strip_prefix(&format!("{name}: ")).unwrap_or(&text);
    CliError::bad_input(format!(
        "{cause}\nNo page of EnKash shows this path, so none is built in. If EnKash gave it to you, name it in a \
         profile, and use that with --profile:\n\n  [profile.NAME.paths]\n  {name} = \"{method} /api/v0/…\"\n\nNothing was \
         sent."
    ))
}

/// Shows the products that are found in a response that nobody has seen.
fn show(
    operation: OperationId,
    response: &Response<CatalogueAnswer>,
    raw: bool,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let products = response.value().products();
    if products.is_none() && raw && output.format == Format::Json {
        output.json(&json!({ "raw": response.raw() }))?;
    }
    let products = products.ok_or_else(|| no_list("; --json --raw shows the response"))?;
    let list = products_list();
    if output.format == Format::Json {
        let mut shown = json!({
            "evidence": EvidenceJson::for_operation(operation),
            "products": list.json_of_all(&products),
        });
        if raw {
            shown["raw"] = response.raw().clone();
        }
        output.json(&shown)?;
    } else {
        list.write(&products, output)?;
    }
    note_evidence(output, operation);
    if products.is_empty() {
        output.note("note: the list has no product that can be read; --json --raw shows the response");
    }
    Ok(ExitStatus::Done)
}

fn products_list() -> List<Product> {
    List::<Product>::new()
        .text("product", |product: &Product| {
            product.id.as_ref().map(ToString::to_string)
        })
        .text("brand", |product| product.brand.clone())
        .text("category", |product| product.category.clone())
        .text("description", |product| product.description.clone())
        .not_in_csv()
        .flag("is_active", |product| product.is_active)
        .flag("is_enabled", |product| product.is_enabled)
        .text("how_to_redeem", |product| product.how_to_redeem.clone())
        .not_in_csv()
        .text("terms", |product| product.terms.clone())
        .not_in_csv()
        .cell("denominations", |product| {
            let items: Vec<_> = product.denominations.iter().map(|item| (product, item)).collect();
            Cell::json(&denominations_list().json_of_all(&items))
        })
        .not_in_csv()
        .count("count", |product| {
            product.denominations.len().try_into().ok().filter(|count| *count > 0)
        })
        .heading("denominations")
        .only_in_table()
        .in_table("product category count brand")
}

/// A product with one of its denominations; in JSON the denomination alone.
fn denominations_list<'a>() -> List<(&'a Product, &'a Denomination)> {
    List::<(&'a Product, &'a Denomination)>::new()
        .text("product", |(product, _): &(&Product, &Denomination)| {
            product.id.as_ref().map(ToString::to_string)
        })
        .not_in_json()
        .text("denomination", |(_, item)| item.id.as_ref().map(ToString::to_string))
        .amount("face_value", |(_, item)| item.face_value)
        .amount("price", |(_, item)| item.price)
        .amount("discount", |(_, item)| item.discount)
        .heading("discount %")
        .count("max_quantity", |(_, item)| item.max_quantity)
        .heading("at most")
        .flag("allows_any_amount", |(_, item)| item.allows_any_amount)
        .heading("any amount")
        .in_table("denomination face_value price discount max_quantity allows_any_amount")
}
