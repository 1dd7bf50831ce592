//! The server: a sandbox in a process of its own, so that its work is not counted.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use enkash::Credentials;
use serde_json::Value;

/// Where the server is, and what it accepts.
#[derive(Clone)]
pub struct Address {
    pub url: String,
    pub partner: String,
    pub company: String,
    pub account: String,
    pub credentials: Credentials,
}

/// Runs the server if this process was started to be it.
pub fn serve_if_asked() {
    if std::env::args().any(|argument| argument == "serve") {
        tokio::runtime::Runtime::new().unwrap().block_on(serve());
        std::process::exit(0);
    }
}

async fn serve() {
    let mut sandbox = enkash_sandbox::Sandbox::start().await.unwrap();
    println!("{}", sandbox.announcement());
    sandbox.ended().await;
}

pub fn start_server() -> (Child, Address) {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
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
    };
    (server, address)
}
