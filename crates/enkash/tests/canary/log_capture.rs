//! Listens to everything that this process says of itself: `tracing` and `log` at their finest level, and the
//! messages of panics.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

/// A panic with this in its message is part of the test.
pub(crate) const EXPECTED: &str = "a program that unwraps";

static CAPTURED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogCapture;

impl io::Write for LogCapture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        CAPTURED
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogCapture {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl log::Log for LogCapture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// Hears from now on.
pub(crate) fn open() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(LogCapture)
        .init();
    log::set_logger(&LogCapture).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.to_string();
        note(&message);
        if !message.contains(EXPECTED) {
            usual(panic);
        }
    }));
}

/// Takes something that a program could print.
pub(crate) fn note(text: &str) {
    use io::Write;

    writeln!(LogCapture, "{text}").unwrap();
}

/// Everything since the last time.
pub(crate) fn heard() -> String {
    let bytes = std::mem::take(&mut *CAPTURED.lock().unwrap_or_else(PoisonError::into_inner));
    String::from_utf8_lossy(&bytes).into_owned()
}
