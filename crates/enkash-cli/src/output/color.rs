//! When output is coloured, and what colours say. The rule is that of clap's help: `--color`, then NO_COLOR, CLICOLOR_FORCE,
//! CLICOLOR and TERM, then whether a terminal reads. [`Output`](super::Output) and tables use it; colours repeat a word that stands
//! there in any case.

use std::ffi::OsString;

use anstream::{AutoStream, stream::RawStream};
use anstyle::{AnsiColor, Style};

/// What `--color` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    // On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// Of a command line that nobody parsed yet: its help and its mistakes are coloured as well.
    pub(crate) fn from_arguments(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let mut arguments = arguments.into_iter().take_while(|argument| argument != "--");
        let mut choice = Self::Auto;
        while let Some(argument) = arguments.next() {
            let Some(argument) = argument.to_str() else { continue };
            let value = match argument.strip_prefix("--color") {
                Some("") => arguments.next().and_then(|value| value.into_string().ok()),
                Some(value) => value.strip_prefix('=').map(str::to_owned),
                None => continue,
            };
            choice = match value.as_deref() {
                Some("always") => Self::Always,
                Some("never") => Self::Never,
                _ => choice,
            };
        }
        choice
    }

    pub(super) fn is_on(self, stream: &impl RawStream) -> bool {
        match self {
            Self::Auto => !is_dumb() && AutoStream::choice(stream) != anstream::ColorChoice::Never,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Whether the terminal says that it has no colours, and nobody insists. With CI set, the library would not ask it.
fn is_dumb() -> bool {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|set| set == value);
    let is_forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|set| !set.is_empty() && set != "0");
    is("TERM", "dumb") && !is_forced
}

impl From<ColorChoice> for clap::ColorChoice {
    fn from(choice: ColorChoice) -> Self {
        match choice {
            ColorChoice::Auto if is_dumb() => Self::Never,
            ColorChoice::Auto => Self::Auto,
            ColorChoice::Always => Self::Always,
            ColorChoice::Never => Self::Never,
        }
    }
}

/// What a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    /// Somebody should look.
    Warning,
    Bad,
    Note,
}

impl Tone {
    /// Of a status that this program writes; none for any other word.
    pub(super) fn of_status(word: &str) -> Option<Self> {
        match word {
            "done" | "ok" | "finished" => Some(Self::Good),
            "unknown" | "pending" | "not sent" | "paused" | "warn" => Some(Self::Warning),
            "refused" | "fail" => Some(Self::Bad),
            _ => None,
        }
    }

    /// The word that a line on standard error begins with, and its tone.
    pub(super) fn of_message(line: &str) -> Option<(&str, Self)> {
        let words = [
            ("enkash:", Self::Bad),
            ("warning:", Self::Warning),
            ("WARNING:", Self::Warning),
            ("note:", Self::Note),
            ("hint:", Self::Note),
        ];
        words.into_iter().find(|(word, _)| line.starts_with(word))
    }

    pub(super) fn paint(self, text: &str) -> String {
        let color = match self {
            Self::Good => AnsiColor::Green,
            Self::Warning => AnsiColor::Yellow,
            Self::Bad => AnsiColor::Red,
            Self::Note => AnsiColor::Cyan,
        };
        let style = Style::new().fg_color(Some(color.into()));
        format!("{style}{text}{style:#}")
    }
}

/// A status in its colour, where it has one and colours are on.
pub(super) fn paint_status(word: &str, is_colored: bool) -> Option<String> {
    let tone = Tone::of_status(word).filter(|_| is_colored)?;
    Some(tone.paint(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_known_before_the_command_line_is() {
        let choice = |arguments: &[&str]| ColorChoice::from_arguments(arguments.iter().map(OsString::from));
        assert_eq!(choice(&["enkash", "--help"]), ColorChoice::Auto);
        assert_eq!(choice(&["enkash", "--color", "always", "--help"]), ColorChoice::Always);
        assert_eq!(
            choice(&["enkash", "--color=always", "--color=never"]),
            ColorChoice::Never
        );
        assert_eq!(choice(&["enkash", "--color", "pink"]), ColorChoice::Auto);
        assert_eq!(choice(&["enkash", "--", "--color=never"]), ColorChoice::Auto);
    }

    #[test]
    fn only_words_of_this_program_have_a_colour() {
        assert_eq!(
            paint_status("refused", true).as_deref(),
            Some("\u{1b}[31mrefused\u{1b}[0m")
        );
        assert_eq!(paint_status("done", false), None);
        assert_eq!(paint_status("done by Asha", true), None);
    }
}
