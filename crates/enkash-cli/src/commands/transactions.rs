//! `enkash transactions`: looks for movements, in one response or in as many as show them all. Nobody has seen the response: what the
//! library cannot read of a row is shown as missing, not guessed.

use std::time::Duration;

use enkash::{
    ClientReference, Money, OperationId, Timestamp,
    rewards::{Transaction, TransactionSearch},
    settlement::{TransactionGap, TransactionPages},
};
use serde_json::json;

use super::{
    evidence::{EvidenceJson, ListCount, no_list, note_evidence, show_list},
    narrow::{check_amounts, narrow},
};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    ledger,
    output::{Format, List, Output},
    session::Session,
};

const HELP: &str = "\
Examples:
  enkash --sandbox transactions
  enkash --sandbox transactions --reference BONUS-2026-0042
  enkash --sandbox transactions --from 2026-11-01 --to 2026-12-01
  enkash --sandbox transactions --all --direction CR --output json
  enkash --profile hrms transactions --output csv

The filters are those of a page of the Prepaid product for the same purpose. Its
table has the card and one reference, and marks both as required; all others
stand in its example only. Whether rewards know them nobody has shown: where a
filter changes nothing, more is listed.

No page documents paging. --all asks for the whole time, and where a list is cut
for parts of it; what stays hidden is named, and the exit code is then 1. JSON
is then one object a line: one of type \"transaction\" for each row, and one of
type \"summary\" at the end. Without the summary the list is not whole.";

/// When nothing can have moved yet.
const BEGINNING: &str = "2000-01-01";
/// Of times that are not shown in full so many are named.
const MAX_GAPS: usize = 5;

/// Look for transactions of the account
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Transactions {
    #[command(flatten)]
    filters: Filters,
    /// Every transaction, in as many requests as that takes, row by row as they come
    #[arg(long)]
    all: bool,
    /// Show so many rows at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

#[derive(clap::Args, Debug)]
struct Filters {
    /// Only those with this reference; repeat it for several (the list stands in the example only)
    #[arg(long)]
    reference: Vec<String>,
    /// Only those of this card
    #[arg(long, value_name = "ID")]
    card: Option<String>,
    /// Only the transaction with this id; repeat it for several (example only)
    #[arg(long, value_name = "ID")]
    transaction: Vec<String>,
    /// Only those of this person (example only)
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Only those of the holders of this name, which other users of the machine can see (example only)
    #[arg(long, value_name = "NAME")]
    holder_name: Option<String>,
    /// Only those of the company of this name (example only)
    #[arg(long, value_name = "NAME")]
    company_name: Option<String>,
    /// Only those that credit cards, CR, or that debit them, DR (example only, which has DR)
    #[arg(long)]
    direction: Option<String>,
    /// Only those in this state (example only, which has CREATED)
    #[arg(long)]
    status: Option<String>,
    /// Only those of at least this amount (example only)
    #[arg(long, value_name = "AMOUNT")]
    amount_from: Option<Money>,
    /// Only those of at most this amount (example only)
    #[arg(long, value_name = "AMOUNT")]
    amount_to: Option<Money>,
    /// Only those from this time on: a day, or a time such as 2026-11-28T00:00:00Z (example only)
    #[arg(long, value_name = "TIME", value_parser = ledger::parse_time)]
    from: Option<Timestamp>,
    /// Only those until this time; with --all now without it (example only)
    #[arg(long, value_name = "TIME", value_parser = ledger::parse_time)]
    to: Option<Timestamp>,
}

impl Filters {
    /// All but the time.
    fn search(&self) -> Result<TransactionSearch, CliError> {
        check_amounts(self.amount_from, self.amount_to)?;
        let references: Vec<ClientReference> = self
            .reference
            .iter()
            .map(|text| parse_reference(text))
            .collect::<Result<_, _>>()?;
        let search = TransactionSearch::all();
        let search = match <[_; 1]>::try_from(references) {
            Ok([reference]) => search.reference(reference),
            Err(several) => search.references(several),
        };
        let search = match self.transaction.as_slice() {
            [id] => search.transaction(id.as_str()),
            several => search.transactions(several.iter().map(|id| id.as_str().into())),
        };
        let search = narrow(search, self.card.as_deref(), TransactionSearch::card);
        let search = narrow(search, self.user.as_deref(), TransactionSearch::user);
        let search = narrow(search, self.holder_name.as_deref(), TransactionSearch::holder_name);
        let search = narrow(search, self.company_name.as_deref(), TransactionSearch::company_name);
        let search = narrow(search, self.direction.as_deref(), TransactionSearch::direction);
        let search = narrow(search, self.status.as_deref(), TransactionSearch::status);
        let search = narrow(search, self.amount_from, TransactionSearch::amount_from);
        Ok(narrow(search, self.amount_to, TransactionSearch::amount_to))
    }

    /// The time of one request, which the page's example has as a whole.
    fn time(&self) -> Result<Option<(Timestamp, Timestamp)>, CliError> {
        match (self.from, self.to) {
            (None, None) => Ok(None),
            (Some(from), Some(to)) if from <= to => Ok(Some((from, to))),
            (Some(_), Some(_)) => Err(CliError::bad_input("--to is before --from; nothing was sent")),
            _ => Err(CliError::bad_input(
                "--from and --to go together, unless --all is given; nothing was sent",
            )),
        }
    }

    /// The time of --all: without an end it is now, and a little more for another clock.
    fn whole_time(&self) -> Result<(Timestamp, Timestamp), CliError> {
        let beginning = || ledger::parse_time(BEGINNING).map_err(CliError::runtime);
        let from = self.from.map_or_else(beginning, Ok)?;
        let to = self.to.unwrap_or_else(|| {
            let day = Duration::from_secs(24 * 3600);
            Timestamp::now().checked_add(day).unwrap_or(Timestamp::MAX)
        });
        if from <= to {
            Ok((from, to))
        } else {
            Err(CliError::bad_input("--to is before --from; nothing was sent"))
        }
    }
}

fn parse_reference(text: &str) -> Result<ClientReference, CliError> {
    text.parse()
        .map_err(|error| CliError::bad_input(format!("--reference: {error}")))
}

impl Command for Transactions {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::SearchTransactions];

    fn columns() -> Vec<&'static str> {
        fields(List::new()).csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let search = self.filters.search()?;
        if self.all {
            let (from, to) = self.filters.whole_time()?;
            let session = context.session().await?;
            let pages = session.rewards.all_transactions(from, to).narrowed_by(search);
            return show_all(pages, self.limit, context.output).await;
        }
        let search = match self.filters.time()? {
            Some((from, to)) => search.between(from, to),
            None => search,
        };
        let session = context.session().await?;
        self.show_one_response(&session, search, context.output).await
    }
}

impl Transactions {
    async fn show_one_response(
        &self,
        session: &Session,
        search: TransactionSearch,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        let found = session.rewards.transactions(search).await?;
        let mut rows = found.value().rows().ok_or_else(|| no_list(""))?;
        let (came, is_empty) = (rows.len(), rows.is_empty());
        rows.truncate(self.limit.map_or(came, |limit| usize::try_from(limit).unwrap_or(came)));
        let list = fields(List::new());
        let count = ListCount {
            shown: rows.len(),
            received: came,
            counted: found.total_count(),
        };
        show_list(
            OperationId::SearchTransactions,
            "transactions",
            &list,
            &rows,
            &count,
            output,
        )?;
        count.report(
            "transactions; --all reads them all, and filters narrow the search",
            output,
        );
        if is_empty {
            note_nothing_found(output);
        }
        Ok(ExitStatus::Done)
    }
}

/// Shows page after page. No more is kept of them than what tells neighbours apart.
async fn show_all(
    mut pages: TransactionPages,
    limit: Option<u64>,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let typed = List::<Transaction>::new()
        .text("type", |_| Some("transaction".to_owned()))
        .not_in_csv();
    let rows = fields(typed).stream(output);
    rows.begin(output)?;
    output.begin_reading("transactions");
    let (mut shown, mut is_limited) = (0, false);
    while let Some(transactions) = pages.next().await? {
        output.show_read(transactions.len());
        let room = limit.map_or(usize::MAX, |limit| usize::try_from(limit - shown).unwrap_or(usize::MAX));
        is_limited = transactions.len() > room;
        for transaction in transactions.iter().take(room) {
            rows.row(transaction, output)?;
            shown += 1;
        }
        if is_limited || limit == Some(shown) {
            is_limited = true;
            break;
        }
    }
    output.end_progress();
    end_all(&pages, shown, is_limited, output)
}

fn end_all(
    pages: &TransactionPages,
    shown: u64,
    is_limited: bool,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let gaps = pages.gaps();
    if output.format == Format::Json {
        let gap = |gap: &TransactionGap| {
            let (from, to) = (ledger::format_time(gap.from), ledger::format_time(gap.to));
            json!({ "from": from, "to": to, "shown": gap.shown, "of": gap.of, "reason": gap.reason })
        };
        output.json(&json!({
            "type": "summary",
            "evidence": EvidenceJson::for_operation(OperationId::SearchTransactions),
            "transactions": shown,
            "requests": pages.requests(),
            "is_limited": is_limited,
            "is_counted": pages.is_counted(),
            "gap_count": gaps.len(),
            "gaps": gaps.iter().take(MAX_GAPS).map(gap).collect::<Vec<_>>(),
        }))?;
    }
    note_evidence(output, OperationId::SearchTransactions);
    for gap in gaps.iter().take(MAX_GAPS) {
        output.warn(&format!("warning: {}", describe_gap(gap)));
    }
    if let Some(more) = gaps.len().checked_sub(MAX_GAPS).filter(|more| *more > 0) {
        output.warn(&format!("warning: {more} more times are not shown in full"));
    }
    if is_limited {
        output.note(&format!(
            "note: {shown} transactions, as --limit says; there may be more"
        ));
    } else if shown == 0 {
        note_nothing_found(output);
    } else if gaps.is_empty() && !pages.is_counted() {
        output.note("note: nothing says that any is missing, and not every response counted its rows");
    }
    Ok(if gaps.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Failure
    })
}

fn describe_gap(gap: &TransactionGap) -> String {
    let of = gap.of.map(|of| format!(" of {of}")).unwrap_or_default();
    format!(
        "the list is cut between {} and {}, {}{of} are shown: {}",
        ledger::format_time(gap.from),
        ledger::format_time(gap.to),
        gap.shown,
        gap.reason
    )
}

fn note_nothing_found(output: &mut Output) {
    output.note("note: finding nothing does not prove that nothing moved");
}

/// What is shown of a row. The holder's name is left out: it is not this command's purpose.
fn fields(list: List<Transaction>) -> List<Transaction> {
    list.text("transaction", |row| row.id.as_ref().map(ToString::to_string))
        .text("reference", |row| row.reference.clone())
        .at_least(26)
        .text("card", |row| row.card.as_ref().map(ToString::to_string))
        .at_least("EKC0000000".len())
        // `CR` credits the card, `DR` debits it.
        .text("direction", |row| row.direction.as_ref().map(ToString::to_string))
        .heading("way")
        .amount("amount", |row| row.amount)
        .at_least("10000.00".len())
        // Of the card, after the transaction.
        .amount("balance", |row| row.balance)
        .at_least("10000.00".len())
        .text("status", |row| row.status.clone())
        .at_least("CREATED".len())
        .text("at", |row| row.at.clone().or_else(|| row.created.clone()))
        .heading("time")
        .at_least("2026-11-27T09:00:00.000Z".len())
        .in_table("reference direction amount card balance status at transaction")
}
