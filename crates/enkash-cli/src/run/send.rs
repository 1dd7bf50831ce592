//! Sends the rows of a run: the first alone, then several at once. A row leaves only under its committed intent, and is told
//! once its outcome is committed. Waiting for that commit holds no slot, so the disk and the API work side by side.

use std::collections::{BTreeMap, HashSet};

use enkash::{ClientReference, Outcome, rewards::Allocation};
use enkash_ledger::{Amount, Ledger, LedgerError, PendingRow, Run, RunId, RunState};
use futures_util::{
    FutureExt, StreamExt,
    future::{LocalBoxFuture, OptionFuture},
    stream::FuturesUnordered,
};

use super::{
    SendOptions,
    funds::Funds,
    report::{self, RunReport},
    request::RowRequest,
    sent_row::{EndedRow, Next, RecordedRow, RowEnd, RunProgress, StartedRow},
    stop_rule::{StopReason, StopRule},
};
use crate::{
    exit::CliError,
    interrupts::Interrupts,
    output::Output,
    session::Session,
    value::{CallReport, CardFields, OutcomeKind, TicketExport, warn_if_kept, warn_not_recorded},
};

/// How many rows are read from the ledger at a time.
const PAGE: u32 = 500;
/// The same where other processes may pause the run.
const SHARED_PAGE: u32 = 25;
/// How many outcomes may wait for their commit, for each slot.
const RECORDS_PER_SLOT: usize = 4;

/// Sends what is pending in a run.
pub(super) struct RunSender<'a> {
    session: &'a Session,
    ledger: &'a Ledger,
    run: &'a Run,
    options: &'a SendOptions,
    report: &'a RunReport,
    funds: Funds<'a>,
    rule: StopRule,
    tickets: TicketExport,
    page: std::vec::IntoIter<PendingRow>,
    /// The next page, while it is read. It is polled beside the calls: whoever only waits for it would keep them from the
    /// connections that they and it need.
    reading: Option<LocalBoxFuture<'a, Result<Option<Vec<PendingRow>>, LedgerError>>>,
    /// The place of the last row that was read.
    last_place: u64,
    /// The last place to be sent.
    until: u64,
    is_exhausted: bool,
    /// A row whose person has another row under way.
    held: Option<PendingRow>,
    /// The mobile numbers of the rows whose call is under way. Two calls for one person never overlap: the first may create
    /// the card, and each look-up must tell them apart.
    recipients: HashSet<String>,
    told: usize,
    progress: RunProgress,
}

impl<'a> RunSender<'a> {
    pub(super) fn new(
        session: &'a Session,
        ledger: &'a Ledger,
        run: &'a Run,
        options: &'a SendOptions,
        report: &'a RunReport,
        available: Option<Amount>,
    ) -> Result<Self, CliError> {
        Ok(Self {
            session,
            ledger,
            run,
            options,
            report,
            funds: Funds::new(session, available),
            rule: StopRule::new(options.keep_going),
            tickets: TicketExport::create(options.tickets.as_deref())?,
            page: Vec::new().into_iter(),
            reading: None,
            last_place: 0,
            until: u64::MAX,
            is_exhausted: false,
            held: None,
            recipients: HashSet::new(),
            told: 0,
            progress: RunProgress::default(),
        })
    }

    /// Sends these places next, both ends included.
    #[cfg(feature = "worker")]
    pub(super) fn set_places(&mut self, first: u64, last: u64) {
        self.page = Vec::new().into_iter();
        self.reading = None;
        self.last_place = first.saturating_sub(1);
        self.until = last;
        self.is_exhausted = false;
    }

    /// Sends row after row, and says why it stopped before the last one.
    pub(super) async fn run(
        &mut self,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<Option<StopReason>, CliError> {
        let mut calls: FuturesUnordered<LocalBoxFuture<'a, EndedRow>> = FuturesUnordered::new();
        let mut records: FuturesUnordered<LocalBoxFuture<'a, RecordedRow>> = FuturesUnordered::new();
        // Rows whose call is under way, by place: what is told of them if nobody waits any more.
        let mut under_way: BTreeMap<u64, StartedRow> = BTreeMap::new();
        // How many of the signals that came were heeded.
        let mut heeded = interrupts.count().min(1);
        let mut stop = (heeded > 0).then_some(StopReason::Interrupted);
        // Calls under way are waited for and written down, also where nobody can be told.
        let mut failure = None;
        loop {
            while stop.is_none() && failure.is_none() && self.has_slot(calls.len(), records.len()) {
                match self.next_call(output) {
                    Next::Call(started, call) => {
                        under_way.insert(started.row.place, *started);
                        calls.push(call);
                    }
                    Next::Stop(reason) => stop = Some(reason),
                    Next::Wait => break,
                }
            }
            let is_reading = self.reading.is_some() && stop.is_none() && failure.is_none();
            if calls.is_empty() && records.is_empty() && !is_reading {
                return failure.map_or(Ok(stop), Err);
            }
            tokio::select! {
                biased;
                () = interrupts.wait_for(heeded + 1) => {
                    heeded += 1;
                    if heeded > 1 {
                        drop(calls);
                        while let Some(recorded) = records.next().await {
                            self.tell(recorded, output).await?;
                        }
                        self.give_up(under_way, output).await?;
                        return Ok(Some(StopReason::Interrupted));
                    }
                    stop = Some(StopReason::Interrupted);
                    output.warn(&format!(
                        "waiting for the responses to {} calls; Ctrl-C again gives up on them, and they are then unknown",
                        calls.len()
                    ));
                }
                Some(read) = OptionFuture::from(self.reading.as_mut()) => {
                    self.reading = None;
                    match read {
                        Ok(Some(rows)) => self.take_page(rows),
                        Ok(None) => stop = stop.or(Some(StopReason::Withdrawn)),
                        Err(error) => {
                            output.warn(&format!("enkash: {error}; the rows that were left were not sent"));
                            stop = stop.or(Some(StopReason::Ledger));
                        }
                    }
                }
                Some(recorded) = records.next(), if !records.is_empty() => {
                    match self.tell(recorded, output).await {
                        Ok(reason) => stop = stop.or(reason),
                        Err(error) => failure = failure.or(Some(error)),
                    }
                }
                Some(ended) = calls.next(), if !calls.is_empty() => {
                    under_way.remove(&ended.row.place);
                    if let Some(reason) = self.record(ended, &records, output) {
                        stop = stop.or(Some(reason));
                    }
                }
            }
        }
    }

    /// Whether one more call may be on its way. Nothing goes beside the first row until that is told, and with one slot beside
    /// no row.
    fn has_slot(&self, calls: usize, records: usize) -> bool {
        let slots = usize::from(self.options.concurrency);
        if self.told == 0 || slots == 1 {
            calls + records == 0
        } else {
            calls < slots && records < slots * RECORDS_PER_SLOT
        }
    }

    /// Whether other processes send this run as well: then they may also pause it.
    fn is_shared(&self) -> bool {
        self.until != u64::MAX
    }

    /// The next row that was read. Where the page is used up, the next one begins to be read.
    fn next_row(&mut self) -> Option<PendingRow> {
        let row = self.held.take().or_else(|| self.page.next());
        if row.is_none() && !self.is_exhausted && self.reading.is_none() {
            let page = read_page(self.ledger, self.run.id, self.last_place, self.is_shared());
            self.reading = Some(page.boxed_local());
        }
        row
    }

    fn take_page(&mut self, mut rows: Vec<PendingRow>) {
        self.is_exhausted =
            rows.len() < page_size(self.is_shared()) as usize || rows.last().is_some_and(|row| row.place >= self.until);
        rows.retain(|row| row.place <= self.until);
        if let Some(last) = rows.last() {
            self.last_place = last.place;
        }
        self.page = rows.into_iter();
    }

    /// The next row's call. Where none can be made the run stops, and what is under way goes on.
    fn next_call(&mut self, output: &mut Output) -> Next<'a> {
        match self.make_call(output) {
            Ok(next) => next,
            Err(failure) => {
                output.warn(&format!("enkash: {}", failure.message));
                Next::Stop(StopReason::Ledger)
            }
        }
    }

    /// The next row's call, which is not under way before it is polled.
    fn make_call(&mut self, output: &mut Output) -> Result<Next<'a>, CliError> {
        let Some(row) = self.next_row() else {
            return Ok(Next::Wait);
        };
        if !self.funds.cover(row.amount) {
            return Ok(Next::Stop(StopReason::Balance));
        }
        let unreadable = || {
            CliError::runtime(format!(
                "the ledger's row of line {} cannot be read; it was not sent",
                row.line
            ))
        };
        let person = RowRequest::parse(&row.request).ok_or_else(unreadable)?;
        let reference: ClientReference = row.reference.parse().map_err(|_| unreadable())?;
        let amount = report::money(row.amount)?;
        let recipient = person.mobile.expose().to_owned();
        if self.recipients.contains(&recipient) {
            self.held = Some(row);
            return Ok(Next::Wait);
        }
        let allocation = Allocation::for_person(person, amount, reference.clone());
        let rewards = &self.session.rewards;
        let ticket = rewards.ticket(&allocation);
        if let Err(failure) = self.tickets.write(std::slice::from_ref(&ticket)) {
            output.warn(&format!("enkash: {}", failure.message));
            return Ok(Next::Stop(StopReason::Tickets));
        }
        self.funds.spend(row.amount);
        self.recipients.insert(recipient.clone());
        let (ledger, sent, intended) = (self.ledger, row.clone(), ticket.clone());
        let name = reference.clone();
        let call = async move {
            let end = match ledger.begin_row(sent.id, &intended).await {
                Err(error) => RowEnd::NoIntent(error),
                Ok(None) => RowEnd::Taken,
                Ok(Some(intent)) => {
                    let outcome: Outcome<CardFields> = rewards.allocate(allocation).await.map(CardFields::from);
                    let (conclusion, report) = CallReport::conclude(&intended, Some(outcome), "");
                    RowEnd::Called(intent, Box::new(conclusion), Box::new(report))
                }
            };
            EndedRow {
                row: sent,
                recipient,
                amount,
                reference: name,
                end,
            }
        };
        let started = StartedRow {
            row,
            amount,
            reference,
            ticket,
        };
        Ok(Next::Call(Box::new(started), call.boxed_local()))
    }

    /// Begins to write an outcome down.
    fn record(
        &mut self,
        ended: EndedRow,
        records: &FuturesUnordered<LocalBoxFuture<'a, RecordedRow>>,
        output: &mut Output,
    ) -> Option<StopReason> {
        let EndedRow {
            row,
            recipient,
            amount,
            reference,
            end,
        } = ended;
        self.recipients.remove(&recipient);
        match end {
            RowEnd::Taken => {
                self.funds.give_back(row.amount);
                None
            }
            RowEnd::NoIntent(error) => {
                self.funds.give_back(row.amount);
                output.warn(&format!("enkash: line {}: {error}; it was not sent", row.line));
                Some(StopReason::Ledger)
            }
            RowEnd::Called(intent, conclusion, report) => {
                let ledger = self.ledger;
                let record = async move {
                    let concluded = conclusion.state();
                    let recorded = ledger.conclude(intent, *conclusion).await;
                    RecordedRow {
                        row,
                        amount,
                        reference,
                        report,
                        concluded,
                        recorded,
                    }
                };
                records.push(record.boxed_local());
                None
            }
        }
    }

    /// Tells a row, and says whether the run stops after it.
    async fn tell(&mut self, recorded: RecordedRow, output: &mut Output) -> Result<Option<StopReason>, CliError> {
        let RecordedRow {
            row,
            amount,
            reference,
            report,
            concluded,
            recorded,
        } = recorded;
        let (kind, exit) = (report.outcome_kind, report.exit);
        tracing::debug!(line = row.line, reference = %row.reference, outcome = kind.as_str(), "row");
        self.told += 1;
        let mut stop = self.rule.after(kind, exit);
        match kind {
            OutcomeKind::NotSent => self.funds.give_back(row.amount),
            OutcomeKind::Refused => {
                self.funds.give_back(row.amount);
                stop = stop.or(self.funds.ask_after_refusal(row.amount).await);
            }
            _ => {}
        }
        self.report.row(&row, amount, reference, *report, output)?;
        self.progress.count(kind);
        output.show_progress(self.progress.0);
        match recorded {
            Ok(recorded) => warn_if_kept(recorded, concluded, &row.reference, output),
            Err(error) => {
                warn_not_recorded(&error, output);
                stop = stop.or(Some(StopReason::Ledger));
            }
        }
        if output.has_lost_results() {
            // Whoever reads standard output would miss what follows.
            stop = stop.or(Some(StopReason::Output));
        }
        Ok(stop)
    }

    /// Nobody waits for these any more: they are unknown.
    async fn give_up(&mut self, under_way: BTreeMap<u64, StartedRow>, output: &mut Output) -> Result<(), CliError> {
        if let Err(error) = self.ledger.interrupt_run(self.run.id).await {
            warn_not_recorded(&error, output);
        }
        for StartedRow {
            row,
            amount,
            reference,
            ticket,
        } in under_way.into_values()
        {
            self.report
                .row(&row, amount, reference, CallReport::given_up(ticket, ""), output)?;
        }
        Ok(())
    }
}

fn page_size(is_shared: bool) -> u32 {
    if is_shared { SHARED_PAGE } else { PAGE }
}

/// Rows that are pending; `None` where workers may no longer send the run.
async fn read_page(
    ledger: &Ledger,
    run: RunId,
    after: u64,
    is_shared: bool,
) -> Result<Option<Vec<PendingRow>>, LedgerError> {
    if is_shared && ledger.run(run).await?.state != RunState::HandedOut {
        return Ok(None);
    }
    ledger.pending_rows(run, after, page_size(is_shared)).await.map(Some)
}
