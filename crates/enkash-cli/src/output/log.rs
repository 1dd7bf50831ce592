//! Lines of the log (`-v`), on standard error beside the notes. They may hold text from servers.

use std::io::{self, Write};

use enkash_api::escape_controls;
use tracing_subscriber::fmt::MakeWriter;

/// Where the log writes.
pub(crate) fn log_lines() -> impl for<'a> MakeWriter<'a> + Send + Sync + 'static {
    || LogLine(io::stderr())
}

/// Takes one line in each call, as the formatter gives them.
struct LogLine<W>(W);

impl<W: Write> Write for LogLine<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let escaped = escape_controls(text.trim_end_matches('\n'));
        self.0.write_all(format!("{escaped}\n").as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_stays_one_line_and_steers_nothing() {
        let mut lines = LogLine(Vec::new());
        lines.write_all("a\n\u{1b}[2Jb\u{202e}\n".as_bytes()).unwrap();
        assert_eq!(lines.0, b"a\\u000a\\u001b[2Jb\\u202e\n");
    }
}
