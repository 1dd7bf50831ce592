//! Shows the comparison: rows with what matters most first, transactions that nobody here knows, and the summary that says
//! whether the run is proven, and how much the API's pages promise of that.

use enkash::{OperationId, settlement::TransactionGap};
use enkash_ledger::{Amount, Run};
use serde::Serialize;

use super::{
    account::{AccountReading, Stranger},
    difference::{Found, Rank, advice},
    index::{Index, Slot},
    told::{Told, ToldRow},
    told_rows::ToldRows,
};
use crate::{
    exit::{CliError, ExitStatus},
    ledger::format_time,
    output::{Format, List, Output, Rows},
};

/// One line of the result.
struct Line {
    kind: &'static str,
    line: Option<u64>,
    reference: Option<String>,
    amount: Option<String>,
    told: Option<&'static str>,
    found: &'static str,
    is_alarm: bool,
    credits: Option<u16>,
    transactions: Option<String>,
    advice: Option<String>,
}

/// The columns of its rows.
pub(crate) fn columns() -> Vec<&'static str> {
    list().csv_keys()
}

fn list() -> List<Line> {
    List::<Line>::new()
        .text("type", |line: &Line| Some(line.kind.to_owned()))
        .not_in_csv()
        .count("line", |line| line.line.and_then(|line| line.try_into().ok()))
        .at_least(4)
        .text("reference", |line| line.reference.clone())
        .at_least(20)
        .number("amount", |line| line.amount.clone())
        .at_least("10000.00".len())
        .text("told", |line| line.told.map(str::to_owned))
        .at_least("not sent".len())
        .text("found", |line| Some(line.found.to_owned()))
        .text("listed", |line| Some(line.found.replace('_', " ")))
        .at_least("other direction".len())
        .only_in_table()
        .flag("alarm", |line| Some(line.is_alarm))
        .count("credits", |line| line.credits.map(i64::from))
        .text("transactions", |line| line.transactions.clone())
        .text("next", |line| line.advice.clone())
        .heading("")
        .in_table("line reference amount told listed transactions next")
}

/// Prints rows as they come.
pub(super) struct Printer(Rows<Line>);

impl Printer {
    pub(super) fn begin(output: &mut Output) -> Result<Self, CliError> {
        let rows = list().stream(output);
        rows.begin(output)?;
        Ok(Self(rows))
    }

    /// Shows the row if it is of this rank.
    pub(super) fn row(
        &self,
        row: &ToldRow,
        index: &Index,
        account: &AccountReading,
        rank: Rank,
        output: &mut Output,
    ) -> Result<(), CliError> {
        let changed = || CliError::runtime("the rows have changed while they were compared: compare them again");
        let position = index.find(&row.reference).ok_or_else(changed)?;
        let slot = index.slot(position);
        if Rank::of(slot) != rank {
            return Ok(());
        }
        let notes = account.notes(position);
        let line = Line {
            kind: "row",
            line: row.line,
            reference: Some(row.reference.clone()),
            amount: Some(slot.amount.to_string()),
            told: Some(slot.told.as_str()),
            found: Found::of(slot).as_str(),
            is_alarm: rank == Rank::Alarm,
            credits: Some(slot.credits),
            transactions: (!notes.is_empty()).then(|| notes.join("; ")),
            advice: advice(slot, &row.reference),
        };
        self.0.row(&line, output)
    }

    /// The transactions that belong to nobody here.
    pub(super) fn strangers(&self, account: &AccountReading, output: &mut Output) -> Result<(), CliError> {
        let line = |stranger: &Stranger| Line {
            kind: "transaction",
            line: None,
            reference: stranger.reference.clone(),
            amount: stranger.amount.clone(),
            told: None,
            found: "unknown_to_us",
            is_alarm: false,
            credits: None,
            transactions: Some(stranger.text.clone()),
            advice: None,
        };
        account
            .unknown_to_us()
            .try_for_each(|stranger| self.0.row(&line(stranger), output))
    }
}

/// What the comparison comes to.
#[derive(Serialize)]
pub(super) struct Summary {
    r#type: &'static str,
    run: Option<String>,
    /// Every done row is paid exactly once with its amount, nothing else of the run is paid, and the list is whole.
    proven: bool,
    from: String,
    to: String,
    rows: usize,
    told_done: usize,
    told_done_amount: Amount,
    #[serde(flatten)]
    found: FoundCounts,
    as_told: usize,
    alarms: usize,
    differences: usize,
    doubts: usize,
    transactions: u64,
    of_other_calls: usize,
    unknown_to_us: usize,
    /// Transactions of others that were too many to be looked at.
    not_compared: u64,
    outside_of_the_time: u64,
    requests: u32,
    /// Nothing says that the API hides transactions.
    list_whole: bool,
    /// Each response counted its rows, and showed as many.
    list_counted: bool,
    gaps: Vec<Gap>,
    evidence: Evidence,
}

#[derive(Serialize)]
struct FoundCounts {
    paid_once: usize,
    paid_twice: usize,
    /// Not listed, and told done or unknown.
    missing: usize,
    /// Not listed, and told otherwise.
    not_listed_as_told: usize,
    other_amount: usize,
    other_direction: usize,
    unclear: usize,
}

#[derive(Serialize)]
struct Gap {
    from: String,
    to: String,
    shown: usize,
    of: Option<u64>,
    reason: &'static str,
}

/// How well it is known what the list says.
#[derive(Serialize)]
struct Evidence {
    path: String,
    response: String,
    /// That a transaction carries the caller's reference: a page names the field in a request, and a public integration
    /// reads it in a record.
    reference: &'static str,
    /// That the list is whole: no page shows paging.
    whole_list: &'static str,
}

impl Evidence {
    fn shipped() -> Self {
        let evidence = OperationId::SearchTransactions.operation().evidence;
        Self {
            path: evidence.path.to_string(),
            response: evidence.response.to_string(),
            reference: "inferred",
            whole_list: "unknown",
        }
    }
}

impl Summary {
    pub(super) fn new(rows: &ToldRows<'_>, run: Option<&Run>, index: &Index, account: &AccountReading) -> Self {
        let slots = index.slots();
        let count = |found: Found| slots.iter().filter(|slot| Found::of(slot) == found).count();
        let [
            paid_once,
            paid_twice,
            not_listed,
            other_amount,
            other_direction,
            unclear,
        ] = Found::ALL.map(count);
        let is_unlisted_as_told =
            |slot: &&Slot| Found::of(slot) == Found::Missing && !matches!(slot.told, Told::Done | Told::Unknown);
        let not_listed_as_told = slots.iter().filter(is_unlisted_as_told).count();
        let ranked = |rank: Rank| slots.iter().filter(|slot| Rank::of(slot) == rank).count();
        let [alarms, differences, doubts, as_told] = Rank::ALL.map(ranked);
        let done = slots.iter().filter(|slot| slot.told == Told::Done);
        let told_done_amount = done
            .clone()
            .try_fold(Amount::ZERO, |sum, slot| sum.checked_add(slot.amount));
        let gap = |gap: &TransactionGap| Gap {
            from: format_time(gap.from),
            to: format_time(gap.to),
            shown: gap.shown,
            of: gap.of,
            reason: gap.reason,
        };
        let list_whole = account.gaps.is_empty();
        Self {
            r#type: "summary",
            run: match rows {
                ToldRows::OfRun(_, run) => Some(run.to_string()),
                ToldRows::OfReport(_) => run.map(|run| run.id.to_string()),
            },
            proven: list_whole && alarms + differences + doubts == 0,
            from: format_time(account.from),
            to: format_time(account.to),
            rows: slots.len(),
            told_done: done.count(),
            told_done_amount: told_done_amount.unwrap_or_default(),
            found: FoundCounts {
                paid_once,
                paid_twice,
                missing: not_listed - not_listed_as_told,
                not_listed_as_told,
                other_amount,
                other_direction,
                unclear,
            },
            as_told,
            alarms,
            differences,
            doubts,
            transactions: account.transactions,
            of_other_calls: account.of_other_calls(),
            unknown_to_us: account.unknown_to_us().count(),
            not_compared: account.not_kept,
            outside_of_the_time: account.outside,
            requests: account.requests,
            list_whole,
            list_counted: account.is_counted,
            gaps: account.gaps.iter().map(gap).collect(),
            evidence: Evidence::shipped(),
        }
    }

    pub(super) fn rows_of(&self, rank: Rank) -> usize {
        match rank {
            Rank::Alarm => self.alarms,
            Rank::Difference => self.differences,
            Rank::Doubt => self.doubts,
            Rank::AsTold => self.as_told,
        }
    }

    pub(super) fn exit(&self) -> ExitStatus {
        match self.proven {
            true => ExitStatus::Done,
            false => ExitStatus::Unknown,
        }
    }

    pub(super) fn print(&self, output: &mut Output) -> Result<(), CliError> {
        match output.format {
            Format::Json => output.json(self),
            Format::Table => output.print_lines(self.lines()),
            Format::Csv => {
                output.warn(&self.lines().join("\n"));
                Ok(())
            }
        }
    }

    fn lines(&self) -> Vec<String> {
        let found = &self.found;
        let counts = [
            (found.paid_once, Found::PaidOnce),
            (found.paid_twice, Found::PaidTwice),
            (found.missing, Found::Missing),
            (found.other_amount, Found::OtherAmount),
            (found.other_direction, Found::OtherDirection),
            (found.unclear, Found::Unclear),
        ];
        let shown = counts
            .iter()
            .filter(|(count, found)| *count > 0 || *found != Found::Unclear);
        let shown: Vec<_> = shown
            .map(|(count, found)| format!("{count} {}", found.words()))
            .collect();
        let mut lines = vec![
            format!(
                "{} rows, {} told done ({}): {}; {} neither told done nor listed",
                self.rows,
                self.told_done,
                self.told_done_amount,
                shown.join(", "),
                found.not_listed_as_told
            ),
            format!(
                "the account lists {} transactions from {} to {}: {} of other calls of this ledger, {} unknown to us (others may \
                 use the account)",
                self.transactions, self.from, self.to, self.of_other_calls, self.unknown_to_us
            ),
        ];
        if self.not_compared > 0 {
            lines.push(format!(
                "and {} more of others, which were only counted",
                self.not_compared
            ));
        }
        for gap in &self.gaps {
            let of = gap.of.map_or_else(String::new, |of| format!(" of {of}"));
            lines.push(format!(
                "the list is not whole from {} to {} ({}{of} shown): {}",
                gap.from, gap.to, gap.shown, gap.reason
            ));
        }
        if !self.list_counted && self.list_whole {
            lines.push("the API did not count its list, so that nothing says whether it is whole".to_owned());
        }
        if self.transactions == 0 && self.told_done > 0 {
            lines.push(
                "an empty list proves nothing: the page marks a card as required, and this API may list no account"
                    .to_owned(),
            );
        }
        lines.push(self.conclusion());
        lines.push(format!(
            "evidence: that a transaction carries the reference is {}, the path of the search is {}, what it answers is {}; \
             whether a list is whole no page says",
            self.evidence.reference, self.evidence.path, self.evidence.response
        ));
        lines
    }

    fn conclusion(&self) -> String {
        if self.proven {
            return "as told: each done row is listed exactly once with its amount, and no other row of it is listed"
                .to_owned();
        }
        let parts = [
            (self.alarms, "alarm", "alarms"),
            (self.differences, "other difference", "other differences"),
            (self.doubts, "unknown row", "unknown rows"),
        ];
        let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
        let parts: Vec<_> = parts
            .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
            .collect();
        match parts.is_empty() {
            true => "not proven: the list may hide transactions".to_owned(),
            false => format!("not as told: {}", parts.join(", ")),
        }
    }
}
