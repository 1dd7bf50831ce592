//! Asks a person finding by finding whether it enters the overlay. The command hands over its terminal, and tests a text.

use std::io::{self, BufRead, Read, Write};

use enkash_codegen::learn::Finding;

/// A longer line is no answer.
const MAX_LINE: u64 = 1_000;

/// Which findings are accepted; `None` where the person quits, or the input ends.
pub(super) fn ask(
    findings: &[Finding],
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> io::Result<Option<Vec<bool>>> {
    let mut accepted = Vec::new();
    writeln!(
        out,
        "\ny accepts a finding, n leaves it out, all accepts it and those that follow, quit writes nothing"
    )?;
    for (index, finding) in findings.iter().enumerate() {
        writeln!(out, "\n{}/{}  {}", index + 1, findings.len(), finding.text)?;
        loop {
            write!(out, "y, n, all, quit? ")?;
            out.flush()?;
            let mut line = String::new();
            if input.by_ref().take(MAX_LINE).read_line(&mut line)? == 0 {
                writeln!(out)?;
                return Ok(None);
            }
            match line.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => accepted.push(true),
                "n" | "no" => accepted.push(false),
                "a" | "all" => {
                    accepted.resize(findings.len(), true);
                    return Ok(Some(accepted));
                }
                "q" | "quit" => return Ok(None),
                _ => continue,
            }
            break;
        }
    }
    Ok(Some(accepted))
}

#[cfg(test)]
mod tests {
    use enkash_codegen::learn::{Lessons, RecordedExchange, learn};
    use enkash_codegen::spec::{Changes, Sources};
    use enkash_recording::Recording;

    use super::ask;

    fn lessons() -> Lessons {
        let spec = enkash_codegen::lint::load(&Sources::embedded(), &Changes::default()).unwrap();
        let recording = br#"{"request": {"method": "GET", "url": "/api/v0/cart"},
            "response": {"status": 200, "body": {"response_code": 0, "one": 1, "three": 3, "two": 2}}}"#;
        let exchanges = Recording::from_slice(recording).unwrap().exchanges.into_iter();
        learn(
            &spec,
            &[],
            exchanges.map(|exchange| RecordedExchange {
                place: "it".to_owned(),
                exchange,
            }),
        )
    }

    fn answered(text: &str) -> Option<Vec<bool>> {
        let findings = lessons().findings;
        let three = &findings[findings.len() - 3..];
        ask(three, &mut text.as_bytes(), &mut Vec::new()).unwrap()
    }

    #[test]
    fn each_finding_is_asked_for() {
        assert_eq!(answered("y\nno\nYES\n"), Some(vec![true, false, true]));
        assert_eq!(answered("perhaps\n\nn\ny\nn\n"), Some(vec![false, true, false]));
    }

    #[test]
    fn all_accepts_what_follows_and_quit_accepts_nothing() {
        assert_eq!(answered("n\nall\n"), Some(vec![false, true, true]));
        assert_eq!(answered("y\nquit\n"), None);
        assert_eq!(answered("y\n"), None);
    }
}
