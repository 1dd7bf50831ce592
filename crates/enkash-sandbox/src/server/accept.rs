//! The accept loop. The sandbox's handle starts it and ends it. It owns the port, and closes and opens it when a
//! [`PortHandle`](super::port::PortHandle) asks for that.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::port::{Port, PortChange, PortCommand};
use super::{Shared, connection};

/// How long calls in flight may take once the sandbox ends.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Returns when the sandbox ends, or its handle is gone.
async fn ended(ending: &mut watch::Receiver<bool>) {
    let _ = ending.wait_for(|ending| *ending).await;
}

/// The accept loop with its connections.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) router: Router,
    pub(crate) commands: mpsc::UnboundedReceiver<PortCommand>,
    pub(crate) ending: watch::Receiver<bool>,
}

impl Server {
    /// Serves until the sandbox ends, then lets the calls in flight finish.
    pub(crate) async fn run(self, listener: TcpListener) {
        let Server {
            shared,
            router,
            mut commands,
            mut ending,
        } = self;
        let mut connections = JoinSet::new();
        let mut port = Port::new(listener, shared.address);
        loop {
            let changed = tokio::select! {
                accepted = port.accept() => {
                    match accepted {
                        Ok(stream) => spawn_connection(stream, &shared, &router, port.closings(), &mut connections),
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
                    let changed = port.apply(command.change).await;
                    let _ = command.done.send(());
                    changed
                }
                () = port.reopen_due() => port.apply(PortChange::Open).await,
                () = ended(&mut ending) => break,
            };
            if let Err(error) = changed {
                tracing::error!(%error, "the port is lost");
                break;
            }
        }
        // Every connection ends with it, once its call in flight is answered.
        drop(port);
        let all = async { while connections.join_next().await.is_some() {} };
        if timeout(SHUTDOWN_GRACE, all).await.is_err() {
            connections.shutdown().await;
        }
    }
}

fn spawn_connection(
    stream: TcpStream,
    shared: &Shared,
    router: &Router,
    closing: watch::Receiver<u64>,
    connections: &mut JoinSet<()>,
) {
    // Responses are small; waiting to fill a packet would only make them late.
    let _ = stream.set_nodelay(true);
    connections.spawn(connection::serve(stream, router.clone(), shared.port.clone(), closing));
}
