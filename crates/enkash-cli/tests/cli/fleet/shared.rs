//! With real databases: each suite runs on every kind that this build has.

use std::{
    io::{BufRead, BufReader},
    process::Command,
};

use enkash_sandbox::{Operation, Sandbox};
use serde_json::Value;

use super::{KEY, at};
use crate::{
    live_calls::ALLOCATE_ARGS,
    login_failures::CERTIFICATE,
    login_server::LoginServer,
    support::{CommandResult, Running, TemporaryFolder, enkash, settings},
};

const AT_ONCE: usize = 20;
const OTHER_KEY: &str = "AgkQFx4lLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Ns=\n";

/// A database, and the files that name it.
struct Fleet {
    url: String,
    folder: TemporaryFolder,
}

impl Fleet {
    fn at(url: String) -> Self {
        let folder = TemporaryFolder::new();
        folder.write("key", KEY);
        folder.write("certificate.pem", CERTIFICATE);
        Self { url, folder }
    }

    /// The command as another machine has it: its state folder is one that nothing else uses.
    fn join(&self, command: &mut Command) {
        command
            .env("ENKASH_FLEET_URL", &self.url)
            .env("ENKASH_FLEET_KEY_FILE", self.folder.path().join("key"))
            // Reading the certificates of the machine takes most of the time of a run.
            .env("SSL_CERT_FILE", self.folder.path().join("certificate.pem"))
            .env("SSL_CERT_DIR", self.folder.path());
    }

    fn command(&self, sandbox: &Sandbox, arguments: &[&str]) -> Command {
        let mut command = enkash(arguments);
        command.envs(settings(sandbox.credentials()));
        self.join(&mut command);
        command
    }

    fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> CommandResult {
        self.command(sandbox, arguments).output().unwrap().into()
    }

    fn command_at(&self, server: &LoginServer, arguments: &[&str]) -> Command {
        let mut command = at(server, arguments);
        self.join(&mut command);
        command
    }
}

/// Where the command would keep its own strikes.
fn state_of(command: &Command) -> std::path::PathBuf {
    let mut values = command.get_envs();
    let state = values.find(|(name, _)| *name == "ENKASH_STATE_DIR");
    state.unwrap().1.unwrap().into()
}

macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let Some(server) = enkash_test_servers::postgres::PostgresServer::shared() else { return };
                    super::$test(&super::Fleet::at(server.database().url())).await;
                }
            )*
        }

        #[cfg(feature = "redis")]
        mod redis {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let Some(server) = enkash_test_servers::redis::RedisServer::start() else { return };
                    super::$test(&super::Fleet::at(server.url())).await;
                }
            )*
        }
    };
}

on_each_database!(
    commands_at_once_log_in_once_and_leave_no_file,
    a_wrong_password_is_sent_once,
    another_key_is_named_and_sends_no_login,
    a_read_that_is_interrupted_ends_with_its_login,
    a_call_that_is_given_up_on_ends_with_its_login,
    a_reset_says_whose_strikes_it_forgets,
);

async fn commands_at_once_log_in_once_and_leave_no_file(fleet: &Fleet) {
    let sandbox = Sandbox::start().await.unwrap();
    let commands: Vec<_> = (0..AT_ONCE)
        .map(|_| fleet.command(&sandbox, &["-v", "account"]))
        .collect();
    let states: Vec<_> = commands.iter().map(state_of).collect();
    let running: Vec<_> = commands.into_iter().map(Running::start).collect();
    let mut alone = 0;
    for running in running {
        let ended = running.ended();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        // A store that does not give its token within two seconds costs a login, and 20 processes start at once here.
        alone += usize::from(ended.stderr.contains("going on without it"));
        // Nothing but the log is there.
        let is_log = |line: &str| [" DEBUG ", " INFO ", " WARN "].iter().any(|level| line.contains(level));
        assert!(ended.stderr.lines().all(is_log), "{ended:?}");
    }
    let logins = sandbox.calls(Operation::IssueToken);
    assert!(
        (1..=1 + alone).contains(&(logins as usize)),
        "{logins} logins, {alone} alone"
    );
    assert!(states.iter().all(|state| !state.exists()), "{states:?}");

    let token = fleet.run(&sandbox, &["token", "--json"]);
    let token: Value = serde_json::from_str(&token.stdout).unwrap();
    assert_eq!(token["from_earlier_run"], true, "{token}");
    let place = token["kept_in"].as_str().unwrap();
    assert!(fleet.url.contains(place.trim_end_matches("/0")), "{token}");

    // Without a token of others each logs in, and the strikes are counted all the same.
    let alone = fleet.run(&sandbox, &["--no-token-cache", "token"]);
    assert_eq!(alone.code, Some(0), "{alone:?}");
    assert!(!alone.stdout.contains("kept in"), "{}", alone.stdout);
    assert_eq!(sandbox.calls(Operation::IssueToken), logins + 1);
}

async fn a_wrong_password_is_sent_once(fleet: &Fleet) {
    let sandbox = Sandbox::start().await.unwrap();
    let wrong = |arguments: &[&str]| {
        let mut command = fleet.command(&sandbox, arguments);
        command.env("ENKASH_PASSWORD", "not-the-password");
        command
    };
    let commands: Vec<_> = (0..AT_ONCE).map(|_| wrong(&["account"])).collect();
    let states: Vec<_> = commands.iter().map(state_of).collect();
    let running: Vec<_> = commands.into_iter().map(Running::start).collect();
    for running in running {
        let ended = running.ended();
        assert_eq!(ended.code, Some(5), "{ended:?}");
        assert!(!ended.stderr.contains("not-the-password"), "{}", ended.stderr);
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    assert!(states.iter().all(|state| !state.join("strikes.json").exists()));
    let report = CommandResult::from(wrong(&["doctor", "--json"]).output().unwrap());
    let (status, detail) = check(&report, "strikes");
    assert!(status == "fail" && detail.starts_with("1 of 3"), "{detail}");
}

async fn another_key_is_named_and_sends_no_login(fleet: &Fleet) {
    let sandbox = Sandbox::start().await.unwrap();
    assert_eq!(fleet.run(&sandbox, &["token"]).code, Some(0));
    fleet.folder.write("key", OTHER_KEY);
    let ended = fleet.run(&sandbox, &["--no-token-cache", "token"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert!(
        ended.stderr.contains("sealed with another key than ours"),
        "{}",
        ended.stderr
    );
    let report = fleet.run(&sandbox, &["doctor", "--json"]);
    assert_eq!(report.code, Some(1), "{report:?}");
    let (status, detail) = check(&report, "fleet");
    assert_eq!(status, "fail");
    assert!(
        detail.contains("sealed with another key than ours") && detail.ends_with("; no login is sent without it"),
        "{detail}"
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

/// Cut off, its login would count as one without response, and all others would wait.
async fn a_read_that_is_interrupted_ends_with_its_login(fleet: &Fleet) {
    let server = LoginServer::start();
    server.hold();
    let mut running = Running::start(fleet.command_at(&server, &["token"]));
    server.wait_for_a_log_in();
    running.interrupt();
    server.release();
    let ended = running.ended();
    // It may have come to its end before the signal did.
    assert!(matches!(ended.code, Some(0 | 130)), "{ended:?}");
    logs_in_at_once(fleet, &server);
}

async fn a_call_that_is_given_up_on_ends_with_its_login(fleet: &Fleet) {
    let server = LoginServer::start();
    server.hold();
    let allocate = [&["allocate"], &ALLOCATE_ARGS[..], &["--reference", "R1", "--yes"]].concat();
    let mut running = Running::start(fleet.command_at(&server, &allocate));
    server.wait_for_a_log_in();
    running.interrupt();
    let mut stderr = BufReader::new(running.child().stderr.take().unwrap());
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("waiting for the response to R1") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it did not wait");
    }
    running.interrupt();
    // Its outcome is told, and only the login is left to wait for.
    while !line.starts_with("outcome") {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it told no outcome");
    }
    server.release();
    assert_eq!(running.ended().code, Some(4));
    logs_in_at_once(fleet, &server);
}

/// No lease is left of the login before, nor a strike or a pause.
fn logs_in_at_once(fleet: &Fleet, server: &LoginServer) {
    let mut next = fleet.command_at(server, &["--no-token-cache", "token", "--json"]);
    let ended = CommandResult::from(next.output().unwrap());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let token: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(token["strikes"], 0, "{token}");
    assert_eq!(server.log_ins(), 2);
    // The token of the first was kept for all.
    let kept = CommandResult::from(fleet.command_at(server, &["token"]).output().unwrap());
    assert_eq!(kept.code, Some(0), "{kept:?}");
    assert_eq!(server.log_ins(), 2);
}

async fn a_reset_says_whose_strikes_it_forgets(fleet: &Fleet) {
    let sandbox = Sandbox::start().await.unwrap();
    let mut wrong = fleet.command(&sandbox, &["token"]);
    let ended = wrong.env("ENKASH_PASSWORD", "not-the-password").output().unwrap();
    assert_eq!(ended.status.code(), Some(5));
    let asked = fleet.run(&sandbox, &["token", "--reset-strikes"]);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(
        asked
            .stderr
            .contains("1 of 3 failed logins are counted by the fleet in ")
            && asked.stderr.contains(", for all its processes"),
        "{}",
        asked.stderr
    );
    let reset = fleet.run(&sandbox, &["token", "--reset-strikes", "--yes"]);
    assert_eq!(reset.code, Some(0), "{reset:?}");
    let (status, detail) = check(&fleet.run(&sandbox, &["doctor", "--json"]), "strikes");
    assert!(status == "ok" && detail.starts_with("0 of 3"), "{detail}");
}

/// Status and detail of one check of `doctor --json`.
fn check(report: &CommandResult, name: &str) -> (String, String) {
    crate::doctor::check(&report.stdout, name)
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_looks_at_a_postgresql_and_writes_nothing() {
    let Some(mut server) = enkash_test_servers::postgres::PostgresServer::start() else {
        return;
    };
    let sandbox = Sandbox::start().await.unwrap();
    let database = server.database();
    let fleet = Fleet::at(database.url());
    let report = fleet.run(&sandbox, &["doctor", "--json"]);
    assert_eq!((report.code, report.stderr.as_str()), (Some(0), ""), "{report:?}");
    let (status, detail) = check(&report, "fleet");
    assert_eq!(status, "ok", "{detail}");
    assert!(detail.contains("our key is the fleet's, its clock is ours"), "{detail}");
    assert_eq!(check(&report, "strikes").0, "ok");
    assert_eq!(
        database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'enkash'"),
        "0"
    );
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);

    // Who could not make the table is told so now, and not by the first login.
    database.query("CREATE ROLE reader LOGIN");
    let as_reader = |arguments: &[&str]| {
        let mut command = fleet.command(&sandbox, arguments);
        command.env("ENKASH_FLEET_URL", fleet.url.replace("postgres@", "reader@"));
        CommandResult::from(command.output().unwrap())
    };
    let (status, detail) = check(&as_reader(&["doctor", "--json"]), "fleet");
    assert!(status == "fail" && detail.contains("or may not make it"), "{detail}");
    database.query("CREATE SCHEMA enkash");
    database.query("GRANT USAGE, CREATE ON SCHEMA enkash TO reader");
    assert_eq!(check(&as_reader(&["doctor", "--json"]), "fleet").0, "ok");
    assert_eq!(as_reader(&["token"]).code, Some(0));
    assert_eq!(check(&as_reader(&["doctor", "--json"]), "fleet").0, "ok");
    database.query("REVOKE UPDATE ON enkash.fleet FROM reader");
    assert_eq!(check(&as_reader(&["doctor", "--json"]), "fleet").0, "fail");
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);

    // Hosts and database are shown, and nothing else of the address.
    let address = fleet.url.replace("postgres@", "postgres:s3cret@");
    let mut show = fleet.command(&sandbox, &["profile", "show"]);
    let shown = CommandResult::from(show.env("ENKASH_FLEET_URL", &address).output().unwrap());
    let place = address.rsplit_once('@').unwrap().1;
    assert!(
        shown.stdout.contains(place) && !shown.stdout.contains("s3cret"),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stdout.contains("set, not shown") && !shown.stdout.contains(KEY.trim()),
        "{}",
        shown.stdout
    );

    server.stop_hard();
    let report = fleet.run(&sandbox, &["doctor", "--json"]);
    assert_eq!(report.code, Some(1), "{report:?}");
    let (status, detail) = check(&report, "fleet");
    assert!(
        status == "fail" && detail.contains(&format!("{place} cannot be used: ")),
        "{detail}"
    );
    let ended = fleet.run(&sandbox, &["account"]);
    assert_eq!(ended.code, Some(6), "{ended:?}");
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_warns_of_strikes_in_a_redis() {
    let Some(mut server) = enkash_test_servers::redis::RedisServer::start() else {
        return;
    };
    let sandbox = Sandbox::start().await.unwrap();
    let fleet = Fleet::at(server.url());
    let report = fleet.run(&sandbox, &["doctor", "--json"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    let (status, detail) = check(&report, "fleet");
    assert!(
        status == "warn" && detail.contains("a Redis may forget strikes") && detail.contains("fleet_token_url_file"),
        "{detail}"
    );
    assert!(!report.stdout.contains(server.password()), "{}", report.stdout);
    assert_eq!(sandbox.calls(Operation::IssueToken), 0);
    server.stop_hard();
    let (status, detail) = check(&fleet.run(&sandbox, &["doctor", "--json"]), "fleet");
    assert!(
        status == "fail" && detail.contains("cannot be used") && !detail.contains(server.password()),
        "{detail}"
    );
}

#[cfg(all(feature = "postgres", feature = "redis"))]
#[tokio::test(flavor = "multi_thread")]
async fn tokens_may_be_in_a_redis_that_goes_away() {
    let (Some(postgres), Some(mut redis)) = (
        enkash_test_servers::postgres::PostgresServer::shared(),
        enkash_test_servers::redis::RedisServer::start(),
    ) else {
        return;
    };
    let sandbox = Sandbox::start().await.unwrap();
    let fleet = Fleet::at(postgres.database().url());
    let run = |arguments: &[&str]| {
        let mut command = fleet.command(&sandbox, arguments);
        command.env("ENKASH_FLEET_TOKEN_URL", redis.url());
        CommandResult::from(command.output().unwrap())
    };
    for _ in 0..2 {
        let token = run(&["token", "--json"]);
        let token: Value = serde_json::from_str(&token.stdout).unwrap();
        assert!(
            redis
                .url()
                .ends_with(token["kept_in"].as_str().unwrap().trim_end_matches("/0")),
            "{token}"
        );
    }
    assert_eq!(sandbox.calls(Operation::IssueToken), 1);
    let report = run(&["doctor", "--json"]);
    assert_eq!(
        (check(&report, "fleet").0, check(&report, "fleet tokens").0),
        ("ok".into(), "ok".into())
    );
    let url = redis.url();
    redis.stop_hard();
    let run = |arguments: &[&str]| {
        let mut command = fleet.command(&sandbox, arguments);
        command.env("ENKASH_FLEET_TOKEN_URL", &url);
        CommandResult::from(command.output().unwrap())
    };
    // A store that fails costs a login, and no call.
    assert_eq!(run(&["account"]).code, Some(0));
    assert_eq!(sandbox.calls(Operation::IssueToken), 2);
    let report = run(&["doctor", "--json"]);
    assert_eq!(report.code, Some(0), "{report:?}");
    let (status, detail) = check(&report, "fleet tokens");
    assert!(
        status == "warn" && detail.ends_with("; each process logs in for itself without it"),
        "{detail}"
    );
}
