//! The rights that README.md names are enough, and no more than that.

use enkash_fleet::{Fleet, FleetKeys};
use enkash_sandbox::{Operation, Sandbox};

use crate::place::{KEY, client};

const README: &str = include_str!("../../README.md");

#[cfg(feature = "postgres")]
#[tokio::test]
async fn the_user_of_the_readme_can_use_a_table_that_others_made() {
    let Some(server) = enkash_test_servers::postgres::PostgresServer::shared() else {
        return;
    };
    let database = server.database();
    let user = format!("{}_user", database.query("SELECT current_database()"));
    let (_, block) = README.split_once("```sql\n").unwrap();
    let (sql, _) = block.split_once("```").unwrap();
    database.query(&format!("CREATE ROLE {user} LOGIN"));
    database.query(&sql.replace("TO enkash;", &format!("TO {user};")));
    let url = database.url().replace("postgres@", &format!("{user}@"));
    check(&url).await;
    let may_create = database.query(&format!("SELECT has_schema_privilege('{user}', 'enkash', 'CREATE')"));
    assert_eq!(may_create, "f");
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn the_user_of_the_readme_can_do_what_it_must_and_nothing_else() {
    let Some(server) = enkash_test_servers::redis::RedisServer::start() else {
        return;
    };
    let line = README.lines().find(|line| line.starts_with("ACL SETUSER enkash"));
    let line = line.unwrap().replace("PASSWORD", "s3cret");
    server.query(&line.split(' ').collect::<Vec<_>>());
    let url = server.url();
    let url = format!("redis://enkash:s3cret@{}/5", url.rsplit_once('@').unwrap().1);
    check(&url).await;
    for other in ["GET other", "KEYS *", "CONFIG SET save 1", "FLUSHALL"] {
        let command = format!("ACL DRYRUN enkash {other}");
        let said = server.query(&command.split(' ').collect::<Vec<_>>());
        assert!(said.contains("no permissions"), "{other}: {said}");
    }
    let weakness = async || fleet(&url).check().await.unwrap().weakness.unwrap();
    assert!(!weakness().await.contains("unknown"));
    // What it may not ask is unknown, and never fine.
    server.query(&["ACL", "SETUSER", "enkash", "-config|get", "-info"]);
    assert_eq!(weakness().await.matches("unknown").count(), 2);
}

fn fleet(url: &str) -> Fleet {
    Fleet::new(url, FleetKeys::parse(KEY).unwrap()).unwrap()
}

async fn check(url: &str) {
    let sandbox = Sandbox::start().await.unwrap();
    for _ in 0..2 {
        client(&fleet(url), &sandbox, None).access_token().await.unwrap();
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    let wrong = client(&fleet(url), &sandbox, Some("wrong"));
    assert!(wrong.access_token().await.unwrap_err().is_credentials_rejected());
    fleet(url).check().await.unwrap();
}
