//! The entries in Redis: a key each, under one prefix. A change is decided by a snapshot and written if nothing has changed since;
//! where somebody else was faster, it is decided anew. `fleet.rs` opens it for an address of that kind.

mod address;
mod failure;
mod script;
mod session;
mod weakness;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use redis::{Cmd, FromRedisValue, Value};
use tokio::time::{Instant, sleep};

use self::{
    address::Address,
    failure::{Failure, Refusal},
    script::Unusable,
    session::{REPLY_TIMEOUT, Session, Sessions},
    weakness::{Settings, permitted},
};
use crate::{
    database::{Database, Decide, Name, Snapshot, Write},
    error::Error,
};

/// How long a change may take. Nobody gets a token meanwhile.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a change is decided anew. Each time it is, somebody else's was made.
const MAX_ROUNDS: u32 = 100;
/// Before a round each waits for a part of this that chance chooses, so that not all come back at once.
const MAX_PAUSE: Duration = Duration::from_millis(64);

#[derive(Debug)]
pub(crate) struct RedisDatabase {
    sessions: Sessions,
}

impl RedisDatabase {
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        let place = address.place().to_owned();
        let sessions = Sessions::new(address).map_err(|error| Error::unavailable(&place, error))?;
        Ok(Self { sessions })
    }

    fn failed(&self, failure: &Failure) -> Error {
        Error::unavailable(self.place(), failure)
    }

    async fn snapshot(&self, names: &[Name], until: Instant) -> Result<(Arc<Session>, Snapshot), Error> {
        let asked = self.sessions.ask(&script::read(names), until).await;
        let (session, reply) = asked.map_err(|failure| self.failed(&failure))?;
        match script::snapshot(names, reply) {
            Ok(snapshot) => Ok((session, snapshot)),
            Err(Unusable::TooLarge(index)) => {
                Err(Error::damaged(self.place(), &names[index], "is too large to be ours"))
            }
            Err(Unusable::Unreadable) => Err(self.failed(&Failure::Unreadable)),
        }
    }

    /// Whether it was written. It is asked for once: a server that did not reply may have written it.
    async fn write(&self, session: &Arc<Session>, command: &Cmd, until: Instant) -> Result<bool, Error> {
        let reply = self.sessions.tell(session, command, until).await;
        let written = reply.and_then(|reply| script::was_written(&reply).ok_or(Failure::Unreadable));
        written.map_err(|failure| match failure.is_certain() {
            true => self.failed(&failure),
            false => Error::unavailable(
                self.place(),
                format_args!("{failure}, so what was to be written is there or not"),
            ),
        })
    }

    async fn change_until(&self, names: &[Name], decide: &mut Decide<'_>, until: Instant) -> Result<(), Error> {
        for round in 0..MAX_ROUNDS {
            let (session, seen) = self.snapshot(names, until).await?;
            let writes: Vec<Write> = decide(&seen)?;
            if writes.is_empty() {
                return Ok(());
            }
            // A write that begins so late could end without a reply, and nobody would know whether it was made.
            if until <= Instant::now() + REPLY_TIMEOUT {
                if round == 0 {
                    return Err(Error::unavailable(
                        self.place(),
                        "reading took all of the time, nothing was written",
                    ));
                }
                break;
            }
            let command = script::write(names, &seen, &writes);
            if self.write(&session, &command, until).await? {
                return Ok(());
            }
            sleep(pause(round)).await;
        }
        Err(Error::unavailable(self.place(), "other processes were always faster"))
    }

    async fn text<T: FromRedisValue>(&self, command: &Cmd, until: Instant) -> Result<Option<T>, Error> {
        let asked = self.sessions.ask(command, until).await.map(|(_, reply)| reply);
        let reply = permitted(asked).map_err(|failure| self.failed(&failure))?;
        Ok(reply.and_then(|reply: Value| redis::from_redis_value(reply).ok()))
    }
}

#[async_trait]
impl Database for RedisDatabase {
    fn place(&self) -> &str {
        self.sessions.address().place()
    }

    async fn read(&self, names: &[Name]) -> Result<Snapshot, Error> {
        let until = Instant::now() + CHANGE_TIMEOUT;
        Ok(self.snapshot(names, until).await?.1)
    }

    async fn change(&self, names: &[Name], decide: &mut Decide<'_>) -> Result<(), Error> {
        self.change_until(names, decide, Instant::now() + CHANGE_TIMEOUT).await
    }

    async fn weakness(&self) -> Result<Option<String>, Error> {
        let until = Instant::now() + CHANGE_TIMEOUT;
        let mut ask = redis::cmd("CONFIG");
        ask.arg("GET").arg("appendfsync");
        let append_fsync: Option<Vec<String>> = self.text(&ask, until).await?;
        let settings = Settings {
            info: self.text(&redis::cmd("INFO"), until).await?,
            append_fsync: append_fsync.and_then(|pair| pair.into_iter().nth(1)),
        };
        if settings.is_replica() {
            return Err(self.failed(&Failure::Refused(Refusal::OnlyReads)));
        }
        Ok(Some(settings.weakness()))
    }
}

/// A part of a bound that grows with each round.
fn pause(round: u32) -> Duration {
    let bound = MAX_PAUSE.min(Duration::from_millis(1 << round.min(10)));
    // Without a random number all wait for as long as they may.
    let chance = getrandom::u32().unwrap_or(u32::MAX);
    bound.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests;
