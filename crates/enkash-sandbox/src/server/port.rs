//! The port, which can be closed and opened again, and the handle that asks for it. The accept loop owns the port; the
//! sandbox's own handle and the `refused` fault hold a [`PortHandle`]. While closed, the port stays taken, so that no other
//! process gets it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;

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

/// The port: accepting, or taken without listening so that connections are refused.
pub(super) enum Port {
    Open(TcpListener),
    Closed(TcpSocket),
    /// It could not be opened or closed.
    Lost,
}

impl Port {
    pub(super) fn close(&mut self, address: SocketAddr) -> io::Result<()> {
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

    pub(super) fn open(&mut self) -> io::Result<()> {
        match std::mem::replace(self, Port::Lost) {
            Port::Closed(socket) => *self = Port::Open(socket.listen(BACKLOG)?),
            open => *self = open,
        }
        Ok(())
    }

    /// The next connection; never, while the port is closed.
    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        match self {
            Port::Open(listener) => listener.accept().await.map(|(stream, _)| stream),
            Port::Closed(_) | Port::Lost => std::future::pending().await,
        }
    }
}
