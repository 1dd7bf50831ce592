//! Command lines in what is said to a person, as they can be typed: quoted for a shell, read back by clap as they were, and with
//! the profile that this process was called with, so that they reach the same ledger and the same account.

use std::{borrow::Cow, sync::OnceLock};

/// How this process was called. Errors are worded far from the arguments, so it is kept for the whole process.
static CALLED_AS: OnceLock<String> = OnceLock::new();

/// From here on advice names this command, such as `enkash --profile hrms`. It is quoted already.
pub(crate) fn set_called_as(command: String) {
    // The arguments are read once, so there is no second one.
    let _ = CALLED_AS.set(command);
}

/// `enkash`, with the flags of the user's that say whom it calls; quoted for a shell.
pub(crate) fn called_as() -> &'static str {
    CALLED_AS.get().map_or("enkash", String::as_str)
}

/// `--reference BONUS-1`, also where the value looks like an option.
pub(crate) fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", shell_word(value))
}

/// The last argument of a command, also where it looks like an option.
pub(crate) fn last_argument(value: &str) -> String {
    let before = if value.starts_with('-') { "-- " } else { "" };
    format!("{before}{}", shell_word(value))
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
        assert_eq!(last_argument("-x"), "-- -x");
        assert_eq!(last_argument("BONUS-1"), "BONUS-1");
    }
}
