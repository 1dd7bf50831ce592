//! The question before a live call that moves value. What is about to happen is always shown; somebody at
//! a terminal answers, or `--yes` stands in the command, and otherwise nothing is sent.

use std::{
    io::{self, BufRead, IsTerminal},
    thread,
};

use enkash_api::escape_controls;
use tokio::sync::oneshot;

use crate::{
    exit::{CliError, ExitStatus},
    interrupts::Interrupts,
    output::Output,
};

/// What is asked about.
pub(crate) struct Question<'a> {
    /// What is about to happen, in lines.
    pub(crate) intent: &'a [&'a str],
    /// The question itself, without its question mark.
    pub(crate) verb: &'static str,
    /// Why it is asked at all.
    pub(crate) why: &'static str,
}

impl<'a> Question<'a> {
    /// Before a call that moves value.
    pub(crate) fn before_sending(intent: &'a [&'a str]) -> Self {
        Self {
            intent,
            verb: "Send it",
            why: "this call moves value",
        }
    }
}

/// Whether the answer is there, or somebody who can give it.
pub(crate) fn can_ask(yes: bool) -> bool {
    yes || (io::stdin().is_terminal() && io::stderr().is_terminal())
}

/// Shows what is about to happen, and returns when it may.
pub(crate) fn confirm(output: &mut Output, question: &Question<'_>, yes: bool) -> Result<(), CliError> {
    if is_answered(output, question, yes)? {
        return Ok(());
    }
    ask(output, question.verb, &mut io::stdin().lock())
}

/// The same, where a signal that ends programs is a no, and leaves time to take back what was prepared.
pub(crate) async fn confirm_unless_stopped(
    output: &mut Output,
    question: &Question<'_>,
    yes: bool,
    interrupts: &mut Interrupts,
) -> Result<(), CliError> {
    if is_answered(output, question, yes)? {
        return Ok(());
    }
    prompt(output, question.verb);
    let (sender, answer) = oneshot::channel();
    // A thread that nobody waits for: after a signal the line may never come.
    thread::spawn(move || sender.send(read_answer(&mut io::stdin().lock())));
    tokio::select! {
        biased;
        () = interrupts.wait_for(1) => Err(stopped()),
        answer = answer => answer.unwrap_or_else(|_| Err(CliError::not_sent("no answer can be read: nothing was sent"))),
    }
}

/// A signal came before the answer.
pub(crate) fn stopped() -> CliError {
    CliError {
        exit: ExitStatus::Interrupted,
        message: "interrupted before it was confirmed: nothing was sent".to_owned(),
    }
}

/// Shows what is about to happen. Whether nobody needs to be asked; an error where nobody can be.
fn is_answered(output: &mut Output, question: &Question<'_>, yes: bool) -> Result<bool, CliError> {
    // A name with a line break must not look like one of our lines.
    let intent: Vec<_> = question.intent.iter().map(|line| escape_controls(line)).collect();
    output.warn(&intent.join("\n"));
    if !can_ask(yes) {
        return Err(CliError::bad_input(format!(
            "{}, and there is no terminal to ask on: nothing was sent. Add --yes to {}.",
            question.why,
            question.verb.to_lowercase()
        )));
    }
    Ok(yes)
}

fn ask(output: &mut Output, verb: &str, answers: &mut impl BufRead) -> Result<(), CliError> {
    prompt(output, verb);
    read_answer(answers)
}

fn prompt(output: &mut Output, verb: &str) {
    output.prompt(&format!("{verb}? Type yes: "));
}

fn read_answer(answers: &mut impl BufRead) -> Result<(), CliError> {
    let mut answer = String::new();
    let read = answers.read_line(&mut answer);
    match read.map(|_| answer.trim().to_ascii_lowercase()).as_deref() {
        Ok("yes" | "y") => Ok(()),
        Ok(_) => Err(CliError::not_sent("not confirmed: nothing was sent")),
        Err(error) => Err(CliError::not_sent(format!(
            "no answer can be read ({error}): nothing was sent"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Format;

    #[test]
    fn only_a_clear_yes_is_one() {
        let (mut output, shown) = Output::captured(Format::Table);
        for yes in ["yes\n", "y\n", " YES \r\n"] {
            assert!(ask(&mut output, "Send it", &mut yes.as_bytes()).is_ok(), "{yes:?}");
        }
        for no in ["", "\n", "no\n", "yess\n", "ja\n"] {
            let failure = ask(&mut output, "Send it", &mut no.as_bytes()).unwrap_err();
            assert_eq!(failure.exit, ExitStatus::NotSent, "{no:?}");
        }
        assert!(shown.notes().starts_with("Send it? Type yes: "));
    }
}
