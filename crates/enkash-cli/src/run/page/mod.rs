//! The report of a run as one page for an auditor: it needs no network and no script, and holds neither names nor mobile
//! numbers. `enkash run report --html` writes it, whole or not at all, with the figures that the terminal shows.

mod plot;

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use enkash_ledger::{Approval, CallRow, HistoryFilter, Ledger, RowState, Run};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use tempfile::NamedTempFile;

use self::plot::Timeline;
use super::{
    balance::{BalanceCheck, balance_limits},
    totals::RunTotals,
};
use crate::{command_line::called_as, doubt, exit::CliError, ledger};

const STYLE: &str = include_str!("style.css");
/// How many rows are read at a time.
const PAGE: u32 = 1000;
/// So many rows stand on the page; the CSV has all.
const MAX_ROWS: usize = 5000;
/// So many events are named on it.
const EVENTS: u32 = 1000;

/// Writes the page into a new file, for its owner alone.
pub(crate) async fn write_page(ledger: &Ledger, run: &Run, totals: &RunTotals, path: &Path) -> Result<(), CliError> {
    let unwritable = |error: &io::Error| CliError::bad_input(format!("{} cannot be written: {error}", path.display()));
    if path.symlink_metadata().is_ok() {
        return Err(CliError::bad_input(format!(
            "{} is there already: name a new file. Nothing was written.",
            path.display()
        )));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Its owner alone can read it.
    let file = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(|error| unwritable(&error))?;
    let mut page = BufWriter::new(file);
    let head = head(ledger, run, totals).await?;
    page.write_all(head.as_bytes()).map_err(|error| unwritable(&error))?;
    let mut rows = Pages::of(ledger, run, Vec::new());
    let mut left = MAX_ROWS;
    while left > 0
        && let Some(batch) = rows.next().await?
    {
        for row in batch.iter().take(left) {
            page.write_all(table_row(row).into_string().as_bytes())
                .map_err(|error| unwritable(&error))?;
        }
        left = left.saturating_sub(batch.len());
    }
    page.write_all(foot().as_bytes()).map_err(|error| unwritable(&error))?;
    let file = page.into_inner().map_err(|error| unwritable(error.error()))?;
    file.as_file().sync_all().map_err(|error| unwritable(&error))?;
    file.persist_noclobber(path).map_err(|error| unwritable(&error.error))?;
    Ok(())
}

/// The rows of a run, page by page.
struct Pages<'a> {
    ledger: &'a Ledger,
    filter: HistoryFilter,
    after: Option<enkash_ledger::RowId>,
}

impl<'a> Pages<'a> {
    fn of(ledger: &'a Ledger, run: &Run, states: Vec<RowState>) -> Self {
        let mut filter = HistoryFilter::default();
        filter.run = Some(run.id);
        filter.states = states;
        Self {
            ledger,
            filter,
            after: None,
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<CallRow>>, CliError> {
        let rows = self.ledger.history(&self.filter, self.after, PAGE).await;
        let rows = rows.map_err(ledger::unusable)?;
        self.after = rows.last().map(|row| row.id).or(self.after);
        Ok((!rows.is_empty()).then_some(rows))
    }
}

/// Everything above the rows.
async fn head(ledger: &Ledger, run: &Run, totals: &RunTotals) -> Result<String, CliError> {
    let mut timeline = Timeline::new(run.started_at.unwrap_or(run.created_at));
    let mut rows = Pages::of(ledger, run, Vec::new());
    while let Some(batch) = rows.next().await? {
        batch.iter().for_each(|row| timeline.add(row));
    }
    let approvals = ledger.approvals(run.id).await.map_err(ledger::unusable)?;
    let events = ledger.events(Some(run.id), EVENTS).await.map_err(ledger::unusable)?;
    let unknown = match totals.counts.unknown.rows {
        0 => Vec::new(),
        _ => {
            let mut pages = Pages::of(ledger, run, vec![RowState::Unknown, RowState::Sending]);
            pages.next().await?.unwrap_or_default()
        }
    };
    let title = format!("Run {}: {}", run.id, run.file_name);
    let sections = html! {
        header {
            h1 { (title) " " span.state.open[run.state.is_open()] { (run.state.as_str()) } }
            @if let Some(pause) = &run.pause { p { "Paused: " (pause.text) "." } }
            p.muted { "Account " code { (run.scope.account) } " of company " code { (run.scope.company) } " at " code { (run.scope.host) } }
        }
        (totals_section(totals))
        @if let Some(plot) = timeline.draw(totals.counts.rows()) {
            section aria-label="Rows over time" { h2 { "Rows by outcome over time" } (plot) }
        }
        (balance_section(run, &BalanceCheck::of_run(run, totals)))
        @if !unknown.is_empty() { (unknown_section(run, &unknown, totals.counts.unknown.rows)) }
        @if !events.is_empty() {
            section {
                h2 { "To be looked at by a person" }
                p.muted { "What came late and contradicts what a row had ended with. Its state stays, and where it came out as done it counts as done." }
                ul.notes { @for event in &events { li { (event) } } }
            }
        }
        (origin_section(run, &approvals))
    };
    let csp = "default-src 'none'; style-src 'unsafe-inline'";
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(csp);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
        }
    };
    // The body stays open for the rows.
    let document = document.into_string();
    let document = document.trim_end_matches("</html>");
    let caption = match totals.counts.rows() {
        rows if rows > MAX_ROWS as u64 => format!(
            "The first {MAX_ROWS} of {rows} rows, in the order of the file. All of them: {} run report {} --output csv",
            called_as(),
            run.id
        ),
        rows => format!("All {rows} rows, in the order of the file."),
    };
    let header = html! {
        thead { tr {
            th.number { "line" } th { "reference" } th.number { "amount" } th { "outcome" } th { "ended" }
            th { "transaction" } th { "reason" }
        } }
    };
    Ok(format!(
        "{document}<body><main>{}<section><h2>Rows</h2><table><caption>{}</caption>{}<tbody>",
        sections.into_string(),
        html! { (caption) }.into_string(),
        header.into_string()
    ))
}

/// Everything below the rows.
fn foot() -> String {
    let footer = html! {
        footer {
            p {
                "Written by enkash " (env!("CARGO_PKG_VERSION")) " at " (ledger::format_time(enkash::Timestamp::now()))
                " from its ledger. All times are UTC. People are not named here: the references lead to them in the ledger."
            }
            p { "Unofficial: not made, approved or supported by EnKash." }
        }
    };
    format!(
        "</tbody></table></section>{}</main></body></html>\n",
        footer.into_string()
    )
}

fn totals_section(totals: &RunTotals) -> Markup {
    let counts = &totals.counts;
    let tiles = [
        ("done", "done", counts.done),
        ("refused", "refused", counts.refused),
        ("not sent", "not-sent", counts.not_sent),
        ("unknown", "unknown", counts.unknown),
        ("pending", "pending", counts.pending),
    ];
    html! {
        section {
            h2 { (counts.rows()) " rows" }
            ul.tiles {
                @for (word, class, tally) in tiles {
                    li class=(class) { b { (tally.rows) } span { (word) } span { (tally.amount) } }
                }
            }
        }
    }
}

fn balance_section(run: &Run, balance: &BalanceCheck) -> Markup {
    let shown = |amount: Option<enkash_ledger::Amount>| {
        amount.map_or_else(|| "not known".to_owned(), |amount| amount.to_string())
    };
    let is_open = !balance.is_as_told();
    html! {
        section {
            h2 { "Reconciliation with the balance" }
            dl.amounts {
                dt { "before" } dd { (shown(balance.before)) }
                dt { "after" } dd { (shown(balance.after)) }
                dt { "went down by" } dd { (shown(balance.went_down_by)) }
                dt { "rows that are done" } dd { (balance.done) }
                dt { "rows that are unknown" } dd { (balance.unknown) }
                dt { "difference" } dd { (shown(balance.difference)) }
            }
            @if let Some(text) = balance.describe() { p.verdict.open[is_open] { (capitalised(&text)) "." } }
            p.muted.small { (balance_limits(run.id)) }
        }
    }
}

fn unknown_section(run: &Run, rows: &[CallRow], count: u64) -> Markup {
    html! {
        section {
            h2 { (count) " unknown: what to do" }
            p {
                "Points may have moved or not in these rows. Do not send them again, and never with a new reference: that could \
                 pay twice. Look them up with " code { (doubt::settle()) } ". What stays unknown, EnKash must answer by its \
                 reference; write their answer down with " code { (called_as()) " history resolve" } "."
            }
            @if count > rows.len() as u64 {
                p { "The first " (rows.len()) ". All: " code { (called_as()) " history --run " (run.id) " --state unknown" } }
            }
            table {
                thead { tr { th.number { "line" } th { "reference" } th.number { "amount" } th { "sent" } th { "reason" } } }
                tbody {
                    @for row in rows {
                        tr {
                            td.number data-label="line" { @if let Some(line) = row.line { (line) } }
                            td.code data-label="reference" { span { (row.reference) } }
                            td.number data-label="amount" { @if let Some(amount) = row.amount { (amount) } }
                            td.time data-label="sent" { @if let Some(at) = row.intended_at { (ledger::format_time(at)) } }
                            td.reason data-label="reason" { span { (row.reason.as_deref().unwrap_or("on its way, or its process ended")) } }
                        }
                    }
                }
            }
        }
    }
}

fn origin_section(run: &Run, approvals: &[Approval]) -> Markup {
    html! {
        section {
            h2 { "Where it comes from" }
            dl {
                dt { "file" } dd { (run.file_name) }
                dt { "SHA-256" } dd { code { (run.file_hash) } }
                dt { "rows and total" } dd { (run.rows) " rows, " (run.total) }
                dt { "command" } dd { (run.command) }
                dt { "begun" } dd { (ledger::format_time(run.created_at)) " by " (run.created_by) }
                @if let Some(at) = run.started_at { dt { "first sent" } dd { (ledger::format_time(at)) } }
                @if let Some(at) = run.ended_at { dt { (run.state.as_str()) } dd { (ledger::format_time(at)) } }
                dt { "approvals" }
                dd {
                    @if run.approvals_needed == 0 && approvals.is_empty() { "none needed" }
                    @else { (approvals.len()) " of " (run.approvals_needed) }
                    @for approval in approvals {
                        br; (approval.name) " (" (approval.source) "), " (ledger::format_time(approval.at))
                    }
                }
            }
            @if run.approvals_needed > 0 {
                p.muted.small { "Names are those of the operating system or were typed; nobody signs them." }
            }
        }
    }
}

fn table_row(row: &CallRow) -> Markup {
    let outcome = row.outcome();
    let class = format!("word {}", outcome.replace(' ', "-"));
    let transaction = row
        .detail
        .as_ref()
        .and_then(|detail| detail.get("transaction")?.as_str());
    let reason = row
        .explanation()
        .filter(|_| outcome != "done" || row.is_done_after_all());
    html! {
        tr {
            td.number data-label="line" { @if let Some(line) = row.line { (line) } }
            td.code data-label="reference" { span { (row.reference) } }
            td.number data-label="amount" { @if let Some(amount) = row.amount { (amount) } }
            td data-label="outcome" { span class=(class) { (outcome) } }
            td.time data-label="ended" { @if let Some(at) = row.concluded_at { (ledger::format_time(at)) } }
            td.code data-label="transaction" { @if let Some(id) = transaction { span { (id) } } }
            td.reason data-label="reason" { @if let Some(reason) = reason { span { (reason) } } }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
