//! The console's page: the parts that show the state, and how they are put together. What changes it is in
//! [`controls`](super::controls). The parts are rendered again for the script, which puts in those that changed.

use http::StatusCode;
use maud::{Markup, html};

use super::controls;
use super::format::{amount, instant, milliseconds};
use super::layout::{self, Page};
use super::snapshot::{AccountRow, Snapshot};
use super::table::{self, Kind, section};
use crate::log::LogEntry;
use crate::server::Shared;
use crate::store::journal::{Direction, Movement};

/// What the search for people asks for.
fn search(query: &str) -> String {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    fields
        .find(|(name, _)| name == "person")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The whole page.
pub(super) fn page(shared: &Shared, query: &str) -> Markup {
    let search = search(query);
    let snapshot = Snapshot::take(shared, &search);
    let content = html! {
        h1.sr { "Console" }
        noscript { p.notice { "Without JavaScript this page does not refresh by itself; every button works." } }
        (violations(&snapshot))
        (totals(&snapshot))
        // Shown where the controls are below the tables.
        p.jump { a href="#controls" { "Clock, faults and switches are below" } }
        div.columns {
            div.main {
                (accounts(&snapshot))
                (calls(shared, &snapshot))
                (transactions(&snapshot))
                section.panel aria-labelledby="people-title" {
                    (people_heading(&snapshot))
                    form.search method="get" action="/" role="search" {
                        label.sr for="person" { "Find people by name or mobile" }
                        input id="person" type="search" name="person" value=(search) autocomplete="off"
                            placeholder="Name or mobile";
                        button type="submit" { "Find" }
                    }
                    (people(&snapshot, &search))
                }
                (orders(&snapshot))
                div.halves {
                    (carts(&snapshot))
                    (coins(&snapshot))
                }
            }
            aside id="controls" aria-label="Controls" {
                (controls::clock())
                section.panel aria-labelledby="faults-title" {
                    (controls::faults(&snapshot))
                    (controls::fault_form())
                }
                (controls::switches(&snapshot))
            }
        }
    };
    layout::page(shared, Page::Console, &content)
}

/// The parts that change, for the script.
pub(super) fn live(shared: &Shared, query: &str) -> Markup {
    let search = search(query);
    let snapshot = Snapshot::take(shared, &search);
    html! {
        (layout::clock(shared))
        (violations(&snapshot))
        (totals(&snapshot))
        (accounts(&snapshot))
        (calls(shared, &snapshot))
        (transactions(&snapshot))
        (people_heading(&snapshot))
        (people(&snapshot, &search))
        (orders(&snapshot))
        (carts(&snapshot))
        (coins(&snapshot))
        (controls::faults(&snapshot))
        (controls::switches(&snapshot))
    }
}

/// A bug of the sandbox, shown where it cannot be missed.
fn violations(snapshot: &Snapshot) -> Markup {
    html! {
        div id="violations" data-live="" {
            @if !snapshot.violations.is_empty() {
                div.notice.bad role="alert" {
                    strong { "Responses broke the document. Please report this bug of the sandbox." }
                    ul { @for violation in snapshot.violations.iter().take(5) { li { (violation) } } }
                }
            }
        }
    }
}

/// The announced account at a glance.
fn totals(snapshot: &Snapshot) -> Markup {
    let announced = snapshot.accounts.shown.first();
    let figure = |of: fn(&AccountRow) -> rust_decimal::Decimal| {
        announced.map_or_else(|| "–".to_owned(), |account| amount(of(account)))
    };
    let figures = [
        ("Open for allocation", figure(|account| account.available)),
        ("On cards", figure(|account| account.on_cards)),
        ("Given in all", figure(|account| account.allocated)),
        ("Spent on orders", figure(|account| account.redeemed)),
    ];
    html! {
        dl.totals id="totals" data-live="" aria-label="The announced account" {
            @for (name, figure) in figures {
                div {
                    dt { (name) }
                    // A long amount breaks after a comma, not within a group.
                    dd.number { @for group in figure.split_inclusive(',') { (group) wbr; } }
                }
            }
        }
    }
}

fn accounts(snapshot: &Snapshot) -> Markup {
    let columns = [
        ("Account", Kind::Code),
        ("Company", Kind::Text),
        ("Cards", Kind::Number),
        ("Open", Kind::Number),
        ("On cards", Kind::Number),
        ("Given", Kind::Number),
        ("Spent", Kind::Number),
    ];
    section(
        "accounts",
        "Accounts",
        columns,
        &snapshot.accounts,
        |account| {
            [
                html! {
                    (account.id)
                    @if account.announced { " " span.chip title="The account that the start line names" { "announced" } }
                },
                long(&account.company),
                html! { (account.cards) },
                html! { (amount(account.available)) },
                html! { (amount(account.on_cards)) },
                html! { (amount(account.allocated)) },
                html! { (amount(account.redeemed)) },
            ]
        },
        &html! { "The seed has no card account, so there is nothing to allocate from." },
    )
}

/// A text of any length: two lines of it, and all of it when pointed at.
fn long(text: &str) -> Markup {
    html! { span.clamp title=(text) { (text) } }
}

fn people_heading(snapshot: &Snapshot) -> Markup {
    html! { div id="people-head" data-live="" { (table::heading("people", "People", &snapshot.people)) } }
}

fn people(snapshot: &Snapshot, search: &str) -> Markup {
    let columns = [
        ("Name", Kind::Text),
        ("Mobile", Kind::Code),
        ("Card", Kind::Code),
        ("Number", Kind::Code),
        ("Account", Kind::Code),
        ("Balance", Kind::Number),
    ];
    let empty = if search.trim().is_empty() {
        html! { "Nobody has a card yet. The first allocation to a mobile makes one." }
    } else {
        html! { "Nobody's name or mobile has that in it. " a href="/" { "Show all" } }
    };
    let row = |person: &super::snapshot::PersonRow| {
        [
            html! {
                (long(&person.name))
                @if person.primary { " " span.chip title="The account's own card" { "primary" } }
            },
            html! { (person.mobile) },
            html! { (person.card) },
            html! { (person.masked) },
            html! { (person.account) },
            html! { (amount(person.balance)) },
        ]
    };
    html! { div id="people" data-live="" { (table::body("People", columns, &snapshot.people, row, &empty)) } }
}

fn transactions(snapshot: &Snapshot) -> Markup {
    let columns = [
        ("Time (UTC)", Kind::Number),
        ("Reference", Kind::Code),
        ("What", Kind::Code),
        ("Card", Kind::Code),
        ("Amount", Kind::Number),
        ("Balance after", Kind::Number),
    ];
    let row = |movement: &Movement| {
        let credit = movement.direction == Direction::Credit;
        [
            html! { (instant(movement.at)) },
            long(&movement.reference),
            html! { (movement.purpose.as_str()) },
            html! {
                @match &movement.card_id {
                    Some(card) => (card),
                    None => span.muted title="The account itself paid" { (movement.account_id) },
                }
            },
            html! { span.credit[credit] { @if credit { "+" } (amount(movement.signed())) } },
            html! { (amount(movement.balance)) },
        ]
    };
    section(
        "transactions",
        "Transactions",
        columns,
        &snapshot.transactions,
        row,
        &html! {
            "No money has moved. Try "
            a href="/docs#createAllocatePoints" { "an allocation" }
            " and it shows up here."
        },
    )
}

fn orders(snapshot: &Snapshot) -> Markup {
    let columns = [
        ("Time (UTC)", Kind::Number),
        ("Order", Kind::Code),
        ("Reference", Kind::Code),
        ("Brand", Kind::Text),
        ("Pieces", Kind::Number),
        ("Face value", Kind::Number),
        ("Paid", Kind::Number),
    ];
    let row = |order: &super::snapshot::OrderRow| {
        [
            html! { (instant(order.at)) },
            html! { (order.id) },
            long(&order.reference),
            long(&order.brand),
            html! { (order.quantity) },
            html! { (amount(order.total)) },
            html! { (amount(order.paid)) },
        ]
    };
    let empty = html! { "No order yet. " a href="/docs#createOrder" { "Order a voucher" } " to see one." };
    section("orders", "Orders", columns, &snapshot.orders, row, &empty)
}

fn carts(snapshot: &Snapshot) -> Markup {
    let columns = [
        ("User", Kind::Code),
        ("Product", Kind::Text),
        ("Denomination", Kind::Code),
        ("Pieces", Kind::Number),
    ];
    let row = |item: &super::snapshot::CartItem| {
        [
            html! { (item.user) },
            long(&item.product),
            html! { (item.denomination) },
            html! { (item.quantity) },
        ]
    };
    let empty = html! { "All carts are empty. " a href="/docs#addToCart" { "Add a denomination" } " to fill one." };
    section("carts", "Carts", columns, &snapshot.cart_items, row, &empty)
}

fn coins(snapshot: &Snapshot) -> Markup {
    let events = [("Event", Kind::Code), ("Id", Kind::Code), ("Coins", Kind::Number)];
    let balances = [("User", Kind::Code), ("Coins", Kind::Number)];
    html! {
        section.panel id="coins" data-live="" aria-labelledby="coins-title" {
            (table::heading("coins", "Coin events", &snapshot.coin_events))
            (table::body(
                "Coin events",
                events,
                &snapshot.coin_events,
                |event| [long(&event.event), html! { (event.id) }, html! { (event.amount) }],
                &html! { "No coin event is configured. " a href="/docs#createCoinEvent" { "Create one" } "." },
            ))
            h3 { "Users' coins" }
            (table::body(
                "Users' coins",
                balances,
                &snapshot.coin_balances,
                |(user, coins)| [html! { (user) }, html! { (coins) }],
                &html! { "Nobody has coins yet. " a href="/docs#allocateCoins" { "Give some" } "." },
            ))
        }
    }
}

fn calls(shared: &Shared, snapshot: &Snapshot) -> Markup {
    let columns = [
        ("Nº", Kind::Number),
        ("Time (UTC)", Kind::Number),
        ("Call", Kind::Code),
        ("Operation", Kind::Code),
        ("Status", Kind::Text),
        ("Effect", Kind::Text),
        ("Faults", Kind::Code),
        ("ms", Kind::Number),
    ];
    let row = |call: &LogEntry| {
        [
            html! { (call.number) },
            html! { (instant(call.at)) },
            html! { span.method { (call.method) } " " (call.path) },
            html! {
                @match call.operation {
                    Some(operation) => a href={ "/docs#" (operation) } { (operation) },
                    None => span.muted { "none has this path" },
                }
            },
            status(call.status),
            html! { @if call.carried_out { "yes" } @else { span.muted { "no" } } },
            html! { (call.faults.join(", ")) },
            html! { (milliseconds(call.took)) },
        ]
    };
    let empty = html! {
        "No call has come. Point a client at "
        code { (shared.url()) }
        ", or "
        a href="/docs" { "try one in the API reference" }
        "."
    };
    section("log", "Requests", columns, &snapshot.calls, row, &empty)
}

fn status(status: Option<u16>) -> Markup {
    let Some(status) = status else {
        return html! { span.status.bad title="The connection ended without a response" { "no answer" } };
    };
    let class = match status {
        200..300 => "good",
        300..500 => "warn",
        _ => "bad",
    };
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    html! { span.status.(class) title=[reason] { (status) } }
}
