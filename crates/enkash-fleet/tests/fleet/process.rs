//! Processes of a fleet: this test binary, run again. Each has connections of its own, no file and no memory with the others, and
//! does what its test tells it line by line.

use std::{
    collections::HashMap,
    env,
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use enkash::{
    metrics::{LoginEvent, LoginResult, Metrics},
    token::TokenSource,
};
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, waitpid};
use serde::{Deserialize, Serialize};

use crate::place::{Account, builder, fleet_at};

/// Makes a run of this binary a process of a fleet.
const SETTINGS: &str = "ENKASH_TEST_PROCESS_OF_A_FLEET";
/// What the lines of a process begin with; others are the test harness's.
const MARK: &str = "process: ";

/// What a process is started with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) keys: String,
    pub(crate) login_timeout: Duration,
    /// It stops between the response to its first login and the save of the token.
    pub(crate) stops_after_login: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Task {
    Token,
    /// As a program that was started again, and remembers nothing.
    TokenAnew,
    State,
    Reset,
}

#[derive(Serialize, Deserialize)]
struct Order {
    task: Task,
    account: Account,
}

/// What a process has to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) token: Option<String>,
    pub(crate) error: String,
    pub(crate) is_rejected: bool,
    pub(crate) is_paused: bool,
    pub(crate) strikes: u32,
    pub(crate) is_latched: bool,
}

/// A process that runs. It is killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(settings: &Settings) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "process::acts_as_a_process_of_a_fleet", "--nocapture"]);
        command.env(SETTINGS, serde_json::to_string(settings).unwrap());
        // Reading the certificates of the machine takes most of the time of a start.
        command.env(
            "SSL_CERT_FILE",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fleet/certificate.pem"),
        );
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// Makes it ask for a token. Its answer is [heard](Self::hear) later.
    pub(crate) fn ask_for_token(&mut self, account: &Account) {
        self.order(Task::Token, account);
    }

    /// The same, of a new client.
    pub(crate) fn ask_for_token_anew(&mut self, account: &Account) {
        self.order(Task::TokenAnew, account);
    }

    pub(crate) fn hear(&mut self) -> Answer {
        let mut lines = self.output.by_ref().lines().map(Result::unwrap);
        let line = lines.find_map(|line| Some(line.strip_prefix(MARK)?.to_owned()));
        serde_json::from_str(&line.expect("the process answers")).unwrap()
    }

    pub(crate) fn token(&mut self, account: &Account) -> Answer {
        self.ask_for_token(account);
        self.hear()
    }

    pub(crate) fn state(&mut self, account: &Account) -> Answer {
        self.order(Task::State, account);
        self.hear()
    }

    pub(crate) fn reset(&mut self, account: &Account) -> Answer {
        self.order(Task::Reset, account);
        self.hear()
    }

    fn order(&mut self, task: Task, account: &Account) {
        let account = account.clone();
        writeln!(
            self.input,
            "{}",
            serde_json::to_string(&Order { task, account }).unwrap()
        )
        .unwrap();
    }

    /// Returns when it stands still.
    pub(crate) fn wait_until_stopped(&self) {
        let (_, status) = waitpid(Some(self.pid()), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    pub(crate) fn go_on(&mut self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
        writeln!(self.input).unwrap();
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects all of them to their database, as [`place::connect`](crate::place::connect) does.
pub(crate) fn connect(processes: &mut [Process], account: &Account) {
    for process in &mut *processes {
        process.order(Task::State, account);
    }
    for process in processes {
        assert_eq!(process.hear().error, "");
    }
}

/// Asks new clients of all of them at once. They wait for what `while_in_flight` does.
pub(crate) fn tokens_at_once(
    processes: &mut [Process],
    account: &Account,
    while_in_flight: impl FnOnce(),
) -> Vec<Answer> {
    for process in &mut *processes {
        process.ask_for_token_anew(account);
    }
    while_in_flight();
    processes.iter_mut().map(Process::hear).collect()
}

/// Stops the whole process.
struct StopAfterLogin;

impl Metrics for StopAfterLogin {
    fn login(&self, login: &LoginEvent) {
        if login.result != LoginResult::Succeeded {
            return;
        }
        kill_process(getpid(), Signal::STOP).unwrap();
        // Other threads may stop a moment before this one. It goes on by a line of the test.
        io::stdin().read_line(&mut String::new()).unwrap();
    }
}

/// Not a test by itself: what a [`Process`] does.
#[test]
fn acts_as_a_process_of_a_fleet() {
    let Ok(settings) = env::var(SETTINGS) else {
        return;
    };
    let settings: Settings = serde_json::from_str(&settings).unwrap();
    let fleet = fleet_at(&settings.url, &settings.keys);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let mut clients: HashMap<Account, TokenSource> = HashMap::new();
    let mut line = String::new();
    while io::stdin().read_line(&mut line).unwrap() > 0 {
        let order: Order = serde_json::from_str(&line).unwrap();
        line.clear();
        if let Task::TokenAnew = order.task {
            clients.remove(&order.account);
        }
        let client = clients.entry(order.account.clone()).or_insert_with(|| {
            let builder = builder(&fleet, &order.account).timeout(settings.login_timeout);
            let builder = builder.connect_timeout(settings.login_timeout / 2);
            match settings.stops_after_login {
                true => builder.metrics(StopAfterLogin).build().unwrap(),
                false => builder.build().unwrap(),
            }
        });
        let answer = runtime.block_on(answer(client, order.task));
        // Past the test harness, which would keep what `println!` prints, and has begun a line.
        writeln!(io::stdout(), "\n{MARK}{}", serde_json::to_string(&answer).unwrap()).unwrap();
    }
}

async fn answer(client: &TokenSource, task: Task) -> Answer {
    let mut answer = Answer::default();
    let error = match task {
        Task::Token | Task::TokenAnew => match client.access_token().await {
            Ok(token) => {
                answer.token = Some(token.expose().to_owned());
                None
            }
            Err(error) => Some(error),
        },
        Task::State => client.query_state().await.err(),
        Task::Reset => client.reset_latch().await.err(),
    };
    if let Some(error) = error {
        answer.error = error.to_string();
        answer.is_rejected = error.is_credentials_rejected();
        answer.is_paused = error.login_paused_until().is_some();
    }
    let state = client.state();
    (answer.strikes, answer.is_latched) = (state.strikes, state.is_latched);
    answer
}
