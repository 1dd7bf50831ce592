//! Ctrl-C, counted. A command that moves value must not die in the middle of a call: it asks here how often
//! it was told to stop, finishes the call under way at the first time, and gives up on it at the second.

use std::io;

use tokio::sync::watch;

/// How often the program was told to stop, by Ctrl-C or, on Unix, by SIGTERM.
pub(crate) struct Interrupts {
    count: watch::Receiver<u32>,
}

impl Interrupts {
    /// Starts counting. From here on Ctrl-C no longer ends the program by itself.
    pub(crate) fn listen() -> io::Result<Self> {
        let mut signals = Signals::register()?;
        let (sender, count) = watch::channel(0);
        tokio::spawn(async move {
            while signals.next().await {
                sender.send_modify(|count| *count += 1);
            }
        });
        Ok(Self { count })
    }

    #[cfg(test)]
    pub(crate) fn by_hand() -> (watch::Sender<u32>, Self) {
        let (sender, count) = watch::channel(0);
        (sender, Self { count })
    }

    pub(crate) fn count(&self) -> u32 {
        *self.count.borrow()
    }

    /// Waits until the program was told to stop at least this often.
    pub(crate) async fn reach(&mut self, count: u32) {
        if self.count.wait_for(|seen| *seen >= count).await.is_err() {
            // Nothing listens any more: no further Ctrl-C will be seen.
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn register() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> bool {
        tokio::select! {
            seen = self.interrupt.recv() => seen.is_some(),
            seen = self.terminate.recv() => seen.is_some(),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn register() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
