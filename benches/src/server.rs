//! The server: a sandbox in a process of its own, so that its work is not counted. It can hold each allocation back for a while,
//! as a network and a bank do.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use enkash::Credentials;
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, Seed, When};
use serde_json::Value;

/// Enough for every allocation of a benchmark.
const BALANCE: u64 = 1_000_000_000_000;
/// How a process says where it calls, and the names of the same in the server's announcement.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("ENKASH_BASE_URL", "url"),
    ("ENKASH_PARTNER_ID", "partner_id"),
    ("ENKASH_CLIENT_ID", "client_id"),
    ("ENKASH_CLIENT_SECRET", "client_secret"),
    ("ENKASH_USERNAME", "username"),
    ("ENKASH_PASSWORD", "password"),
    ("ENKASH_COMPANY_ID", "company_id"),
    ("ENKASH_CARD_ACCOUNT_ID", "card_account_id"),
];

/// Where the server is, and what it accepts.
#[derive(Clone)]
pub struct Address {
    pub url: String,
    pub partner: String,
    pub company: String,
    pub account: String,
    pub credentials: Credentials,
    /// The same for a process.
    pub environment: Vec<(&'static str, String)>,
}

/// Runs the server if this process was started to be it: `serve MILLISECONDS`.
pub fn serve_if_asked() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "serve").skip(1);
    if let Some(delay) = arguments.next() {
        let delay = Duration::from_millis(delay.parse().unwrap());
        tokio::runtime::Runtime::new().unwrap().block_on(serve(delay));
        std::process::exit(0);
    }
}

async fn serve(delay: Duration) {
    let mut sandbox = Sandbox::builder().seed(Seed::small().account_balance(BALANCE));
    if !delay.is_zero() {
        let delay = Fault::Delay(delay, When::Before);
        sandbox = sandbox.fault(FaultRule::on(Operation::CreateAllocatePoints, delay));
    }
    let mut sandbox = sandbox.start().await.unwrap();
    println!("{}", sandbox.announcement());
    sandbox.ended().await;
}

/// `delay` is that of each allocation.
pub fn start_server(delay: Duration) -> (Child, Address) {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["serve", &delay.as_millis().to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let announced: Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| announced[name].as_str().unwrap().to_owned();
    let address = Address {
        url: text("url"),
        partner: text("partner_id"),
        company: text("company_id"),
        account: text("card_account_id"),
        credentials: Credentials::new(
            text("client_id"),
            text("client_secret"),
            text("username"),
            text("password"),
        ),
        environment: ENVIRONMENT.map(|(variable, name)| (variable, text(name))).into(),
    };
    (server, address)
}
