//! What PostgreSQL's module promises to tests.

use std::{
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
    thread,
};

use enkash_test_servers::postgres::{Database, PostgresServer};

use crate::process::{hold, is_alive, is_held, kill, stays_after_kill_of};

#[test]
fn each_database_is_reached_by_tcp_and_by_socket_and_is_its_own() {
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    let [first, second] = [server.database(), server.database()];
    first.query("create table t (n int); insert into t values (1), (2)");
    assert_eq!(first.query("select n, 2 * n from t order by n"), "1|2\n2|4");
    assert_eq!(second.query("select to_regclass('t') is null"), "t");
    assert_eq!(first.query("select inet_server_addr() is null"), "t", "by the socket");

    let mut session = Session::open(&first);
    assert_eq!(session.query("select n from t where n = 2"), "2");
    assert_eq!(session.query("select host(inet_server_addr())"), "127.0.0.1");
}

#[test]
fn fsync_is_on() {
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    assert_eq!(server.database().query("show fsync"), "on");
}

#[test]
fn all_tests_of_a_process_share_one_server() {
    let pids = [(); 4].map(|()| thread::spawn(|| Some(PostgresServer::shared()?.pid())));
    let pids = pids.map(|thread| thread.join().unwrap());
    assert_eq!(pids, [pids[0]; 4]);
}

#[test]
fn committed_rows_outlive_a_crash_and_others_do_not() {
    let Some(mut server) = PostgresServer::start() else {
        return;
    };
    let database = server.database();
    database.query("create table t (n int); insert into t values (1)");
    let mut session = Session::open(&database);
    session.query("begin");
    session.query("insert into t values (2)");

    let before = server.pid();
    server.stop_hard();
    assert!(!is_alive(before));
    session.read_to_its_end();
    assert!(TcpStream::connect(address(&database)).is_err());

    server.start_again();
    assert_ne!(server.pid(), before);
    assert_eq!(database.query("select n from t"), "1");
    assert_eq!(
        Session::open(&database).query("select n from t"),
        "1",
        "the URL is the same"
    );
    assert_ne!(server.database().url(), database.url());
}

#[test]
fn nothing_is_left_after_drop() {
    let Some(server) = PostgresServer::start() else {
        return;
    };
    let database = server.database();
    let (pid, data) = (server.pid(), data_folder(&database));
    assert!(is_alive(pid) && fs::exists(&data).unwrap());
    drop(server);
    assert!(!is_alive(pid));
    assert!(!fs::exists(Path::new(&data).parent().unwrap()).unwrap());
    assert!(TcpStream::connect(address(&database)).is_err());
}

/// A frozen server could not obey.
#[test]
fn nothing_is_left_after_drop_of_a_server_that_stands_still() {
    let Some(server) = PostgresServer::start() else {
        return;
    };
    let pid = server.pid();
    assert!(kill("STOP", &pid.to_string()));
    drop(server);
    assert!(!is_alive(pid));
}

#[test]
fn nothing_is_left_when_the_test_process_is_killed() {
    if PostgresServer::shared().is_none() {
        return;
    }
    assert_eq!(stays_after_kill_of("postgres::holds_a_server_until_it_is_killed"), None);
}

/// Not a test by itself: the process that the test above starts and kills.
#[test]
fn holds_a_server_until_it_is_killed() {
    if !is_held() {
        return;
    }
    let server = PostgresServer::shared().unwrap();
    hold(server.pid(), &data_folder(&server.database()));
}

#[test]
fn a_dump_holds_all_values_and_files_hold_also_what_was_deleted() {
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    let database = server.database();
    database.query(
        r"create schema s; create table s.t (v text); insert into s.t values ('kept \ 9000012345'), ('deleted value')",
    );
    database.query("delete from s.t where v like 'deleted%'");
    let dump = String::from_utf8(database.dump()).unwrap();
    assert!(dump.contains(r"kept \ 9000012345"), "{dump}");
    assert!(!dump.contains("deleted value"), "{dump}");
    let is_stored = |value: &str| server.files().any(|file| file.contains(value.as_bytes()));
    assert!(is_stored(r"kept \ 9000012345") && is_stored("deleted value"));
    assert!(!is_stored(&format!("nobody wrote {}", "this")));
}

#[test]
#[should_panic(expected = "pg_dump refused")]
fn a_dump_of_a_server_that_is_gone_is_no_empty_dump() {
    let Some(mut server) = PostgresServer::start() else {
        panic!("pg_dump refused nothing: it is not here");
    };
    let database = server.database();
    server.stop_hard();
    let _ = database.dump();
}

fn data_folder(database: &Database) -> String {
    database.query("show data_directory")
}

/// Host and port.
fn address(database: &Database) -> String {
    let url = database.url();
    let (_, place) = url.split_once('@').unwrap();
    place.split_once('/').unwrap().0.to_owned()
}

/// A connection that speaks PostgreSQL's protocol by hand, so that it can stand in the middle of a transaction.
struct Session {
    connection: TcpStream,
}

impl Session {
    fn open(database: &Database) -> Self {
        let url = database.url();
        let name = url.rsplit('/').next().unwrap();
        let mut session = Self {
            connection: TcpStream::connect(address(database)).unwrap(),
        };
        let mut startup = 196_608_u32.to_be_bytes().to_vec();
        startup.extend(format!("user\0postgres\0database\0{name}\0\0").bytes());
        session.send(&[], &startup);
        session.read_until_ready();
        session
    }

    /// The text of the only column of the last row, if there is a row.
    fn query(&mut self, sql: &str) -> String {
        self.send(b"Q", format!("{sql}\0").as_bytes());
        self.read_until_ready()
    }

    fn send(&mut self, kind: &[u8], content: &[u8]) {
        let length = u32::try_from(content.len() + 4).unwrap().to_be_bytes();
        self.connection.write_all(&[kind, &length, content].concat()).unwrap();
    }

    fn read_until_ready(&mut self) -> String {
        let mut row = String::new();
        loop {
            let (kind, content) = self.read_message().unwrap();
            let text = String::from_utf8_lossy(&content);
            match kind {
                b'Z' => return row,
                b'E' => panic!("{text}"),
                // The number of columns, and the length of the first.
                b'D' => row = text.chars().skip(6).collect(),
                _ => {}
            }
        }
    }

    fn read_message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.connection.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head[1..].try_into().unwrap());
        let mut content = vec![0; length as usize - 4];
        self.connection.read_exact(&mut content)?;
        Ok((head[0], content))
    }

    /// Returns when the server has closed the connection.
    fn read_to_its_end(&mut self) {
        while self.read_message().is_ok() {}
    }
}
