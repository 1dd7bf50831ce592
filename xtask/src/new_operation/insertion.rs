//! Puts text into a file of spec/ without touching the rest: comments, order and line ends stay.
//!
//! Each insertion is proven. The file is read before and after, and with the new part taken away again both have to say the same.

use anyhow::{Context, Result, anyhow, ensure};
use enkash_codegen::spec::yaml_to_json;
use serde_json::Value;

/// A text with new lines before the line of this index; a file that ends without a line end gets one.
#[must_use]
pub fn inserted(text: &str, before: usize, lines: &[String]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut all: Vec<&str> = text.lines().collect();
    let before = before.min(all.len());
    let tail = all.split_off(before);
    let new = lines.iter().map(String::as_str);
    let mut whole: String = all.into_iter().chain(new).chain(tail).collect::<Vec<_>>().join(end);
    whole.push_str(end);
    whole
}

/// Makes sure that `after` says what `before` says, and `added` besides.
///
/// # Errors
///
/// One of the two is not YAML, something of `added` was there, or anything else differs.
pub fn prove(file: &str, before: &str, after: &str, added: &[Vec<String>]) -> Result<()> {
    let read = |text: &str| yaml_to_json(text).map_err(|found| anyhow!("{file}: {found}"));
    let (before, mut after) = (
        read(before)?,
        read(after).context("the new text cannot be read, and nothing is written")?,
    );
    for steps in added {
        ensure!(
            at(&before, steps).is_none(),
            "{file}: {} is there already",
            steps.join(".")
        );
        ensure!(
            remove(&mut after, steps),
            "{file}: {} is not where it should be, and nothing is written",
            steps.join(".")
        );
    }
    ensure!(
        before == after,
        "{file}: the insertion would change what stands there already, and nothing is written"
    );
    Ok(())
}

fn at<'v>(value: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| value.get(step))
}

fn remove(value: &mut Value, steps: &[String]) -> bool {
    let Some((last, owners)) = steps.split_last() else {
        return false;
    };
    let owner = owners.iter().try_fold(value, |value, step| value.get_mut(step));
    owner
        .and_then(Value::as_object_mut)
        .is_some_and(|owner| owner.remove(last).is_some())
}

/// The entries of a mapping that stand at this indentation below a line, up to the next line that stands further left.
#[derive(Debug)]
pub struct Entries {
    /// Key and line index of each.
    pub keys: Vec<(String, usize)>,
    /// The index of the line behind the last one.
    pub end: usize,
}

/// The entries below the first line that is this key at this indentation, behind the line `from`.
#[must_use]
pub fn entries(lines: &[&str], from: usize, indent: usize, key: &str) -> Option<Entries> {
    let head = format!("{}{key}:", " ".repeat(indent));
    let start = from + lines.get(from..)?.iter().position(|line| line.trim_end() == head)?;
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut found = Entries {
        keys: Vec::new(),
        end: lines.len(),
    };
    for (index, line) in lines.iter().enumerate().skip(start + 1) {
        if is_blank(line) {
            continue;
        }
        if depth(line) <= indent {
            found.end = index;
            break;
        }
        if depth(line) == indent + 2 {
            let name = line.trim().split(": ").next().unwrap_or_default().trim_end_matches(':');
            found.keys.push((name.trim_matches(['\'', '"']).to_owned(), index));
        }
    }
    found.end = last_content(lines, found.end);
    Some(found)
}

/// The index behind the last line before `end` that is neither blank nor a comment.
#[must_use]
pub fn last_content(lines: &[&str], end: usize) -> usize {
    let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    lines[..end].iter().rposition(is_content).map_or(0, |index| index + 1)
}

impl Entries {
    /// The index behind the last of the entries that `wanted` names; behind all of them where it names none.
    #[must_use]
    pub fn behind(&self, lines: &[&str], wanted: impl Fn(&str) -> bool) -> usize {
        let last = self.keys.iter().rposition(|(key, _)| wanted(key));
        let next = last
            .and_then(|index| self.keys.get(index + 1))
            .map_or(self.end, |(_, line)| *line);
        last_content(lines, next)
    }
}

#[cfg(test)]
mod tests {
    use super::{entries, inserted, prove};

    const TEXT: &str = "a: 1\nitems:\n  # First.\n  one: {x: 1}\n\n  # Second.\n  two:\n    y: 2\nz: 3\n";

    fn owned(steps: &[&str]) -> Vec<String> {
        steps.iter().map(|step| (*step).to_owned()).collect()
    }

    #[test]
    fn the_place_is_behind_the_group_and_before_the_next_comment() {
        let lines: Vec<_> = TEXT.lines().collect();
        let found = entries(&lines, 0, 0, "items").unwrap();
        assert_eq!(found.behind(&lines, |key| key == "one"), 4);
        assert_eq!(found.behind(&lines, |_| false), 8);
    }

    #[test]
    fn what_stands_there_stays_as_it_is() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            let after = inserted(&text, 8, &owned(&["  new: 7"]));
            prove("x.yaml", &text, &after, &[owned(&["items", "new"])]).unwrap();
            assert_eq!(after.contains("\r\n"), text.contains("\r\n"));
            assert_eq!(after.matches('\n').count(), text.matches('\n').count() + 1);
        }
    }

    #[test]
    fn an_insertion_that_changes_anything_else_is_refused() {
        let item = [owned(&["items", "new"])];
        for (line, new) in [
            (8, "  new: 7\n    a: 1"),
            (1, "  new: 7"),
            (9, "  new: 7"),
            (8, "  one: 7"),
            (8, "  new: 7\nb: 1"),
        ] {
            let after = inserted(TEXT, line, &[new.to_owned()]);
            assert!(prove("x.yaml", TEXT, &after, &item).is_err(), "{new} at {line}");
        }
        let twice = inserted(TEXT, 8, &owned(&["  one: 7"]));
        assert!(prove("x.yaml", TEXT, &twice, &[owned(&["items", "one"])]).is_err());
    }
}
