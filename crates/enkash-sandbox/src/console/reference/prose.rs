//! The document's descriptions as HTML. They use three things of Markdown only: paragraphs, lists with a hyphen, and code
//! in backticks. Both pages of the console use it.

use maud::{Markup, html};

/// Code in backticks within a sentence.
pub(in crate::console) fn inline(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Paragraphs and lists.
pub(super) fn block(text: &str) -> Markup {
    html! {
        @for paragraph in text.split("\n\n") {
            @if let Some(list) = paragraph.strip_prefix("- ") {
                ul.prose { @for item in list.split("\n- ") { li { (inline(item)) } } }
            } @else {
                p.prose { (inline(paragraph)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_code_are_told_apart_and_escaped() {
        let html = block("Moves `a<b`.\n\n- `CR` one\n  more\n- two").0;
        assert_eq!(
            html,
            "<p class=\"prose\">Moves <code>a&lt;b</code>.</p>\
             <ul class=\"prose\"><li><code>CR</code> one\n  more</li><li>two</li></ul>"
        );
    }
}
