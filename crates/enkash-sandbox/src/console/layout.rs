//! What both pages have: the document around them and the header that stays in sight.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::BASE;
use super::format;
use crate::server::Shared;

/// Which of the two pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Console,
    Reference,
}

/// A whole page.
pub(super) fn page(shared: &Shared, page: Page, content: &Markup) -> Markup {
    let (title, class) = match page {
        Page::Console => ("Console", "console"),
        Page::Reference => ("API reference", "reference"),
    };
    let current = |this: Page| (this == page).then_some("page");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · EnKash sandbox" }
                link rel="icon" href={ (BASE) "/icon.svg" } type="image/svg+xml";
                link rel="stylesheet" href={ (BASE) "/console.css" };
                script src={ (BASE) "/console.js" } defer {}
            }
            body class=(class) data-base=(BASE) {
                a.skip href="#content" { "Skip to the content" }
                @if page == Page::Console { a.skip href="#controls" { "Skip to the controls" } }
                header.bar {
                    div.brand {
                        (logo())
                        strong { "EnKash sandbox" }
                        span.chip title="Not made, approved or supported by EnKash. Every value here is synthetic." {
                            "unofficial"
                        }
                    }
                    nav aria-label="Pages" {
                        a href="/" aria-current=[current(Page::Console)] { "Console" }
                        a href="/docs" aria-current=[current(Page::Reference)] { "API reference" }
                    }
                    @if page == Page::Console {
                        div.bar-end {
                            (clock(shared))
                            button.quiet type="button" id="live" aria-pressed="true" hidden {
                                span.dot aria-hidden="true" {}
                                span { "Live" }
                            }
                        }
                    }
                }
                main id="content" tabindex="-1" { (content) }
                p.toast id="status" role="status" {}
            }
        }
    }
}

/// The time in the sandbox.
pub(super) fn clock(shared: &Shared) -> Markup {
    let now = shared.clock.now();
    html! {
        span.now id="now" data-live="" title="The time in the sandbox" {
            span.sr { "Time in the sandbox: " }
            time datetime={ (now.strftime("%Y-%m-%dT%H:%M:%SZ")) } { (format::instant(now)) }
            " UTC"
        }
    }
}

fn logo() -> Markup {
    // Drawn in the page, where it takes the text's colour.
    PreEscaped(
        "<svg class=\"mark\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M2 3.5h12v2H2zm0 3.5h8v2H2zm0 \
         3.5h12v2H2z\" fill=\"currentColor\"/></svg>"
            .to_owned(),
    )
}
