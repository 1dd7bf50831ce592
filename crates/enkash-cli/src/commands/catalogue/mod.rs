//! `enkash catalog`, `product` and `product-details`: what vouchers there are. Only the page of `product` shows its path; the
//! other two call a path that the user's profile gives.

pub(crate) mod details;
pub(crate) mod product;
pub(crate) mod search;

use enkash::{
    Answer, Error, OperationId,
    redemption::{CatalogueAnswer, Denomination, Product},
};
use serde_json::{Value, json};

use super::{EvidenceJson, no_list, note_evidence};
use crate::{
    exit::{Exit, Failure},
    output::{Cell, Column, Format, Output, money},
};

/// An error, with the way out where the path is not known.
fn explained(error: Error) -> Failure {
    if !error.is_unsupported_by_evidence() {
        return error.into();
    }
    let operation = error.operation().map(OperationId::operation);
    let (name, method) = operation.map_or(("", ""), |operation| (operation.name, operation.method));
    // Both the error and its cause name the operation.
    let text = error.to_string();
    let cause = text.strip_prefix(&format!("{name}: ")).unwrap_or(&text);
    Failure::bad_input(format!(
        "{cause}\nNo page of the portal shows this path, so none is built in. If EnKash gave it to you, name it in a \
         profile, and use that with --profile:\n\n  [profile.NAME.paths]\n  {name} = \"{method} /api/v0/…\"\n\nNothing was \
         sent."
    ))
}

/// Tells the products that are found in an answer that nobody saw.
fn tell(
    operation: OperationId,
    answer: &Answer<CatalogueAnswer>,
    raw: bool,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let products = answer.products();
    if products.is_none() && raw && output.format == Format::Json {
        output.json(&json!({ "raw": answer.raw() }))?;
    }
    let products = products.ok_or_else(|| no_list("; --json --raw shows the answer"))?;
    match output.format {
        Format::Json => {
            let mut told = json!({
                "evidence": EvidenceJson::of(operation),
                "products": products.iter().map(as_json).collect::<Vec<_>>(),
            });
            if let (true, Some(fields)) = (raw, told.as_object_mut()) {
                fields.insert("raw".to_owned(), answer.raw().clone());
            }
            output.json(&told)?;
        }
        Format::Csv => {
            output.header(&["product", "brand", "category", "is_active", "is_enabled"])?;
            products.iter().try_for_each(|product| {
                let flag = |flag: Option<bool>| Cell::text(flag.map(|flag| flag.to_string()));
                output.record(&[
                    Cell::text(product.id.as_ref().map(|id| id.as_str())),
                    Cell::text(product.brand.as_deref()),
                    Cell::text(product.category.as_deref()),
                    flag(product.is_active),
                    flag(product.is_enabled),
                ])
            })?;
        }
        Format::Table => {
            let columns = vec![
                Column::left("product"),
                Column::left("category"),
                Column::right("denominations"),
                Column::left("brand"),
            ];
            let missing = || "-".to_owned();
            let rows: Vec<_> = products
                .iter()
                .map(|product| {
                    let count = Some(product.denominations.len()).filter(|count| *count > 0);
                    vec![
                        product.id.as_ref().map_or_else(missing, ToString::to_string),
                        product.category.clone().unwrap_or_else(missing),
                        count.map_or_else(missing, |count| count.to_string()),
                        product.brand.clone().unwrap_or_else(missing),
                    ]
                })
                .collect();
            output.table(columns, &rows)?;
        }
    }
    note_evidence(output, operation);
    if products.is_empty() {
        output.note("note: the list has no product that can be read; --json --raw shows the answer");
    }
    Ok(Exit::Done)
}

fn as_json(product: &Product) -> Value {
    json!({
        "product": product.id,
        "brand": product.brand,
        "category": product.category,
        "description": product.description,
        "is_active": product.is_active,
        "is_enabled": product.is_enabled,
        "how_to_redeem": product.how_to_redeem,
        "terms": product.terms,
        "denominations": product.denominations.iter().map(denomination_as_json).collect::<Vec<_>>(),
    })
}

fn denomination_as_json(denomination: &Denomination) -> Value {
    json!({
        "denomination": denomination.id,
        "face_value": denomination.face_value.map(money),
        "price": denomination.price.map(money),
        "discount": denomination.discount.map(money),
        "max_quantity": denomination.max_quantity,
        "allows_any_amount": denomination.allows_any_amount,
    })
}
