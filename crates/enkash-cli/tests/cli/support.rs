//! Runs the binary, with an environment that holds no setting but those of the test.

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use enkash_ledger::{HistoryFilter, Ledger};
use enkash_sandbox::{
    Credentials, Fault, Operation, Sandbox, When,
    faults::{Mutation, Mutations},
};
use serde_json::Value;

/// What a run of the binary left behind.
#[derive(Debug)]
pub(crate) struct CommandResult {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl CommandResult {
    /// The value beside a name in a listing.
    pub(crate) fn value(&self, name: &str) -> &str {
        let value = |line: &'_ str| line.strip_prefix(name)?.strip_prefix("  ").map(str::len);
        let found = self
            .stdout
            .lines()
            .find_map(|line| Some(&line[line.len() - value(line)?..]));
        found.unwrap_or_else(|| panic!("no {name} in\n{}", self.stdout)).trim()
    }
}

impl From<Output> for CommandResult {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary in the root of the repository, where the examples of its help run.
pub(crate) fn enkash(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enkash"));
    command.args(arguments).stdin(Stdio::null());
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("ENKASH_") {
            command.env_remove(name);
        }
    }
    // Each run starts with no state and no profile, unless its test says otherwise.
    let folder = fresh_folder();
    command.env("ENKASH_STATE_DIR", folder.join("state"));
    command.env("ENKASH_CONFIG", folder.join("no-profiles.toml"));
    command
}

/// The binary as a shell starts it: `script` has it as `"$0" "$@"`, and may close or limit something first.
#[cfg(unix)]
pub(crate) fn through_shell(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", script])
        .arg(command.get_program())
        .args(command.get_args());
    shell.stdin(Stdio::null());
    shell.current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// The path of a folder that nothing else uses; it is not made. What an earlier process of the same number left there goes away:
/// its ledger would be taken for one of this run.
pub(crate) fn fresh_folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id()));
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => panic!("{}: {error}", folder.display()),
        _ => folder,
    }
}

/// A host that refuses connections. A port that was free a moment ago may be taken by another test; nothing is given this one.
pub(crate) const NOBODY: &str = "http://127.0.0.1:1";

/// A folder that goes away with the test.
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    pub(crate) fn new() -> Self {
        let folder = fresh_folder();
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        permit(&path, 0o600);
        path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Sets who may read a file. On other systems it is as private as the folder that it stands in.
#[cfg_attr(not(unix), allow(unused_variables, reason = "no other system has such modes"))]
pub(crate) fn permit(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// Fails where a file is not there, or where anybody but its owner may read or write it.
pub(crate) fn assert_private(path: &Path) {
    let found = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(found.is_file(), "{}", path.display());
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777,
        0o600,
        "{}",
        path.display()
    );
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str]) -> CommandResult {
    enkash(arguments).output().unwrap().into()
}

/// A run that goes on beside the test. It ends with the test at the latest, also with one that fails.
pub(crate) struct Running(Option<Child>);

impl Running {
    /// Starts it, with both of its outputs to be read.
    pub(crate) fn start(mut command: Command) -> Self {
        Self(Some(
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(),
        ))
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&mut self) {
        self.signal("INT");
    }

    #[cfg(unix)]
    pub(crate) fn signal(&mut self, name: &str) {
        let id = self.child().id().to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status();
        assert!(kill.unwrap().success());
    }

    /// Waits for its end; what was not read of its outputs before is in it.
    pub(crate) fn ended(mut self) -> CommandResult {
        self.0.take().unwrap().wait_with_output().unwrap().into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The settings of live calls that lead to a sandbox.
pub(crate) fn settings(credentials: &Credentials) -> [(&'static str, String); 8] {
    [
        ("ENKASH_BASE_URL", credentials.url.clone()),
        ("ENKASH_PARTNER_ID", credentials.partner_id.clone()),
        ("ENKASH_CLIENT_ID", credentials.client_id.clone()),
        ("ENKASH_CLIENT_SECRET", credentials.client_secret.clone()),
        ("ENKASH_USERNAME", credentials.username.clone()),
        ("ENKASH_PASSWORD", credentials.password.clone()),
        ("ENKASH_COMPANY_ID", credentials.company_id.clone()),
        ("ENKASH_CARD_ACCOUNT_ID", credentials.card_account_id.clone()),
    ]
}

/// The settings of the redemption user, without a login of the partner.
pub(crate) fn settings_of_user(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let person = sandbox.credentials_of("9000000901").unwrap();
    let partners = ["ENKASH_USERNAME", "ENKASH_PASSWORD"];
    settings(sandbox.credentials())
        .into_iter()
        .filter(|(name, _)| !partners.contains(name))
        .chain([
            ("ENKASH_REDEMPTION_USERNAME", person.username.clone()),
            ("ENKASH_REDEMPTION_PASSWORD", person.password.clone()),
        ])
        .collect()
}

/// A sandbox that stays, and the state folder that all commands at it share: what one leaves behind, the next one finds.
pub(crate) struct LiveSandbox {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TemporaryFolder,
}

impl LiveSandbox {
    pub(crate) async fn start() -> Self {
        Self::of(Sandbox::start().await.unwrap())
    }

    pub(crate) fn of(sandbox: Sandbox) -> Self {
        let folder = TemporaryFolder::new();
        Self { sandbox, folder }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = enkash(arguments);
        command
            .envs(settings(self.sandbox.credentials()))
            .env("ENKASH_STATE_DIR", self.state());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> CommandResult {
        self.command(arguments).output().unwrap().into()
    }

    /// The objects of its lines of JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<Value> {
        json_lines(&self.run(&[arguments, &["--output", "json"]].concat()).stdout)
    }

    /// The ticket of the call with this reference, from the ledger.
    pub(crate) async fn stored_ticket(&self, reference: &str) -> String {
        stored_ticket(&self.state(), reference).await
    }

    /// The references of the calls whose outcome is unknown.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let rows = self.json(&["history", "--state", "unknown"]);
        rows.iter()
            .map(|row| row["reference"].as_str().unwrap().to_owned())
            .collect()
    }

    /// How many allocations reached the sandbox.
    pub(crate) fn allocations(&self) -> u64 {
        self.sandbox.calls(Operation::CreateAllocatePoints)
    }

    /// Waits until so many allocations have reached the sandbox, whose responses are held back.
    #[cfg(unix)]
    pub(crate) async fn wait_for_allocations(&self, count: u64, running: &mut Running) {
        while self.allocations() < count {
            let ended = running.child().try_wait().unwrap();
            assert!(ended.is_none(), "it ended after {} calls", self.allocations());
            tokio::task::yield_now().await;
        }
    }
}

/// The ticket of the call with this reference, from the ledger of a state folder.
pub(crate) async fn stored_ticket(state: &Path, reference: &str) -> String {
    let ledger = Ledger::open(state.join("ledger.db")).unwrap();
    let mut filter = HistoryFilter::default();
    filter.reference = Some(reference.to_owned());
    let rows = ledger.history(&filter, None, 10).await.unwrap();
    let ticket = rows.last().and_then(|row| row.stored_ticket());
    serde_json::to_string(&ticket.unwrap_or_else(|| panic!("no ticket of {reference}"))).unwrap()
}

/// The API says no.
pub(crate) fn refusal() -> Fault {
    let says = [
        Mutation::set("code", "1"),
        Mutation::set("message", "\"Card is blocked\""),
        Mutation::drop("payload"),
    ];
    Fault::MutatedResponse(Mutations::new(says).unwrap(), When::Before)
}

/// The objects of lines of JSON.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file that goes away with the test.
pub(crate) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    pub(crate) fn new(content: impl AsRef<[u8]>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}.csv", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A good file of so many rows.
pub(crate) fn file_of(rows: usize) -> String {
    let mut text = "title,name,email,mobile,gender,amount,reference\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!(
            "Mr,Person {row},p{row}@example.com,90000{row:05},M,0.01,REF{row}\n"
        ));
    }
    text
}

/// Ravi has a card, so points can be taken back from him.
pub(crate) const RAVI: [&str; 12] = [
    "--title",
    "Mr",
    "--name",
    "Ravi",
    "--email",
    "ravi@example.com",
    "--mobile",
    "9000000901",
    "--gender",
    "M",
    "--amount",
    "1",
];

/// Every command that moves value by a single call, without its reference, and the operation by which its calls are counted.
/// Points are given to whom `allocate` names, and taken back from Ravi.
pub(crate) fn single_calls(allocate: &[&'static str]) -> Vec<(Vec<&'static str>, Operation)> {
    let points = Operation::CreateAllocatePoints;
    let books = [
        "--product",
        "PC0SANDBOXBOOKS1",
        "--denomination",
        "100",
        "--quantity",
        "1",
    ];
    let coins = ["--user", "EK3FLBHN", "--event", "REFERRAL_EVENT"];
    vec![
        ([&["allocate"][..], allocate].concat(), points),
        ([&["unallocate"][..], &RAVI].concat(), points),
        ([&["incentives", "allocate"][..], allocate].concat(), points),
        ([&["incentives", "unallocate"][..], &RAVI].concat(), points),
        ([&["order", "create"][..], &books].concat(), Operation::CreateOrder),
        ([&["points", "allocate"][..], &coins].concat(), Operation::AllocateCoins),
    ]
}
