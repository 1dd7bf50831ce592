//! `enkash points allocate`: gives the coins of an event. No page documents a look-up, so the result says so where it is
//! unknown.

use enkash::{CompanyId, points::CoinAllocation};
use serde::Serialize;

use super::super::{
    move_value::{self, Call},
    order::reference_of,
};
use crate::{
    cli,
    exit::{Exit, Failure},
    output::{Facts, Nothing, Output, Report},
    session::{Connection, Target},
};

/// What was asked for. The request does not say how many coins.
#[derive(Serialize)]
struct Coins {
    user: String,
    event: String,
    company: String,
}

impl Facts for Coins {
    fn listed(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("user", Some(self.user.clone())),
            ("event", Some(self.event.clone())),
            ("company", Some(self.company.clone())),
        ]
    }
}

pub(super) async fn allocate(
    target: &Target,
    arguments: cli::PointsAllocate,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let reference = reference_of(arguments.reference.as_deref())?;
    let connection = Connection::open(target, output).await?;
    let company = arguments.company.map(CompanyId::from).or(connection.company.clone());
    let company = company.ok_or_else(|| {
        Failure::bad_input("missing: --company, or ENKASH_COMPANY_ID, or company_id in the profile. Nothing was sent.")
    })?;
    let points = connection.enkash.points();
    let coins = CoinAllocation::new(
        company.clone(),
        arguments.user.as_str(),
        arguments.event.as_str(),
        reference,
    );
    let ticket = points.ticket_of(&coins);
    let what = format!(
        "allocate the coins of event {} to user {} (how many is configured with the event)",
        arguments.event, arguments.user
    );
    let place = format!("company {company}, reference {}", ticket.reference);
    move_value::confirm(&connection, &what, &place, arguments.yes, output)?;
    let call = Call {
        operation: "points allocate",
        asked: Coins {
            user: arguments.user,
            event: arguments.event,
            company: company.to_string(),
        },
        ticket: ticket.clone(),
    };
    let send = async {
        let outcome = points.allocate(coins).await;
        Report::of(&ticket, outcome, |_| Nothing::default())
    };
    move_value::run(&connection, call, send, output).await
}
