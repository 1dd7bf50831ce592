//! How a sandbox is set up. Tests and commands start here; what they do not set has a default that suits a test.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{AdjustableClock, Clock, SystemClock};
use crate::error::SandboxError;
use crate::faults::FaultRule;
use crate::presets::Preset;
use crate::sandbox::Sandbox;
use crate::seed::Seed;
use crate::server::Settings;
use crate::state::{SandboxState, StartSettings};
use crate::store::Bounds;
use crate::switches::Switches;

/// Sets up a [`Sandbox`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), enkash_sandbox::SandboxError> {
/// use enkash_sandbox::{Sandbox, Seed, Switches, switches::DuplicateReference};
/// use std::time::Duration;
///
/// let sandbox = Sandbox::builder()
///     .seed(Seed::small().account_balance(500))
///     .switches(Switches::new().duplicate_reference(DuplicateReference::Refuse))
///     .token_life(Duration::from_secs(60))
///     .start()
///     .await?;
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// # Ok(()) }
/// ```
#[must_use]
pub struct SandboxBuilder {
    address: IpAddr,
    beyond_loopback: bool,
    port: u16,
    seed: Seed,
    rng_seed: u64,
    switches: Switches,
    faults: Vec<FaultRule>,
    clock: Box<dyn Clock>,
    settings: Settings,
    max: Bounds,
    max_calls: usize,
    state_file: Option<PathBuf>,
}

impl Sandbox {
    /// Starts a sandbox with all defaults, on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start() -> Result<Sandbox, SandboxError> {
        Sandbox::builder().start().await
    }

    /// Sets up a sandbox that differs from the default.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        SandboxBuilder {
            address: Ipv4Addr::LOCALHOST.into(),
            beyond_loopback: false,
            port: 0,
            seed: Seed::small(),
            rng_seed: 1,
            switches: Switches::new(),
            faults: Vec::new(),
            clock: Box::new(SystemClock),
            settings: Settings {
                // The life that the prose of the documentation gives a token.
                token_life: Duration::from_secs(300),
                body_limit: 1 << 20,
                check_responses: cfg!(all(debug_assertions, feature = "self-check")),
                allowed_hosts: Vec::new(),
            },
            max: Bounds {
                transactions: 100_000,
                people: 100_000,
            },
            max_calls: 1_000,
            state_file: None,
        }
    }

    /// The port; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The loopback address to listen on; 127.0.0.1 by default.
    pub fn bind(mut self, address: IpAddr) -> Self {
        self.address = address;
        self
    }

    /// Listens on an address that other machines can reach. Whoever reaches it has the sandbox: its control routes ask for
    /// no password. They answer to the loopback names, the address itself and the hosts given here.
    pub fn bind_beyond_loopback(mut self, address: IpAddr, hosts: impl IntoIterator<Item = String>) -> Self {
        self.address = address;
        self.beyond_loopback = true;
        self.settings.allowed_hosts = hosts.into_iter().collect();
        self
    }

    /// The data to start with; [`Seed::small`] by default.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// The number that ids, tokens and the draws of faults follow from; 1 by default.
    pub fn rng_seed(mut self, seed: u64) -> Self {
        self.rng_seed = seed;
        self
    }

    /// The choices that the documentation leaves open.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.switches = switches;
        self
    }

    /// Adds a rule of faults.
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.faults.push(rule);
        self
    }

    /// A day by name: its switches in place of those that were set before, and its faults in addition.
    pub fn preset(mut self, preset: Preset) -> Self {
        self.switches = preset.switches();
        self.faults.extend(preset.faults());
        self
    }

    /// How long a token lives; 300 seconds by default, as the prose of the documentation has it (api-9796904).
    pub fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// Where the time comes from; the system by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// The largest body that is read, in bytes; 1 MiB by default. A larger one gets a 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Whether every response is checked against the bundled document, for [`Sandbox::violations`]. It takes the feature
    /// `self-check`: [`start`](Self::start) refuses `true` without it. On in debug builds that have it.
    pub fn check_responses(mut self, check: bool) -> Self {
        self.settings.check_responses = check;
        self
    }

    /// How many transactions and orders are kept; 100,000 by default. Older ones are folded into their card's balance:
    /// searches, [`Sandbox::credits`] and the duplicate switch no longer see them. One that is still pending is finished first.
    pub fn max_transactions(mut self, count: usize) -> Self {
        self.max.transactions = count;
        self
    }

    /// How many people are kept whom calls made, beside those of the seed; 100,000 by default. Older ones are forgotten with
    /// their cards: searches no longer see them, and points for the same mobile go to a new card. What was on their cards
    /// stays in the sums of the account. As many coin events, people with coins and coin requests are kept.
    pub fn max_people(mut self, count: usize) -> Self {
        self.max.people = count;
        self
    }

    /// How many calls the log keeps; 1,000 by default. [`Sandbox::calls`] counts all of them.
    pub fn max_calls(mut self, count: usize) -> Self {
        self.max_calls = count;
        self
    }

    /// Keeps the state in a file, which is made where there is none: the next sandbox with this file goes on from there. What
    /// was answered is in the file, whatever ends the process. Switches and faults that differ from those of the last start
    /// take the place of what the file has; everything else of the file is kept.
    ///
    /// Only its owner can read the file, and no second sandbox can use it at the same time. Beside it are a `.lock`, a
    /// folder `.snapshots` with what was saved under a name, and a `.enkash-draft` while it is written anew. Once it is moved, removed or
    /// written over, nothing is answered any more. Of a login it keeps no credentials but the seed's own.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Starts the sandbox on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the seed does not fit together, the address cannot be bound, the state file cannot be used, it is not a loopback
    /// address and [`bind_beyond_loopback`](Self::bind_beyond_loopback) was not called, or responses shall be checked without
    /// the feature `self-check`.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        if !self.address.is_loopback() && !self.beyond_loopback {
            return Err(SandboxError::NotLoopback(self.address));
        }
        if self.settings.check_responses && !cfg!(feature = "self-check") {
            return Err(SandboxError::NoSelfCheck);
        }
        self.seed.check()?;
        let start = StartSettings {
            seed: self.seed,
            rng_seed: self.rng_seed,
            max: self.max,
            switches: self.switches,
            faults: self.faults,
        };
        let clock = Arc::new(AdjustableClock::new(self.clock));
        let mut state = SandboxState::new(start, clock.clone(), self.max_calls);
        if let Some(path) = &self.state_file {
            state.open_file(path)?;
        }
        let address = SocketAddr::new(self.address, self.port);
        Sandbox::launch(address, self.settings, clock, state).await
    }
}

impl std::fmt::Debug for SandboxBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SandboxBuilder")
            .field("address", &self.address)
            .field("port", &self.port)
            .field("seed", &self.seed)
            .field("switches", &self.switches)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
