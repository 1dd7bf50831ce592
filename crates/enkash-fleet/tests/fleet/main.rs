//! One suite for each kind of database, on real servers: clients with nothing in common but the database.

#![cfg(any(feature = "postgres", feature = "redis"))]
#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

mod canary;
mod clocks;
mod entries;
mod key_change;
mod login_server;
#[cfg(unix)]
mod outage;
mod place;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod processes;
#[cfg(feature = "redis")]
mod redis_only;
#[cfg(feature = "redis")]
mod redis_tls;
mod rights;
mod sharing;

/// Runs each of these on every kind of database that this build has.
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let Some(place) = crate::place::Place::postgres() else { return };
                    super::$test(&place).await;
                }
            )*
        }

        #[cfg(feature = "redis")]
        mod redis {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let Some(place) = crate::place::Place::redis() else { return };
                    super::$test(&place).await;
                }
            )*
        }
    };
}
pub(crate) use on_each_database;

/// As [`on_each_database`], each with a server of its own.
macro_rules! on_servers_of_their_own {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let Some(place) = crate::place::Place::own_postgres() else { return };
                    super::$test(place).await;
                }
            )*
        }

        #[cfg(feature = "redis")]
        mod redis {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let Some(place) = crate::place::Place::redis() else { return };
                    super::$test(place).await;
                }
            )*
        }
    };
}
pub(crate) use on_servers_of_their_own;
