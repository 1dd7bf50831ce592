//! Strikes and tokens that outlive a client: other clients of the process, later runs, processes side by
//! side. A run is a cache of its own over the same files.

#[cfg(unix)]
use std::path::Path;

use super::*;
#[cfg(unix)]
use crate::auth::ledger::file::FileLedger;
use crate::auth::store::{file::FileTokenStore, memory::MemoryTokenStore};

/// A folder that goes away with the test.
pub(crate) struct Folder(std::path::PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("enkash-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> std::path::PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One run of a program.
#[cfg(unix)]
fn run(folder: &Folder, password: &str, script: impl IntoIterator<Item = Step>) -> Bench {
    let bench = Bench::with(
        script,
        identity("9000000001", password),
        Arc::new(FileLedger::new(folder.file("strikes.json"))),
        Some(Arc::new(FileTokenStore::new(folder.file("tokens.json")))),
    );
    bench.gate.add_permits(100);
    bench
}

async fn error_of(bench: &Bench) -> LoginError {
    bench.cache.token().await.map(drop).unwrap_err()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
#[cfg(unix)]
async fn restarts_with_a_wrong_password_spend_one_strike_and_a_corrected_one_goes_on() {
    let folder = Folder::new("restarts");
    let mut sent = 0;
    for _ in 0..3 {
        let bench = run(&folder, "wrong", [rejected()]);
        assert!(matches!(*error_of(&bench).await.kind, LoginErrorKind::Rejected { .. }));
        sent += bench.sent();
    }
    assert_eq!(sent, 1);
    let bench = run(&folder, "right", []);
    assert_eq!(bench.cache.query_ledger().await.unwrap().strikes, 1);
    assert_eq!(bench.generation().await, 1);
    assert_eq!(bench.cache.state().strikes, 0);
    // A success does not whitewash other credentials: they would be tried again, once.
    assert!(
        !std::fs::read_to_string(folder.file("strikes.json"))
            .unwrap()
            .contains("9000000001")
    );
}

#[tokio::test]
#[cfg(unix)]
async fn a_run_that_is_killed_in_a_log_in_leaves_a_possible_strike() {
    let folder = Folder::new("killed");
    for hours in 0..2 {
        let bench = run(&folder, "right", [Step::Panic]);
        bench.clock.forward(hours * 3600);
        assert!(matches!(*error_of(&bench).await.kind, LoginErrorKind::Interrupted));
    }
    let bench = run(&folder, "right", []);
    bench.clock.forward(2 * 3600);
    assert!(matches!(
        *error_of(&bench).await.kind,
        LoginErrorKind::Withheld { strikes: 2 }
    ));
    assert_eq!(bench.sent(), 0);
    bench.cache.reset_latch().await.unwrap();
    bench.clock.forward(60);
    assert_eq!(bench.generation().await, 1);
}

#[tokio::test]
#[cfg(unix)]
async fn ten_runs_in_a_row_log_in_once_and_so_do_two_side_by_side() {
    let folder = Folder::new("runs");
    let mut sent = 0;
    for _ in 0..10 {
        let bench = run(&folder, "right", []);
        bench.generation().await;
        sent += bench.sent();
    }
    assert_eq!(sent, 1);

    let folder = Folder::new("side-by-side");
    let (one, other) = (run(&folder, "right", []), run(&folder, "right", []));
    tokio::join!(one.generation(), other.generation());
    assert_eq!(one.sent() + other.sent(), 1);
    for file in ["tokens.json", "tokens.json.lock", "strikes.json"] {
        assert_eq!(mode(&folder.file(file)), 0o600, "{file}");
    }
}

#[tokio::test]
#[cfg(unix)]
async fn a_stored_token_that_was_refused_is_not_taken_again() {
    let folder = Folder::new("refused");
    assert_eq!(run(&folder, "right", [Step::Token("first")]).generation().await, 1);
    let bench = run(&folder, "right", [Step::Token("second")]);
    let token = bench.cache.token().await.unwrap();
    assert_eq!((token.header.to_str().unwrap(), bench.sent()), ("Bearer first", 0));
    bench.cache.invalidate(token.generation).await;
    assert_eq!(bench.cache.token().await.unwrap().header, "Bearer second");
    // The other user of the file gets the newer one.
    assert_eq!(
        run(&folder, "right", []).cache.token().await.unwrap().header,
        "Bearer second"
    );
}

#[tokio::test]
#[cfg(unix)]
async fn nobody_gets_a_token_for_a_user_name_alone() {
    let folder = Folder::new("other-password");
    assert_eq!(run(&folder, "right", [Step::Token("first")]).generation().await, 1);
    let bench = run(&folder, "guessed", [rejected()]);
    assert!(matches!(*error_of(&bench).await.kind, LoginErrorKind::Rejected { .. }));
    // And the guess took nothing from the one who knows the password.
    let bench = run(&folder, "right", []);
    assert_eq!(bench.cache.token().await.unwrap().header, "Bearer first");
}

#[tokio::test]
#[cfg(unix)]
async fn a_file_that_is_not_ours_is_named_and_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("not-ours");
    let path = folder.file("strikes.json");
    for foreign in [
        "",
        "not json",
        "{}",
        r#"{"kind":"enkash token store","version":1,"content":{}}"#,
    ] {
        std::fs::write(&path, foreign).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let bench = run(&folder, "right", []);
        let error = error_of(&bench).await.to_string();
        assert!(error.contains("strikes.json is not a file of this program"), "{error}");
        assert_eq!(bench.sent(), 0, "a login that cannot be counted is not sent");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), foreign);
    }
    std::fs::remove_file(&path).unwrap();
    run(&folder, "right", []).generation().await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::remove_file(folder.file("tokens.json")).unwrap();
    let error = error_of(&run(&folder, "right", [])).await.to_string();
    assert!(error.contains("can be read by others: run `chmod 600"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_there_before_gets_no_token() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("in-wait");
    let (link, bait) = (folder.file("tokens.json.new"), folder.file("bait"));
    std::fs::write(&bait, "").unwrap();
    std::os::unix::fs::symlink(&bait, &link).unwrap();
    std::fs::write(folder.file("strikes.json.new"), "").unwrap();
    run(&folder, "right", []).generation().await;

    assert_eq!(std::fs::read_to_string(&bait).unwrap(), "");
    for name in ["tokens.json", "strikes.json"] {
        let mode = std::fs::metadata(folder.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_used_costs_a_log_in_and_no_call() {
    // A file stands where the folder should be.
    let folder = Folder::new("no-folder");
    std::fs::write(folder.file("file"), "").unwrap();
    let nowhere = folder.file("file").join("tokens.json");
    let store: Arc<dyn TokenStore> = Arc::new(FileTokenStore::new(nowhere));
    let bench = Bench::with(
        [],
        identity("9000000001", "right"),
        Arc::<MemoryLedger>::default(),
        Some(store),
    );
    bench.gate.add_permits(10);
    assert_eq!(bench.generation().await, 1);
}

#[tokio::test]
async fn a_success_of_the_right_password_lifts_no_latch_of_a_wrong_one() {
    let ledger = Arc::<MemoryLedger>::default();
    let bench = |password: &str, script: Vec<Step>| {
        let ledger = Arc::<MemoryLedger>::clone(&ledger);
        let bench = Bench::with(script, identity("9000000001", password), ledger, None);
        bench.gate.add_permits(100);
        bench
    };
    let wrong = [bench("wrong", vec![rejected()]), bench("guess", vec![rejected()])];
    let right = bench("right", vec![]);
    for (number, wrong) in (1..).zip(&wrong) {
        assert!(matches!(*error_of(wrong).await.kind, LoginErrorKind::Rejected { .. }));
        right.clock.forward(3600);
        assert_eq!(right.generation().await, number, "and the right one goes on");
    }
    for wrong in &wrong {
        assert!(matches!(*error_of(wrong).await.kind, LoginErrorKind::Rejected { .. }));
    }
    assert_eq!(wrong.map(|wrong| wrong.sent()), [1, 1]);
}

#[tokio::test]
async fn users_of_one_ledger_and_store_do_not_touch_each_other() {
    let (ledger, store) = (Arc::<MemoryLedger>::default(), Arc::<MemoryTokenStore>::default());
    let bench = |user: &str, password: &str, script: Vec<Step>| {
        let store: Arc<dyn TokenStore> = Arc::<MemoryTokenStore>::clone(&store);
        let bench = Bench::with(
            script,
            identity(user, password),
            Arc::<MemoryLedger>::clone(&ledger),
            Some(store),
        );
        bench.gate.add_permits(100);
        bench
    };
    let right = bench("9000000001", "right", vec![Step::Token("of the first")]);
    let wrong = bench("9000000002", "wrong", vec![rejected()]);
    assert!(matches!(*error_of(&wrong).await.kind, LoginErrorKind::Rejected { .. }));
    assert_eq!(right.cache.token().await.unwrap().header, "Bearer of the first");
    let state = right.cache.query_ledger().await.unwrap();
    assert_eq!((state.strikes, state.is_latched), (0, false));

    // Two wrong passwords of one account: the third login is held back, except for those that are known to be right.
    let (guess, another, third) = (
        bench("9000000001", "guess", vec![rejected()]),
        bench("9000000001", "another", vec![rejected()]),
        bench("9000000001", "third", vec![rejected()]),
    );
    assert!(matches!(*error_of(&guess).await.kind, LoginErrorKind::Rejected { .. }));
    assert!(matches!(
        *error_of(&another).await.kind,
        LoginErrorKind::Rejected { .. }
    ));
    assert!(matches!(
        *error_of(&third).await.kind,
        LoginErrorKind::Withheld { strikes: 2 }
    ));
    assert_eq!(third.sent(), 0);
    // Nor are those that worked: they may have been changed since, and the third failure locks the account for all.
    right.clock.forward(3600);
    assert!(matches!(
        *error_of(&right).await.kind,
        LoginErrorKind::Withheld { strikes: 2 }
    ));
    right.cache.reset_latch().await.unwrap();
    assert_eq!(right.generation().await, 2);
    assert_eq!(third.cache.query_ledger().await.unwrap().strikes, 0);
}

/// Has the key "0" and, for the account of [`identity`] at this host, the record of an earlier format.
#[cfg(unix)]
fn write_earlier(
    folder: &Folder,
    token_host: &str,
    record: impl FnOnce(&crate::auth::identity::Fingerprint) -> String,
) {
    // As the first format named accounts: by the host as it was written.
    let host: reqwest::Url = token_host.parse().unwrap();
    let credentials = crate::model::credentials::Credentials::new("CEK1", "secret", "9000000001", "right");
    let identity = LoginIdentity::as_written(&host, &credentials);
    let (account, credentials) = (identity.account(b"0"), identity.credentials(b"0"));
    let text = format!(
        r#"{{"kind":"enkash strike ledger","version":1,"content":{{"key":"0","accounts":{{"{}":{}}}}}}}"#,
        account.as_str(),
        record(&credentials)
    );
    write_private(&folder.file("strikes.json"), &text);
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).mode(0o600).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

#[tokio::test]
#[cfg(unix)]
async fn a_token_file_of_before_is_read_and_the_next_login_overtakes_it() {
    let folder = Folder::new("earlier-tokens");
    let identity = identity("9000000001", "right");
    let born = Bench::open([])
        .clock
        .now()
        .wall
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let time = |seconds: u64| format!(r#"{{"secs_since_epoch":{seconds},"nanos_since_epoch":0}}"#);
    let text = format!(
        r#"{{"kind":"enkash token store","version":1,"content":{{"key":"0","tokens":{{"{}":{{"token":"old","born":{},"ends":{}}}}}}}}}"#,
        identity.credentials(b"0").as_str(),
        time(born),
        time(born + 300)
    );
    write_private(&folder.file("tokens.json"), &text);
    let bench = run(&folder, "right", [Step::Token("new")]);
    assert_eq!(bench.cache.token().await.unwrap().header, "Bearer old");
    bench.clock.forward(300);
    assert_eq!(bench.cache.token().await.unwrap().header, "Bearer new");
    let written = std::fs::read_to_string(folder.file("tokens.json")).unwrap();
    assert!(
        written.contains(r#""version": 2"#) && written.contains("fence"),
        "{written}"
    );
}

#[tokio::test]
#[cfg(unix)]
async fn files_of_before_are_read_and_what_they_know_under_another_spelling_is_not_forgotten() {
    let at = |host: &str| {
        let credentials = crate::model::credentials::Credentials::new("CEK1", "secret", "9000000001", "right");
        LoginIdentity::new(&host.parse().unwrap(), &credentials)
    };
    for (written, now) in [
        ("https://token.example/", "https://token.example"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://localhost:8080"),
        ("http://[::1]:8080/", "http://127.0.0.1:8080"),
        ("https://token.example/api", "https://token.example/api"),
    ] {
        let folder = Folder::new("earlier");
        write_earlier(&folder, written, |credentials| {
            format!(
                r#"{{"strikes":1,"rejected":[{{"credentials":"{}","answer":"HTTP 401"}}]}}"#,
                credentials.as_str()
            )
        });
        let ledger = Arc::new(FileLedger::new(folder.file("strikes.json")));
        let bench = Bench::with([], at(now), ledger, None);
        bench.gate.add_permits(9);
        let state = bench.cache.query_ledger().await.unwrap();
        assert_eq!((state.strikes, state.is_latched), (1, true), "{written} as {now}");
        assert!(matches!(*error_of(&bench).await.kind, LoginErrorKind::Rejected { .. }));
        assert_eq!(bench.sent(), 0);
        bench.cache.reset_latch().await.unwrap();
        assert_eq!(bench.generation().await, 1);
        let written = std::fs::read_to_string(folder.file("strikes.json")).unwrap();
        assert!(written.contains(r#""version": 3"#), "{written}");
    }
}
