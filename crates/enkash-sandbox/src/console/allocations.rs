//! The console's part on allocations: the chart, how many are in each state, and each with what happened to it. A run that is
//! in progress is seen here while it runs, and an unknown that is settled becomes one before the reader's eyes.

use jiff::Timestamp;
use maud::{Markup, html};

use super::chart::chart;
use super::contents::{AllocationRow, PageContents};
use super::format::{amount, instant, time_of_day};
use super::table::{self, Kind, Row, grid};
use super::view::{View, state_word};
use crate::allocations::{AllocationState, Delivery};
use crate::entry_state::EntryState;

/// Where an allocation stands on the page.
pub(super) fn anchor(number: u64) -> String {
    format!("allocation-{number}")
}

/// The whole part.
pub(super) fn section(contents: &PageContents, view: &View) -> Markup {
    html! {
        section.panel id="allocations" data-live="" aria-labelledby="allocations-title" {
            (table::heading("allocations", "Allocations", &contents.allocations))
            @if contents.series.totals().iter().all(|count| *count == 0) {
                p.empty {
                    "No allocation has come. Start "
                    code { "enkash allocate --file" }
                    " against this sandbox and watch it here."
                }
            } @else {
                div.progress { (chart(&contents.series)) (states(contents, view)) }
                @if let Some(state) = view.state {
                    p.filter { "Only those that are " strong { (state.as_str()) } ". " a href="/#allocations" id="all-allocations" { "Show all" } }
                }
                (list(contents))
            }
        }
    }
}

/// How many are in each state; each word leads to them.
fn states(contents: &PageContents, view: &View) -> Markup {
    html! {
        table.states role="table" aria-label="Allocations by state" {
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "State" }
                    th.number role="columnheader" scope="col" { "Rows" }
                    th role="columnheader" scope="col" { "What the sandbox saw" }
                }
            }
            tbody role="rowgroup" {
                @for (state, count) in AllocationState::ALL.into_iter().zip(contents.series.totals()) {
                    tr role="row" {
                        td role="cell" data-label="State" {
                            span.swatch.(state_word(state)) aria-hidden="true" {}
                            a id={ "state-" (state_word(state)) } href={ "/?state=" (state_word(state)) "#allocations" }
                                aria-current=[(view.state == Some(state)).then_some("true")] { (state.as_str()) }
                        }
                        td.number role="cell" data-label="Rows" { (count) }
                        td.hint role="cell" data-label="What the sandbox saw" { (meaning(state)) }
                    }
                }
            }
        }
    }
}

fn meaning(state: AllocationState) -> &'static str {
    match state {
        AllocationState::Done => "Points moved, and a right response left.",
        AllocationState::Settled => "Its response was lost or spoilt; a later search showed it.",
        AllocationState::InFlight => "Carried out; a fault holds its response back.",
        AllocationState::Unknown => "Its response was lost or spoilt: the client cannot know.",
        AllocationState::Refused => "A right response said no, and nothing moved.",
    }
}

fn list(contents: &PageContents) -> Markup {
    let columns = [
        ("Request", Kind::Number),
        ("Time (UTC)", Kind::Number),
        ("Reference", Kind::Code),
        ("Points", Kind::Number),
        ("State", Kind::Text),
        ("What happened", Kind::Text),
    ];
    if contents.allocations.shown.is_empty() {
        return html! { p.empty { "None is." } };
    }
    let rows = contents.allocations.shown.iter().map(|row| {
        let AllocationRow { number, entry, .. } = row;
        let cells = [
            request_link(contents, *number, "request", entry.call, &html! { (entry.call) }),
            html! { (time(contents, entry.at)) },
            html! {
                @match &entry.reference {
                    Some(reference) => span.clamp title=(reference) { (reference) },
                    None => span.muted { "not readable" },
                }
            },
            html! { @match entry.amount { Some(moved) => (amount(moved)), None => span.muted { "none" } } },
            chip(entry.state),
            story(contents, row),
        ];
        Row {
            id: Some(anchor(*number)),
            class: None,
            cells,
        }
    });
    grid("Allocations", None, columns, rows)
}

/// A time without its day, where that is the day of the newest ones.
fn time(contents: &PageContents, at: Timestamp) -> Markup {
    let whole = instant(at);
    let is_today = whole.split(' ').next() == instant(contents.series.last).split(' ').next();
    let shown = if is_today { time_of_day(at) } else { whole.clone() };
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) title=(whole) { (shown) } }
}

/// A state as it is seen at a glance: a word with a colour.
pub(super) fn chip(state: AllocationState) -> Markup {
    let class = match state {
        AllocationState::Done => "good",
        AllocationState::Settled => "info",
        AllocationState::InFlight => "idle",
        AllocationState::Unknown => "bad",
        AllocationState::Refused => "warn",
    };
    html! { span.status.(class) { (state.as_str()) } }
}

/// What became of a transaction.
pub(super) fn entry_chip(state: EntryState) -> Markup {
    let class = match state {
        EntryState::Done => "good",
        EntryState::Pending => "idle",
        EntryState::Failed | EntryState::Reversed => "warn",
    };
    html! { span.status.(class) { (state.to_string()) } }
}

/// From the response to the last look-up.
fn story(contents: &PageContents, row: &AllocationRow) -> Markup {
    let AllocationRow { number, entry, .. } = row;
    let response = match (entry.delivery, entry.state) {
        (_, AllocationState::InFlight) => "response held back",
        (Delivery::Lost, _) => "response lost",
        (Delivery::Spoilt, _) => "response spoilt",
        (Delivery::Whole, AllocationState::Refused) => "answered with a no",
        (Delivery::Whole, _) => "answered",
    };
    html! {
        (response)
        @if let Some(lookup) = entry.lookup {
            (then())
            @let time = html! { "looked up " (time_of_day(lookup.at)) };
            (request_link(contents, *number, "lookup", lookup.call, &time))
            (then())
            @if lookup.found { strong { "found" } } @else { "not found" }
        }
        @if let Some(state) = row.transaction { "; its transaction is " (entry_chip(state)) }
    }
}

/// An arrow for the eye, a word for who listens.
fn then() -> Markup {
    html! { span aria-hidden="true" { " → " } span.sr { ", then " } }
}

/// A link to a request that the log shows, or its text where it no longer does.
fn request_link(contents: &PageContents, number: u64, kind: &str, call: u64, text: &Markup) -> Markup {
    html! {
        @if contents.shows_call(call) {
            a id={ (anchor(number)) "-" (kind) } href={ "#call-" (call) } { (text) }
        } @else {
            (text)
        }
    }
}
