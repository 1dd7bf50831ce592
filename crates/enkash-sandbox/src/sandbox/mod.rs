//! The handle of a running sandbox: where it is, what happened in it, and how to steer it. Tests hold one for as long as
//! they need the server; dropping it ends the server.

mod inspection;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::AdjustableClock;
use crate::credentials::Credentials;
use crate::document::Document;
use crate::entry_state::{ChangeError, EntryChange};
use crate::error::SandboxError;
use crate::escape::escape_controls;
use crate::faults::FaultRule;
use crate::operation::Operation;
use crate::presets::Preset;
use crate::seed::{Seed, SeedError};
use crate::server::{self, PortChange, PortHandle, Server, Settings, Shared};
use crate::state::SandboxState;
use crate::state::snapshot::{Snapshot, SnapshotError};
use crate::store::extra_records::ExtraRecord;
use crate::switches::Switches;

/// A running sandbox.
///
/// It lives on the Tokio runtime that started it. Dropping it ends it at once; [`shutdown`](Sandbox::shutdown) lets the
/// calls in flight finish.
pub struct Sandbox {
    shared: Arc<Shared>,
    logins: BTreeMap<String, Credentials>,
    end: watch::Sender<bool>,
    server: Option<JoinHandle<()>>,
}

impl Sandbox {
    pub(crate) async fn launch(
        address: SocketAddr,
        settings: Settings,
        clock: Arc<AdjustableClock>,
        state: SandboxState,
    ) -> Result<Sandbox, SandboxError> {
        let document = Document::bundled().map_err(SandboxError::Document)?;
        let bind = |source| SandboxError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let url = format!("http://{address}");
        let seed = state.seed();
        let logins = logins(seed, &url);
        // The seed's check has made sure that there is a login.
        let first = seed.companies.first().and_then(|company| company.logins.first());
        let credentials = first.and_then(|login| logins.get(&login.username)).cloned();
        let credentials = credentials.ok_or_else(|| SeedError::Inconsistent("there is no log-in".to_owned()))?;
        let (port, commands) = PortHandle::new();
        let (end, ending) = watch::channel(false);
        let shared = Arc::new(Shared {
            document,
            settings,
            clock,
            address,
            started: Instant::now(),
            credentials,
            port,
            ending: ending.clone(),
            state: Mutex::new(state),
        });
        #[cfg(feature = "console")]
        let pages = crate::console::router(&shared);
        #[cfg(not(feature = "console"))]
        let pages = axum::Router::new();
        let server = Server {
            shared: shared.clone(),
            router: server::router(&shared, pages),
            commands,
            ending,
        };
        let server = tokio::spawn(server.run(listener));
        Ok(Sandbox {
            shared,
            logins,
            end,
            server: Some(server),
        })
    }

    /// Base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.shared.url()
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// What a client needs: the first company's first login and account.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.shared.credentials
    }

    /// The same for another login of the seed, for instance a card holder's own.
    #[must_use]
    pub fn credentials_of(&self, username: &str) -> Option<&Credentials> {
        self.logins.get(username)
    }

    /// The line that announces the sandbox to another process: one JSON object with the [`Credentials`], secrets and all,
    /// and with the [stated paths](Self::stated_paths).
    #[must_use]
    pub fn announcement(&self) -> String {
        let announcement = Announcement {
            credentials: self.credentials(),
            stated_paths: self
                .shared
                .document
                .stated_paths()
                .map(|(operation, path)| (operation.id(), path))
                .collect(),
        };
        serde_json::to_string(&announcement).unwrap_or_default()
    }

    /// Method and path of the operations whose path the documentation does not show, by operation. These paths are the
    /// sandbox's own choice.
    #[must_use]
    pub fn stated_paths(&self) -> BTreeMap<Operation, (String, String)> {
        let unknown = self.shared.document.operations().filter(|rules| rules.unknown_path);
        unknown
            .map(|rules| (rules.operation, (rules.method.to_string(), rules.path.clone())))
            .collect()
    }

    /// The bundled document as this sandbox serves it, in JSON: with its own URL, and with the paths that it chose for
    /// operations of unknown path, and ids in its examples that are there. `GET /_sandbox/openapi.json` gives the same.
    #[must_use]
    pub fn document(&self) -> String {
        self.shared.served_document().to_string()
    }

    /// The switches now.
    pub fn switches(&self) -> Switches {
        *self.shared.state().switches()
    }

    /// Sets the switches. Calls that come from now on see them.
    pub fn set_switches(&self, switches: Switches) {
        self.shared.state().set_switches(switches);
    }

    /// Puts the switches and the faults of a preset in the place of those that are set. Calls that come from now on see them.
    pub fn apply_preset(&self, preset: Preset) {
        self.shared.state().apply_preset(preset);
    }

    /// Adds a rule of faults. It counts calls from now on.
    pub fn add_fault(&self, rule: FaultRule) {
        self.shared.state().add_fault(rule);
    }

    /// Takes all rules of faults away.
    pub fn clear_faults(&self) {
        self.shared.state().set_faults(Vec::new());
    }

    /// Changes what became of the allocations, and of the points taken back, under a reference in the announced account. Gives
    /// their number.
    ///
    /// # Errors
    ///
    /// When there is none, none can change so, or the points are spent.
    pub fn change_transactions(&self, reference: &str, change: EntryChange) -> Result<usize, ChangeError> {
        self.shared.change_transactions(reference, change)
    }

    /// Changes what became of the announced company's orders under a reference. Gives their number.
    ///
    /// # Errors
    ///
    /// When there is none, or none can change so.
    pub fn change_orders(&self, reference: &str, change: EntryChange) -> Result<usize, ChangeError> {
        self.shared.change_orders(reference, change)
    }

    /// Lets transaction searches of the announced account show a record that nothing moved for. At most 1,000 are kept.
    pub fn add_extra_record(&self, record: ExtraRecord) {
        let account = &self.shared.credentials.card_account_id;
        self.shared.state().show_extra_records(account, vec![record]);
    }

    /// Takes all extra records away.
    pub fn clear_extra_records(&self) {
        self.shared.state().clear_extra_records();
    }

    /// The time in the sandbox.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Moves the sandbox's time on, without waiting.
    pub fn advance(&self, by: Duration) {
        self.shared.state().advance_clock(by);
    }

    /// Moves the sandbox's time to an instant, forward or back.
    pub fn set_time(&self, to: Timestamp) {
        self.shared.state().set_clock(to);
    }

    /// Kills every token, so that the next call with one gets a 401.
    pub fn revoke_tokens(&self) {
        self.shared.state().revoke_tokens();
    }

    /// Whether a login is locked.
    #[must_use]
    pub fn is_locked(&self, username: &str) -> bool {
        self.shared.state().store().logins.is_locked(username)
    }

    /// Lifts the lock of a login. The documentation does not say how that is done there. `false` where there is no such login.
    pub fn unlock(&self, username: &str) -> bool {
        self.shared.state().unlock(username)
    }

    /// Goes back to the start: the seed, and the switches and faults that the builder got; the clock shows its source's time, no
    /// token is good, no login has a failure, and log, calls and extra records are empty. A call in flight takes no effect.
    pub fn reset(&self) {
        self.shared.state().reset();
    }

    /// Everything that decides what the sandbox answers, as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.state().snapshot()
    }

    /// Goes back to a snapshot, of this sandbox or of another with the same seed. The log of calls begins anew. A call in
    /// flight takes no effect.
    ///
    /// # Errors
    ///
    /// When it is of a sandbox with another seed; nothing is changed then.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.shared.state().restore(snapshot.clone())
    }

    /// Closes every connection, and lets the operating system refuse new ones, until
    /// [`accept_connections`](Self::accept_connections).
    pub async fn refuse_connections(&self) {
        self.shared.port.change(PortChange::Close(None)).await;
    }

    /// Accepts connections again.
    pub async fn accept_connections(&self) {
        self.shared.port.change(PortChange::Open).await;
    }

    /// Ends the sandbox: no new connections, and up to five seconds for the calls in flight.
    pub async fn shutdown(mut self) {
        self.end.send_replace(true);
        if let Some(server) = self.server.take() {
            let _ = server.await;
        }
        self.shared.state().close_file();
    }

    /// Waits until the server ends by itself, which it does only when its port is lost.
    pub async fn ended(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.await;
            self.server = None;
        }
    }
}

/// Shuts down. A response that breaks the document is printed on standard error, past the capturing of a test harness:
/// whatever a test asked for, it has to be as described.
impl Drop for Sandbox {
    fn drop(&mut self) {
        for violation in self.violations() {
            // Where standard error is gone, nobody reads it.
            let _ = writeln!(
                io::stderr(),
                "enkash-sandbox: an answer breaks the description: {}",
                escape_controls(&violation)
            );
        }
        self.end.send_replace(true);
        if let Some(server) = self.server.take() {
            // Its connections go with it.
            server.abort();
        }
        self.shared.state().close_file();
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("url", &self.shared.url())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Announcement<'a> {
    #[serde(flatten)]
    credentials: &'a Credentials,
    stated_paths: BTreeMap<&'static str, String>,
}

/// The credentials of every login, each with its company's first account.
fn logins(seed: &Seed, url: &str) -> BTreeMap<String, Credentials> {
    let logins = seed
        .companies
        .iter()
        .flat_map(|company| company.logins.iter().map(move |login| (company, login)));
    logins
        .map(|(company, login)| {
            let credentials = Credentials {
                url: url.to_owned(),
                client_id: company.id.clone(),
                client_secret: company.client_secret.clone(),
                username: login.username.clone(),
                password: login.password.clone(),
                partner_id: company.partner_id.clone(),
                company_id: company.id.clone(),
                card_account_id: company
                    .accounts
                    .first()
                    .map(|account| account.id.clone())
                    .unwrap_or_default(),
            };
            (login.username.clone(), credentials)
        })
        .collect()
}
