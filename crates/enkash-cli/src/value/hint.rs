//! What to do after a call that moves value, as one command that can be typed: [`ValueCall`](super::ValueCall) and bulk requests show
//! it on a terminal. It holds references and ids of the user's own, and nothing about a person.

use std::borrow::Cow;

use enkash::Ticket;

use super::call_report::OutcomeKind;

/// The command that goes on from here, such as `enkash --profile hrms settle`. `command` is `enkash` with the flags of the user's,
/// `operation` the command that made the call.
pub(super) fn next_command(
    kind: OutcomeKind,
    (command, operation, flags): (&str, &str, &str),
    ticket: &Ticket,
    is_live: bool,
) -> String {
    let reference = option("--reference", ticket.reference.as_str());
    if !is_live {
        return "the sandbox ended with the command: enkash sandbox, in another terminal, stays and shows what moved"
            .to_owned();
    }
    match (kind, operation) {
        (OutcomeKind::Done, "order create" | "order undocumented") => {
            let reference = shell_word(ticket.reference.as_str());
            format!("to see it: {command} order show{flags} -- {reference}")
        }
        (OutcomeKind::Done, "incentives allocate" | "incentives unallocate") => {
            format!("to see it: {command} incentives transactions {reference}")
        }
        (OutcomeKind::Done, "points allocate") => format!("to see the call: {command} history {reference}"),
        (OutcomeKind::Done, _) => format!("to see it: {command} transactions {reference}"),
        // Nothing looks these up.
        (OutcomeKind::Pending | OutcomeKind::Unknown, "points allocate" | "order undocumented") => {
            format!("ask EnKash, then write down what they say: {command} history resolve --help")
        }
        (OutcomeKind::Pending | OutcomeKind::Unknown, _) => {
            format!("to find out, and send nothing: {command} settle{flags}")
        }
        (OutcomeKind::Refused, _) => {
            format!("correct it and send it with a new reference; this one: {command} history {reference}")
        }
        (OutcomeKind::NotSent, _) => {
            format!("when its reason is mended, this may send it: {command} {operation} {reference} …")
        }
    }
}

/// `--reference BONUS-1`, also where the value looks like an option.
fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", shell_word(value))
}

/// A word as a shell reads it back.
pub(crate) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_word_comes_back_from_a_shell_as_it_was() {
        for text in [
            "BONUS-1", "a b", "it's", "$(id)", "", "`x`", "*", "~", "=x", "\\", "\"", "#",
        ] {
            let script = format!("printf %s {}", shell_word(text));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text, "{script}");
        }
    }

    #[test]
    fn a_plain_word_stands_as_it_is() {
        assert_eq!(shell_word("BONUS-1"), "BONUS-1");
        assert_eq!(option("--reference", "-x"), "--reference=-x");
    }
}
