//! What the library promises to tests, with a real PostgreSQL.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use enkash_test_postgres::{Database, PostgresServer};

/// Makes [`holds_a_server_until_it_is_killed`] do so.
const HOLDS_A_SERVER: &str = "ENKASH_TEST_HOLDS_A_SERVER";

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
    // The descendants inherit file 3, which is the test's pipe: it ends when the last of them has ended.
    let mut test = Command::new("/bin/sh");
    test.args(["-c", "exec 3>&1 \"$0\" --exact holds_a_server_until_it_is_killed"]);
    test.arg(env::current_exe().unwrap()).env(HOLDS_A_SERVER, "1");
    test.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let mut test = test.spawn().unwrap();
    let mut output = BufReader::new(test.stdout.take().unwrap());
    let mut lines = output.by_ref().lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with("pid ")).unwrap();
    let (pid, data) = line["pid ".len()..].split_once(" data ").unwrap();
    let pid = pid.parse().unwrap();
    assert!(is_alive(pid) && fs::exists(data).unwrap());

    // With its whole group, as an interrupt at the terminal reaches that.
    assert!(kill("KILL", &format!("-{}", test.id())));
    output.read_to_end(&mut Vec::new()).unwrap();
    assert!(!is_alive(pid));
    assert!(!fs::exists(data).unwrap());
    test.wait().unwrap();
}

/// Not a test by itself: the process that the test above starts and kills.
#[test]
fn holds_a_server_until_it_is_killed() {
    if env::var_os(HOLDS_A_SERVER).is_none() {
        return;
    }
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    let data = data_folder(&server.database());
    // Past the test harness, which would keep what `println!` prints.
    writeln!(io::stdout(), "\npid {} data {data}", server.pid()).unwrap();
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn kill(signal: &str, pid: &str) -> bool {
    let mut kill = Command::new("/bin/sh");
    kill.args(["-c", "kill -s $0 -- $1", signal, pid]);
    kill.output().unwrap().status.success()
}

fn is_alive(pid: u32) -> bool {
    kill("0", &pid.to_string())
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
