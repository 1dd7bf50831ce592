//! Bulk Create And Allocate Rewards (page: api-9796906): many people in one request. The page shows a
//! list of rows that succeeded, without their references, and speaks of failures without showing them: a
//! row is done only where the list names it beyond doubt.

use std::collections::HashMap;

use enkash_api::{
    Money, OperationId, PersonalData,
    types::{self, Title},
};
use http::StatusCode;
use serde_json::Value;

use crate::{
    error::Error,
    model::{
        reference::ClientReference,
        ticket::{Direction, Intent, PointsIntent, Ticket},
    },
    outcome::{Outcome, UnknownReason},
    response::Response,
    rewards::{
        Rewards,
        bulk_successes::{RowKey, SuccessList, key_of_ticket},
    },
};

/// What the API does with people that it knows already (page: `isPointsAllocation`).
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
    pub name: PersonalData,
    /// The e-mail address.
    pub email: PersonalData,
    /// The mobile number.
    pub mobile: PersonalData,
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
        name: impl Into<PersonalData>,
        email: impl Into<PersonalData>,
        mobile: impl Into<PersonalData>,
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
    /// There is no row, or a reference stands twice.
    pub fn new(rows: Vec<BulkRow>, mode: BulkMode) -> Result<Self, Error> {
        if rows.is_empty() {
            return Err(Error::input("rows", "are empty"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for row in &rows {
            if !seen.insert(&row.reference) {
                return Err(Error::input("reference", format!("{} stands twice", row.reference)));
            }
        }
        Ok(Self { rows, mode })
    }
}

impl Rewards {
    /// Allocates points to many people in one request (page: Bulk Create And Allocate Rewards, api-9796906).
    ///
    /// One outcome for each row, in the order of the rows. Nothing is sent where one amount may not be sent. A row is done only
    /// where the API's list of successes names its mobile number and amount exactly once and no other row shares them, and
    /// where nothing beside that list may speak of rows that failed: a further list, or a count that is not the list's. Every
    /// other row of an answered call is unknown and never refused, because the page shows neither how a failed row looks nor
    /// how a request is answered that was partly done.
    ///
    /// # Cancellation
    ///
    /// Dropping the future, as `tokio::time::timeout` and `select!` do, gives neither an outcome nor a ticket. Once the request
    /// was handed over, value may have moved all the same: only a warning in the log names the references. Give the call a
    /// [`deadline`](crate::config::CallOptions::deadline), which ends it with an outcome, and store its [`tickets`](Self::tickets) first.
    /// What was dropped is unknown: [settle](crate::Enkash::settle) it by the tickets before anything is repeated.
    pub async fn allocate_bulk(&self, bulk: BulkAllocation) -> BulkOutcome {
        let tickets = self.tickets(&bulk);
        let rules = self.enkash.amount_rules();
        if let Some(error) = bulk.rows.iter().find_map(|row| rules.check_amount(row.amount).err()) {
            return BulkOutcome::uniform(tickets, |_| Outcome::NotSent(error.clone().into()));
        }
        let Some(first) = tickets.first().cloned() else {
            // No rows, which `BulkAllocation` refuses.
            return BulkOutcome {
                rows: Vec::new(),
                answer: None,
            };
        };
        let references = tickets.iter().map(|ticket| ticket.reference.clone()).collect();
        let rows = bulk.rows.len();
        let body: Vec<_> = bulk.rows.into_iter().map(wire_row).collect();
        let is_points_allocation = bulk.mode == BulkMode::ExistingAndNew;
        let partner = self.enkash.partner();
        let (company, account) = (self.company.as_str(), self.account.as_str());
        let send = async move |client: enkash_api::Client| {
            client
                .bulk_create_allocate_rewards()
                .partner_id(partner)
                .company_id(company)
                .card_account_id(account)
                .is_points_allocation(is_points_allocation)
                .body(types::BulkAllocateRequest(body))
                .send()
                .await
                .map(drop)
        };
        self.enkash
            .of_rows(rows)
            .move_value_with(
                first,
                references,
                send,
                |response| Value::from(response),
                |whole| self.row_outcomes(whole, tickets),
                |outcome| &outcome.rows,
            )
            .await
    }

    /// What each row could be looked up with, in the order of the rows: store them before the call.
    #[must_use]
    pub fn tickets(&self, bulk: &BulkAllocation) -> Vec<Ticket> {
        let ticket = |row: &BulkRow| {
            let intent = PointsIntent {
                company: self.company.clone(),
                account: self.account.clone(),
                direction: Direction::Credit,
                amount: row.amount,
                mobile: Some(row.mobile.clone()),
                card: None,
            };
            Ticket::new(row.reference.clone(), Intent::BulkRow(intent))
        };
        bulk.rows.iter().map(ticket).collect()
    }

    /// One outcome a row from the outcome of the whole call.
    fn row_outcomes(&self, whole: Outcome<Response<Value>>, tickets: Vec<Ticket>) -> BulkOutcome {
        let operation = OperationId::BulkCreateAllocateRewards;
        let answer = match whole {
            Outcome::Done(answer) => answer,
            // No page says with which status or code a partly done request is answered.
            Outcome::Refused(error) => {
                return BulkOutcome::uniform(tickets, |ticket| {
                    let reason = UnknownReason::UnclearAnswer(error.clone());
                    Outcome::Unknown(self.enkash.unknown(ticket, reason, error.history()))
                });
            }
            Outcome::NotSent(error) => return BulkOutcome::uniform(tickets, |_| Outcome::NotSent(error.clone())),
            Outcome::Pending(whole) => {
                return BulkOutcome::uniform(tickets, |ticket| Outcome::Pending(whole.clone().with_ticket(ticket)));
            }
            Outcome::Unknown(whole) => {
                return BulkOutcome::uniform(tickets, |ticket| Outcome::Unknown(whole.clone().with_ticket(ticket)));
            }
        };
        let policy = self.enkash.policies().of(operation);
        let list = SuccessList::read(answer.value(), &policy.outcome.other_fields);
        let mut asked: HashMap<RowKey, usize> = HashMap::new();
        for key in tickets.iter().map(key_of_ticket) {
            *asked.entry(key).or_default() += 1;
        }
        let rows = tickets
            .into_iter()
            .map(|ticket| {
                let is_only_one = asked.get(&key_of_ticket(&ticket)) == Some(&1);
                let problem = match &list {
                    Ok(list) if is_only_one && list.names(&ticket, &policy.settlement.entry) => {
                        return Outcome::Done(ticket.reference);
                    }
                    Ok(_) => "its list of successes does not name this row, and no other, without anything against it",
                    Err(problem) => problem,
                };
                let unclear = Error::unclear(operation, StatusCode::OK, problem).with_history(&answer.history());
                let reason = UnknownReason::UnclearAnswer(unclear);
                Outcome::Unknown(self.enkash.unknown(ticket, reason, answer.history()))
            })
            .collect();
        BulkOutcome {
            rows,
            answer: Some(answer.map(drop)),
        }
    }
}

/// What became of a bulk allocation.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "value may have moved: look at the outcome of each row"]
pub struct BulkOutcome {
    /// One outcome for each row, in the order of the rows.
    pub rows: Vec<Outcome<ClientReference>>,
    /// The API's answer, where it said yes to the whole: status, headers, raw JSON and attempts.
    pub answer: Option<Response<()>>,
}

impl BulkOutcome {
    fn uniform(tickets: Vec<Ticket>, outcome: impl FnMut(Ticket) -> Outcome<ClientReference>) -> Self {
        Self {
            rows: tickets.into_iter().map(outcome).collect(),
            answer: None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::support::ScriptStep;
    use crate::tests::support::ScriptedSender;
    use crate::tests::support::builder;
    use crate::tests::support::rewards;

    #[tokio::test(start_paused = true)]
    async fn no_row_is_refused_because_nobody_saw_the_answer_to_a_partly_done_request() {
        for (status, body) in [
            (
                200,
                r#"{"code":1,"message":"Card Account does not exist for this partner"}"#,
            ),
            (
                422,
                r#"{"code":"UNPROCESSABLE_ENTITY","message":"Bin Type is not mapped on PlanMaster"}"#,
            ),
            (404, r#"{"message":"Card account not found"}"#),
        ] {
            let enkash = builder()
                .build_with_sender(ScriptedSender::always(ScriptStep::Answer(status, body)))
                .unwrap();
            let row = |name: &str| {
                let (amount, reference) = (Money::from(10), name.parse().unwrap());
                BulkRow::new("Mr", "Ravi", "ravi@example.com", "9000000011", amount, reference)
            };
            let bulk = BulkAllocation::new(vec![row("REF1"), row("REF2")], BulkMode::NewOnly).unwrap();
            let outcome = rewards(&enkash).allocate_bulk(bulk).await;
            assert_eq!(outcome.rows.len(), 2);
            for row in outcome.rows {
                let Outcome::Unknown(unknown) = row else {
                    panic!("{status}: {row:?}");
                };
                let UnknownReason::UnclearAnswer(error) = &unknown.reason else {
                    panic!("{:?}", unknown.reason);
                };
                assert!(error.was_sent() && unknown.attempts().len() == 1);
            }
        }
    }
}
