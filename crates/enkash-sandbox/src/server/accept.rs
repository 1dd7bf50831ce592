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
    /// It could not be opened or closed.
    Lost,
}

impl Port {
    fn close(&mut self, address: SocketAddr) -> io::Result<()> {
        if matches!(self, Port::Closed(_)) {
            return Ok(());
        }
        *self = Port::Lost;
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        *self = Port::Closed(socket);
        Ok(())
    }

    fn open(&mut self) -> io::Result<()> {
        match std::mem::replace(self, Port::Lost) {
            Port::Closed(socket) => *self = Port::Open(socket.listen(BACKLOG)?),
            open => *self = open,
        }
        Ok(())
    }

    /// The next connection; never, while the port is closed.
    async fn accept(&self) -> io::Result<TcpStream> {
        match self {
            Port::Open(listener) => listener.accept().await.map(|(stream, _)| stream),
            Port::Closed(_) | Port::Lost => std::future::pending().await,
        }
    }
}

/// Returns when the sandbox ends, or its handle is gone.
async fn ended(ending: &mut watch::Receiver<bool>) {
    let _ = ending.wait_for(|ending| *ending).await;
}

/// The accept loop with its connections.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: mpsc::UnboundedReceiver<PortCommand>,
    pub(crate) ending: watch::Receiver<bool>,
}

impl Server {
    /// Serves until the sandbox ends, then lets the calls that are under way finish.
    pub(crate) async fn run(self, listener: TcpListener) {
        let Server {
            shared,
            mut commands,
            mut ending,
        } = self;
        let router = router(&shared);
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
            let changed = tokio::select! {
                accepted = port.accept() => {
                    match accepted {
                        Ok(stream) => take(stream, &shared, &router, &closing, &mut connections),
                        // Out of file descriptors, most likely: give the others time to end.
                        Err(error) => {
                            tracing::warn!(%error, "cannot accept a connection");
                            sleep(Duration::from_millis(10)).await;
                        }
                    }
                    continue;
                }
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
                Some(command) = commands.recv() => {
                    let opens = matches!(command, PortCommand::Open(_));
                    reopen = match command {
                        PortCommand::CloseFor(time) => Some(Instant::now() + time),
                        _ => None,
                    };
                    let changed = if opens { port.open() } else { port.close(shared.address) };
                    if !opens {
                        close_all.send_modify(|times| *times += 1);
                    }
                    if let PortCommand::Close(done) | PortCommand::Open(done) = command {
                        let _ = done.send(());
                    }
                    changed
                }
                () = reopening => {
                    reopen = None;
                    port.open()
                }
                () = ended(&mut ending) => break,
            };
            if let Err(error) = changed {
                tracing::error!(%error, "the port is lost");
                break;
            }
        }
        drop(port);
        close_all.send_modify(|times| *times += 1);
        let all = async { while connections.join_next().await.is_some() {} };
        if timeout(GRACE, all).await.is_err() {
            connections.shutdown().await;
        }
    }
}

fn take(
    stream: TcpStream,
    shared: &Shared,
    router: &Router,
    closing: &watch::Receiver<u64>,
    connections: &mut JoinSet<()>,
) {
    // Answers are small; waiting to fill a packet would only make them late.
    let _ = stream.set_nodelay(true);
    let mut closing = closing.clone();
    closing.mark_unchanged();
    connections.spawn(connection::serve(stream, router.clone(), shared.port.clone(), closing));
}
