//! `allocate` and `unallocate`, also of incentives, for one person who is named by flags: what is wrong with the flags,
//! all at once, then the question, and the call. Incentives have handles of their own with the same calls, so that an
//! account of one kind is not taken for the other.

use enkash::{
    Allocated, Allocation, Answer, CardAccountId, CheckedPerson, ClientReference, CompanyId, Error, Incentives,
    Outcome, Person, Rewards, Ticket, Unallocation,
};

use super::move_value::{self, Call};
use crate::{
    allocations_file::{Column, FileRow, Row, problem_of},
    cli,
    exit::{Exit, Failure},
    output::{Output, Payment, Report, money},
    session::{Session, Target},
};

/// Which pages the calls are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rewards,
    Incentives,
}

/// An account of one kind.
pub(super) enum Account {
    Rewards(Rewards),
    Incentives(Incentives),
}

impl Account {
    pub(super) fn of(kind: Kind, session: &Session) -> Self {
        let rewards = &session.rewards;
        match kind {
            Kind::Rewards => Self::Rewards(rewards.clone()),
            Kind::Incentives => Self::Incentives(
                session
                    .connection
                    .enkash
                    .incentives(rewards.company().clone(), rewards.account_id().clone()),
            ),
        }
    }

    fn company(&self) -> &CompanyId {
        match self {
            Self::Rewards(account) => account.company(),
            Self::Incentives(account) => account.company(),
        }
    }

    fn id(&self) -> &CardAccountId {
        match self {
            Self::Rewards(account) => account.account_id(),
            Self::Incentives(account) => account.account_id(),
        }
    }

    /// `account A of company C`, for the question.
    pub(super) fn in_words(&self) -> String {
        let kind = match self {
            Self::Rewards(_) => "account",
            Self::Incentives(_) => "incentive account",
        };
        format!("{kind} {} of company {}", self.id(), self.company())
    }

    pub(super) async fn allocate(&self, allocation: Allocation) -> Outcome<Answer<Allocated>> {
        match self {
            Self::Rewards(account) => account.allocate(allocation).await,
            Self::Incentives(account) => account.allocate(allocation).await,
        }
    }

    pub(super) fn ticket_of(&self, allocation: &Allocation) -> Ticket {
        match self {
            Self::Rewards(account) => account.ticket_of(allocation),
            Self::Incentives(account) => account.ticket_of(allocation),
        }
    }

    async fn unallocate(&self, unallocation: Unallocation) -> Outcome<Answer<Allocated>> {
        match self {
            Self::Rewards(account) => account.unallocate(unallocation).await,
            Self::Incentives(account) => account.unallocate(unallocation).await,
        }
    }

    fn ticket_of_unallocation(&self, unallocation: &Unallocation) -> Ticket {
        match self {
            Self::Rewards(account) => account.ticket_of_unallocation(unallocation),
            Self::Incentives(account) => account.ticket_of_unallocation(unallocation),
        }
    }

    async fn check_person(&self, person: Person) -> Result<CheckedPerson, Error> {
        match self {
            Self::Rewards(account) => account.check_person(person).await,
            Self::Incentives(account) => account.check_person(person).await,
        }
    }
}

/// Gives points, or an incentive, to one person.
pub(super) async fn allocate(
    target: &Target,
    arguments: &cli::SingleCall,
    kind: Kind,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let command = match kind {
        Kind::Rewards => "allocate",
        Kind::Incentives => "incentives allocate",
    };
    let row = read(command, arguments)?;
    let session = Session::open(target, output).await?;
    let account = Account::of(kind, &session);
    confirm("allocate", "to", &row, &session, &account, arguments.yes, output)?;
    let allocation = Allocation::to_person(row.person.clone(), row.amount, row.reference.clone());
    let ticket = account.ticket_of(&allocation);
    let send = {
        let (account, ticket) = (&account, ticket.clone());
        async move { Report::of(&ticket, account.allocate(allocation).await, Into::into) }
    };
    finish(&session, command, &row, ticket, send, output).await
}

/// Takes points, or an incentive, back from one person, who is compared with the card first.
pub(super) async fn unallocate(
    target: &Target,
    arguments: &cli::Unallocate,
    kind: Kind,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let command = match kind {
        Kind::Rewards => "unallocate",
        Kind::Incentives => "incentives unallocate",
    };
    let row = read(command, &arguments.call)?;
    let session = Session::open(target, output).await?;
    let account = Account::of(kind, &session);
    confirm(
        "unallocate",
        "from",
        &row,
        &session,
        &account,
        arguments.call.yes,
        output,
    )?;
    let person = if session.connection.is_dry_run || arguments.person_checked {
        // A dry run asks the portal nothing, so there is nothing to compare with.
        CheckedPerson::confirmed_by_caller(row.person.clone())
    } else {
        compared(&account, &row, &session, output).await?
    };
    let unallocation = Unallocation::from_person(person, row.amount, row.reference.clone());
    let ticket = account.ticket_of_unallocation(&unallocation);
    let send = {
        let (account, ticket) = (&account, ticket.clone());
        async move { Report::of(&ticket, account.unallocate(unallocation).await, Into::into) }
    };
    finish(&session, command, &row, ticket, send, output).await
}

async fn compared(
    account: &Account,
    row: &Row,
    session: &Session,
    output: &mut Output,
) -> Result<CheckedPerson, Failure> {
    let person = account.check_person(row.person.clone()).await.map_err(|error| {
        let is_another = error.is_invalid_input();
        let mut failure = Failure::from(error);
        failure.message.push_str("\nNothing was taken back.");
        if is_another {
            failure
                .message
                .push_str(" --person-checked takes your word for the person instead of the card's.");
        }
        failure
    })?;
    if session.connection.live_host.is_some()
        && let Some(card) = person.card()
    {
        output.note(&format!(
            "compared: the person is the one of card {card}, as far as the portal tells"
        ));
    }
    Ok(person)
}

fn confirm(
    verb: &str,
    direction: &str,
    row: &Row,
    session: &Session,
    account: &Account,
    yes: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let Row {
        person,
        amount,
        reference,
        ..
    } = row;
    let what = format!(
        "{verb} {} {direction} {} (mobile {})",
        money(*amount),
        person.name.expose(),
        person.mobile.expose(),
    );
    let place = format!("{}, reference {reference}", account.in_words());
    move_value::confirm(&session.connection, &what, &place, yes, output)
}

async fn finish(
    session: &Session,
    operation: &'static str,
    row: &Row,
    ticket: Ticket,
    send: impl Future<Output = Report<crate::output::Credited>>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let call = Call {
        operation,
        asked: Payment::of(row),
        ticket,
    };
    move_value::run(&session.connection, call, send, output).await
}

/// Checks all flags, and makes a reference where none was given.
fn read(command: &str, arguments: &cli::SingleCall) -> Result<Row, Failure> {
    let made = ClientReference::generate();
    let value = |column| match (column, arguments.value(column)) {
        (Column::Reference, None) => Some(made.as_str()),
        (_, value) => value,
    };
    let missing: Vec<_> = Row::REQUIRED
        .iter()
        .filter(|column| value(**column).is_none())
        .map(|column| format!("--{}", column.name()))
        .collect();
    let mut problems = Vec::new();
    if !missing.is_empty() {
        problems.push(format!("missing: {}", missing.join(", ")));
    }
    for column in Row::REQUIRED {
        problems.extend(
            value(*column)
                .and_then(|text| problem_of(*column, text))
                .map(|problem| format!("--{problem}")),
        );
    }
    if problems.is_empty() {
        match Row::of(1, &|column| value(column).unwrap_or_default()) {
            Ok(row) => return Ok(row),
            Err((_, problem)) => problems.push(problem),
        }
    }
    problems.push(format!("Nothing was sent. See enkash {command} --help."));
    Err(Failure::bad_input(problems.join("\n")))
}
