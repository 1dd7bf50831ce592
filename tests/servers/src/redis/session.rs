//! A connection that speaks Redis's protocol (RESP2), as far as a test server and its dump need it: a command, and its reply.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

/// How long a reply may take. This keeps a server that stands still from hanging a test run.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How many bytes of a reply may be read.
const MAX_REPLY: u64 = 256 << 20;
/// How deep lists of lists are. An entry of a stream is a list of an id and a list.
const MAX_DEPTH: u8 = 8;

/// What Redis answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Nothing,
    /// Of a text, a status and a number.
    Text(Vec<u8>),
    List(Vec<Reply>),
}

impl Reply {
    /// Each text in a line of its own.
    pub(super) fn write_to(&self, text: &mut Vec<u8>) {
        match self {
            Self::Nothing => {}
            Self::Text(line) => text.extend(line.iter().chain(b"\n")),
            Self::List(items) => items.iter().for_each(|item| item.write_to(text)),
        }
    }
}

pub(super) struct Session {
    connection: BufReader<TcpStream>,
}

impl Session {
    pub(super) fn open(port: u16, password: &str) -> io::Result<Self> {
        let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        connection.set_read_timeout(Some(TIMEOUT))?;
        let mut session = Self {
            connection: BufReader::new(connection),
        };
        session.try_call(&[b"AUTH", password.as_bytes()])?;
        Ok(session)
    }

    /// Panics where Redis refuses the command, or does not answer.
    pub(super) fn call(&mut self, command: &[&[u8]]) -> Reply {
        let name = String::from_utf8_lossy(command[0]);
        self.try_call(command).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn try_call(&mut self, command: &[&[u8]]) -> io::Result<Reply> {
        let mut request = format!("*{}\r\n", command.len()).into_bytes();
        for word in command {
            request.extend(format!("${}\r\n", word.len()).bytes());
            request.extend(word.iter().chain(b"\r\n"));
        }
        self.connection.get_mut().write_all(&request)?;
        read_reply(&mut self.connection.by_ref().take(MAX_REPLY), MAX_DEPTH)
    }
}

fn read_reply(input: &mut impl BufRead, depth: u8) -> io::Result<Reply> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let line = line.strip_suffix("\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let (kind, line) = line.split_at_checked(1).ok_or(io::ErrorKind::InvalidData)?;
    match kind {
        "+" | ":" => Ok(Reply::Text(line.into())),
        "-" => Err(io::Error::other(line)),
        "$" | "*" if line == "-1" => Ok(Reply::Nothing),
        "$" => read_text(input, line.parse().map_err(io::Error::other)?),
        "*" if depth > 0 => {
            let count: u64 = line.parse().map_err(io::Error::other)?;
            let items = (0..count).map(|_| read_reply(input, depth - 1));
            Ok(Reply::List(items.collect::<io::Result<_>>()?))
        }
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn read_text(input: &mut impl BufRead, length: u64) -> io::Result<Reply> {
    let mut text = Vec::new();
    input.take(length).read_to_end(&mut text)?;
    let mut end = [0; 2];
    input.read_exact(&mut end)?;
    Ok(Reply::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut input: &[u8]) -> io::Result<Reply> {
        read_reply(&mut input, MAX_DEPTH)
    }

    #[test]
    fn replies_of_all_kinds_are_read() {
        let reply = read(b"*5\r\n+OK\r\n:-7\r\n$4\r\na\r\nb\r\n$-1\r\n*1\r\n$0\r\n\r\n").unwrap();
        let text = |text: &[u8]| Reply::Text(text.to_vec());
        let inner = Reply::List(vec![text(b"")]);
        let items = vec![text(b"OK"), text(b"-7"), text(b"a\r\nb"), Reply::Nothing, inner];
        assert_eq!(reply, Reply::List(items));
        assert_eq!(read(b"-ERR no\r\n").unwrap_err().to_string(), "ERR no");
    }

    #[test]
    fn what_is_cut_or_nested_without_end_is_an_error() {
        for input in ["", "+OK", "$5\r\nfour", "$4\r\nfour", "*2\r\n+OK\r\n", "?\r\n", "\r\n"] {
            read(input.as_bytes()).unwrap_err();
        }
        read("*1\r\n".repeat(1000).as_bytes()).unwrap_err();
    }
}
