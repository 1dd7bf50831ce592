//! A token host that is told what to answer. It counts logins and how many were in flight at once, holds its answers back until a
//! test lets them go, and gives each login a token of its own. All tests with passwords that are refused use it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

/// The password that it takes first.
pub(crate) const PASSWORD: &str = "right-password-3141592653";

/// How long a test waits for what must come.
pub(crate) const MAX_WAIT: Duration = Duration::from_secs(60);

/// What a login with another password than the right one gets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rejection {
    /// Status, content type and body.
    Reply(u16, &'static str, &'static str),
    /// The beginning of an answer, and then the end of the connection.
    #[cfg_attr(
        not(unix),
        allow(dead_code, reason = "it is for tests of several processes, which are for Unix")
    )]
    CutOff,
}

impl Rejection {
    /// The API's own no.
    pub(crate) const NO: Self = Self::Reply(401, "application/json", r#"{"error":"invalid_grant"}"#);
    /// A no of something else.
    pub(crate) const FORBIDDEN: Self = Self::Reply(403, "text/html", "<html>Forbidden</html>");
}

pub(crate) struct LoginServer {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    password: String,
    rejection: Rejection,
    is_held: bool,
    logins: usize,
    rejected: usize,
    in_flight: usize,
    most_in_flight: usize,
    tokens: Vec<String>,
}

impl LoginServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                password: PASSWORD.to_owned(),
                rejection: Rejection::NO,
                is_held: false,
                logins: 0,
                rejected: 0,
                in_flight: 0,
                most_in_flight: 0,
                tokens: Vec::new(),
            }),
            changed: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        // It ends with the program.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let serving = Arc::clone(&serving);
                thread::spawn(move || serving.serve(&stream.unwrap()));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The account has another password from now on.
    #[cfg_attr(
        not(unix),
        allow(dead_code, reason = "it is for tests of several processes, which are for Unix")
    )]
    pub(crate) fn change_password(&self, password: &str) {
        password.clone_into(&mut self.shared.state().password);
    }

    pub(crate) fn reject_by(&self, rejection: Rejection) {
        self.shared.state().rejection = rejection;
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
    pub(crate) fn wait_for_a_login(&self) {
        let state = self.shared.state();
        let is_idle = |state: &mut State| state.in_flight == 0;
        let waited = self.shared.changed.wait_timeout_while(state, MAX_WAIT, is_idle);
        assert!(!waited.unwrap().1.timed_out(), "nobody logs in");
    }

    pub(crate) fn logins(&self) -> usize {
        self.shared.state().logins
    }

    pub(crate) fn rejected(&self) -> usize {
        self.shared.state().rejected
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.state().most_in_flight
    }

    /// All that it gave.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.shared.state().tokens.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn serve(&self, stream: &TcpStream) {
        let Some(body) = read_login(stream) else { return };
        let mut state = self.state();
        state.logins += 1;
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| state.is_held).unwrap();
        let is_right = body
            .split('&')
            .any(|field| field == format!("password={}", state.password));
        let answer = if is_right {
            let token = format!("token-2718281828-of-login-{}", state.logins);
            state.tokens.push(token.clone());
            let body = format!(r#"{{"access_token":"{token}","expires_in":300}}"#);
            reply(200, "application/json", &body)
        } else {
            state.rejected += 1;
            match state.rejection {
                Rejection::Reply(status, kind, body) => reply(status, kind, body),
                Rejection::CutOff => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{".to_owned(),
            }
        };
        // Before the client can know of the answer, and so before another login may begin.
        state.in_flight -= 1;
        drop(state);
        // A client that was killed does not read it.
        let _ = (&*stream).write_all(answer.as_bytes());
    }
}

fn reply(status: u16, kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// The body of a login that was read to its end.
fn read_login(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let is_login = lines.next()?.starts_with("POST /oauth/token ");
    let mut length = 0;
    for line in lines.take_while(|line| !line.is_empty()) {
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    is_login.then(|| String::from_utf8(body).unwrap())
}
