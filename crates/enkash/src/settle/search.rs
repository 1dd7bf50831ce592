//! Searches transactions for references, and reads on where a list is cut. No page documents paging, so a cut list is asked
//! for again in parts: fewer references, then shorter times. It ends where a step brings nothing new, or after a bounded
//! number of requests; what could not be read is said.

use enkash_policy::EntryRules;
use jiff::{SignedDuration, Timestamp};

use crate::{
    error::Error,
    model::{ids::EnKashCardId, reference::ClientReference},
    rewards::{Rewards, transactions::TransactionSearch},
    settle::listing::{Asked, Completeness, Page, Reading, Window},
};

/// References of one request at most.
pub(super) const BATCH: usize = 100;
/// Requests for one question at most.
const MAX_REQUESTS: usize = 64;
/// What times are sent in.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// No card: by reference alone, which no page documents.
    pub(super) card: Option<EnKashCardId>,
    pub(super) references: Vec<ClientReference>,
    window: Option<Window>,
}

impl Query {
    pub(super) fn new(card: Option<EnKashCardId>, references: Vec<ClientReference>) -> Self {
        Self {
            card,
            references,
            window: None,
        }
    }

    fn search(&self) -> TransactionSearch {
        let mut search = TransactionSearch::all();
        if let Some(card) = &self.card {
            search = search.card(card.clone());
        }
        search = match self.references.as_slice() {
            [reference] => search.reference(reference.clone()),
            references => search.references(references.to_vec()),
        };
        match self.window {
            Some((from, to)) => search.between(from, to),
            None => search,
        }
    }

    /// The same question in parts, after this response. `within` is all the time that matters.
    fn parts(&self, page: &Page, within: Window) -> Vec<Self> {
        let count = self.references.len();
        if count > 1 {
            let size = page.dated.len().clamp(1, count.div_ceil(2));
            let parts = self.references.chunks(size);
            return parts
                .map(|part| Self {
                    references: part.to_vec(),
                    ..self.clone()
                })
                .collect();
        }
        let (from, to) = self.window.unwrap_or(within);
        // What is shown lies together, as a rule: the rest is before it, after it, or hidden among it.
        let span = page
            .span()
            .map(|(first, last)| (first.clamp(from, to), last.clamp(from, to)));
        let (first, last) = span.unwrap_or_else(|| {
            let middle = from.checked_add(to.duration_since(from) / 2).unwrap_or(to);
            (middle, middle)
        });
        // Whether the ends of a range belong to it is not known.
        let after = |time: Timestamp| time.checked_add(TICK).unwrap_or(time).min(to);
        let parts = [(from, after(first)), (first, after(last)), (last, to)];
        let parts = parts.into_iter().filter(|(start, end)| start < end);
        parts
            .map(|window| Self {
                window: Some(window),
                ..self.clone()
            })
            .collect()
    }
}

/// Everything that the API shows for a question, in as many requests as that takes. `within` is the time in which
/// entries can have been made.
pub(super) async fn read(
    rewards: &Rewards,
    query: Query,
    within: Window,
    rules: &EntryRules,
) -> Result<Reading, Error> {
    let asked = Asked::new(&query.references);
    let ask = async |query: &Query| {
        let answer = rewards.transactions(query.search()).await?;
        Page::read(&answer, &asked, rules)
    };
    let mut reading = Reading::default();
    let page = ask(&query).await?;
    reading.add(&page);
    let mut requests = 1;
    let mut open = Vec::new();
    reading.is_uncounted = page.completeness == Completeness::Uncounted;
    if page.is_cut() {
        open.push((query, page));
    }
    while let Some((query, page)) = open.pop() {
        let parts = query.parts(&page, within);
        requests += parts.len();
        if parts.is_empty() || requests > MAX_REQUESTS {
            reading.give_up(&query.references, &page);
            continue;
        }
        let (mut brings_new, mut still_cut) = (false, Vec::new());
        for part in parts {
            let shown = match ask(&part).await {
                Ok(shown) => shown,
                // It may not know this filter. What was read so far is still true.
                Err(error) if error.has_answer() => {
                    reading.give_up(&part.references, &page);
                    continue;
                }
                Err(error) => return Err(error),
            };
            brings_new |= reading.add(&shown);
            reading.is_uncounted |= part.window.is_some() || shown.completeness == Completeness::Uncounted;
            if shown.is_cut() {
                still_cut.push((part, shown));
            } else if !honours_window(&page, &shown, part.window) {
                reading.give_up(&part.references, &page);
            }
        }
        if brings_new {
            open.append(&mut still_cut);
        }
        for (part, shown) in still_cut {
            reading.give_up(&part.references, &shown);
        }
    }
    Ok(reading)
}

/// Whether a part of time shows again what the whole showed in it. Where it does not, the API reads times in another way
/// than we write them, and what it leaves out is not known.
fn honours_window(whole: &Page, part: &Page, window: Option<Window>) -> bool {
    let Some((from, to)) = window else { return true };
    let inside = whole
        .dated
        .iter()
        .filter(|(_, dates)| dates.is_some_and(|(first, last)| from < first && last < to));
    inside.into_iter().all(|(key, _)| part.dated.contains_key(key))
}
