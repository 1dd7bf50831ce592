//! The port of a server: one that is free now, and still is when a stopped server starts again.

use std::hash::{BuildHasher, RandomState};

/// How many ports are tried before a test gives up.
const MAX_PORTS: u16 = 20;

/// Ports that the system gives to no connection on its own: a stopped server finds its port free when it starts again.
pub(crate) fn random_ports() -> impl Iterator<Item = u16> {
    let random = RandomState::new();
    (0..MAX_PORTS).map(move |n| 20_000 + (random.hash_one(n) % 10_000) as u16)
}

/// Starts a server on the first of these ports that is free. It writes this where a port is not. An error is what it wrote last.
pub(crate) fn start_on_first_free<T>(
    ports: impl IntoIterator<Item = u16>,
    taken: &str,
    mut start: impl FnMut(u16) -> Result<T, String>,
) -> Result<T, String> {
    let mut last = "no port to try".to_owned();
    for port in ports {
        match start(port) {
            Err(log) if log.contains(taken) => last = log,
            ended => return ended,
        }
    }
    Err(last)
}
