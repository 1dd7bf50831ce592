//! What Redis's module promises to tests.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    thread,
};

use enkash_test_servers::redis::{Persistence, RedisServer};

use crate::process::{hold, is_alive, is_held, kill, stays_after_kill_of};

/// Sends these lines and reads so many lines of the answer.
fn talk(mut connection: impl Read + Write, request: &str, lines: usize) -> String {
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while answer.iter().filter(|byte| **byte == b'\n').count() < lines {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    String::from_utf8(answer).unwrap()
}

/// Host and port.
fn address(server: &RedisServer) -> String {
    let url = server.url();
    url.rsplit_once('@').unwrap().1.to_owned()
}

fn data_folder(server: &RedisServer) -> String {
    let folder = server.query(&["CONFIG", "GET", "dir"]);
    folder.lines().nth(1).unwrap().to_owned()
}

#[test]
fn it_is_reached_by_tcp_and_by_socket_with_the_password_only() {
    let Some(server) = RedisServer::shared() else {
        return;
    };
    let url = server.url();
    let (password, _) = url.strip_prefix("redis://:").unwrap().split_once('@').unwrap();
    assert_eq!(password, server.password());
    let socket_url = server.socket_url();
    let (path, in_query) = socket_url
        .strip_prefix("redis+unix://")
        .unwrap()
        .split_once("?pass=")
        .unwrap();
    assert_eq!(password, in_query);

    let tcp = || TcpStream::connect(address(server)).unwrap();
    let unix = || UnixStream::connect(path).unwrap();
    let login = format!("AUTH {password}\r\nPING\r\n");
    for answer in [talk(tcp(), &login, 2), talk(unix(), &login, 2)] {
        assert_eq!(answer, "+OK\r\n+PONG\r\n");
    }
    for answer in [talk(tcp(), "PING\r\n", 1), talk(unix(), "PING\r\n", 1)] {
        assert!(answer.starts_with("-NOAUTH "), "{answer}");
    }
}

#[test]
fn the_password_is_neither_shown_nor_an_argument() {
    let Some(server) = RedisServer::shared() else {
        return;
    };
    assert!(!format!("{server:?}").contains(server.password()));
    if let Ok(arguments) = fs::read_to_string(format!("/proc/{}/cmdline", server.pid())) {
        assert!(!arguments.contains(server.password()), "{arguments}");
    }
}

#[test]
fn queries_answer_in_text() {
    let Some(server) = RedisServer::shared() else {
        return;
    };
    assert_eq!(server.query(&["RPUSH", "queries:list", "a b", "c"]), "2");
    assert_eq!(server.query(&["LRANGE", "queries:list", "0", "-1"]), "a b\nc");
    assert_eq!(server.query(&["GET", "queries:nothing"]), "");
}

#[test]
#[should_panic(expected = "INCR: WRONGTYPE")]
fn a_query_that_is_refused_panics() {
    let Some(server) = RedisServer::shared() else {
        panic!("INCR: WRONGTYPE is not said, for there is no Redis");
    };
    server.query(&["RPUSH", "refused:list", "a"]);
    server.query(&["INCR", "refused:list"]);
}

#[test]
fn all_tests_of_a_process_share_one_server() {
    let pids = [(); 4].map(|()| thread::spawn(|| Some(RedisServer::shared()?.pid())));
    let pids = pids.map(|thread| thread.join().unwrap());
    assert_eq!(pids, [pids[0]; 4]);
}

#[test]
fn acknowledged_writes_outlive_a_crash() {
    let Some(mut server) = RedisServer::start() else {
        return;
    };
    assert_eq!(server.query(&["CONFIG", "GET", "appendfsync"]), "appendfsync\nalways");
    server.query(&["SET", "key", "value"]);
    let (before, url) = (server.pid(), server.url());
    server.stop_hard();
    assert!(!is_alive(before));
    assert!(TcpStream::connect(address(&server)).is_err());

    server.start_again();
    assert_ne!(server.pid(), before);
    assert_eq!(server.url(), url);
    assert_eq!(server.query(&["GET", "key"]), "value");
}

#[test]
fn a_server_that_keeps_nothing_starts_again_empty_also_after_a_dump() {
    let Some(mut server) = RedisServer::start_with(Persistence::Nothing) else {
        return;
    };
    server.query(&["SET", "key", "value"]);
    assert!(contains(&server.dump(), "value"));
    server.stop_hard();
    server.start_again();
    assert_eq!(server.query(&["DBSIZE"]), "0");
}

/// A stop in order would save, and take its time.
#[test]
fn a_hard_stop_leaves_what_a_crash_leaves() {
    let Some(mut server) = RedisServer::start_with(Persistence::Nothing) else {
        return;
    };
    server.query(&["CONFIG", "SET", "save", "3600 1"]);
    server.query(&["SET", "key", "value"]);
    server.stop_hard();
    server.start_again();
    assert_eq!(server.query(&["DBSIZE"]), "0");
}

#[test]
fn a_dump_holds_all_keys_and_values_of_all_types_and_databases() {
    for persistence in [Persistence::EveryWrite, Persistence::Nothing] {
        let Some(server) = RedisServer::start_with(persistence) else {
            return;
        };
        // Long enough to be compressed, by default. No key leads to a function.
        let long = "1000000011-".repeat(100);
        let function = format!(
            "#!lua name=f\n--{}\nredis.register_function('f', function() end)",
            "1000000012-".repeat(100)
        );
        let commands: [&[&str]; 8] = [
            &["SET", "string:1000000001", "1000000002"],
            &["HSET", "hash", "1000000003", "1000000004"],
            &["SADD", "set", "1000000005"],
            &["RPUSH", "list", "1000000006"],
            &["ZADD", "zset", "1000000007", "1000000008"],
            &["XADD", "stream", "*", "1000000009", "1000000010"],
            &["SETEX", "expires", "3600", &long],
            &["FUNCTION", "LOAD", &function],
        ];
        for command in commands {
            server.query(command);
        }
        server.query(&[
            "EVAL",
            "redis.call('SELECT', 5) redis.call('SET', 'other', '1000000013')",
            "0",
        ]);
        let dump = server.dump();
        for number in 1_000_000_001..=1_000_000_013_u32 {
            assert!(contains(&dump, &number.to_string()), "{number} with {persistence:?}");
        }
        assert!(
            contains(&dump, &long) && contains(&dump, &"1000000012-".repeat(100)),
            "{persistence:?}"
        );
        assert!(!contains(&dump, "1000000014"));
        assert!(!contains(&dump, server.password()));
    }
}

/// A secret that was there for a moment is on the disk.
#[test]
fn a_dump_holds_also_what_was_deleted_where_every_write_is_kept() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    server.query(&["SET", "key", "for a moment"]);
    server.query(&["DEL", "key"]);
    for _ in 0..2 {
        assert!(contains(&server.dump(), "for a moment"));
    }
}

fn contains(dump: &[u8], text: &str) -> bool {
    dump.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn nothing_is_left_after_drop() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let (pid, data) = (server.pid(), data_folder(&server));
    let folder = data.strip_suffix("/data").unwrap();
    assert!(is_alive(pid) && fs::exists(folder).unwrap());
    drop(server);
    assert!(!is_alive(pid));
    assert!(!fs::exists(folder).unwrap());
}

/// A frozen server could not obey.
#[test]
fn nothing_is_left_after_drop_of_a_server_that_stands_still() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let pid = server.pid();
    assert!(kill("STOP", &pid.to_string()));
    drop(server);
    assert!(!is_alive(pid));
}

#[test]
fn nothing_is_left_when_the_test_process_is_killed() {
    if RedisServer::shared().is_none() {
        return;
    }
    assert_eq!(stays_after_kill_of("redis::holds_a_server_until_it_is_killed"), None);
}

/// Not a test by itself: the process that the test above starts and kills.
#[test]
fn holds_a_server_until_it_is_killed() {
    if !is_held() {
        return;
    }
    let server = RedisServer::shared().unwrap();
    hold(server.pid(), &data_folder(server));
}
