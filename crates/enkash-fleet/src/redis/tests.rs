//! What a change promises: it is decided by what is there, written once, and its reply is nobody else's.

use std::{
    future::poll_fn,
    sync::atomic::{AtomicU32, Ordering},
};

use enkash_test_servers::redis::RedisServer;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;

const KEY: &str = "{enkash}:fleet:a";

fn names() -> [Name; 1] {
    ["a".to_owned()]
}

fn until() -> Instant {
    Instant::now() + CHANGE_TIMEOUT
}

fn put(value: &str, expires_at: Option<Timestamp>) -> Vec<Write> {
    vec![Write {
        index: 0,
        value: value.into(),
        expires_at,
    }]
}

#[tokio::test]
async fn a_change_that_somebody_came_between_is_decided_anew() {
    let Some(server) = RedisServer::start() else { return };
    let database = RedisDatabase::new(&server.url()).unwrap();
    let mut seen = Vec::new();
    let mut decide = |snapshot: &Snapshot| {
        seen.push(snapshot.values[0].clone());
        if seen.len() == 1 {
            server.query(&["SET", KEY, "theirs"]);
        }
        Ok(put("ours", None))
    };
    database.change(&names(), &mut decide).await.unwrap();
    assert_eq!(seen, [None, Some(b"theirs".to_vec())]);
    assert_eq!(server.query(&["GET", KEY]), "ours");
}

/// Somebody who changes the value each time that a change is decided: what to decide with, and how often that was asked for. All by one
/// connection, because to make one for each round takes long on a busy machine.
fn always_faster(server: &RedisServer) -> (impl FnMut(&Snapshot) -> Result<Vec<Write>, Error>, Arc<AtomicU32>) {
    let client = redis::Client::open(server.url()).unwrap();
    let (mut connection, rounds) = (client.get_connection().unwrap(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&rounds);
    let decide = move |_: &Snapshot| {
        redis::cmd("INCR").arg(KEY).exec(&mut connection).unwrap();
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(put("ours", None))
    };
    (decide, rounds)
}

#[tokio::test]
async fn somebody_who_is_always_slower_is_told_so() {
    let Some(server) = RedisServer::start() else { return };
    let database = RedisDatabase::new(&server.url()).unwrap();
    let (mut decide, _) = always_faster(&server);
    let error = database.change(&names(), &mut decide).await.unwrap_err();
    assert!(
        error.is_unavailable() && error.to_string().contains("always faster"),
        "{error}"
    );
}

/// The time of a change never ends in a write: nobody would know whether that was made.
#[tokio::test]
async fn no_write_begins_that_may_not_have_its_reply_in_time() {
    let Some(server) = RedisServer::start() else { return };
    let database = RedisDatabase::new(&server.url()).unwrap();
    let (mut decide, rounds) = always_faster(&server);
    database.read(&names()).await.unwrap();
    let until = Instant::now() + REPLY_TIMEOUT + Duration::from_secs(1);
    let error = database.change_until(&names(), &mut decide, until).await.unwrap_err();
    assert!(error.to_string().contains("always faster"), "{error}");
    assert!(rounds.load(Ordering::Relaxed) < MAX_ROUNDS);

    // Nor does it begin with one.
    server.query(&["SET", KEY, "theirs"]);
    let until = Instant::now() + REPLY_TIMEOUT;
    let mut decide = |_: &Snapshot| Ok(put("ours", None));
    let error = database.change_until(&names(), &mut decide, until).await.unwrap_err();
    assert!(error.to_string().contains("nothing was written"), "{error}");
    assert_eq!(server.query(&["GET", KEY]), "theirs");
}

#[tokio::test]
async fn a_decision_that_grew_old_is_not_written() {
    let Some(server) = RedisServer::start() else { return };
    let database = RedisDatabase::new(&server.url()).unwrap();
    let (session, mut seen) = database.snapshot(&names(), until()).await.unwrap();
    let now = seen.now;
    for (age, written) in [(3, false), (0, true)] {
        seen.now = now - SignedDuration::from_secs(age);
        let command = script::write(&names(), &seen, &put("ours", None));
        assert_eq!(database.write(&session, &command, until()).await.unwrap(), written);
    }
}

#[tokio::test]
async fn an_entry_ends_when_it_may_and_lasts_again_where_it_must() {
    let Some(server) = RedisServer::start() else { return };
    let database = RedisDatabase::new(&server.url()).unwrap();
    let ends = Timestamp::from_millisecond(4_102_444_800_123).unwrap();
    for (expires_at, said) in [(Some(ends), "4102444800123"), (None, "-1")] {
        let mut decide = |_: &Snapshot| Ok(put("ours", expires_at));
        database.change(&names(), &mut decide).await.unwrap();
        assert_eq!(server.query(&["PEXPIRETIME", KEY]), said);
    }
}

#[tokio::test]
async fn the_reply_to_somebody_who_left_is_nobody_elses() {
    let Some(server) = RedisServer::start() else { return };
    server.query(&["MSET", KEY, "a", "{enkash}:fleet:b", "b"]);
    let database = RedisDatabase::new(&server.url()).unwrap();
    database.read(&names()).await.unwrap();
    let kept = database.sessions.kept();
    let a = names();
    let mut left = database.read(&a);
    // It has asked, and waits for the reply.
    poll_fn(|context| std::task::Poll::Ready(left.as_mut().poll(context).is_pending())).await;
    drop(left);
    // What became of the connection is not known, so it is not used again.
    assert!(kept.is_some() && database.sessions.kept().is_none());
    let read = database.read(&["b".to_owned()]).await.unwrap();
    assert_eq!(read.values, [Some(b"b".to_vec())]);
}

/// A command as the driver sends it.
async fn command(stream: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let count = async |stream: &mut BufReader<TcpStream>| -> Option<usize> {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        line.get(1..)?.trim_end().parse().ok()
    };
    let mut words = Vec::new();
    for _ in 0..count(stream).await? {
        let mut word = vec![0; count(stream).await? + 2];
        stream.read_exact(&mut word).await.ok()?;
        words.push(String::from_utf8_lossy(&word).trim_end().to_owned());
    }
    Some(words)
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_is_sent_once_and_may_have_been_made() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let read = command(&mut stream).await.unwrap();
        let reply = "*3\r\n$10\r\n1700000000\r\n$1\r\n0\r\n$-1\r\n";
        stream.write_all(reply.as_bytes()).await.unwrap();
        let write = command(&mut stream).await.unwrap();
        drop(stream);
        (read, write, listener)
    });
    let database = RedisDatabase::new(&url).unwrap();
    let error = database
        .change(&names(), &mut |_| Ok(put("ours", None)))
        .await
        .unwrap_err();
    assert!(
        error.is_unavailable() && error.to_string().contains("is there or not"),
        "{error}"
    );
    let (read, write, listener) = server.await.unwrap();
    assert_eq!(read[2..], ["1", KEY, "65536"]);
    assert_eq!(write[2..4], ["1", KEY]);
    assert_eq!(write[6..], ["", "1", "ours", ""]);
    // Nobody came again.
    let again = listener.into_std().unwrap().accept();
    assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
