//! Bulk Create And Allocate Rewards (portal: api-9796906): many people in one request. The page shows a
//! list of rows that succeeded, without their references, and speaks of failures without showing them: a
//! row is done only where the list names it beyond doubt.

use std::{collections::BTreeMap, sync::Arc};

use enkash_api::{Money, OperationId, Payload, Personal, open_enums::Title, types};
use jiff::Timestamp;

use super::{Rewards, allocate::check_amount};
use crate::{
    Answer, ClientReference, Error, Outcome, Ticket,
    envelope::Envelope,
    outcome::{Unknown, UnknownReason},
};

/// What the portal does with people that it knows already (portal: `isPointsAllocation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkMode {
    /// Loads points for people that exist and for new ones (`true`).
    ExistingAndNew,
    /// Creates new people and loads points for those only (`false`).
    NewOnly,
}

/// One person of a bulk allocation. The page has no gender here, and one name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkRow {
    /// Salutation.
    pub title: Title,
    /// The name.
    pub name: Personal,
    /// The e-mail address.
    pub email: Personal,
    /// The mobile number.
    pub mobile: Personal,
    /// How much.
    pub amount: Money,
    /// The caller's reference of this row.
    pub reference: ClientReference,
    /// Free text; the page calls it optional.
    pub remarks: Option<String>,
}

impl BulkRow {
    /// A row without remarks.
    #[must_use]
    pub fn new(
        title: impl Into<Title>,
        name: impl Into<Personal>,
        email: impl Into<Personal>,
        mobile: impl Into<Personal>,
        amount: Money,
        reference: ClientReference,
    ) -> Self {
        Self {
            title: title.into(),
            name: name.into(),
            email: email.into(),
            mobile: mobile.into(),
            amount,
            reference,
            remarks: None,
        }
    }
}

/// Rows to allocate in one request.
#[derive(Clone, Debug)]
pub struct BulkAllocation {
    rows: Vec<BulkRow>,
    mode: BulkMode,
}

impl BulkAllocation {
    /// Takes the rows and the required choice of what happens to people that exist.
    ///
    /// # Errors
    ///
    /// There is no row, an amount is not above zero or has more than two decimals, or a reference stands twice.
    pub fn new(rows: Vec<BulkRow>, mode: BulkMode) -> Result<Self, Error> {
        if rows.is_empty() {
            return Err(Error::input("rows", "are empty"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for row in &rows {
            check_amount(row.amount)?;
            if !seen.insert(&row.reference) {
                return Err(Error::input("reference", format!("{} stands twice", row.reference)));
            }
        }
        Ok(Self { rows, mode })
    }
}

impl Rewards {
    /// Allocates points to many people in one request (portal: Bulk Create And Allocate Rewards, api-9796906).
    ///
    /// Returns one outcome for each row, in the order of the rows. A row is done only where the portal's list of
    /// successes names its mobile number and amount exactly once and no other row shares them; every other row of an
    /// answered call is unknown, because the page does not show how a failed row looks.
    pub async fn allocate_bulk(&self, bulk: BulkAllocation) -> Vec<Outcome<ClientReference>> {
        let tickets: Vec<_> = bulk.rows.iter().map(|row| self.bulk_ticket(row)).collect();
        let Some(first) = tickets.first().cloned() else {
            return Vec::new();
        };
        let body: Vec<_> = bulk.rows.into_iter().map(wire_row).collect();
        let is_points_allocation = bulk.mode == BulkMode::ExistingAndNew;
        let partner = self.enkash.partner();
        let (company, account) = (self.company.as_str(), self.account.as_str());
        let whole = self
            .enkash
            .move_value(OperationId::BulkCreateAllocateRewards, first, async move |client| {
                client
                    .bulk_create_allocate_rewards()
                    .partner_id(partner)
                    .company_id(company)
                    .card_account_id(account)
                    .is_points_allocation(is_points_allocation)
                    .body(types::BulkAllocateRequest(body))
                    .send()
                    .await?;
                Ok(())
            })
            .await;
        row_outcomes(whole, tickets)
    }

    fn bulk_ticket(&self, row: &BulkRow) -> Ticket {
        Ticket {
            operation: Ticket::operation_name(OperationId::BulkCreateAllocateRewards),
            company: self.company.clone(),
            account: self.account.clone(),
            mobile: Some(row.mobile.clone()),
            card: None,
            amount: row.amount,
            reference: row.reference.clone(),
            intended_at: Timestamp::now(),
        }
    }
}

fn wire_row(row: BulkRow) -> types::BulkAllocateRow {
    types::BulkAllocateRow {
        email: row.email,
        load_amount: row.amount,
        mobile: row.mobile,
        name: row.name,
        remarks: row.remarks,
        title: row.title,
        unique_reference_number: row.reference.to_string(),
    }
}

/// One outcome a row from the outcome of the whole call.
fn row_outcomes(whole: Outcome<Answer<()>>, tickets: Vec<Ticket>) -> Vec<Outcome<ClientReference>> {
    let operation = OperationId::BulkCreateAllocateRewards;
    let answer = match whole {
        Outcome::Done(answer) => answer,
        // The request had no effect, so no row did.
        Outcome::Refused(error) => return tickets.iter().map(|_| Outcome::Refused(error.clone())).collect(),
        Outcome::NotSent(error) => return tickets.iter().map(|_| Outcome::NotSent(error.clone())).collect(),
        Outcome::Pending(_) => return tickets.into_iter().map(Outcome::Pending).collect(),
        Outcome::Unknown(whole) => {
            let unknown = |ticket| Outcome::Unknown(whole.clone().of_row(ticket));
            return tickets.into_iter().map(unknown).collect();
        }
    };
    let succeeded = count(success_rows(answer.raw()));
    let asked = count(
        tickets
            .iter()
            .map(|ticket| (ticket.mobile.clone(), Some(ticket.amount))),
    );
    tickets
        .into_iter()
        .map(|ticket| {
            let key = key_of(&ticket.mobile, Some(ticket.amount));
            if asked.get(&key) == Some(&1) && succeeded.get(&key) == Some(&1) {
                return Outcome::Done(ticket.reference);
            }
            let unclear = Error::unreadable(operation, http::StatusCode::OK).after(answer.history());
            Outcome::Unknown(Unknown::new(
                ticket,
                UnknownReason::UnclearAnswer(unclear),
                Arc::clone(answer.history()),
            ))
        })
        .collect()
}

type Key = (String, String);

fn key_of(mobile: &Option<Personal>, amount: Option<Money>) -> Key {
    let mobile = mobile.as_ref().map(|mobile| mobile.expose().to_owned());
    (
        mobile.unwrap_or_default(),
        amount.map(|amount| amount.to_string()).unwrap_or_default(),
    )
}

fn count(rows: impl IntoIterator<Item = (Option<Personal>, Option<Money>)>) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    for (mobile, amount) in rows {
        *counts.entry(key_of(&mobile, amount)).or_default() += 1;
    }
    counts
}

fn success_rows(answer: &serde_json::Value) -> Vec<(Option<Personal>, Option<Money>)> {
    let payload = Envelope::of(answer).at("payload").cloned().unwrap_or_default();
    let result = serde_json::from_value::<Payload<types::BulkAllocateResult>>(payload).ok();
    let rows = result
        .and_then(Payload::into_value)
        .and_then(|r| r.success_bulk_en_kash_card_create_dt_os);
    rows.unwrap_or_default()
        .into_iter()
        .map(|row| (row.mobile, row.load_amount))
        .collect()
}
