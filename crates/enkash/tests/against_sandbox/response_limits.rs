//! Responses that are larger than anything the API sends: in bytes, in values, without an end. The server is a bare socket that
//! sends what it is told to; the token comes from a sandbox.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use aes::cipher::{BlockModeEncrypt, KeyInit, block_padding::Pkcs7};
use base64::{Engine, prelude::BASE64_STANDARD};
use enkash::{
    AttemptResult, EnkashBuilder, Error, Hosts, Outcome, UnknownReason,
    config::{ResponseLimits, RetryPolicy},
    rewards::{BulkAllocation, BulkMode, BulkRow, CardSearch},
    token::MemoryLedger,
};
use enkash_sandbox::Sandbox;
use sha2::{Digest, Sha256};

use crate::fixture::{allocation, builder_of};

const LIMIT: usize = 400_000;

/// How a body is announced and sent.
#[derive(Clone, Debug)]
enum Sent {
    /// With the length that it has.
    Whole(u16, String),
    /// A length, and nothing of it.
    Announced(usize),
    /// In chunks, without an end.
    Chunks(&'static str),
    /// Until the connection closes, without an end.
    UntilClosed(&'static str),
}

/// Counts what happens. Its threads end with the test's process.
#[derive(Clone, Default)]
struct Server(Arc<Counts>);

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// Bytes of endless bodies that were taken off our hands.
    taken: AtomicUsize,
}

impl Server {
    /// Sends these, one for each request, and the last one again and again.
    fn start(bodies: Vec<Sent>) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self::default();
        let for_threads = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                for_threads.0.connections.fetch_add(1, Ordering::SeqCst);
                let (server, bodies) = (for_threads.clone(), bodies.clone());
                std::thread::spawn(move || server.serve(stream.unwrap(), &bodies));
            }
        });
        (server, url)
    }

    fn serve(&self, mut stream: TcpStream, bodies: &[Sent]) {
        while read_request(&mut stream).is_some() {
            let number = self.0.requests.fetch_add(1, Ordering::SeqCst);
            if self.send(&mut stream, &bodies[number.min(bodies.len() - 1)]).is_err() {
                return;
            }
        }
    }

    fn send(&self, stream: &mut TcpStream, sent: &Sent) -> std::io::Result<()> {
        let json = "content-type: application/json\r\n";
        match sent {
            Sent::Whole(status, body) => {
                let head = format!("HTTP/1.1 {status} X\r\n{json}content-length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes())?;
                stream.write_all(body.as_bytes())
            }
            Sent::Announced(length) => {
                let head = format!("HTTP/1.1 200 OK\r\n{json}content-length: {length}\r\n\r\n");
                stream.write_all(head.as_bytes())
            }
            Sent::Chunks(piece) => {
                stream.write_all(format!("HTTP/1.1 200 OK\r\n{json}transfer-encoding: chunked\r\n\r\n").as_bytes())?;
                let chunk = piece.repeat(4096 / piece.len());
                let framed = format!("{:x}\r\n{chunk}\r\n", chunk.len());
                self.send_for_ever(stream, framed.as_bytes())
            }
            Sent::UntilClosed(piece) => {
                stream.write_all(format!("HTTP/1.1 200 OK\r\n{json}connection: close\r\n\r\n").as_bytes())?;
                self.send_for_ever(stream, piece.repeat(4096 / piece.len()).as_bytes())
            }
        }
    }

    /// Until the client closes the connection.
    fn send_for_ever(&self, stream: &mut TcpStream, piece: &[u8]) -> std::io::Result<()> {
        loop {
            stream.write_all(piece)?;
            self.0.taken.fetch_add(piece.len(), Ordering::SeqCst);
        }
    }

    fn requests(&self) -> usize {
        self.0.requests.load(Ordering::SeqCst)
    }
}

fn read_request(stream: &mut TcpStream) -> Option<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.to_lowercase();
        let length = length
            .split_once("content-length: ")
            .map(|(_, rest)| rest.lines().next().unwrap().trim().to_owned());
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some(());
        }
    }
}

fn limits() -> ResponseLimits {
    ResponseLimits::default().money(LIMIT).list(LIMIT).other(LIMIT)
}

struct Setting {
    /// Gives the tokens.
    _sandbox: Sandbox,
    server: Server,
    rewards: enkash::rewards::Rewards,
}

async fn setting(bodies: Vec<Sent>, tune: impl FnOnce(EnkashBuilder, &Sandbox) -> EnkashBuilder) -> Setting {
    let sandbox = Sandbox::start().await.unwrap();
    let (server, url) = Server::start(bodies);
    let builder = builder_of(Hosts::new(url).token(sandbox.url()), &sandbox).response_limits(limits());
    let enkash = tune(builder, &sandbox).build().unwrap();
    let to = sandbox.credentials();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    Setting {
        _sandbox: sandbox,
        server,
        rewards,
    }
}

async fn plain(bodies: Vec<Sent>) -> Setting {
    setting(bodies, |builder, _| builder).await
}

/// The reason of a money call that the server may have acted on.
async fn reason(setting: &Setting) -> Error {
    let outcome = setting.rewards.allocate(allocation("1", "REF1")).await;
    let Outcome::Unknown(unknown) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(unknown.attempts().len(), 1);
    match unknown.reason {
        UnknownReason::UnclearAnswer(error) => error,
        other => panic!("{other:?}"),
    }
}

fn list_of(item: &str, bytes: usize) -> String {
    format!("[{}]", vec![item; bytes / (item.len() + 1)].join(","))
}

fn cards(count: usize) -> String {
    let more = "x".repeat(100);
    let card = |number| format!(r#"{{"cardAccountId":"CAQL8YCV3","enKashCardId":"EKC{number:08}","more":"{more}"}}"#);
    let cards: Vec<_> = (0..count).map(card).collect();
    format!(
        r#"{{"code":0,"payload":{{"recordsCount":{count},"data":[{}]}}}}"#,
        cards.join(",")
    )
}

/// The same JSON with white space before its end.
fn padded(json: &str, length: usize) -> String {
    let open = json.strip_suffix('}').unwrap();
    format!("{open}{}}}", " ".repeat(length - json.len()))
}

/// Bodies that have more bytes than the limit, or more values than it allows, in every framing that HTTP/1.1 has.
fn too_large() -> Vec<Sent> {
    vec![
        Sent::Announced(LIMIT + 1),
        Sent::Announced(60_000_000),
        Sent::Whole(200, format!("\"{}\"", "x".repeat(LIMIT - 1))),
        Sent::Chunks("[{\"\":0},"),
        Sent::Chunks("x"),
        Sent::UntilClosed("[{\"\":0},"),
        Sent::UntilClosed("[["),
        Sent::Whole(200, list_of(r#"{"":0}"#, LIMIT - 10)),
        Sent::Whole(200, format!(r#"{{"code":0,"payload":{}}}"#, list_of("{}", LIMIT - 100))),
        Sent::Whole(200, list_of("0", LIMIT - 10)),
        Sent::Whole(200, "[".repeat(LIMIT)),
        // The status of a refusal proves nothing where the body cannot be read.
        Sent::Whole(400, format!(r#"{{"code":1,"payload":{}}}"#, list_of("{}", LIMIT - 100))),
    ]
}

#[tokio::test]
async fn a_money_call_with_too_large_a_response_is_unknown_and_says_which_limit() {
    for sent in too_large() {
        let setting = plain(vec![sent.clone()]).await;
        let error = reason(&setting).await;
        assert!(error.is_response_too_large() && error.was_sent(), "{sent:?}: {error}");
        let text = error.to_string();
        assert!(
            text.contains("limit of 400000 bytes") && text.contains("`money`"),
            "{text}"
        );
        assert_eq!(setting.server.requests(), 1, "{sent:?}");
        assert!(setting.server.0.taken.load(Ordering::SeqCst) < 30_000_000, "{sent:?}");
    }
}

#[tokio::test]
async fn a_read_with_too_large_a_response_is_an_error_that_names_the_limit_and_is_not_repeated() {
    for sent in too_large() {
        let setting = plain(vec![sent.clone()]).await;
        let error = setting.rewards.cards(CardSearch::all()).await.unwrap_err();
        assert!(
            error.is_response_too_large() && !error.is_refused(),
            "{sent:?}: {error}"
        );
        let text = error.to_string();
        assert!(
            text.contains("limit of 400000 bytes") && text.contains("`list`"),
            "{text}"
        );
        assert_eq!(setting.server.requests(), 1, "{sent:?}");
    }
}

#[tokio::test]
async fn a_response_of_just_the_limit_is_read() {
    for length in [LIMIT, LIMIT + 1] {
        let body = padded(r#"{"code":0,"payload":{"pgReferenceNumber":"REF1"}}"#, length);
        assert_eq!(body.len(), length);
        let setting = plain(vec![Sent::Whole(200, body)]).await;
        let outcome = setting.rewards.allocate(allocation("1", "REF1")).await;
        assert_eq!(
            matches!(outcome, Outcome::Done(_)),
            length == LIMIT,
            "{length}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_bulk_request_of_more_rows_has_a_longer_response() {
    let row = |number: usize| {
        let reference = format!("REF{number}").parse().unwrap();
        BulkRow::new(
            "Ms",
            "Asha",
            "asha@example.com",
            format!("900000000{number}"),
            "1".parse().unwrap(),
            reference,
        )
    };
    let response = || Sent::Whole(200, padded(r#"{"code":0,"payload":{}}"#, 10_000));
    for (rows, is_read) in [(2, false), (3, true)] {
        let setting = setting(vec![response()], |builder, _| {
            builder.response_limits(ResponseLimits::default().money(1_000).bulk_row(3_000))
        })
        .await;
        let bulk = BulkAllocation::new((0..rows).map(row).collect(), BulkMode::ExistingAndNew).unwrap();
        let outcome = setting.rewards.allocate_bulk(bulk).await;
        let Outcome::Unknown(unknown) = &outcome.rows[0] else {
            panic!("{outcome:?}")
        };
        let UnknownReason::UnclearAnswer(error) = &unknown.reason else {
            panic!("{unknown:?}")
        };
        assert_eq!(error.is_response_too_large(), !is_read, "{error}");
        assert!(
            is_read
                || error
                    .to_string()
                    .contains("limit of 7000 bytes allows (response limit `bulk_row`)"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_connection_whose_response_was_not_read_to_its_end_is_not_used_again() {
    for sent in [
        Sent::Announced(LIMIT + 1),
        Sent::Whole(200, format!("\"{}\"", "x".repeat(LIMIT))),
        Sent::Chunks("x"),
    ] {
        let setting = plain(vec![sent.clone(), Sent::Whole(200, cards(1))]).await;
        let search = || setting.rewards.cards(CardSearch::all());
        assert!(search().await.unwrap_err().is_response_too_large());
        assert_eq!(search().await.unwrap().value().len(), 1, "{sent:?}");
        assert_eq!(setting.server.0.connections.load(Ordering::SeqCst), 2, "{sent:?}");
    }
}

/// Large ones are decoded on a thread that may block; nothing else may be different.
#[tokio::test]
async fn a_large_response_is_read_and_judged_as_a_small_one_is() {
    let padded = |json: &str| padded(json, 300_000);
    let no_json = "x".repeat(300_000);
    let setting = plain(vec![
        Sent::Whole(200, cards(1_500)),
        Sent::Whole(200, padded(r#"{"code":1,"message":"no such card"}"#)),
        Sent::Whole(400, padded(r#"{"code":1,"message":"no such card"}"#)),
        Sent::Whole(200, no_json.clone()),
        Sent::Whole(200, padded(r#"{"code":0,"payload":{"pgReferenceNumber":"REF1"}}"#)),
        Sent::Whole(200, padded(r#"{"code":1,"message":"no such card"}"#)),
        Sent::Whole(200, no_json.clone()),
    ])
    .await;
    let search = || setting.rewards.cards(CardSearch::all());

    let found = search().await.unwrap();
    assert_eq!(found.value().len(), 1_500);
    assert_eq!(found.raw()["payload"]["data"].as_array().unwrap().len(), 1_500);
    for status in [200, 400] {
        let error = search().await.unwrap_err();
        assert!(error.is_refused(), "{error}");
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert_eq!((error.code(), error.message()), (Some("1"), Some("no such card")));
    }
    let error = search().await.unwrap_err();
    assert!(
        !error.is_refused() && error.status().unwrap().as_u16() == 200,
        "{error}"
    );

    let allocate = || setting.rewards.allocate(allocation("1", "REF1"));
    let outcome = allocate().await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    let outcome = allocate().await;
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    let outcome = allocate().await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_401_refuses_the_token_however_long_its_body_is() {
    for body in ["x".repeat(300_000), "x".repeat(LIMIT + 1), list_of("{}", LIMIT - 10)] {
        let setting = setting(
            vec![Sent::Whole(401, body), Sent::Whole(200, cards(1))],
            |builder, _| builder.retries(RetryPolicy::off()),
        )
        .await;
        let found = setting.rewards.cards(CardSearch::all()).await.unwrap();
        let results: Vec<_> = found.attempts().iter().map(|attempt| attempt.result).collect();
        assert!(
            matches!(results[..], [AttemptResult::Answered(_), AttemptResult::Answered(_)]),
            "{results:?}"
        );
        let generations: Vec<_> = found
            .attempts()
            .iter()
            .map(|attempt| attempt.token_generation)
            .collect();
        assert_ne!(generations[0], generations[1]);
    }
}

/// As the guide has it: AES-128 in ECB mode, the key being the start of the SHA-256 of the secret.
fn seal(secret: &str, plain: &str) -> String {
    let key: [u8; 16] = Sha256::digest(secret)[..16].try_into().unwrap();
    let cipher = ecb::Encryptor::<aes::Aes128>::new(&key.into());
    BASE64_STANDARD.encode(cipher.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()))
}

#[tokio::test]
async fn what_was_encrypted_is_held_to_the_same_limit() {
    let key = "key of the test";
    for plain in [list_of(r#"{"":0}"#, 250_000), list_of("0", 250_000)] {
        let sealed = seal(key, &plain);
        let body = format!(r#"{{"request":"{sealed}"}}"#);
        assert!(body.len() < LIMIT);
        let setting = setting(vec![Sent::Whole(200, body)], |builder, _| {
            builder.encryption(enkash::encryption::Encryption::with_key(key))
        })
        .await;
        assert!(reason(&setting).await.is_response_too_large());
        let error = setting.rewards.cards(CardSearch::all()).await.unwrap_err();
        assert!(error.is_response_too_large(), "{error}");
    }
}

/// It was answered, so it may have cost a strike, and is told as a response that holds no token.
#[tokio::test]
async fn a_log_in_with_too_large_a_response_counts_as_answered() {
    let mut told = Vec::new();
    for body in ["x".to_owned(), "x".repeat(65_537), list_of("0", 65_000)] {
        let sandbox = Sandbox::start().await.unwrap();
        let (server, url) = Server::start(vec![Sent::Whole(200, body)]);
        let builder = builder_of(Hosts::new(sandbox.url()).token(url), &sandbox).strike_ledger(MemoryLedger::default());
        let error = builder.build().unwrap().token().await.unwrap_err();
        assert!(error.is_login_uncertain(), "{error}");
        assert_eq!(server.requests(), 1);
        // When the next one may be sent differs.
        let text = error.to_string();
        told.push(text.split("; the next one").next().unwrap_or_default().to_owned());
    }
    assert!(told.iter().all(|text| *text == told[0]), "{told:?}");
}

#[test]
fn a_limit_that_lets_nothing_through_is_refused() {
    for limits in [limits().money(0), limits().list(0), limits().other(0)] {
        let built = enkash::Enkash::builder(Hosts::new("http://127.0.0.1:9"))
            .credentials(enkash::Credentials::new("id", "secret", "user", "password"))
            .partner_id("P")
            .response_limits(limits)
            .build();
        assert!(built.unwrap_err().to_string().contains("response limit of 0 bytes"));
    }
}
