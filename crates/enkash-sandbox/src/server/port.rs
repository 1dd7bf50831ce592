//! The port, which can be closed and opened again, and the handle that asks for it. The accept loop owns the port; the
//! sandbox's own handle and the `refused` fault hold a [`PortHandle`]. While closed, the port stays taken, so that no other
//! process gets it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;
/// How often the port is asked for again, and after what time, while something still holds the socket that listened.
const MAX_TRIES: u32 = 400;
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// What becomes of the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortChange {
    /// Accept again.
    Open,
    /// Close every connection and refuse new ones: for this long, or until it is opened.
    Close(Option<Duration>),
}

/// A change that the accept loop makes, and then acknowledges.
#[derive(Debug)]
pub(crate) struct PortCommand {
    pub(super) change: PortChange,
    pub(super) done: oneshot::Sender<()>,
}

/// Asks the accept loop to change the port.
#[derive(Debug, Clone)]
pub(crate) struct PortHandle(mpsc::UnboundedSender<PortCommand>);

impl PortHandle {
    /// The handle, and the end where the accept loop receives its commands.
    pub(crate) fn new() -> (PortHandle, mpsc::UnboundedReceiver<PortCommand>) {
        let (sender, commands) = mpsc::unbounded_channel();
        (PortHandle(sender), commands)
    }

    /// Returns when the change is made. Where the loop is gone, the port is closed and there is nothing to wait for.
    pub(crate) async fn change(&self, change: PortChange) {
        let (done, made) = oneshot::channel();
        if self.0.send(PortCommand { change, done }).is_ok() {
            let _ = made.await;
        }
    }
}

/// The port's socket.
enum Socket {
    Listening(TcpListener),
    /// Taken without listening, so that connections are refused.
    Bound(TcpSocket),
    /// It could not be opened or closed.
    Lost,
}

/// The port, with when it opens again and who has to know that it closes.
pub(super) struct Port {
    socket: Socket,
    address: SocketAddr,
    reopen_at: Option<Instant>,
    closings: watch::Sender<u64>,
}

impl Port {
    pub(super) fn new(listener: TcpListener, address: SocketAddr) -> Self {
        Port {
            socket: Socket::Listening(listener),
            address,
            reopen_at: None,
            closings: watch::Sender::new(0),
        }
    }

    /// Changes whenever the port closes, and ends with it.
    pub(super) fn closings(&self) -> watch::Receiver<u64> {
        self.closings.subscribe()
    }

    pub(super) async fn apply(&mut self, change: PortChange) -> io::Result<()> {
        self.reopen_at = None;
        match change {
            PortChange::Open => self.open(),
            PortChange::Close(time) => {
                self.reopen_at = time.map(|time| Instant::now() + time);
                self.close().await?;
                self.closings.send_modify(|times| *times += 1);
                Ok(())
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        if matches!(self.socket, Socket::Bound(_)) {
            return Ok(());
        }
        self.socket = Socket::Lost;
        let mut tries = 1;
        let socket = loop {
            match bound(self.address) {
                // A process that this one is starting has a copy of its sockets until it runs its own program.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < MAX_TRIES => {
                    tries += 1;
                    sleep(BETWEEN_TRIES).await;
                }
                bound => break bound?,
            }
        };
        self.socket = Socket::Bound(socket);
        Ok(())
    }

    fn open(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.socket, Socket::Lost) {
            Socket::Bound(socket) => self.socket = Socket::Listening(socket.listen(BACKLOG)?),
            open => self.socket = open,
        }
        Ok(())
    }

    /// The next connection; never, while the port is closed.
    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        match &self.socket {
            Socket::Listening(listener) => listener.accept().await.map(|(stream, _)| stream),
            Socket::Bound(_) | Socket::Lost => std::future::pending().await,
        }
    }

    /// Returns when a port that was closed for a while is to open again.
    pub(super) async fn reopen_due(&self) {
        match self.reopen_at {
            Some(at) => sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

/// A socket that has the port and does not listen.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
