//! What a ledger promises, on each database that it can be kept in. Each behaviour is a function over a [`Place`], and runs once
//! on a file of SQLite and once on a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it calls")]

/// Makes a test on each database of each of these behaviours.
macro_rules! on_each_store {
    ($($behaviour:ident),* $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    super::$behaviour(&crate::place::Place::file()).await;
                }
            )*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    let Some(place) = crate::place::Place::database() else { return };
                    super::$behaviour(&place).await;
                }
            )*
        }
    };
}

mod after_all;
mod calls;
mod history;
mod imports;
#[cfg(feature = "postgres")]
mod imports_at_once;
mod late;
mod meanwhile;
mod opening;
mod people;
mod place;
mod repetitions;
mod rivals;
mod row_intents;
mod rows;
mod runs;
#[cfg(feature = "postgres")]
mod server;
