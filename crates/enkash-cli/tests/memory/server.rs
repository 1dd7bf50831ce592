//! A server that logs everybody in, and answers everything else with a body that is made while it is sent.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// How a body is announced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framing {
    /// With the length that it has.
    Length,
    Chunked,
    /// It ends with the connection.
    Close,
    /// With this length, whatever it has.
    Lie(usize),
}

/// A body: a start, one piece again and again, and an end.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) start: &'static str,
    pub(crate) piece: &'static str,
    pub(crate) end: &'static str,
    pub(crate) length: usize,
    pub(crate) framing: Framing,
}

impl Body {
    pub(crate) fn of(piece: &'static str, length: usize) -> Self {
        Self {
            start: "",
            piece,
            end: "",
            length,
            framing: Framing::Length,
        }
    }

    pub(crate) fn between(self, start: &'static str, end: &'static str) -> Self {
        Self { start, end, ..self }
    }

    pub(crate) fn framed(self, framing: Framing) -> Self {
        Self { framing, ..self }
    }
}

/// Its threads end with the process of the tests.
pub(crate) struct Server {
    pub(crate) url: String,
    calls: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn answering(body: Body) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (body, calls) = (body.clone(), Arc::clone(&counted));
                // It ends in an error where the client closes the connection, as it should.
                std::thread::spawn(move || serve(stream.unwrap(), &body, &calls));
            }
        });
        Self { url, calls }
    }

    /// Requests other than logins.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

const TOKEN: &str = r#"{"access_token":"opaque","token_type":"bearer","expires_in":300}"#;

fn serve(mut stream: TcpStream, body: &Body, calls: &AtomicUsize) -> io::Result<()> {
    while let Some(head) = read_request(&mut stream)? {
        if head.starts_with("post /oauth/token") {
            let head = head_of(&format!("content-length: {}\r\n", TOKEN.len()));
            stream.write_all((head + TOKEN).as_bytes())?;
            continue;
        }
        // What is packed could be far larger than what travels.
        let can_unpack = head.lines().any(|line| line.starts_with("accept-encoding:"));
        assert!(!can_unpack, "{head}");
        calls.fetch_add(1, Ordering::SeqCst);
        send(&mut stream, body)?;
        if !matches!(body.framing, Framing::Length | Framing::Chunked) {
            return Ok(());
        }
    }
    Ok(())
}

fn head_of(framing: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{framing}\r\n")
}

fn send(stream: &mut TcpStream, body: &Body) -> io::Result<()> {
    // A long piece is sent as it is.
    let block = body.piece.repeat((64 * 1024 / body.piece.len()).max(1));
    let blocks = (body.length - body.start.len() - body.end.len()) / block.len();
    let length = blocks * block.len() + body.start.len() + body.end.len();
    let framing = match body.framing {
        Framing::Length => format!("content-length: {length}\r\n"),
        Framing::Lie(length) => format!("content-length: {length}\r\n"),
        Framing::Chunked => "transfer-encoding: chunked\r\n".to_owned(),
        Framing::Close => "connection: close\r\n".to_owned(),
    };
    stream.write_all(head_of(&framing).as_bytes())?;
    let is_chunked = matches!(body.framing, Framing::Chunked);
    let parts = std::iter::once(body.start)
        .chain(std::iter::repeat_n(block.as_str(), blocks))
        .chain([body.end]);
    for part in parts.filter(|part| !part.is_empty()) {
        if is_chunked {
            stream.write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes())?;
        } else {
            stream.write_all(part.as_bytes())?;
        }
    }
    if is_chunked {
        stream.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}

/// Reads one request and gives its head in small letters; `None` at the end of the connection.
fn read_request(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Ok(Some(head.to_owned()));
        }
    }
}
