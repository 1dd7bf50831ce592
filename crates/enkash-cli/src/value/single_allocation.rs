//! Giving points or an incentive to one person who is named by flags, and taking them back: what is wrong with the flags,
//! all at once, then the question, and the call. `allocate` and `unallocate` use it, and the same commands of `incentives`.

use enkash::{
    ClientReference, Person,
    rewards::{Allocation, CheckedPerson, Rewards, Unallocation},
};

use super::{
    call_report::{AllocationFields, CardFields},
    value_call::ValueCall,
};
use crate::{
    allocations_file::{AllocationRow, Column, FileRow, validate},
    command::Context,
    exit::{CliError, ExitStatus},
    output::{Output, format_money},
    session::Session,
};

/// Which account the calls are about. The pages of incentives repeat those of rewards, with the same paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountKind {
    Rewards,
    Incentives,
}

impl AccountKind {
    /// The command that allocates a file.
    pub(crate) fn file_command(self) -> &'static str {
        Action::Allocate.command(self)
    }

    /// The account of a run that this command began.
    pub(crate) fn of_command(command: &str) -> Self {
        match command {
            "incentives allocate" => Self::Incentives,
            _ => Self::Rewards,
        }
    }

    /// `account A of company C`, for the question.
    pub(crate) fn describe(self, account: &Rewards) -> String {
        let kind = match self {
            Self::Rewards => "account",
            Self::Incentives => "incentive account",
        };
        format!("{kind} {} of company {}", account.account_id(), account.company())
    }
}

// One person and an amount. All but the reference are required, which is checked with the values: with `--file` they must not
// be there. (A doc comment would become the text of the command.)
#[derive(clap::Args, Debug)]
pub(crate) struct AllocationFlags {
    /// Mr, Mrs or Ms
    #[arg(long)]
    title: Option<String>,
    /// The person's name
    #[arg(long)]
    name: Option<String>,
    /// The person's e-mail address
    #[arg(long)]
    email: Option<String>,
    /// The person's mobile number, 10 digits: the API finds the person by it
    #[arg(long)]
    mobile: Option<String>,
    /// M, F, Male or Female
    #[arg(long)]
    gender: Option<String>,
    /// Rupees or points, with at most two decimals
    #[arg(long, allow_negative_numbers = true)]
    amount: Option<String>,
    /// Your own reference, new for each intent; one is made and shown if it is left out
    #[arg(long)]
    reference: Option<String>,
    /// Send a live call without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

impl AllocationFlags {
    /// The value of a flag by the name of its column.
    fn value(&self, column: Column) -> Option<&str> {
        match column {
            Column::Title => self.title.as_deref(),
            Column::Name => self.name.as_deref(),
            Column::Email => self.email.as_deref(),
            Column::Mobile => self.mobile.as_deref(),
            Column::Gender => self.gender.as_deref(),
            Column::Amount => self.amount.as_deref(),
            Column::Reference => self.reference.as_deref(),
            Column::Remarks => None,
        }
    }

    /// Checks all flags, and makes a reference where none is given.
    fn parse(&self, command: &str) -> Result<AllocationRow, CliError> {
        let made = ClientReference::generate();
        let value = |column| match (column, self.value(column)) {
            (Column::Reference, None) => Some(made.as_str()),
            (_, value) => value,
        };
        let missing: Vec<_> = AllocationRow::REQUIRED
            .iter()
            .filter(|column| value(**column).is_none())
            .map(|column| format!("--{}", column.name()))
            .collect();
        let mut problems = Vec::new();
        if !missing.is_empty() {
            problems.push(format!("missing: {}", missing.join(", ")));
        }
        let wrong = |column: &Column| value(*column).and_then(|text| validate(*column, text));
        let wrong = AllocationRow::REQUIRED.iter().filter_map(wrong);
        problems.extend(wrong.map(|problem| format!("--{problem}")));
        if problems.is_empty() {
            match AllocationRow::from_values(1, &|column| value(column).unwrap_or_default()) {
                Ok(row) => return Ok(row),
                Err((_, problem)) => problems.push(problem),
            }
        }
        problems.push(format!("Nothing was sent. See enkash {command} --help."));
        Err(CliError::bad_input(problems.join("\n")))
    }
}

/// What is done with the points, or with the incentive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// Give them to the person.
    Allocate,
    /// Take them back from the person, who is compared with the card first unless somebody did so before.
    Unallocate { is_person_checked: bool },
}

impl Action {
    /// The command, as results and hints name it.
    fn command(self, kind: AccountKind) -> &'static str {
        match (kind, self) {
            (AccountKind::Rewards, Self::Allocate) => "allocate",
            (AccountKind::Rewards, Self::Unallocate { .. }) => "unallocate",
            (AccountKind::Incentives, Self::Allocate) => "incentives allocate",
            (AccountKind::Incentives, Self::Unallocate { .. }) => "incentives unallocate",
        }
    }
}

/// Makes the call for one person.
pub(crate) async fn run_single(
    flags: &AllocationFlags,
    kind: AccountKind,
    action: Action,
    context: &mut Context<'_>,
) -> Result<ExitStatus, CliError> {
    let operation = action.command(kind);
    let row = flags.parse(operation)?;
    let session = context.session().await?;
    let (rewards, connection) = (&session.rewards, &session.connection);
    let (what, place) = describe(action, &row, (&session, kind));
    let asked = AllocationFields::from(&row);
    let name = row.person.name.expose().to_owned();
    let reference = flags.reference.as_deref();
    match action {
        Action::Allocate => {
            let allocation = Allocation::for_person(row.person, row.amount, row.reference);
            let ticket = rewards.ticket(&allocation);
            let call = ValueCall::new(operation, asked, ticket, reference).person(&name);
            call.confirm(connection, (&what, &place), flags.yes, context.output)
                .await?;
            let send = async { rewards.allocate(allocation).await.map(CardFields::from) };
            call.run(connection, send, context.output).await
        }
        Action::Unallocate { is_person_checked } => {
            let assumed = CheckedPerson::assume_checked(row.person.clone());
            let assumed = Unallocation::from_person(assumed, row.amount, row.reference.clone());
            let ticket = rewards.unallocation_ticket(&assumed);
            let call = ValueCall::new(operation, asked, ticket, reference).person(&name);
            call.confirm(connection, (&what, &place), flags.yes, context.output)
                .await?;
            let person = if connection.is_dry_run || is_person_checked {
                // A dry run asks the API nothing, so there is nothing to compare with.
                CheckedPerson::assume_checked(row.person)
            } else {
                verify_person(row.person, &session, context.output).await?
            };
            let unallocation = Unallocation::from_person(person, row.amount, row.reference);
            let call = call.with_ticket(rewards.unallocation_ticket(&unallocation));
            let send = async { rewards.unallocate(unallocation).await.map(CardFields::from) };
            call.run(connection, send, context.output).await
        }
    }
}

async fn verify_person(person: Person, session: &Session, output: &mut Output) -> Result<CheckedPerson, CliError> {
    let person = session.rewards.check_person(person).await;
    let person = person.map_err(|error| {
        let is_another = error.is_invalid_input();
        let mut failure = CliError::from(error);
        failure.message.push_str("\nNothing was taken back.");
        if is_another {
            failure
                .message
                .push_str(" --person-checked takes your word for the person instead of the card's.");
        }
        failure
    })?;
    if session.connection.is_live()
        && let Some(card) = person.card()
    {
        output.note(&format!(
            "compared: the person holds card {card}, as far as the API shows"
        ));
    }
    Ok(person)
}

/// What is about to happen, and where.
fn describe(action: Action, row: &AllocationRow, (session, kind): (&Session, AccountKind)) -> (String, String) {
    let (verb, direction) = match action {
        Action::Allocate => ("allocate", "to"),
        Action::Unallocate { .. } => ("unallocate", "from"),
    };
    let person = &row.person;
    let what = format!(
        "{verb} {} {direction} {} (mobile {})",
        format_money(row.amount),
        person.name.expose(),
        person.mobile.expose(),
    );
    let place = format!("{}, reference {}", kind.describe(&session.rewards), row.reference);
    (what, place)
}
