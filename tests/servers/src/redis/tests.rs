use std::net::TcpListener;

use super::{Persistence, Program, RedisServer, random_ports};

#[test]
fn takes_another_port_where_one_is_in_use() {
    let Some(program) = Program::find_or_skip() else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let in_use = listener.local_addr().unwrap().port();
    let ports = [in_use].into_iter().chain(random_ports());
    let server = RedisServer::start_program(&program, Persistence::Nothing, ports);
    assert_ne!(server.port, in_use);
    assert_eq!(server.query(&["PING"]), "PONG");
}

/// Debian's package without the service has the program under another name alone.
#[test]
fn the_program_serves_whatever_its_name_is() {
    let Some(program) = Program::find_or_skip() else {
        return;
    };
    let Some(program) = program.of_debian_tools() else {
        return;
    };
    let server = RedisServer::start_program(&program, Persistence::Nothing, random_ports());
    assert_eq!(server.query(&["PING"]), "PONG");
}
