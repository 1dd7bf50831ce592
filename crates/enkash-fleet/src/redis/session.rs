//! The connection to Redis: made when it is needed, used by all who ask at the same time, and given up as soon as a reply fails to
//! come. Nothing is ever sent twice here, and every wait ends.
//!
//! The driver's own manager of connections is not used: it knows no stream but its own, so TLS would be checked by other code than that
//! of the API, and by a provider that the whole process must agree on.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{AsyncConnectionConfig, Cmd, Value, aio::MultiplexedConnection};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, ToSocketAddrs},
    task::AbortHandle,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

use super::{
    address::{Address, Way},
    failure::Failure,
};

/// How long a connection may take, from its name to its login.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a reply may take.
pub(super) const REPLY_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that nobody used for so long may be dead without a word.
const REST: Duration = Duration::from_secs(5);
/// How long the first reply may take after a rest. It leaves time for another connection to a caller who waits two seconds.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(1);

/// The sessions with one server, of which one is kept.
pub(super) struct Sessions {
    address: Address,
    tls: TlsConnector,
    kept: Mutex<Option<Arc<Session>>>,
}

/// A connection, set up. It ends when nobody has it any more.
pub(super) struct Session {
    connection: MultiplexedConnection,
    driver: AbortHandle,
    /// When the last reply came.
    used: Mutex<Instant>,
}

impl Sessions {
    pub(super) fn new(address: Address) -> Result<Self, rustls::Error> {
        // The same library and the same checks as for the API.
        let config = enkash_api::tls::client_config()?;
        Ok(Self {
            address,
            tls: TlsConnector::from(Arc::new(config)),
            kept: Mutex::new(None),
        })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The reply to a command that changes nothing, and the session that gave it. Where the session that was kept turns out to be
    /// dead, the command is sent once more, on a new one.
    pub(super) async fn ask(&self, command: &Cmd, until: Instant) -> Result<(Arc<Session>, Value), Failure> {
        if let Some(session) = self.kept() {
            let limit = session.patience();
            match self.run(&session, command, limit, until).await {
                Err(Failure::BrokenOff | Failure::TimedOut) => {}
                replied => return Ok((session, replied?)),
            }
        }
        let session = Arc::new(self.connect(until).await?);
        *self.slot() = Some(session.clone());
        let value = self.run(&session, command, REPLY_TIMEOUT, until).await?;
        Ok((session, value))
    }

    /// The reply to a command, which is sent once at most.
    pub(super) async fn tell(&self, session: &Arc<Session>, command: &Cmd, until: Instant) -> Result<Value, Failure> {
        self.run(session, command, REPLY_TIMEOUT, until).await
    }

    async fn run(
        &self,
        session: &Arc<Session>,
        command: &Cmd,
        limit: Duration,
        until: Instant,
    ) -> Result<Value, Failure> {
        let trust = Trust {
            sessions: self,
            session,
            is_kept: false,
        };
        let mut connection = session.connection.clone();
        let reply = timeout_at(
            until.min(Instant::now() + limit),
            connection.send_packed_command(command),
        );
        let value = reply.await.map_err(|_| Failure::TimedOut)??;
        // An error of the server's is a reply as well.
        *session.used() = Instant::now();
        trust.keep();
        Ok(value.extract_error()?)
    }

    /// The session that is kept. It may have ended: then the first command fails.
    pub(super) fn kept(&self) -> Option<Arc<Session>> {
        self.slot().clone()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Session>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self, until: Instant) -> Result<Session, Failure> {
        let until = until.min(Instant::now() + CONNECT_TIMEOUT);
        let connected = timeout_at(until, async {
            match &self.address.way {
                Way::Encrypted { host, port } => {
                    let name = ServerName::try_from(host.clone()).map_err(io::Error::other);
                    let name = name.map_err(Failure::Unreachable)?;
                    let stream = tcp((host.as_str(), *port)).await?;
                    let stream = self.tls.connect(name, stream).await;
                    self.set_up(stream.map_err(Failure::Unreachable)?).await
                }
                Way::Loopback { addresses, port } => {
                    let addresses: Vec<_> = addresses
                        .iter()
                        .map(|address| SocketAddr::new(*address, *port))
                        .collect();
                    self.set_up(tcp(&addresses[..]).await?).await
                }
                #[cfg(unix)]
                Way::Socket(path) => {
                    let stream = tokio::net::UnixStream::connect(path).await;
                    self.set_up(stream.map_err(Failure::Unreachable)?).await
                }
                #[cfg(not(unix))]
                Way::Socket(_) => Err(Failure::Unreachable(io::ErrorKind::Unsupported.into())),
            }
        });
        connected
            .await
            .unwrap_or_else(|_| Err(Failure::Unreachable(io::ErrorKind::TimedOut.into())))
    }

    async fn set_up(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Session, Failure> {
        let login = self.address.login();
        // Its own limits are not set: they would not end a connection whose reply may still come.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let (connection, driver) = MultiplexedConnection::new_with_config(&login, stream, config).await?;
        Ok(Session {
            connection,
            driver: tokio::spawn(driver).abort_handle(),
            used: Mutex::new(Instant::now()),
        })
    }
}

async fn tcp(server: impl ToSocketAddrs) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(server).await.map_err(Failure::Unreachable)?;
    stream.set_nodelay(true).map_err(Failure::Unreachable)?;
    Ok(stream)
}

impl Session {
    /// How long the next reply may take.
    fn patience(&self) -> Duration {
        match self.used().elapsed() < REST {
            true => REPLY_TIMEOUT,
            false => TRIAL_TIMEOUT,
        }
    }

    fn used(&self) -> MutexGuard<'_, Instant> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // By itself the driver would wait for replies that nobody asks for any more.
        self.driver.abort();
    }
}

/// Takes a session out of use, unless its reply came: also where the caller waits no longer. Those who use it at the same time go on.
struct Trust<'a> {
    sessions: &'a Sessions,
    session: &'a Arc<Session>,
    is_kept: bool,
}

impl Trust<'_> {
    fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Trust<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            let mut slot = self.sessions.slot();
            slot.take_if(|kept| Arc::ptr_eq(kept, self.session));
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
