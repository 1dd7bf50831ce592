//! The pool of the HTTP client, seen from a socket that counts connections.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::*;

/// Answers everything on every connection, and counts connections. Its threads end with the test's process.
fn server() -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut request = Vec::new();
                let mut buffer = [0; 1024];
                while let Ok(read @ 1..) = stream.read(&mut buffer) {
                    request.extend_from_slice(&buffer[..read]);
                    if request.ends_with(b"\r\n\r\n") {
                        request.clear();
                        stream
                            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                            .unwrap();
                    }
                }
            });
        }
    });
    (url, connections)
}

/// How many connections ten requests in a row take, when a user's hook keeps idle ones for ever.
async fn connections(pool: Connections, idle: Duration) -> usize {
    let (url, connections) = server();
    let keep: HttpHook = Box::new(|http| http.pool_idle_timeout(None).pool_max_idle_per_host(100));
    let bases = std::slice::from_ref(&url);
    let rule = PlainHttpPolicy::new(bases, Vec::new());
    let http = build_with_idle(pool, idle, Some(&keep), Duration::from_secs(5), bases, &rule).unwrap();
    for _ in 0..10 {
        http.get(url.clone()).send().await.unwrap().bytes().await.unwrap();
    }
    connections.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_connection_is_not_used_again_after_our_idle_time_whatever_a_user_sets() {
    assert_eq!(connections(Connections::Pooled, Duration::from_nanos(1)).await, 10);
    // The server would take more: it is our time that decides.
    assert!(connections(Connections::Pooled, Duration::from_secs(3600)).await < 10);
}

#[tokio::test]
async fn what_is_not_pooled_has_a_connection_for_each_request_whatever_a_user_sets() {
    assert_eq!(connections(Connections::Unpooled, Duration::from_secs(3600)).await, 10);
}

#[test]
fn our_idle_time_is_below_five_seconds() {
    assert!(POOL_IDLE < Duration::from_secs(5));
}
