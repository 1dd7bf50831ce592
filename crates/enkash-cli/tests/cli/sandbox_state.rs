//! A sandbox with a state file as people use it: killed under load, on a full disk, twice on one file; and every action of
//! `enkash sandbox` on one that runs.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use enkash::reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::support::{CommandResult, NOBODY, Running, TemporaryFolder, enkash, run, through_shell};

pub(crate) const OPENING: u32 = 1_000_000;
const WORKERS: usize = 4;

/// A process that serves, and how it is reached.
pub(crate) struct Served {
    pub(crate) running: Running,
    announced: Value,
}

impl Served {
    pub(crate) fn start(state: &Path) -> Self {
        Self::of(Running::start(enkash(&arguments(state))))
    }

    fn of(mut running: Running) -> Self {
        let mut line = String::new();
        let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let announced = serde_json::from_str(&line).unwrap();
        Self { running, announced }
    }

    fn text(&self, name: &str) -> &str {
        self.announced[name].as_str().unwrap()
    }

    pub(crate) fn caller(&self, token: &str) -> Caller {
        Caller {
            http: enkash_api::http_client_builder().no_proxy().build().unwrap(),
            announced: self.announced.clone(),
            token: token.to_owned(),
        }
    }

    async fn ledger(&self, caller: &Caller) -> Vec<Value> {
        let url = format!("{}/_sandbox/ledger", self.text("url"));
        json_of(caller.http.get(url).send().await.unwrap())
            .await
            .as_array()
            .unwrap()
            .clone()
    }

    /// Runs an action of the command on it.
    pub(crate) fn act(&self, arguments: &[&str]) -> CommandResult {
        run(&[&["sandbox"], arguments, &["--url", self.text("url")]].concat())
    }
}

/// The token of the first process is good in all that follow, however long they take.
fn arguments(state: &Path) -> [&str; 7] {
    let state = state.to_str().unwrap();
    ["sandbox", "--port", "0", "--token-ttl", "86400", "--state", state]
}

#[derive(Clone)]
pub(crate) struct Caller {
    http: Client,
    announced: Value,
    pub(crate) token: String,
}

impl Caller {
    fn text(&self, name: &str) -> &str {
        self.announced[name].as_str().unwrap()
    }

    pub(crate) async fn login(&mut self) {
        let form = [
            ("grant_type", "password"),
            ("clientId", self.text("client_id")),
            ("username", self.text("username")),
            ("password", self.text("password")),
        ];
        let request = self.http.post(format!("{}/oauth/token", self.text("url")));
        let request = request.basic_auth(self.text("client_id"), Some(self.text("client_secret")));
        let token = json_of(request.form(&form).send().await.unwrap()).await;
        self.token = token["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn allocate(&self, reference: &str, mobile: &str) -> Result<Response, enkash::reqwest::Error> {
        let body = json!({
            "companyId": self.text("company_id"), "cardAccountId": self.text("card_account_id"),
            "transactionCode": "ALLOCATION", "transactionType": "CR", "type": "ALLOCATE_POINT",
            "title": "Ms", "firstName": "Meera", "gender": "F", "email": "meera@example.com", "mobile": mobile,
            "loadAmount": 1, "uniqueReferenceNumber": reference,
        });
        self.post("create-allocate-points", &body).await
    }

    pub(crate) async fn available(&self) -> u32 {
        let body = json!({ "companyId": self.text("company_id"), "cardAccountId": self.text("card_account_id") });
        let account = json_of(self.post("cardAccount/get", &body).await.unwrap()).await;
        account["payload"]["availableBalance"]
            .as_u64()
            .unwrap()
            .try_into()
            .unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Response, enkash::reqwest::Error> {
        let url = format!("{}/api/v0/partner/enKashCard/{path}", self.text("url"));
        let request = self.http.post(url).bearer_auth(&self.token);
        request
            .header("partnerId", self.text("partner_id"))
            .json(body)
            .send()
            .await
    }
}

async fn json_of(response: Response) -> Value {
    response.json().await.unwrap()
}

/// Allocates until nothing answers, and notes each reference before it is sent and after it was answered.
async fn allocate_until_killed(
    caller: Caller,
    prefix: String,
    sent: Arc<AtomicU32>,
    answered: Arc<Mutex<Vec<String>>>,
) {
    for number in 0.. {
        let reference = format!("{prefix}-{number}");
        sent.fetch_add(1, Ordering::SeqCst);
        let Ok(response) = caller.allocate(&reference, &format!("9{:09}", number % 7)).await else {
            return;
        };
        let is_success = response.status().is_success();
        if response.bytes().await.is_err() || !is_success {
            return;
        }
        answered.lock().unwrap().push(reference);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_that_is_killed_under_load_keeps_what_it_answered_once() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = TemporaryFolder::new();
    let state = folder.path().join("state");
    let answered = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::new(AtomicU32::new(0));
    let mut token = String::new();
    for round in 0..12 {
        let mut served = Served::start(&state);
        let mut caller = served.caller(&token);
        if token.is_empty() {
            caller.login().await;
            token.clone_from(&caller.token);
        }
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let prefix = format!("K{round}-{worker}");
                tokio::spawn(allocate_until_killed(
                    caller.clone(),
                    prefix,
                    sent.clone(),
                    answered.clone(),
                ))
            })
            .collect();
        // Some answers from now, with others on their way.
        let least = if round % 2 == 0 { 20 } else { 0 };
        let goal = answered.lock().unwrap().len() + random.usize(least..60);
        while answered.lock().unwrap().len() < goal {
            let have_ended = workers.iter().all(tokio::task::JoinHandle::is_finished);
            assert!(!have_ended, "no worker is left: the last answer was none");
            tokio::task::yield_now().await;
        }
        served.running.signal("KILL");
        for worker in workers {
            worker.await.unwrap();
        }
        served.running.ended();
    }

    let served = Served::start(&state);
    let caller = served.caller(&token);
    let mut counts = BTreeMap::new();
    for transaction in served.ledger(&caller).await {
        *counts
            .entry(transaction["reference"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    let answered = answered.lock().unwrap().clone();
    assert!(answered.len() >= 12 * 10, "{}", answered.len());
    for reference in &answered {
        assert_eq!(counts.get(reference), Some(&1), "{reference} was answered");
    }
    let happened: u32 = counts.values().sum();
    assert!(happened <= sent.load(Ordering::SeqCst));
    assert!(counts.values().all(|count| *count == 1));
    // The token of the first process is good in the last one, and every sum is right.
    assert_eq!(caller.available().await, OPENING - happened);
}

#[tokio::test]
async fn where_the_state_cannot_be_kept_no_answer_leaves() {
    let folder = TemporaryFolder::new();
    let state = folder.path().join("state");
    // A limit of the size of files, which the first snapshot does not reach.
    let limited = through_shell("ulimit -f 40; exec \"$0\" \"$@\"", &enkash(&arguments(&state)));
    let served = Served::of(Running::start(limited));
    let mut caller = served.caller("");
    caller.login().await;
    let mut answered = 0;
    let refused = loop {
        let response = caller.allocate(&format!("R{answered}"), "9000000001").await.unwrap();
        if response.status() != 200 {
            break response;
        }
        answered += 1;
        assert!(answered < 10_000, "the limit is never reached");
    };
    assert_eq!(refused.status(), 503);
    let words = json_of(refused).await["response_message"].as_str().unwrap().to_owned();
    assert!(
        words.contains("cannot keep its state in ") && words.contains("Make room there"),
        "{words}"
    );
    let health = served.act(&["health"]);
    assert_eq!(health.code, Some(1), "{health:?}");
    assert!(health.stderr.contains("cannot keep its state"), "{health:?}");
    let token = caller.token.clone();
    drop(served);

    let served = Served::start(&state);
    let caller = served.caller(&token);
    assert_eq!(caller.available().await, OPENING - answered);
}

#[test]
fn a_second_sandbox_on_the_same_file_and_a_file_of_something_else_are_refused() {
    let folder = TemporaryFolder::new();
    let state = folder.path().join("state");
    let mut first = Served::start(&state);
    let refused = run(&arguments(&state));
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("another sandbox uses this file"), "{refused:?}");
    first.running.interrupt();
    assert_eq!(first.running.ended().code, Some(0));

    let seed = folder.write(
        "seed.yaml",
        "companies: [{id: C, name: N, partner_id: P, logins: [{username: u, password: p}], accounts: [{id: A, balance: 1}]}]",
    );
    let refused = run(&[&arguments(&state)[..], &["--seed", seed.to_str().unwrap()]].concat());
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("another seed"), "{refused:?}");
    let refused = run(&arguments(&seed));
    assert!(refused.stderr.contains("no snapshot of a sandbox"), "{refused:?}");
    assert!(fs::read_to_string(&seed).unwrap().starts_with("companies"));
}

#[tokio::test]
async fn a_running_sandbox_is_reset_saved_and_loaded_by_commands() {
    let folder = TemporaryFolder::new();
    let served = Served::start(&folder.path().join("state"));
    let mut caller = served.caller("");
    caller.login().await;
    let ok = |arguments: &[&str]| {
        let ended = served.act(arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        ended.stdout
    };
    assert_eq!(ok(&["snapshot", "list"]), "There is no snapshot.\n");
    assert!(ok(&["snapshot", "save", "before"]).contains("is saved: before"));
    assert_eq!(caller.allocate("R1", "9000000001").await.unwrap().status(), 200);
    let file = folder.path().join("after.snapshot");
    let file = file.to_str().unwrap();
    ok(&["snapshot", "save", "--file", file]);
    let listed: Value = serde_json::from_str(&ok(&["snapshot", "list", "--json"])).unwrap();
    assert_eq!(listed["name"], "before");
    assert!(ok(&["snapshot", "list"]).contains("before"));

    assert!(ok(&["snapshot", "load", "before"]).contains("is as it was saved: before"));
    assert_eq!(caller.available().await, OPENING);
    ok(&["snapshot", "load", "--file", file]);
    assert_eq!(caller.available().await, OPENING - 1);
    assert!(ok(&["reset"]).contains("is as it was started"));
    assert_eq!(served.ledger(&caller).await, Vec::<Value>::new());
    let reset: Value = serde_json::from_str(&ok(&["reset", "--json"])).unwrap();
    assert_eq!(reset["reset"], true);
    ok(&["snapshot", "delete", "before"]);

    let failed = |arguments: &[&str], code: i32, words: &str| {
        let ended = served.act(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
    };
    failed(&["snapshot", "load", "before"], 1, "no snapshot has this name");
    failed(&["snapshot", "delete", "before"], 1, "no snapshot has this name");
    failed(&["snapshot", "save", "../before"], 1, "small letters");
    failed(&["snapshot", "load", "../reset"], 1, "no snapshot has this name");
    failed(&["snapshot", "save"], 2, "required");
    let other = folder.write("notes.txt", "mine");
    let other = other.to_str().unwrap();
    failed(&["snapshot", "save", "--file", other], 2, "is no snapshot");
    failed(
        &["snapshot", "load", "--file", other],
        2,
        "notes.txt: this is no snapshot of a sandbox",
    );
    failed(&["snapshot", "load", "--file", "no-such-file"], 2, "no-such-file: ");
    assert_eq!(fs::read_to_string(other).unwrap(), "mine");
}

/// A server that says yes to everything is not taken for a sandbox that did what it was asked for.
#[test]
fn no_action_is_done_by_another_server() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = std::io::Read::read(&mut connection, &mut [0; 4096]);
            let response =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            let _ = std::io::Write::write_all(&mut connection, response.as_bytes());
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.snapshot");
    let file = file.to_str().unwrap();
    for action in [
        &["health"][..],
        &["reset"],
        &["snapshot", "list"],
        &["snapshot", "save", "a"],
        &["snapshot", "save", "--file", file],
        &["snapshot", "load", "a"],
        &["snapshot", "delete", "a"],
    ] {
        let ended = run(&[&["sandbox"], action, &["--url", &url]].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{action:?}");
        assert!(ended.stderr.contains("is not a sandbox"), "{ended:?}");
    }
}

#[test]
fn each_action_says_what_helps_where_no_sandbox_runs() {
    let port = NOBODY.rsplit(':').next().unwrap();
    for action in [
        &["health"][..],
        &["reset"],
        &["snapshot", "list"],
        &["snapshot", "save", "a"],
        &["snapshot", "load", "a"],
        &["snapshot", "delete", "a"],
    ] {
        let ended = run(&[&["sandbox"], action, &["--url", NOBODY]].concat());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{action:?}");
        assert!(
            ended.stderr.contains(&format!("enkash sandbox --port {port}")),
            "{ended:?}"
        );
    }
}
