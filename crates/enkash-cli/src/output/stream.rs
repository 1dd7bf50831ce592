//! One of the two streams that a program writes to. It says so where writing fails, also where the standard library's own
//! streams keep quiet.

#[cfg(unix)]
use std::fs::File;
use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    time::Duration,
};

/// Held while a result or a note is written.
static WRITING: Mutex<()> = Mutex::new(());
/// How long a write that nobody reads may hold the end of the program.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Standard output or standard error.
pub(super) struct Stream {
    to: Box<dyn Write>,
    /// Whether it was closed when the program began: then what is written goes nowhere.
    is_closed: bool,
}

impl Stream {
    pub(super) fn standard_output() -> Self {
        #[cfg(unix)]
        if let Some(stream) = from_descriptor(&io::stdout()) {
            return stream;
        }
        Self::to(io::stdout())
    }

    pub(super) fn standard_error() -> Self {
        #[cfg(unix)]
        if let Some(stream) = from_descriptor(&io::stderr()) {
            return stream;
        }
        Self::to(io::stderr())
    }

    pub(super) fn to(to: impl Write + 'static) -> Self {
        Self {
            to: Box::new(to),
            is_closed: false,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let _whole = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        self.to.write_all(text.as_bytes())?;
        self.to.flush()
    }
}

/// Waits until what is being written is written, and lets nothing more be written. For whoever ends the program from another task:
/// a line that was begun ends whole, unless nobody reads it.
pub(crate) async fn hold_output() -> Option<MutexGuard<'static, ()>> {
    const STEP: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(held) = try_hold() {
            return Some(held);
        }
        if waited >= MAX_WAIT {
            return None;
        }
        tokio::time::sleep(STEP).await;
        waited += STEP;
    }
}

fn try_hold() -> Option<MutexGuard<'static, ()>> {
    match WRITING.try_lock() {
        Ok(held) => Some(held),
        Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The stream's own descriptor: the standard library takes a write that fails for want of one as done.
#[cfg(unix)]
fn from_descriptor(stream: &impl std::os::fd::AsFd) -> Option<Stream> {
    let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
    Some(Stream {
        is_closed: was_closed(&file),
        to: Box::new(file),
    })
}

/// Whether the program was started without this stream. Rust opens the null device in its place, for reading and writing;
/// a shell that redirects to it opens it for writing only.
#[cfg(unix)]
fn was_closed(mut stream: &File) -> bool {
    use std::{
        fs,
        io::Read,
        os::unix::fs::{FileTypeExt, MetadataExt},
    };
    let (Ok(stands), Ok(null)) = (stream.metadata(), fs::metadata("/dev/null")) else {
        return false;
    };
    let is_null = stands.file_type().is_char_device() && stands.rdev() == null.rdev();
    is_null && stream.read(&mut [0]).is_ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::OpenOptions;

    use super::*;

    #[test]
    fn a_stream_that_was_closed_is_told_from_one_that_is_thrown_away() {
        let null = |options: &mut OpenOptions| options.open("/dev/null").unwrap();
        assert!(was_closed(&null(OpenOptions::new().read(true).write(true))));
        assert!(!was_closed(&null(OpenOptions::new().write(true))));
        assert!(!was_closed(&tempfile::tempfile().unwrap()));
    }

    /// A writer that stands in the middle of a line until it is told to go on.
    struct Halfway(std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<&'static str>);

    impl Write for Halfway {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.send("begun").map_err(io::Error::other)?;
            self.0.recv().map_err(io::Error::other)?;
            self.1.send("ended").map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whoever_ends_the_program_waits_for_the_line() {
        let (go, halted) = std::sync::mpsc::channel();
        let (says, said) = std::sync::mpsc::channel();
        let writer = std::thread::spawn(move || Stream::to(Halfway(halted, says)).write("a line\n"));
        assert_eq!(said.recv(), Ok("begun"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let held = runtime.block_on(async {
            let held = hold_output();
            tokio::pin!(held);
            // It is asked once, and waits.
            assert!(
                std::future::poll_fn(|context| std::task::Poll::Ready(held.as_mut().poll(context).is_pending())).await
            );
            go.send(()).unwrap();
            held.await
        });
        assert_eq!((said.recv(), held.is_some()), (Ok("ended"), true));
        drop(held);
        writer.join().unwrap().unwrap();
    }

    #[test]
    fn a_descriptor_that_cannot_be_written_is_said_to_be() {
        let read_only = OpenOptions::new().read(true).open("/dev/null").unwrap();
        let mut stream = from_descriptor(&read_only).unwrap();
        assert!(stream.write("x").is_err());
    }
}
