//! What steers the sandbox from the console's page: the clock, the faults and the switches. Each button is a form of its
//! own, carried out by [`actions`](super::actions).

use maud::{Markup, html};

use super::address;
use super::contents::{FaultRow, PageContents};
use crate::presets::Preset;
use crate::switches::{SwitchInfo, Switches};

/// Rules that a click writes into the form. A test makes sure that they can be read.
pub(super) const EXAMPLES: [(&str, &str); 5] = [
    (
        "Money moves, no response",
        "{operation: createAllocatePoints, nth: 1, kind: reset, when: after}",
    ),
    (
        "Slow",
        "{operation: createAllocatePoints, kind: delay, milliseconds: 2000}",
    ),
    ("One in ten fails", "{probability: 0.1, kind: server-error}"),
    ("Too many requests", "{times: 3, kind: too-many-requests, seconds: 5}"),
    ("Torn response", "{times: 1, kind: torn-body}"),
];

/// The clock's buttons.
pub(super) fn clock() -> Markup {
    let steps = [
        ("+1 min", 60),
        ("+5 min", 300),
        ("+1 hour", 3_600),
        ("+1 day", 86_400),
        ("+31 days", 2_678_400),
    ];
    html! {
        section.panel aria-labelledby="clock-title" {
            header.panel-head { h2 id="clock-title" { "Clock" } }
            p.hint { "Tokens expire and months pass without waiting. Time runs on from where you put it." }
            form.buttons method="post" action=(address("clock/advance")) data-done="The clock moved on" {
                @for (name, seconds) in steps {
                    button name="seconds" value=(seconds) { (name) }
                }
            }
            form.line method="post" action=(address("clock/set")) data-done="The clock is set" {
                label.sr for="instant" { "Set the clock to an instant" }
                input id="instant" name="instant" required placeholder="2027-01-31T12:00:00Z" autocomplete="off"
                    spellcheck="false";
                button { "Set" }
            }
            form.line method="post" action=(address("tokens/revoke")) data-done="Every token is dead" {
                button { "Revoke all tokens" }
                span.hint { "The next call with one gets a 401." }
            }
        }
    }
}

/// Whole days by name: each sets switches and faults.
pub(super) fn presets(contents: &PageContents) -> Markup {
    let set = contents.preset;
    html! {
        section.panel id="presets" data-live="" aria-labelledby="presets-title" {
            header.panel-head {
                h2 id="presets-title" { "Presets" }
                span.count { @match set { Some(preset) => (preset.name()), None => "none as it is" } }
            }
            p.hint {
                @match set {
                    Some(preset) => (prose(preset.about())),
                    None => "Each sets the faults and the switches of a day, in the place of those that are set.",
                }
            }
            form.buttons method="post" action=(address("presets/apply")) data-done="The preset is set" {
                @for preset in Preset::ALL {
                    button.quiet id={ "preset-" (preset.name()) } name="name" value=(preset.name())
                        aria-pressed=(set == Some(*preset)) title=(preset.about()) { (preset.name()) }
                }
            }
            details.switch id="presets-about" {
                summary { "What each one does" span.value {} }
                dl.presets { @for preset in Preset::ALL { dt { (preset.name()) } dd.hint { (prose(preset.about())) } } }
            }
        }
    }
}

/// The rules in force.
pub(super) fn faults(contents: &PageContents) -> Markup {
    html! {
        div id="faults" data-live="" {
            header.panel-head { h2 id="faults-title" { "Faults" } span.count { (contents.faults.len()) } }
            @if contents.faults.is_empty() {
                p.empty { "No fault is set: every call is answered as it should be. Add a fault below." }
            } @else {
                ul.rules { @for (place, fault) in contents.faults.iter().enumerate() { (rule(place, fault)) } }
            }
        }
    }
}

fn rule(place: usize, fault: &FaultRow) -> Markup {
    let written = serde_json::to_string(&fault.rule).unwrap_or_default();
    // As it is written in a file: its words need no quotes there, unless they hold some themselves.
    let shown = if written.contains('\\') {
        written.clone()
    } else {
        written.replace('"', "").replace(':', ": ").replace(',', ", ")
    };
    html! {
        li {
            code { (shown) }
            div.rule-end {
                span.hint { "fired " span.number { (fault.fired) } @if fault.fired == 1 { " time" } @else { " times" } }
                form method="post" action=(address("faults/remove")) data-done="The fault is gone" {
                    input type="hidden" name="rule" value=(written);
                    button.quiet id={ "remove-fault-" (place) } name="place" value=(place)
                        aria-label={ "Remove the fault " (shown) } { "Remove" }
                }
            }
        }
    }
}

/// Adds a rule.
pub(super) fn fault_form() -> Markup {
    html! {
        form.stack method="post" action=(address("faults/add")) data-done="The fault is set" data-reset="" {
            label for="rule" { "Add a rule" }
            textarea id="rule" name="rule" rows="3" required spellcheck="false" aria-describedby="rule-hint"
                placeholder=(EXAMPLES[0].1) {}
            p.hint id="rule-hint" {
                "In YAML, as in a file of " code { "--faults" } ": one rule in braces, or a list. Without "
                code { "operation" } ", " code { "nth" } ", " code { "probability" } " and " code { "times" }
                " it meets every call."
            }
            div.buttons {
                button.primary { "Add" }
                @for (name, text) in EXAMPLES {
                    button.quiet type="button" data-fill="rule" data-text=(text) { (name) }
                }
            }
        }
    }
}

/// Every switch with its values.
pub(super) fn switches(contents: &PageContents) -> Markup {
    let settings = contents.switches.settings();
    let default = Switches::new().settings();
    let changed = settings.iter().zip(&default).filter(|(now, then)| now != then).count();
    html! {
        section.panel id="switches" data-live="" aria-labelledby="switches-title" {
            header.panel-head {
                h2 id="switches-title" { "Switches" }
                span.count { @if changed > 0 { (changed) " changed" } @else { "all at their defaults" } }
            }
            p.hint { "What the documentation leaves open. Each value is the sandbox's own choice." }
            @for ((info, (_, now)), (_, then)) in Switches::TABLE.iter().zip(&settings).zip(&default) {
                (switch(info, now, now != then))
            }
        }
    }
}

fn switch(info: &SwitchInfo, now: &str, changed: bool) -> Markup {
    html! {
        details.switch id={ "switch-" (info.name) } {
            summary {
                code { (info.name) }
                span.value.changed[changed] { (now) @if changed { span.sr { " (changed)" } } }
            }
            p.hint { (prose(info.about)) }
            ul {
                @for (word, help) in info.values { (value(info, word, help, now)) }
            }
        }
    }
}

fn value(info: &SwitchInfo, word: &str, help: &str, now: &str) -> Markup {
    // A value such as `delayed:SECONDS`, which is given with a number.
    let numbered = SwitchInfo::before_number(word);
    let number = numbered.and_then(|start| now.strip_prefix(start));
    let current = word == now || number.is_some();
    let id = format!("switch-{}-{}", info.name, word.replace(':', "-"));
    html! {
        li.current[current] {
            form method="post" action=(address("switches/set"))
                data-done={ (info.name) " is set" } {
                input type="hidden" name="name" value=(info.name);
                @if numbered.is_some() {
                    input type="number" name="number" min="0" max="86400" value=(number.unwrap_or("30")) required
                        aria-label={ "Number for " (word) " of " (info.name) };
                }
                button.quiet id=(id) name="value" value=(word) aria-pressed=(current) { (word) }
            }
            span.hint { (prose(help)) }
        }
    }
}

/// A sentence with code in backticks.
fn prose(text: &str) -> Markup {
    super::reference::prose::inline(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultRule;

    #[test]
    fn every_example_is_a_rule() {
        for (name, text) in EXAMPLES {
            let rules = FaultRule::list_from_yaml(&format!("- {text}"));
            assert!(rules.is_ok(), "{name}: {rules:?}");
        }
    }
}
