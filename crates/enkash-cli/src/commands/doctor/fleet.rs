//! What a fleet shares: whether its databases can be used with our key, and whether what they are told is safe with them. Reads, and
//! writes nothing.

use enkash_fleet::{Check as Found, Error};

use super::check::Check;
use crate::fleet::FleetDatabases;

const STRIKES: &str = "fleet";
const TOKENS: &str = "fleet tokens";
const ADVICE: &str =
    "count strikes in PostgreSQL (fleet_url_file), and keep only the token here (fleet_token_url_file)";

pub(super) async fn check(fleet: &FleetDatabases) -> Vec<Check> {
    let strikes = strikes_check(fleet.strikes.check().await, fleet.counts_in_redis);
    let Some(tokens) = &fleet.own_tokens else {
        return vec![strikes];
    };
    vec![strikes, tokens_check(tokens.check().await)]
}

fn strikes_check(found: Result<Found, Error>, is_redis: bool) -> Check {
    let found = match found {
        Ok(found) => found,
        Err(error) => return Check::fail(STRIKES, format!("{error}; no login is sent without it")),
    };
    let text = describe(&found);
    match (found.weakness, is_redis) {
        (None, false) => Check::ok(STRIKES, text),
        (Some(weakness), false) => Check::warn(
            STRIKES,
            format!("{text}; {weakness}, and strikes that are forgotten lock the account"),
        ),
        (weakness, true) => {
            let weakness = weakness.map(|weakness| format!("{weakness}; ")).unwrap_or_default();
            Check::warn(
                STRIKES,
                format!(
                    "{text}; {weakness}a Redis may forget strikes, and the account is locked by the third: {ADVICE}"
                ),
            )
        }
    }
}

/// A token that is forgotten costs a login, and so does a database that is away.
fn tokens_check(found: Result<Found, Error>) -> Check {
    match found {
        Ok(found) => Check::ok(TOKENS, describe(&found)),
        Err(error) if error.is_unavailable() => {
            Check::warn(TOKENS, format!("{error}; each process logs in for itself without it"))
        }
        Err(error) => Check::fail(TOKENS, format!("{error}; each process logs in for itself until then")),
    }
}

fn describe(found: &Found) -> String {
    format!(
        "{}, our key is the fleet's, {}",
        found.place,
        clock(found.clock_ahead.as_secs_f64())
    )
}

/// The fleet goes by the database's clock alone, so that a difference is only good to know.
fn clock(seconds: f64) -> String {
    if seconds.abs() < 1.0 {
        return "its clock is ours".to_owned();
    }
    let side = if seconds > 0.0 { "ahead of" } else { "behind" };
    format!("its clock is {:.0} s {side} ours, which does not matter", seconds.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_differs_is_said_with_its_side() {
        for (ahead, said) in [
            (-0.9, "its clock is ours"),
            (4.2, "its clock is 4 s ahead of ours, which does not matter"),
            (-3600.0, "its clock is 3600 s behind ours, which does not matter"),
        ] {
            assert_eq!(clock(ahead), said);
        }
    }
}
