//! Connects a command with the API: the live one by the environment's settings, or a sandbox that lives
//! as long as the command. Every command that calls opens one of these.

use std::sync::{Arc, Mutex, Once, PoisonError};

use enkash::{
    Enkash, EnkashBuilder, OperationId, Secret,
    config::DryRunRequest,
    encryption::{Encryption, EncryptionMode},
    ids::{CardAccountId, CompanyId},
    redemption::Redemption,
    rewards::Rewards,
    spec::{Method, OPERATIONS, PathTemplate},
    token::{TokenSource, TokenSourceBuilder},
};
use enkash_ledger::{Ledger, Scope};
use enkash_sandbox::{Credentials, Sandbox};
use tokio::sync::OnceCell;

use crate::{
    exit::CliError,
    ledger,
    logins::Logins,
    output::Output,
    settings::{CallHosts, LiveSettings, Login, Requirements, RunLimits, Settings, response_limits},
    state::LoginState,
};

/// The person of the sandbox's own world who has a login for redemption.
const REDEMPTION_USER: &str = "9000000901";

/// What a command calls, as its global flags say.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallTarget {
    /// The sandbox that is built in.
    pub(crate) sandbox: bool,
    /// The profile that the command line names.
    pub(crate) profile: Option<String>,
    /// Whether the token may be kept for the next run.
    pub(crate) keeps_token: bool,
    /// Who logs in.
    pub(crate) login: Login,
    /// Where requests are shown instead of being sent.
    pub(crate) dry_run: Option<DryRun>,
    /// What stands for placeholders in the paths that the user gives.
    pub(crate) path_values: Vec<(String, String)>,
    /// What the command ends with.
    pub(crate) logins: Logins,
}

/// The requests that a command would have sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct DryRun {
    requests: Arc<Mutex<Vec<DryRunRequest>>>,
}

impl DryRun {
    /// Those that came since the last time.
    pub(crate) fn take(&self) -> Vec<DryRunRequest> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn attach(&self, client: EnkashBuilder) -> EnkashBuilder {
        let requests = Arc::clone(&self.requests);
        client.dry_run(move |request| requests.lock().unwrap_or_else(PoisonError::into_inner).push(request))
    }
}

/// A client that can log in.
pub(crate) struct Connection {
    pub(crate) enkash: Enkash,
    /// The hosts that value would move at; `None` for the sandbox, where nothing is at stake.
    live_hosts: Option<CallHosts>,
    /// What outlives the run; `None` where nothing does.
    pub(crate) state: Option<LoginState>,
    pub(crate) is_dry_run: bool,
    /// Of the settings; empty where they name none.
    company: CompanyId,
    account: CardAccountId,
    /// The operations that got a path from the user, or from the sandbox.
    pub(crate) given_paths: Vec<OperationId>,
    /// What the profile allows of runs.
    pub(crate) run_limits: RunLimits,
    ledger_url: Option<Secret>,
    /// Opened by the first call that moves value.
    ledger: OnceCell<Ledger>,
    /// Ends when it is dropped.
    sandbox: Option<Sandbox>,
}

/// A client with the account that the command is about.
pub(crate) struct Session {
    pub(crate) connection: Connection,
    pub(crate) rewards: Rewards,
}

impl Connection {
    pub(crate) async fn open(target: &CallTarget, output: &mut Output) -> Result<Self, CliError> {
        Self::open_for(target, false, output).await
    }

    async fn open_for(target: &CallTarget, account: bool, output: &mut Output) -> Result<Self, CliError> {
        if !target.sandbox {
            let settings = Settings::read(target.profile.as_deref()).for_login(target.login);
            // In a dry run nobody logs in.
            let secrets = target.dry_run.is_none();
            return Self::live(target, settings.live(Requirements { account, secrets })?, output);
        }
        let sandbox = Sandbox::start().await?;
        let announced = match target.login {
            Login::Partner => Some(sandbox.credentials()),
            Login::RedemptionUser => sandbox.credentials_of(REDEMPTION_USER),
        };
        let announced = announced.ok_or_else(|| {
            CliError::runtime(format!("the sandbox has no login {REDEMPTION_USER}, please report it"))
        })?;
        let mut connection = Self::from_credentials(announced, target, stated_paths(&sandbox))?;
        connection.sandbox = Some(sandbox);
        Ok(connection)
    }

    /// A connection and its redemption, with the person's own login or with the partner's. The person's token and strikes
    /// are kept as the partner's are, under an identity of their own; a person needs no login of the partner.
    pub(crate) async fn open_redemption(
        target: &CallTarget,
        as_user: bool,
        output: &mut Output,
    ) -> Result<(Self, Redemption), CliError> {
        let login = if as_user { Login::RedemptionUser } else { Login::Partner };
        let target = CallTarget {
            login,
            ..target.clone()
        };
        let connection = Self::open(&target, output).await?;
        // The client's own token, which is that of whoever logs in.
        let redemption = connection.enkash.redemption_as_partner();
        Ok((connection, redemption))
    }

    fn from_credentials(
        announced: &Credentials,
        target: &CallTarget,
        paths: Vec<(OperationId, PathTemplate)>,
    ) -> Result<Self, CliError> {
        let mut enkash = EnkashBuilder::from_settings(announced.settings())?;
        if let Some(dry_run) = &target.dry_run {
            enkash = dry_run.attach(enkash);
        }
        let given_paths = paths.iter().map(|(operation, _)| *operation).collect();
        for (operation, path) in paths {
            enkash = enkash.path(operation, target.fill_path(path)?);
        }
        Ok(Self {
            enkash: enkash.build()?,
            live_hosts: None,
            state: None,
            is_dry_run: target.dry_run.is_some(),
            company: announced.company_id.as_str().into(),
            account: announced.card_account_id.as_str().into(),
            given_paths,
            run_limits: RunLimits::default(),
            ledger_url: None,
            ledger: OnceCell::new(),
            sandbox: None,
        })
    }

    /// The company of the settings, where they name one.
    pub(crate) fn company(&self) -> Option<&CompanyId> {
        Some(&self.company).filter(|company| !company.as_str().is_empty())
    }

    /// The memory of its calls: that of the state folder, or one that ends with the sandbox.
    pub(crate) async fn ledger(&self) -> Result<&Ledger, CliError> {
        let open = || async {
            match &self.live_hosts {
                Some(_) if self.is_dry_run => ledger::open_for_dry_run(self.ledger_url.as_ref()).await,
                Some(_) => ledger::open_live(self.ledger_url.as_ref()).await,
                None => Ledger::temporary().map_err(ledger::unusable),
            }
        };
        self.ledger.get_or_try_init(open).await
    }

    /// Whether value would move.
    pub(crate) fn is_live(&self) -> bool {
        self.live_hosts.is_some()
    }

    /// The host that this operation would move value at; `None` for the sandbox.
    pub(crate) fn host_of(&self, operation: OperationId) -> Option<&str> {
        Some(self.live_hosts.as_ref()?.of(operation))
    }

    /// Within what a reference is unique.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            host: self
                .host_of(OperationId::CreateAllocatePoints)
                .unwrap_or("sandbox")
                .to_owned(),
            company: self.company.to_string(),
            account: self.account.to_string(),
        }
    }

    /// Where the sandbox listens, if there is one.
    pub(crate) fn sandbox_url(&self) -> Option<&str> {
        self.sandbox.as_ref().map(|sandbox| sandbox.credentials().url.as_str())
    }

    pub(crate) fn live(target: &CallTarget, settings: LiveSettings, output: &mut Output) -> Result<Self, CliError> {
        let profile = settings.profile;
        let hosts = profile.plain_http_hosts.iter();
        let mut enkash = hosts
            .clone()
            .fold(Enkash::builder(settings.hosts), EnkashBuilder::allow_plain_http)
            // The client secret is also the key of the encryption.
            .credentials(settings.credentials.clone())
            .partner_id(settings.partner)
            .response_limits(response_limits(&profile.response_limits));
        let mut state = None;
        if let Some(dry_run) = &target.dry_run {
            enkash = dry_run.attach(enkash);
        } else {
            let tokens = TokenSource::builder(settings.token_url);
            let mut tokens = hosts
                .fold(tokens, TokenSourceBuilder::allow_plain_http)
                .credentials(settings.credentials);
            state = LoginState::open(settings.fleet, target.keeps_token)?;
            match &state {
                Some(state) => tokens = state.attach_to(tokens),
                None => warn_not_persisted(output),
            }
            let tokens = tokens.build()?;
            target.logins.add(tokens.clone())?;
            enkash = enkash.token_source(tokens);
        }
        let given_paths = profile.paths.keys().copied().collect();
        for (operation, path) in profile.paths {
            enkash = enkash.path(operation, target.fill_path(path.value.template)?);
        }
        let mode = profile.encryption.map(|mode| mode.value);
        if let Some(mode) = mode.filter(|mode| *mode != EncryptionMode::Off) {
            enkash = enkash.encryption(Encryption::with_client_secret().mode(mode));
        }
        if let Some(overlay) = profile.policy.read().map_err(CliError::bad_input)? {
            enkash = enkash.policy_overlay(overlay);
        }
        let enkash = enkash.build()?;
        tracing::debug!(
            host = settings.call_hosts.of(OperationId::CreateAllocatePoints),
            "live session"
        );
        Ok(Self {
            enkash,
            live_hosts: Some(settings.call_hosts),
            state,
            is_dry_run: target.dry_run.is_some(),
            company: settings.company,
            account: settings.account,
            given_paths,
            run_limits: profile.run_limits,
            ledger_url: settings.ledger_url,
            ledger: OnceCell::new(),
            sandbox: None,
        })
    }
}

impl CallTarget {
    /// A path with the values that the command gives.
    fn fill_path(&self, path: PathTemplate) -> Result<PathTemplate, CliError> {
        self.path_values.iter().try_fold(path, |path, (name, value)| {
            path.fill(name, value)
                .map_err(|error| CliError::bad_input(format!("the value of {{{name}}}: {error}")))
        })
    }
}

/// Where the sandbox serves the operations whose path no page shows.
fn stated_paths(sandbox: &Sandbox) -> Vec<(OperationId, PathTemplate)> {
    let known = |name: &str| OPERATIONS.iter().find(|operation| operation.name == name);
    sandbox
        .stated_paths()
        .into_iter()
        .filter_map(|(operation, (method, path))| {
            let method = Method::from_bytes(method.as_bytes()).ok()?;
            Some((known(operation.id())?.id, PathTemplate::new(method, &path).ok()?))
        })
        .collect()
}

/// Said once, however many clients a command makes.
fn warn_not_persisted(output: &mut Output) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        output.warn(
            "warning: this platform has no permissions that keep a file to its owner, so neither the token nor the \
             count of failed logins outlives this run. Each run logs in, and three failures in a row lock the account.",
        );
    });
}

impl Session {
    pub(crate) async fn open(target: &CallTarget, output: &mut Output) -> Result<Self, CliError> {
        Ok(Self::new(Connection::open_for(target, true, output).await?))
    }

    fn new(connection: Connection) -> Self {
        let (company, account) = (connection.company.clone(), connection.account.clone());
        let rewards = connection.enkash.rewards(company, account);
        Self { connection, rewards }
    }
}
