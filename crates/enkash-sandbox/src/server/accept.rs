//! The accept loop, and the port that it can close and open again. The sandbox's handle starts it and tells it to end; the
//! `refused` fault closes the port for a while. While closed, the port stays taken, so that no other process gets it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Shared, connection, router};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// How long calls that are under way may take once the sandbox ends.
const GRACE: Duration = Duration::from_secs(5);

/// What the port is told.
#[derive(Debug)]
pub(crate) enum PortCommand {
    /// Close every connection and refuse new ones.
    Close(oneshot::Sender<()>),
    /// Accept again.
    Open(oneshot::Sender<()>),
    /// Close, and open again after this time.
    CloseFor(Duration),
}

/// The port: accepting, or taken without listening so that connections are refused.
enum Port {
    Open(TcpListener),
    Closed(TcpSocket),
}

impl Port {
    fn close(self, address: SocketAddr) -> io::Result<Port> {
        match self {
            Port::Open(listener) => {
                drop(listener);
                let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
                socket.set_reuseaddr(true)?;
                socket.bind(address)?;
                Ok(Port::Closed(socket))
            }
            closed @ Port::Closed(_) => Ok(closed),
        }
    }

    fn open(self) -> io::Result<Port> {
        match self {
            Port::Closed(socket) => Ok(Port::Open(socket.listen(BACKLOG)?)),
            open @ Port::Open(_) => Ok(open),
        }
    }

    /// The next connection; never, while the port is closed.
    async fn accept(&self) -> io::Result<TcpStream> {
        match self {
            Port::Open(listener) => listener.accept().await.map(|(stream, _)| stream),
            Port::Closed(_) => std::future::pending().await,
        }
    }
}

/// The accept loop with its connections.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: mpsc::UnboundedReceiver<PortCommand>,
    pub(crate) ending: watch::Receiver<bool>,
}

impl Server {
    /// Serves until the sandbox ends, then lets the calls that are under way finish.
    pub(crate) async fn run(mut self, listener: TcpListener) {
        let router = router(&self.shared);
        let (close_all, closing) = watch::channel(0_u64);
        let mut connections = JoinSet::new();
        let mut port = Port::Open(listener);
        let mut reopen: Option<Instant> = None;
        loop {
            let reopening = async {
                match reopen {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                accepted = port.accept() => match accepted {
                    Ok(stream) => self.take(stream, &router, &closing, &mut connections),
                    // Out of file descriptors, most likely: give the others time to end.
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(Duration::from_millis(10)).await;
                    }
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                Some(command) = self.commands.recv() => {
                    let changed = match &command {
                        PortCommand::Close(_) => { reopen = None; port.close(self.shared.address) }
                        PortCommand::Open(_) => { reopen = None; port.open() }
                        PortCommand::CloseFor(time) => {
                            reopen = Some(Instant::now() + *time);
                            port.close(self.shared.address)
                        }
                    };
                    port = match changed {
                        Ok(port) => port,
                        Err(error) => {
                            tracing::error!(%error, "the port is lost");
                            break;
                        }
                    };
                    if !matches!(command, PortCommand::Open(_)) {
                        close_all.send_modify(|times| *times += 1);
                    }
                    if let PortCommand::Close(done) | PortCommand::Open(done) = command {
                        let _ = done.send(());
                    }
                }
                () = reopening => {
                    reopen = None;
                    port = match port.open() {
                        Ok(port) => port,
                        Err(error) => {
                            tracing::error!(%error, "the port is lost");
                            break;
                        }
                    };
                }
                _ = self.ending.wait_for(|ending| *ending) => break,
            }
        }
        drop(port);
        close_all.send_modify(|times| *times += 1);
        let all = async { while connections.join_next().await.is_some() {} };
        if timeout(GRACE, all).await.is_err() {
            connections.shutdown().await;
        }
    }

    fn take(&self, stream: TcpStream, router: &Router, closing: &watch::Receiver<u64>, connections: &mut JoinSet<()>) {
        // Answers are small; waiting to fill a packet would only make them late.
        let _ = stream.set_nodelay(true);
        let mut closing = closing.clone();
        closing.mark_unchanged();
        connections.spawn(connection::serve(stream, router.clone(), self.shared.port.clone(), closing));
    }
}
