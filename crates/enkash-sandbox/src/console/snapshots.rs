//! The console's panel of the whole state: save it under a name, go back to it, or begin anew. Its buttons are carried out by
//! [`actions`](super::actions).

use maud::{Markup, html};

use super::address;
use super::contents::PageContents;
use super::format::instant;
use crate::state::SavedSnapshot;

/// The snapshots that there are.
pub(super) fn list(contents: &PageContents) -> Markup {
    let saved = &contents.saved_snapshots;
    html! {
        div id="snapshots" data-live="" {
            header.panel-head { h2 id="snapshots-title" { "Snapshots" } span.count { (saved.len()) } }
            @if saved.is_empty() {
                p.empty { "None is saved. One holds the whole state: save it, try something, and go back to it." }
            } @else {
                ul.rules { @for snapshot in saved { (row(snapshot)) } }
            }
        }
    }
}

fn row(snapshot: &SavedSnapshot) -> Markup {
    let name = snapshot.name.as_str();
    let lost = format!("Load the snapshot {name}? What happened since it was saved is gone then.");
    html! {
        li {
            code { (name) }
            div.rule-end {
                span.hint { (instant(snapshot.saved_at)) " · " span.number { (snapshot.bytes.div_ceil(1_024)) } " KiB" }
                form method="post" action=(address("snapshots/load")) data-done={ "The snapshot " (name) " is loaded" }
                    data-confirm=(lost) {
                    button.quiet id={ "load-snapshot-" (name) } name="name" value=(name)
                        aria-label={ "Load the snapshot " (name) } { "Load" }
                }
                form method="post" action=(address("snapshots/delete")) data-done={ "The snapshot " (name) " is deleted" }
                    data-confirm={ "Delete the snapshot " (name) "?" } {
                    button.quiet id={ "delete-snapshot-" (name) } name="name" value=(name)
                        aria-label={ "Delete the snapshot " (name) } { "Delete" }
                }
            }
        }
    }
}

/// Saves one, and resets.
pub(super) fn forms() -> Markup {
    html! {
        form.line method="post" action=(address("snapshots/save")) data-done="The snapshot is saved" data-reset="" {
            label.sr for="snapshot-name" { "Save the state under a name" }
            input id="snapshot-name" name="name" required maxlength="64" pattern="[a-z0-9_\\-]+" placeholder="before-friday"
                title="small letters, digits, - and _" autocomplete="off" autocapitalize="none" spellcheck="false";
            button { "Save" }
        }
        form.line method="post" action=(address("reset")) data-done="The sandbox is as it was at its start"
            data-confirm="Reset the sandbox? What happened since its start is gone then. Snapshots stay." {
            button id="reset" { "Reset" }
            span.hint { "Back to the seed, and to what it was started with." }
        }
    }
}
