use std::net::TcpListener;

use super::{PostgresServer, Programs, random_ports};

#[test]
fn takes_another_port_where_one_is_in_use() {
    let Some(programs) = Programs::find_or_skip() else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let in_use = listener.local_addr().unwrap().port();
    let server = PostgresServer::start_with(programs, [in_use].into_iter().chain(random_ports()));
    assert_ne!(server.port, in_use);
    assert_eq!(server.database().query("show port"), server.port.to_string());
}

#[test]
fn a_hard_stop_leaves_what_a_crash_leaves() {
    let Some(programs) = Programs::find_or_skip() else {
        return;
    };
    let control_data = programs.path("pg_controldata");
    let mut server = PostgresServer::start_with(programs, random_ports());
    server.stop_hard();
    let state = server.command(&control_data).args(["-D", "data"]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    let state = state.lines().find(|line| line.starts_with("Database cluster state"));
    assert!(
        state.is_some_and(|state| state.ends_with(" in production")),
        "{state:?}"
    );
}
