//! The console's page: the parts that show the state, and how they are put together. What changes it is in
//! [`controls`](super::controls). The parts are rendered again for the script, which puts in those that changed.

use http::StatusCode;
use maud::{Markup, html};

use super::allocations::{self, anchor, chip};
use super::contents::{AccountRow, CallRow, PageContents};
use super::controls;
use super::format::{amount, instant, milliseconds};
use super::layout::{self, Page};
use super::snapshots;
use super::table::{self, Kind, Row, section};
use super::view::View;
use crate::server::Shared;
use crate::store::journal::{Direction, Movement};

/// The whole page.
pub(super) fn page(shared: &Shared, query: &str) -> Markup {
    let view = View::from_query(query);
    let contents = PageContents::take(shared, &view);
    let content = html! {
        h1.sr { "Console" }
        noscript { p.notice { "Without JavaScript this page does not refresh by itself; every button works." } }
        (violations(&contents))
        (totals(&contents))
        // Shown where the controls are below the tables.
        p.jump { a href="#controls" { "Clock, faults and switches are below" } }
        div.columns {
            div.main {
                (allocations::section(&contents, &view))
                (calls(shared, &contents, &view))
                (transactions(&contents))
                (accounts(&contents))
                section.panel aria-labelledby="people-title" {
                    (people_heading(&contents))
                    form.search method="get" action="/" role="search" {
                        label.sr for="person" { "Find people by name or mobile" }
                        input id="person" type="search" name="person" value=(view.person) autocomplete="off"
                            placeholder="Name or mobile";
                        button type="submit" { "Find" }
                    }
                    (people(&contents, &view.person))
                }
                (orders(&contents))
                div.halves {
                    (carts(&contents))
                    (coins(&contents))
                }
            }
            aside id="controls" aria-label="Controls" tabindex="-1" {
                (controls::clock())
                section.panel aria-labelledby="faults-title" {
                    (controls::faults(&contents))
                    (controls::fault_form())
                }
                (controls::presets(&contents))
                section.panel aria-labelledby="snapshots-title" {
                    (snapshots::list(&contents))
                    (snapshots::forms())
                }
                (controls::switches(&contents))
            }
        }
    };
    layout::page(shared, Page::Console, &content)
}

/// The parts that change, for the script.
pub(super) fn live(shared: &Shared, query: &str) -> Markup {
    let view = View::from_query(query);
    let contents = PageContents::take(shared, &view);
    html! {
        (layout::clock(shared))
        (violations(&contents))
        (totals(&contents))
        (allocations::section(&contents, &view))
        (accounts(&contents))
        (calls(shared, &contents, &view))
        (transactions(&contents))
        (people_heading(&contents))
        (people(&contents, &view.person))
        (orders(&contents))
        (carts(&contents))
        (coins(&contents))
        (controls::presets(&contents))
        (controls::faults(&contents))
        (snapshots::list(&contents))
        (controls::switches(&contents))
    }
}

/// A bug of the sandbox, shown where it cannot be missed.
fn violations(contents: &PageContents) -> Markup {
    html! {
        div id="violations" data-live="" {
            @if !contents.violations.is_empty() {
                div.notice.bad role="alert" {
                    strong { "Responses broke the document. Please report this bug of the sandbox." }
                    ul { @for violation in contents.violations.iter().take(5) { li { (violation) } } }
                }
            }
        }
    }
}

/// The announced account at a glance.
fn totals(contents: &PageContents) -> Markup {
    let announced = contents.accounts.shown.first();
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

fn accounts(contents: &PageContents) -> Markup {
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
        &contents.accounts,
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

fn people_heading(contents: &PageContents) -> Markup {
    html! { div id="people-head" data-live="" { (table::heading("people", "People", &contents.people)) } }
}

fn people(contents: &PageContents, search: &str) -> Markup {
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
    let row = |person: &super::contents::PersonRow| {
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
    html! { div id="people" data-live="" { (table::body("People", columns, &contents.people, row, &empty)) } }
}

fn transactions(contents: &PageContents) -> Markup {
    let columns = [
        ("Time (UTC)", Kind::Number),
        ("Reference", Kind::Code),
        ("What", Kind::Code),
        ("Card", Kind::Code),
        ("Amount", Kind::Number),
        ("Balance after", Kind::Number),
        ("State", Kind::Text),
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
            html! { span.credit[credit] { @if credit { "+" } (amount(movement.directed())) } },
            html! { (amount(movement.balance)) },
            allocations::entry_chip(movement.state),
        ]
    };
    section(
        "transactions",
        "Transactions",
        columns,
        &contents.transactions,
        row,
        &html! {
            "No money has moved. Try "
            a href="/docs#createAllocatePoints" { "an allocation" }
            " and it shows up here."
        },
    )
}

fn orders(contents: &PageContents) -> Markup {
    let columns = [
        ("Time (UTC)", Kind::Number),
        ("Order", Kind::Code),
        ("Reference", Kind::Code),
        ("Brand", Kind::Text),
        ("Pieces", Kind::Number),
        ("Face value", Kind::Number),
        ("Paid", Kind::Number),
    ];
    let row = |order: &super::contents::OrderRow| {
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
    section("orders", "Orders", columns, &contents.orders, row, &empty)
}

fn carts(contents: &PageContents) -> Markup {
    let columns = [
        ("User", Kind::Code),
        ("Product", Kind::Text),
        ("Denomination", Kind::Code),
        ("Pieces", Kind::Number),
    ];
    let row = |item: &super::contents::CartItem| {
        [
            html! { (item.user) },
            long(&item.product),
            html! { (item.denomination) },
            html! { (item.quantity) },
        ]
    };
    let empty = html! { "All carts are empty. " a href="/docs#addToCart" { "Add a denomination" } " to fill one." };
    section("carts", "Carts", columns, &contents.cart_items, row, &empty)
}

fn coins(contents: &PageContents) -> Markup {
    let events = [("Event", Kind::Code), ("Id", Kind::Code), ("Coins", Kind::Number)];
    let balances = [("User", Kind::Code), ("Coins", Kind::Number)];
    html! {
        section.panel id="coins" data-live="" aria-labelledby="coins-title" {
            (table::heading("coins", "Coin events", &contents.coin_events))
            (table::body(
                "Coin events",
                events,
                &contents.coin_events,
                |event| [long(&event.event), html! { (event.id) }, html! { (event.amount) }],
                &html! { "No coin event is configured. " a href="/docs#createCoinEvent" { "Create one" } "." },
            ))
            h3 { "Users' coins" }
            (table::body(
                "Users' coins",
                balances,
                &contents.coin_balances,
                |(user, coins)| [html! { (user) }, html! { (coins) }],
                &html! { "Nobody has coins yet. " a href="/docs#allocateCoins" { "Give some" } "." },
            ))
        }
    }
}

fn calls(shared: &Shared, contents: &PageContents, view: &View) -> Markup {
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
    let rows = contents.calls.shown.iter().map(|row| call(contents, row));
    html! {
        section.panel id="log" data-live="" aria-labelledby="log-title" {
            (table::heading("log", "Requests", &contents.calls))
            @if let Some(operation) = view.operation {
                p.filter {
                    "Only those of " a href={ "/docs#" (operation) } { code { (operation) } } ". "
                    a href="/#log" id="all-calls" { "Show all" }
                }
            }
            @if contents.calls.shown.is_empty() {
                p.empty {
                    "No call has come. Point a client at "
                    code { (shared.url()) }
                    ", or "
                    a href="/docs" { "try one in the API reference" }
                    "."
                }
            } @else {
                (table::grid("Requests", None, columns, rows))
            }
        }
    }
}

fn call(contents: &PageContents, row: &CallRow) -> Row<8> {
    let call = &row.entry;
    let id = format!("call-{}", call.number);
    let cells = [
        html! { (call.number) },
        html! { (instant(call.at)) },
        html! { span.method { (call.method) } " " (call.path) },
        html! {
            @match call.operation {
                Some(operation) => a href={ "/docs#" (operation) } id={ (id) "-operation" } { (operation) },
                None => span.muted { "none has this path" },
            }
        },
        status(call.status),
        html! {
            @if call.carried_out { "yes" } @else { span.muted { "no" } }
            @if let Some((number, state)) = row.allocation {
                " "
                @if contents.shows_allocation(number) {
                    a.plain id={ (id) "-allocation" } href={ "#" (anchor(number)) } { (chip(state)) }
                } @else {
                    (chip(state))
                }
                @if row.allocations > 1 { span.muted { " +" (row.allocations - 1) } }
            }
        },
        html! { (call.faults.join(", ")) },
        html! { (milliseconds(call.took)) },
    ];
    Row {
        id: Some(id),
        class: None,
        cells,
    }
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
