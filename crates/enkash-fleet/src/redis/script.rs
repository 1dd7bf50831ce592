//! The two programs that the server runs: one takes a snapshot, the other one writes if nothing has changed since. The server lets
//! nothing come between the steps of one.

use jiff::Timestamp;
use redis::{Cmd, Value};

use crate::{
    database::{Name, Snapshot, Write},
    seal::MAX_SEALED,
};

/// One place in a cluster for all, because a program may use the keys of one place alone.
const PREFIX: &str = "{enkash}:fleet:";

/// The server's time, and the value of each key. Of one that is too large to be ours it gives the length.
const READ: &str = "
local time = redis.call('TIME')
local found = {time[1], time[2]}
for index, key in ipairs(KEYS) do
    local length = redis.call('STRLEN', key)
    if length > tonumber(ARGV[1]) then
        found[index + 2] = length
    else
        found[index + 2] = redis.call('GET', key)
    end
end
return found";

/// First the microsecond of the snapshot and how old it may be, then what was seen of each key, then three for each write: which key,
/// what it becomes, and until when in milliseconds, if not for ever. What was seen begins with `=`; nothing is the empty text.
///
/// Each value was sealed with a nonce of its own, so one that is equal was not changed in between. A time in the past is as good as a
/// change: what was decided then may be wrong now.
const WRITE: &str = "
local time = redis.call('TIME')
if time[1] * 1000000 + time[2] - ARGV[1] > tonumber(ARGV[2]) then
    return 0
end
for index, key in ipairs(KEYS) do
    local seen = ARGV[index + 2]
    if redis.call('STRLEN', key) > #seen then
        return 0
    end
    local value = redis.call('GET', key)
    if (value and '=' .. value or '') ~= seen then
        return 0
    end
end
for at = #KEYS + 3, #ARGV, 3 do
    local key, value, ends = KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2]
    if ends == '' then
        redis.call('SET', key, value)
    else
        redis.call('SET', key, value, 'PXAT', ends)
    end
end
return 1";

/// How old a snapshot may be that a write was decided by, in microseconds. A process may have stood still since.
const MAX_AGE: i64 = 2_000_000;

/// What a reply says that is no snapshot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The value of this name is too large to be ours.
    TooLarge(usize),
    Unreadable,
}

pub(super) fn read(names: &[Name]) -> Cmd {
    let mut command = program(READ, names);
    command.arg(MAX_SEALED);
    command
}

pub(super) fn snapshot(names: &[Name], reply: Value) -> Result<Snapshot, Unusable> {
    let Value::Array(items) = reply else {
        return Err(Unusable::Unreadable);
    };
    let mut items = items.into_iter();
    let (seconds, micros) = (number(items.next()), number(items.next()));
    let time = seconds.zip(micros);
    let micros = time.and_then(|(seconds, micros)| seconds.checked_mul(1_000_000)?.checked_add(micros));
    let now = micros.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let value = |(index, item)| match item {
        Value::Nil => Ok(None),
        Value::BulkString(value) => Ok(Some(value)),
        Value::Int(_) => Err(Unusable::TooLarge(index)),
        _ => Err(Unusable::Unreadable),
    };
    let values = items.enumerate().map(value).collect::<Result<Vec<_>, _>>()?;
    let now = now.filter(|_| values.len() == names.len());
    let now = now.ok_or(Unusable::Unreadable)?;
    Ok(Snapshot { values, now })
}

pub(super) fn write(names: &[Name], seen: &Snapshot, writes: &[Write]) -> Cmd {
    let mut command = program(WRITE, names);
    command.arg(seen.now.as_microsecond()).arg(MAX_AGE);
    for value in &seen.values {
        let seen = value.as_ref().map(|value| [b"=", &value[..]].concat());
        command.arg(seen.unwrap_or_default());
    }
    for write in writes {
        command.arg(write.index + 1).arg(&write.value);
        match write.expires_at {
            Some(time) => command.arg(time.as_millisecond()),
            None => command.arg(""),
        };
    }
    command
}

/// Whether it was written. `None` where that is no reply to it.
pub(super) fn was_written(reply: &Value) -> Option<bool> {
    match reply {
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        _ => None,
    }
}

fn program(text: &str, names: &[Name]) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(text).arg(names.len());
    for name in names {
        command.arg(format!("{PREFIX}{name}"));
    }
    command
}

fn number(item: Option<Value>) -> Option<i64> {
    let Value::BulkString(text) = item? else { return None };
    str::from_utf8(&text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    #[test]
    fn a_snapshot_is_the_reply_to_its_names_and_nothing_else() {
        let names = ["a".to_owned(), "b".to_owned()];
        let time = || [text("1700000000"), text("250000")];
        let reply = |values: [Value; 2]| Value::Array(time().into_iter().chain(values).collect());
        let read = snapshot(&names, reply([Value::Nil, text("b")])).unwrap();
        assert_eq!(read.now, Timestamp::from_millisecond(1_700_000_000_250).unwrap());
        assert_eq!(read.values, [None, Some(b"b".to_vec())]);

        let large = snapshot(&names, reply([text("a"), Value::Int(1 << 20)]));
        assert_eq!(large.unwrap_err(), Unusable::TooLarge(1));
        for other in [
            Value::Nil,
            Value::Array(Vec::new()),
            Value::Array(time().into()),
            Value::Array(vec![text("x"), text("0"), Value::Nil, Value::Nil]),
            Value::Array(vec![text(&i64::MAX.to_string()), text("0"), Value::Nil, Value::Nil]),
            reply([Value::Okay, Value::Nil]),
        ] {
            assert_eq!(snapshot(&names, other).unwrap_err(), Unusable::Unreadable);
        }
    }
}
