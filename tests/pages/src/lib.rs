//! Pages that show commands: their `console` blocks run in a real shell, in the order of the page, and what comes out is what the
//! page says. `[..]` stands for anything within a line, a line of `...` for any lines. Tests of crates whose commands a page shows
//! call it, on Linux alone: it needs bash and coreutils' `timeout`.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

mod shell;

use std::{fs, path::Path, process::Command};

use crate::shell::Shell;

/// How a page runs.
#[derive(Debug)]
pub struct Page<'a> {
    /// The page.
    pub path: &'a Path,
    /// The folder that its commands run in, which is `HOME` as well.
    pub folder: &'a Path,
    /// A folder of programs that go before those of the machine.
    pub programs: &'a Path,
    /// What the commands have in their environment beside `PATH` and `HOME`.
    pub environment: Vec<(String, String)>,
    /// The port that the page names, and a free one in its place.
    pub port: Option<(&'a str, u16)>,
}

impl Page<'_> {
    /// Runs every command, and says how many there were.
    ///
    /// # Panics
    ///
    /// Where something else comes out than the page says, with both.
    #[must_use]
    pub fn run(&self) -> usize {
        let text = fs::read_to_string(self.path).unwrap();
        let steps = steps(&text);
        let path = std::env::var("PATH").unwrap();
        // A page that waits for what never comes must not hold the tests.
        let mut command = Command::new("timeout");
        command
            .args(["600", "bash", "--norc", "--noprofile"])
            .current_dir(self.folder)
            .env_clear()
            .env("PATH", format!("{}:{path}", self.programs.display()))
            .env("HOME", self.folder)
            .envs(self.environment.iter().cloned());
        let mut shell = Shell::start(command, self.port);
        for step in &steps {
            let printed = shell.run(step);
            assert!(
                all_fit(&step.expected, &printed),
                "{}: {}\n--- the page says\n{}\n--- it prints\n{}",
                self.path.display(),
                step.command,
                step.expected.join("\n"),
                printed.join("\n")
            );
        }
        steps.len()
    }
}

/// One command of a page, and what the page says that it prints.
pub(crate) struct Step {
    command: String,
    expected: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_console = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), is_console) {
            (Some(kind), false) => is_console = kind == "console",
            (Some(_), true) => is_console = false,
            (None, false) => {}
            (None, true) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    command: command.to_owned(),
                    expected: Vec::new(),
                }),
                (None, Some(step)) if step.command.ends_with('\\') && step.expected.is_empty() => {
                    step.command.truncate(step.command.len() - 1);
                    step.command.push_str(line.trim_start());
                }
                (None, Some(step)) => step.expected.push(line.to_owned()),
                (None, None) => panic!("a console block begins with `$ `, not with {line:?}"),
            },
        }
    }
    steps
}

fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn all_fit(expected: &[String], printed: &[String]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((pattern, more)), _) if pattern == "..." => {
            (0..=printed.len()).any(|skipped| all_fit(more, &printed[skipped..]))
        }
        (Some((pattern, more)), Some((line, rest))) => fits(pattern, line.trim_end()) && all_fit(more, rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_only_what_the_page_says() {
        assert!(fits("card  [..]", "card  EKC04AZHXP") && fits("a[..]c[..]", "abcd") && fits("same", "same"));
        assert!(!fits("same", "same!") && !fits("a[..]c", "abd") && !fits("card  [..]", "x"));
        let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
        assert!(all_fit(&lines(&["a", "...", "z"]), &lines(&["a", "b", "c", "z"])));
        assert!(!all_fit(&lines(&["a", "..."]), &lines(&["b"])) && !all_fit(&lines(&["a"]), &lines(&["a", "b"])));
    }
}
