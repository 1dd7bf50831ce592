//! `enkash cards`, also called `users`: the cards of the account and who holds them. Showing people is its purpose.

use enkash::{
    OperationId, PersonalData,
    rewards::{Card, CardSearch},
};

use super::{
    evidence::{ListCount, show_list},
    narrow::narrow,
};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{List, MAX_NAME_WIDTH},
};

const HELP: &str = "\
Examples:
  enkash --sandbox cards
  enkash --sandbox cards --output json
  enkash --profile hrms cards --output csv

The account's cards come in one response: no page shows paging, and a response
that says that there are more is named and ends with exit code 1.

In CSV a text that a spreadsheet would run as a formula has an apostrophe in
front; allocate --file takes it off again.";

/// List the cards of the account, with the people who hold them
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Cards {
    /// Only this card (one page has it as optional, that of incentives as required)
    #[arg(long, value_name = "ID")]
    card: Option<String>,
    /// Only those of this reference of yours; a page of another product has this filter
    #[arg(long, value_name = "REFERENCE")]
    client_reference: Option<String>,
    /// Show so many rows at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

impl Command for Cards {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::SearchCards];

    fn columns() -> Vec<&'static str> {
        list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let session = context.session().await?;
        let search = match self.card {
            Some(card) => CardSearch::card(card),
            None => CardSearch::all(),
        };
        let search = narrow(search, self.client_reference, CardSearch::client_reference);
        let found = session.rewards.cards(search).await?;
        let all = found.value();
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
        let cards = &all[..limit.map_or(all.len(), |limit| limit.min(all.len()))];
        let count = ListCount {
            shown: cards.len(),
            received: all.len(),
            counted: found.total_count(),
        };
        show_list(
            OperationId::SearchCards,
            "cards",
            &list(),
            cards,
            &count,
            context.output,
        )?;
        let what = match count.is_cut() {
            true => "cards; no page shows how to ask for the rest",
            false => "cards, as --limit says",
        };
        count.report(what, context.output);
        Ok(match count.is_cut() {
            true => ExitStatus::Failure,
            false => ExitStatus::Done,
        })
    }
}

fn list() -> List<Card> {
    let personal = |text: &Option<PersonalData>| text.as_ref().map(|text| text.expose().to_owned());
    List::<Card>::new()
        .text("card", |card: &Card| card.id.as_ref().map(ToString::to_string))
        .text("user", |card| card.user.as_ref().map(ToString::to_string))
        .text("account", |card| card.account.as_ref().map(ToString::to_string))
        .text("masked_number", move |card| personal(&card.masked_number))
        .heading("number")
        .text("title", |card| card.title.as_ref().map(ToString::to_string))
        .text("name", move |card| personal(&card.name))
        .heading("person")
        .at_most(MAX_NAME_WIDTH)
        .text("email", move |card| personal(&card.email))
        .text("mobile", move |card| personal(&card.mobile))
        .amount("balance", |card| card.balance)
        .in_table("card balance mobile masked_number name")
}
