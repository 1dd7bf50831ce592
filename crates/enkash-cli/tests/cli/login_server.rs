//! A server that answers logins and nothing else, as it is told. It counts how many came and how many were in flight at once,
//! and holds its answers back until a test lets them go.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
};

/// Status, content type and body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply(pub(crate) u16, pub(crate) &'static str, pub(crate) &'static str);

pub(crate) struct LoginServer {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    reply: Reply,
    is_held: bool,
    log_ins: usize,
    /// Those that got another answer than a token.
    rejected: usize,
    in_flight: usize,
    most_in_flight: usize,
}

impl LoginServer {
    pub(crate) const TOKEN: Reply = Reply(
        200,
        "application/json",
        r#"{"access_token":"a-token","expires_in":300}"#,
    );

    /// Gives tokens until it is told otherwise.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                reply: Self::TOKEN,
                is_held: false,
                log_ins: 0,
                rejected: 0,
                in_flight: 0,
                most_in_flight: 0,
            }),
            changed: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        // It ends with the program.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let serving = Arc::clone(&serving);
                thread::spawn(move || serving.serve(stream.unwrap()));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn answer(&self, reply: Reply) {
        self.shared.state().reply = reply;
    }

    /// Answers nothing for now.
    pub(crate) fn hold(&self) {
        self.shared.state().is_held = true;
    }

    pub(crate) fn release(&self) {
        self.shared.state().is_held = false;
        self.shared.changed.notify_all();
    }

    /// Waits until a login is in flight.
    pub(crate) fn wait_for_a_log_in(&self) {
        let state = self.shared.state();
        drop(
            self.shared
                .changed
                .wait_while(state, |state| state.in_flight == 0)
                .unwrap(),
        );
    }

    pub(crate) fn log_ins(&self) -> usize {
        self.shared.state().log_ins
    }

    pub(crate) fn rejected(&self) -> usize {
        self.shared.state().rejected
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.state().most_in_flight
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, stream: TcpStream) {
        if !read_request(&stream).starts_with("POST /oauth/token ") {
            return;
        }
        let mut state = self.state();
        state.log_ins += 1;
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| state.is_held).unwrap();
        let Reply(status, kind, body) = state.reply;
        if !body.contains("a-token") {
            state.rejected += 1;
        }
        // Before the client can know of the answer, and so before another login may begin.
        state.in_flight -= 1;
        drop(state);
        let length = body.len();
        let head = format!("HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n");
        let rest = format!("location: https://login.example/\r\nconnection: close\r\n\r\n{body}");
        // A client that was killed does not read it.
        let _ = (&stream).write_all((head + &rest).as_bytes());
    }
}

/// The first line of a request that was read to its end; empty where none came.
fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return String::new();
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        if first.is_empty() {
            first = line;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    first
}
