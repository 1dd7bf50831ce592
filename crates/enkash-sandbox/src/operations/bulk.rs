//! Giving points to many people (api-9796906). The page's six messages are given as statuses, for they concern the whole
//! call. How a row fails is not shown: here each row stands for itself, and failed rows, the reason and the counters have
//! names by analogy, which is the sandbox's own choice.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::allocation::{AllocationResult, Recipient, allocate, amount, reference, row_text};
use super::{Call, EnvelopeKind, Fields, OperationResponse, OperationResult, Refusal};
use crate::money::{self, Money};
use crate::seed::is_mobile;
use crate::store::Store;
use crate::store::accounts::Account;
use crate::store::cards::Person;
use crate::store::journal::Direction;
use rust_decimal::Decimal;

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    email: &'a str,
    name: &'a str,
    mobile: &'a str,
    title: &'a str,
    load_amount: Option<Money>,
    company_id: &'a str,
    card_account_id: &'a str,
    #[serde(rename = "enKashCardId", skip_serializing_if = "Option::is_none")]
    card_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_balance: Option<Money>,
    #[serde(rename = "enkashCardTxnId", skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    otb_balance: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_reference_number: Option<&'a str>,
    /// Of a transaction that is not simply done.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BulkResult<'a> {
    #[serde(rename = "successBulkEnKashCardCreateDTOs")]
    succeeded: Vec<Row<'a>>,
    #[serde(rename = "failedBulkEnKashCardCreateDTOs")]
    failed: Vec<Row<'a>>,
    success_count: usize,
    failed_count: usize,
    total_count: usize,
}

pub(super) fn create_allocate(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let (company_id, account_id) = (call.query("companyId")?, call.query("cardAccountId")?);
    if company_id.trim().is_empty() {
        return Err(Refusal::invalid("Company Id is required if it is an Enkash User"));
    }
    let account = call.account(store, company_id, account_id)?;
    if let Some(message) = store.accounts.get(&account).and_then(obstacle) {
        return Err(Refusal::invalid(message));
    }
    let existing_too = call.query("isPointsAllocation")? == "true";
    let rows = call.body.as_array().map_or(&[][..], Vec::as_slice);
    let amounts = money::load_amounts(call.text).map_err(|_| Refusal::invalid("loadAmount: is there twice"))?;
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for (row, written) in rows.iter().zip(amounts) {
        let done = allocate_row(store, call, &account, existing_too, row, written);
        let mut response = Row {
            email: row_text(row, "email"),
            name: row_text(row, "name"),
            mobile: row_text(row, "mobile"),
            title: row_text(row, "title"),
            load_amount: written.map(Money),
            company_id,
            card_account_id: account_id,
            unique_reference_number: Fields(row).text("uniqueReferenceNumber"),
            ..Row::default()
        };
        match done {
            Ok(done) => {
                response.status = done.status();
                response.user_id = store.cards.get(&done.card_id).map(|card| card.user_id.to_string());
                response.available_balance = store.accounts.get(&account).map(|account| Money(account.available));
                response.card_id = Some(done.card_id.to_string());
                response.transaction_id = Some(done.transaction_id.to_string());
                response.otb_balance = Some(Money(done.balance));
                succeeded.push(response);
            }
            Err(Refusal::Failure(reason) | Refusal::Status { message: reason, .. }) => {
                response.failure_reason = Some(reason);
                failed.push(response);
            }
        }
    }
    let (success_count, failed_count) = (succeeded.len(), failed.len());
    let total_count = success_count + failed_count;
    OperationResponse::new(
        EnvelopeKind::Code,
        &BulkResult {
            succeeded,
            failed,
            success_count,
            failed_count,
            total_count,
        },
    )
}

/// What keeps an account from bulk allocation.
fn obstacle(account: &Account) -> Option<&'static str> {
    if account.primary_card.is_none() {
        Some("Primary Enkash card is not present. So bulk upload cannot be done")
    } else if !account.kyc_done {
        Some("KYC is not uploaded or under review for the primary card. So bulk upload cannot be done")
    } else if !account.bin_mapped {
        Some("Bin Type is not mapped on PlanMaster")
    } else {
        None
    }
}

fn allocate_row(
    store: &mut Store,
    call: &Call<'_>,
    account: &Arc<str>,
    existing_too: bool,
    row: &Value,
    written: Option<Decimal>,
) -> Result<AllocationResult, Refusal> {
    let fields = Fields(row);
    let amount = amount(written)?;
    let reference = reference(fields, crate::switches::ReferenceSpelling::Number)?;
    let mobile = fields.required("mobile")?;
    let recipient = match store.cards.of_person(account, mobile) {
        Some(card) if existing_too => Recipient::Card(card.id.clone()),
        Some(_) => return Err(Refusal::failure("User already exists")),
        None if !is_mobile(mobile) => return Err(Refusal::invalid("mobile: is not ten digits")),
        None => Recipient::New(Person {
            mobile: mobile.to_owned(),
            email: fields.required("email")?.to_owned(),
            title: fields.required("title")?.to_owned(),
            first_name: fields.required("name")?.to_owned(),
            gender: None,
        }),
    };
    allocate(store, call, account, recipient, Direction::Credit, amount, reference)
}
