//! The recorder: a proxy on loopback that hands requests on to the API and every exchange to whoever writes the recording.
//! `enkash record` runs it. A request leaves only if it is one that a client of this machine makes, and a login only through
//! the ledger of strikes, so that a proxy makes no login that nobody counts.

mod headers;
mod recorded_logins;
mod request_check;
mod response;
mod server;
mod upstream;

use std::{net::SocketAddr, sync::Arc};

use enkash_recording::Exchange;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

pub(crate) use self::{recorded_logins::RecordedLogins, upstream::Upstream};
use self::{request_check::RequestCheck, server::Server};

/// Exchanges that may wait to be written.
const MAX_WAITING: usize = 16;

/// A proxy that serves until it is dropped or told to end.
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    pub(crate) exchanges: mpsc::Receiver<Exchange>,
    ending: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Recorder {
    /// Serves this listener, which is bound to loopback.
    pub(crate) fn start(listener: TcpListener, upstream: Upstream, logins: RecordedLogins) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, exchanges) = mpsc::channel(MAX_WAITING);
        let (ending, ended) = watch::channel(false);
        let server = Server {
            check: RequestCheck::new(address),
            upstream,
            logins,
            exchanges: sender,
        };
        let serving = tokio::spawn(server::run(listener, Arc::new(server), ended));
        Ok(Self {
            address,
            exchanges,
            ending,
            serving,
        })
    }

    /// Takes no more requests. Those in flight go on; `exchanges` ends behind the last.
    pub(crate) fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Gives up on the requests in flight.
    pub(crate) fn abort(&self) {
        self.serving.abort();
    }
}
