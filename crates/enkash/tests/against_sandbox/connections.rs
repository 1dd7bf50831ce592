//! Connections that a server closes behind our back, at the worst moment: when the next request is written to it; and one that is
//! out of step. The
//! server is a bare socket, so that the moment is known; the token comes from a sandbox.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use enkash::{AttemptResult, Hosts, Outcome, UnknownReason, points::CoinAllocation};
use enkash_sandbox::Sandbox;

use crate::{
    fixture::{allocation, builder_of, reference},
    send_guard::careless,
};

/// What the server does with a request on a connection that it already answered one on.
#[derive(Clone, Copy, Debug)]
enum Closing {
    /// It read the request, and may have acted on it.
    Read,
    /// It did not read it: the operating system answers with a reset.
    Unread,
    /// It closed its side before, and the client had not noticed yet.
    HalfClosed,
    /// It did not act on it, and sends its response to the one before again.
    AnsweredAgain,
}

/// Answers the first request of each connection, and closes on the second. Its threads end with the test's process.
struct Server {
    url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Default)]
struct Seen {
    /// The references that were answered.
    answered: Vec<String>,
    /// How many requests arrived on a connection that was closed on them.
    closed_on: usize,
}

impl Server {
    fn start(closing: Closing) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Seen>>::default();
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || serve(stream.unwrap(), closing, &log));
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, closing: Closing, log: &Mutex<Seen>) {
    let Some(reference) = request(&mut stream) else { return };
    log.lock().unwrap().answered.push(reference.clone());
    answer(&mut stream, closing, &reference);
    if let Closing::HalfClosed = closing {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    // Waits for the second request, or for the client to close.
    if stream.peek(&mut [0]).unwrap_or_default() == 0 {
        return;
    }
    log.lock().unwrap().closed_on += 1;
    match closing {
        Closing::Read => drop(request(&mut stream)),
        Closing::AnsweredAgain => answer(&mut stream, closing, &reference),
        Closing::Unread | Closing::HalfClosed => {}
    }
}

/// Reads one request, and gives the reference in its body.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or_default();
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .to_lowercase()
            .split_once("content-length: ")
            .and_then(|(_, rest)| rest.split("\r\n").next().map(|length| length.parse::<usize>().unwrap()));
        if body.len() >= length.unwrap_or_default() {
            let start = body.find("REF").unwrap();
            let reference = body[start..].split('"').next().unwrap();
            return Some(reference.to_owned());
        }
    }
}

fn answer(stream: &mut TcpStream, closing: Closing, reference: &str) {
    let body = match closing {
        // As to coins.
        Closing::AnsweredAgain => r#"{"code":0,"payload":"Successfully allocated enkash Coins"}"#.to_owned(),
        _ => format!(r#"{{"code":0,"payload":{{"pgReferenceNumber":"{reference}"}}}}"#),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
}

#[tokio::test]
async fn a_connection_that_is_closed_when_the_second_request_is_written_sends_nothing_twice() {
    for closing in [Closing::Read, Closing::Unread, Closing::HalfClosed] {
        let sandbox = Sandbox::start().await.unwrap();
        let server = Server::start(closing);
        let hosts = Hosts::new(server.url.as_str()).token(sandbox.url());
        let enkash = builder_of(hosts, &sandbox).configure_http(careless).build().unwrap();
        enkash.token().await.unwrap();
        let to = sandbox.credentials();
        let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());

        let (mut done, mut in_doubt) = (Vec::new(), 0);
        for call in 0..20 {
            match rewards.allocate(allocation("1", &format!("REF{call}"))).await {
                // On a new connection: the one before was not in the pool any more.
                Outcome::Done(allocated) => done.push(allocated.value().reference.to_string()),
                Outcome::Unknown(unknown) => {
                    let [attempt] = unknown.attempts() else {
                        panic!("{closing:?}: {:?}", unknown.attempts());
                    };
                    assert_eq!(attempt.result, AttemptResult::ConnectionLost, "{closing:?}");
                    assert!(matches!(unknown.reason, UnknownReason::NoAnswer(_)), "{closing:?}");
                    in_doubt += 1;
                }
                other => panic!("{closing:?}: {other:?}"),
            }
        }
        let seen = server.seen();
        assert_eq!(seen.answered, done, "{closing:?}");
        // A request that was sent once more would be done, and be counted here without a doubt of its own.
        assert!(
            seen.closed_on <= in_doubt,
            "{closing:?}: {} > {in_doubt}",
            seen.closed_on
        );
        // Where the server closes first, the client most often notices in time.
        let notices = matches!(closing, Closing::HalfClosed);
        assert!(in_doubt > 0 || notices, "{closing:?}: no connection was used twice");
    }
}

/// The response to coins names no call, so nothing but its connection says which one it belongs to.
#[tokio::test]
async fn the_response_to_an_earlier_call_is_never_taken_for_that_of_coins() {
    let sandbox = Sandbox::start().await.unwrap();
    let server = Server::start(Closing::AnsweredAgain);
    let hosts = Hosts::new(server.url.as_str()).token(sandbox.url());
    let enkash = builder_of(hosts, &sandbox).configure_http(careless).build().unwrap();
    let mut given = Vec::new();
    for call in 0..20 {
        let reference = reference(&format!("REF{call}"));
        let coins = CoinAllocation::new(
            sandbox.credentials().company_id.as_str(),
            "EK0SOMEBODY",
            "MEAL_CARD_PAYMENT",
            reference.clone(),
        );
        match enkash.points().allocate(coins).await {
            Outcome::Done(_) => given.push(reference.to_string()),
            other => panic!("{other:?}"),
        }
    }
    let seen = server.seen();
    assert_eq!((seen.answered, seen.closed_on), (given, 0));
}
