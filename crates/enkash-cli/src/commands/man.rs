//! `enkash man`: the manual pages, one for each command. They are made of what clap knows, so they say what `--help` says. The
//! archives and the Debian package of a release have them.

use std::{fs, path::PathBuf};

use clap::CommandFactory;
use clap_mangen::Man;

use super::Cli;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
};

const HELP: &str = "\
Examples:
  enkash man > enkash.1
  enkash man man1

For man to find them:  enkash man ~/.local/share/man/man1";

/// Print the manual page, or write those of all commands into a folder
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct ManPages {
    /// The folder of the pages, which is made where it is missing
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Command for ManPages {
    const EFFECT: Effect = Effect::Local;
    const HAS_JSON: bool = false;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let pages = pages()?;
        let Some(folder) = self.folder else {
            // The page of the program itself comes first.
            let page = pages.first().map_or("", |(_, page)| page);
            context.output.verbatim(page)?;
            return Ok(ExitStatus::Done);
        };
        let shown = folder.display();
        let unwritten = |error| CliError::runtime(format!("the pages cannot be written to {shown}: {error}"));
        fs::create_dir_all(&folder).map_err(unwritten)?;
        for (name, page) in &pages {
            fs::write(folder.join(name), page).map_err(unwritten)?;
        }
        context
            .output
            .verbatim(&format!("{} pages in {shown}\n", pages.len()))?;
        Ok(ExitStatus::Done)
    }
}

/// Every page with the name of its file.
fn pages() -> Result<Vec<(String, String)>, CliError> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut waiting = vec![program];
    let mut pages = Vec::new();
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands().filter(|one| !one.is_hide_set()).cloned());
        pages.push(page(command)?);
    }
    Ok(pages)
}

fn page(command: clap::Command) -> Result<(String, String), CliError> {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    // clap_mangen would fill the examples into one paragraph.
    let man = Man::new(command.after_help(None::<&str>)).manual("enkash");
    let mut page = Vec::new();
    man.render(&mut page)
        .map_err(|error| CliError::runtime(format!("a manual page cannot be made: {error}")))?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page.push_str(&sections(&after));
    Ok((man.get_filename(), page))
}

/// What stands below the options in the help, in the sections that manual pages have for it, line by line.
fn sections(after_help: &str) -> String {
    let mut text = String::new();
    let mut current = "";
    for block in after_help.trim_end().split("\n\n") {
        let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
        let (section, lines) = match first {
            "" => continue,
            "Examples:" => ("EXAMPLES", rest),
            "Exit codes:" => ("EXIT STATUS", rest),
            _ => ("NOTES", block),
        };
        text.push_str(&match section == current {
            true => "\n".to_owned(),
            false if current.is_empty() => format!(".SH \"{section}\"\n.nf\n"),
            false => format!(".fi\n.SH \"{section}\"\n.nf\n"),
        });
        current = section;
        lines.lines().for_each(|line| push_escaped(&mut text, line));
    }
    if !text.is_empty() {
        text.push_str(".fi\n");
    }
    text
}

/// A line as it is: roff gives a meaning to backslashes, to a dot or an apostrophe that begins a line, and to hyphens.
fn push_escaped(text: &mut String, line: &str) {
    if line.starts_with(['.', '\'']) {
        text.push_str("\\&");
    }
    for character in line.chars() {
        match character {
            '\\' => text.push_str("\\(rs"),
            '-' => text.push_str("\\-"),
            '\'' => text.push_str("\\(aq"),
            '`' => text.push_str("\\(ga"),
            '~' => text.push_str("\\(ti"),
            '^' => text.push_str("\\(ha"),
            other => text.push(other),
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_roff_takes_none_for_its_own() {
        let text = sections(
            "Examples:\n  enkash --sandbox account\n.so /etc/passwd\n\nA note's \\end.\n\nMore.\n\nExit codes:\n  0    done\n",
        );
        let shown = [
            ".SH \"EXAMPLES\"\n.nf\n  enkash \\-\\-sandbox account\n\\&.so /etc/passwd\n.fi\n",
            ".SH \"NOTES\"\n.nf\nA note\\(aqs \\(rsend.\n\nMore.\n.fi\n",
            ".SH \"EXIT STATUS\"\n.nf\n  0    done\n.fi\n",
        ];
        assert_eq!(text, shown.concat());
        assert_eq!(sections(""), "");
    }
}
