//! Reads every transaction of an account in a time, for whoever compares an account with what they sent. No page documents
//! paging, so a list that is cut is asked for again in parts of its time. What could not be read is said, and never guessed.

use std::collections::{HashSet, VecDeque};

use enkash_api::OperationId;
use enkash_policy::EntryRules;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::{
    envelope::list::List,
    error::Error,
    rewards::{
        Rewards,
        transactions::{Transaction, TransactionSearch},
    },
    settle::{
        entry,
        listing::{Completeness, Cut, Window, completeness, proof_json},
        movement::{self, Movement},
    },
};

/// Requests for one list at most.
const MAX_REQUESTS: u32 = 20_000;
/// What times are sent in.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// A time of which the API did not show every transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionGap {
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// How many were shown of it.
    pub shown: usize,
    /// How many there are, where the API says it.
    pub of: Option<u64>,
    /// What stands in the way.
    pub reason: &'static str,
}

/// Every transaction of an account in a time, response by response: from
/// [`Rewards::all_transactions`](crate::rewards::Rewards::all_transactions).
#[derive(Debug)]
pub struct TransactionPages {
    rewards: Rewards,
    /// What is asked for, without its time.
    search: TransactionSearch,
    rules: EntryRules,
    /// All that is asked for.
    time: Window,
    /// What is still to be read. Neighbours in it are neighbours in time.
    open: VecDeque<Open>,
    /// What tells the rows of the last page apart: neighbours share a moment.
    last: HashSet<String>,
    /// Known from the first list that is cut.
    order: Option<ListOrder>,
    requests: u32,
    gaps: Vec<TransactionGap>,
    is_counted: bool,
    /// What the first response counted for all of the time.
    whole_count: Option<u64>,
    /// How many were given.
    given: u64,
}

#[derive(Debug)]
enum Open {
    /// Nobody asked yet.
    Time(Window),
    /// It was read, and may be cut.
    Read(Page),
}

/// One response.
#[derive(Debug)]
struct Page {
    window: Window,
    rows: Vec<(String, Transaction)>,
    /// Of its rows, in the order of the list, as far as they can be read.
    dates: Vec<Timestamp>,
    completeness: Completeness,
    /// How many there are, where the response says it.
    count: Option<u64>,
}

impl Page {
    fn keys(&self) -> HashSet<&str> {
        self.rows.iter().map(|(key, _)| key.as_str()).collect()
    }

    /// The two parts of its time that are asked for next, the one first that its list begins with; `None` where it is too
    /// short for that. They share a moment, for whether the ends of a range belong to it is not known.
    fn parts(&self, order: ListOrder) -> Option<[Window; 2]> {
        let (from, to) = self.window;
        let middle = from.checked_add(to.duration_since(from) / 2).ok()?;
        let moments = [self.last_shown(order), Some(middle)].into_iter().flatten();
        let mut parts = moments.filter_map(|moment| {
            let moment = Timestamp::from_millisecond(moment.as_millisecond()).ok()?;
            let after = moment.checked_add(TICK).ok()?;
            // At the last step there is no room for a shared moment. Whether something is lost there, the counts say.
            let end = if after < to { after } else { moment };
            (from < moment && moment < to).then_some([(from, end), (moment, to)])
        });
        let mut parts = parts.next()?;
        if order == ListOrder::NewestFirst {
            parts.reverse();
        }
        Some(parts)
    }

    /// Up to which time a list in this order shows everything, less a little: what was made at one moment stays together.
    fn last_shown(&self, order: ListOrder) -> Option<Timestamp> {
        let mut dates = self.dates.clone();
        dates.sort_unstable();
        let margin = dates.len() / 10;
        match order {
            ListOrder::NewestFirst => dates.get(margin).copied(),
            ListOrder::OldestFirst => dates.iter().rev().nth(margin).copied(),
            ListOrder::Unknown => None,
        }
    }
}

/// In which order a list stands. Only the number of requests rests on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListOrder {
    NewestFirst,
    OldestFirst,
    Unknown,
}

impl ListOrder {
    fn of(dates: &[Timestamp]) -> Self {
        match (dates.first(), dates.last()) {
            (Some(first), Some(last)) if first > last => Self::NewestFirst,
            (Some(first), Some(last)) if first < last => Self::OldestFirst,
            _ => Self::Unknown,
        }
    }
}

impl Rewards {
    /// Every transaction of the account in a time, in as many requests as that takes (page: Get Reward Transaction Details;
    /// path inferred, answer unknown). The page marks a card as required, so an API server may refuse to list an account, or
    /// list nothing: nothing found proves nothing.
    ///
    /// ```
    /// # async fn example(rewards: enkash::rewards::Rewards, from: enkash::Timestamp, to: enkash::Timestamp)
    /// # -> Result<(), enkash::Error> {
    /// let mut pages = rewards.all_transactions(from, to);
    /// while let Some(transactions) = pages.next().await? {
    ///     for transaction in &transactions {
    ///         println!("{:?}: {:?}", transaction.reference, pages.movement(transaction));
    ///     }
    /// }
    /// for gap in pages.gaps() {
    ///     println!("not all is shown between {} and {}: {}", gap.from, gap.to, gap.reason);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn all_transactions(&self, from: Timestamp, to: Timestamp) -> TransactionPages {
        // Times are sent in whole milliseconds.
        let floor = |time: Timestamp| Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time);
        let (from, to) = (floor(from), floor(to).checked_add(TICK).unwrap_or(to));
        let policy = self.enkash.policies().of(OperationId::CreateAllocatePoints);
        TransactionPages {
            rules: policy.settlement.entry.clone(),
            rewards: self.clone(),
            search: TransactionSearch::all(),
            time: (from, to),
            open: VecDeque::from([Open::Time((from, to))]),
            last: HashSet::new(),
            order: None,
            requests: 0,
            gaps: Vec::new(),
            is_counted: true,
            whole_count: None,
            given: 0,
        }
    }
}

impl TransactionPages {
    /// The same with filters, before the first is read. The time of the search is not used: that of
    /// [`Rewards::all_transactions`](crate::rewards::Rewards::all_transactions) stays. An API server may not know a filter, and then
    /// shows other transactions as well.
    #[must_use]
    pub fn narrowed_by(self, search: TransactionSearch) -> Self {
        Self { search, ..self }
    }

    /// The next transactions, none of them twice. `None` after the last.
    ///
    /// # Errors
    ///
    /// The API refused, or no response came that could be understood.
    pub async fn next(&mut self) -> Result<Option<Vec<Transaction>>, Error> {
        while let Some(open) = self.open.pop_front() {
            let page = match open {
                Open::Time(window) => match self.ask(window).await {
                    Ok(page) => page,
                    // It stays open: whoever asks again gets it, and nobody takes the list for complete.
                    Err(error) => {
                        self.open.push_front(Open::Time(window));
                        return Err(error);
                    }
                },
                Open::Read(page) => page,
            };
            if !matches!(page.completeness, Completeness::Cut(_)) {
                return Ok(Some(self.take(page)));
            }
            if let Some(page) = self.split(page).await? {
                return Ok(Some(self.take(page)));
            }
        }
        self.note_missing();
        Ok(None)
    }

    /// The times of which not everything was shown, as far as it was read. Empty: nothing says that anything is missing.
    #[must_use]
    pub fn gaps(&self) -> &[TransactionGap] {
        &self.gaps
    }

    /// Whether each response so far counted its rows, and showed as many. At the end also whether as many came as the first
    /// response counted for all of the time.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        let is_at_the_end = self.open.is_empty() && self.requests > 0;
        let came_as_counted = !is_at_the_end || self.whole_count == Some(self.given);
        self.is_counted && self.gaps.is_empty() && came_as_counted
    }

    /// How many requests it took so far.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// What a transaction says that moved. A field that no page explains makes it unclear.
    #[must_use]
    pub fn movement(&self, transaction: &Transaction) -> Movement {
        movement::of(transaction, &self.rewards.company, &self.rewards.account, &self.rules)
    }

    async fn ask(&mut self, window: Window) -> Result<Page, Error> {
        self.requests += 1;
        let operation = OperationId::SearchTransactions;
        let search = self.search.clone().between(window.0, window.1);
        let answer = self.rewards.transactions(search).await?;
        let json = proof_json(operation, &answer)?;
        let list = List::from_response_or_single(json, "pgReferenceNumber").ok_or_else(|| {
            let problem = "it says success, and its `payload.data` is missing or has another form";
            Error::unclear(operation, StatusCode::OK, problem).with_history(&answer.history())
        })?;
        let mut keys = HashSet::new();
        let rows = list.rows.iter().filter_map(|row| {
            let key = entry::movement_key(row, &self.rules);
            // A movement that is listed twice is one.
            let is_new = key.as_ref().is_none_or(|key| keys.insert(key.clone()));
            is_new.then(|| (key.unwrap_or_else(|| row.to_string()), Transaction::from_wire(row)))
        });
        let page = Page {
            window,
            rows: rows.collect(),
            dates: list
                .rows
                .iter()
                .filter_map(|row| entry::dates(row, &self.rules).first().copied())
                .collect(),
            completeness: completeness(json, &list, &self.rules.other_fields),
            count: list.total_count,
        };
        self.is_counted &= page.completeness != Completeness::Uncounted;
        if self.requests == 1 {
            self.whole_count = page.count;
        }
        Ok(page)
    }

    /// Asks for the parts of a page that is cut. Gives it back where they bring nothing more.
    async fn split(&mut self, page: Page) -> Result<Option<Page>, Error> {
        let order = *self.order.get_or_insert_with(|| ListOrder::of(&page.dates));
        let Some(windows) = page.parts(order) else {
            self.note(&page, "there are more at one moment than one response shows");
            return Ok(Some(page));
        };
        if self.requests + 2 > MAX_REQUESTS {
            self.note(&page, "it would take too many requests");
            return Ok(Some(page));
        }
        let mut parts = Vec::new();
        for window in windows {
            match self.ask(window).await {
                Ok(part) => parts.push(part),
                // It may not know this filter. What was read so far is still true.
                Err(error) if error.has_answer() => {
                    self.note(&page, "the API did not answer for a part of it");
                    return Ok(Some(page));
                }
                Err(error) => {
                    self.open.push_front(Open::Read(page));
                    return Err(error);
                }
            }
        }
        let keys = page.keys();
        let in_parts: Vec<_> = parts.iter().map(Page::keys).collect();
        if in_parts.iter().all(|part| *part == keys) {
            self.note(&page, "the API does not narrow a list by time");
            return Ok(Some(page));
        }
        let is_cut = |part: &Page| matches!(part.completeness, Completeness::Cut(_));
        let hides = keys.iter().any(|key| in_parts.iter().all(|part| !part.contains(key)));
        let sum = parts.iter().try_fold(0, |sum, part| part.count?.checked_add(sum));
        let lacks = page.count.zip(sum).is_some_and(|(whole, parts)| parts < whole);
        if lacks || hides && !parts.iter().any(is_cut) {
            self.note(
                &page,
                "its parts show less than the whole: the API reads times in another way",
            );
        }
        for part in parts.into_iter().rev() {
            self.open.push_front(Open::Read(part));
        }
        Ok(None)
    }

    fn note(&mut self, page: &Page, reason: &'static str) {
        let (shown, of) = match &page.completeness {
            Completeness::Cut(Cut { shown, of, .. }) => (*shown, *of),
            _ => (page.rows.len(), page.count),
        };
        self.gaps.push(TransactionGap {
            from: page.window.0,
            to: page.window.1,
            shown,
            of,
            reason,
        });
    }

    /// At the end: whether less came than there is, although no list was cut.
    fn note_missing(&mut self) {
        let missing = self.whole_count.filter(|count| self.given < *count);
        if let (Some(count), []) = (missing, self.gaps.as_slice()) {
            self.gaps.push(TransactionGap {
                from: self.time.0,
                to: self.time.1,
                shown: usize::try_from(self.given).unwrap_or(usize::MAX),
                of: Some(count),
                reason: "its first response counts more than came, or lists one movement twice",
            });
        }
    }

    /// The rows of a page without those of its neighbour.
    fn take(&mut self, page: Page) -> Vec<Transaction> {
        if page.rows.is_empty() {
            return Vec::new();
        }
        let last = std::mem::take(&mut self.last);
        self.last = page.rows.iter().map(|(key, _)| key.clone()).collect();
        let rows = page.rows.into_iter().filter(|(key, _)| !last.contains(key));
        let rows: Vec<_> = rows.map(|(_, transaction)| transaction).collect();
        self.given += rows.len() as u64;
        rows
    }
}
