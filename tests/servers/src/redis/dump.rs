//! All that a Redis holds, as bytes. `RedisServer::dump` calls it.

use std::{fs, path::Path};

use super::{Reply, Session};
use crate::files::stored_files;

/// What `SAVE` writes, in the data folder.
const SAVED: &str = "dump.rdb";

pub(super) fn dump(session: &mut Session, data: &Path) -> Vec<u8> {
    session.call(&[b"SAVE"]);
    let mut dump: Vec<_> = stored_files(data).flat_map(|file| file.content).collect();
    // A server that keeps nothing would read it at its next start.
    fs::remove_file(data.join(SAVED)).expect("what was saved can be removed");
    for number in databases(session) {
        session.call(&[b"SELECT", &number]);
        write_keys(session, &mut dump);
    }
    dump
}

/// The numbers of those that hold something, from lines as `db0:keys=1,…`.
fn databases(session: &mut Session) -> Vec<Vec<u8>> {
    let mut text = Vec::new();
    session.call(&[b"INFO", b"keyspace"]).write_to(&mut text);
    let lines = text.split(|byte| *byte == b'\n');
    let numbers = lines.filter_map(|line| line.strip_prefix(b"db")?.split(|byte| *byte == b':').next());
    numbers.map(<[u8]>::to_vec).collect()
}

fn write_keys(session: &mut Session, dump: &mut Vec<u8>) {
    let Reply::List(keys) = session.call(&[b"KEYS", b"*"]) else {
        panic!("KEYS answers no list");
    };
    for key in keys {
        key.write_to(dump);
        let Reply::Text(key) = key else {
            panic!("a key is a text");
        };
        read_value(session, &key).write_to(dump);
    }
}

fn read_value(session: &mut Session, key: &[u8]) -> Reply {
    let Reply::Text(kind) = session.call(&[b"TYPE", key]) else {
        panic!("TYPE answers no text");
    };
    match kind.as_slice() {
        b"string" => session.call(&[b"GET", key]),
        b"hash" => session.call(&[b"HGETALL", key]),
        b"set" => session.call(&[b"SMEMBERS", key]),
        b"list" => session.call(&[b"LRANGE", key, b"0", b"-1"]),
        b"zset" => session.call(&[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"]),
        b"stream" => session.call(&[b"XRANGE", key, b"-", b"+"]),
        // It has expired since.
        b"none" => Reply::Nothing,
        kind => panic!("no value of type {} can be read", String::from_utf8_lossy(kind)),
    }
}
