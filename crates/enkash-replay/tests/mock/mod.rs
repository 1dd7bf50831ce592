//! An independent mock, as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The mock, as long as it is held.
pub(crate) struct Mock {
    child: Child,
    pub(crate) url: String,
}

impl Mock {
    pub(crate) fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock/mock.py");
        let child = Command::new("python3").arg(script).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            assert!(std::env::var_os("CI").is_none(), "python3 is missing");
            eprintln!("skipped: no python3");
            return None;
        };
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = format!("http://127.0.0.1:{}", line.trim());
        Some(Self { child, url })
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
