//! The rules on a record by itself, with a clock that is moved by hand.

use std::time::UNIX_EPOCH;

use http::StatusCode;

use super::*;

mod late;

const LEASE: Duration = Duration::from_secs(35);

/// The record of one account, and what its users do.
struct Account {
    record: StrikeRecord,
    /// In seconds.
    now: u64,
}

fn credentials(password: &str) -> Fingerprint {
    let text = format!("\"{password}\"");
    serde_json::from_str(&text).unwrap()
}

fn status(status: u16) -> LoginErrorKind {
    LoginErrorKind::Status {
        at: "https://api.example".to_owned(),
        status: StatusCode::from_u16(status).unwrap(),
    }
}

fn rejected() -> LoginErrorKind {
    LoginErrorKind::Rejected {
        answer: "HTTP 401".to_owned(),
    }
}

fn lost() -> LoginErrorKind {
    LoginErrorKind::Lost { timeout: true }
}

impl Account {
    fn new() -> Self {
        Self {
            record: StrikeRecord::default(),
            now: 1_800_000_000,
        }
    }

    /// These credentials have just succeeded.
    fn known(password: &str) -> Self {
        let mut account = Self::new();
        account.login(password, Ok(())).unwrap();
        account
    }

    fn step(&mut self, password: &str, step: Step) -> LedgerReply {
        let now = UNIX_EPOCH + Duration::from_secs(self.now);
        LedgerUpdate::new(step, now).apply(&mut self.record, &credentials(password))
    }

    fn reserve(&mut self, password: &str) -> (LeaseId, Permit) {
        let lease = LeaseId::new();
        let step = Step::Reserve {
            lease: lease.clone(),
            length: LEASE,
        };
        (lease, self.step(password, step).permit)
    }

    /// As `reserve`, where nothing stands in the way.
    fn granted(&mut self, password: &str) -> LeaseId {
        let (lease, permit) = self.reserve(password);
        assert!(matches!(permit, Permit::Granted), "{permit:?}");
        lease
    }

    fn end(&mut self, password: &str, lease: LeaseId, end: Result<(), LoginErrorKind>) -> LedgerReply {
        let step = match end {
            Ok(()) => Step::Succeeded { lease },
            Err(kind) => Step::Failed {
                lease,
                error: kind.into(),
            },
        };
        self.step(password, step)
    }

    /// One login from its reservation to its end.
    fn login(&mut self, password: &str, end: Result<(), LoginErrorKind>) -> Result<LedgerReply, LoginError> {
        match self.reserve(password) {
            (lease, Permit::Granted) => Ok(self.end(password, lease, end)),
            (_, Permit::Refused(error)) => Err(error),
            (_, Permit::Wait(left)) => panic!("{left:?} to wait"),
        }
    }

    fn strikes(&mut self) -> u32 {
        self.step("anybody", Step::Look).strikes
    }
}

/// The table, by answers: what is expected is written here once more, in numbers.
#[test]
fn every_end_of_a_log_in_latches_counts_and_pauses_as_the_table_says() {
    // Credentials that are new: latched, strikes, pause. Then those that worked before.
    type Expected = (bool, u32, u64);
    const LATCH: Expected = (true, 1, 0);
    const STRIKE: Expected = (false, 1, 30);
    const PAUSE: Expected = (false, 0, 30);
    const NOTHING: Expected = (false, 0, 0);
    let not_sent = || LoginErrorKind::NotSent {
        reason: "why".to_owned(),
    };
    let rows = [
        (rejected(), LATCH, LATCH),
        (LoginErrorKind::Unreadable, STRIKE, STRIKE),
        (status(302), STRIKE, STRIKE),
        (status(400), STRIKE, STRIKE),
        (status(401), STRIKE, STRIKE),
        (status(403), STRIKE, STRIKE),
        (status(408), STRIKE, STRIKE),
        (status(423), STRIKE, STRIKE),
        (status(600), STRIKE, STRIKE),
        (status(429), STRIKE, PAUSE),
        (status(500), STRIKE, PAUSE),
        (status(503), STRIKE, PAUSE),
        (status(599), STRIKE, PAUSE),
        (lost(), STRIKE, PAUSE),
        (LoginErrorKind::Lost { timeout: false }, STRIKE, PAUSE),
        (LoginErrorKind::Interrupted, STRIKE, PAUSE),
        (LoginErrorKind::Unreachable(Default::default()), NOTHING, NOTHING),
        (not_sent(), NOTHING, NOTHING),
        (LoginErrorKind::NoRuntime, NOTHING, NOTHING),
    ];
    for (kind, new, known) in rows {
        let error = LoginError::from(kind);
        let accounts = [(Account::new(), new), (Account::known("right"), known)];
        for (mut account, (latched, strikes, pause)) in accounts {
            let lease = account.granted("right");
            let step = Step::Failed {
                lease,
                error: error.clone(),
            };
            let reply = account.step("right", step);
            let began = UNIX_EPOCH + Duration::from_secs(account.now);
            let paused = reply.paused_until.map(|until| until.duration_since(began).unwrap());
            assert_eq!(
                (reply.is_latched, reply.strikes, paused.unwrap_or_default().as_secs()),
                (latched, strikes, pause),
                "{error}"
            );
            account.now += pause;
            let (_, permit) = account.reserve("right");
            assert_eq!(matches!(permit, Permit::Granted), !latched, "{error}: {permit:?}");
        }
    }
}

#[test]
fn credentials_that_worked_are_held_back_before_the_third_failure_too() {
    for kind in [|| status(403), || status(401), || LoginErrorKind::Unreadable] {
        let mut account = Account::known("right");
        for strikes in 1..=2 {
            let reply = account.login("right", Err(kind())).unwrap();
            assert_eq!(reply.strikes, strikes);
            account.now += 86_400;
        }
        let error = account.login("right", Ok(())).unwrap_err();
        assert!(
            matches!(*error.kind, LoginErrorKind::Withheld { strikes: 2 }),
            "{error}"
        );
        account.step("right", Step::Reset);
        assert_eq!(account.login("right", Ok(())).unwrap().strikes, 0);
    }
}

#[test]
fn the_last_failure_before_the_third_names_no_time_because_time_does_not_help() {
    let mut account = Account::new();
    assert!(account.login("right", Err(lost())).unwrap().paused_until.is_some());
    account.now += 30;
    assert_eq!(account.login("right", Err(lost())).unwrap().paused_until, None);
}

#[test]
fn failures_that_say_nothing_pause_longer_each_time_and_only_a_success_forgives() {
    let mut account = Account::known("right");
    for pause in [30, 60, 120, 240, 480, 900, 900] {
        account.login("right", Err(status(503))).unwrap();
        account.now += pause - 1;
        let error = account.login("right", Ok(())).unwrap_err();
        assert!(matches!(*error.kind, LoginErrorKind::Paused { .. }), "{error}");
        let until = UNIX_EPOCH + Duration::from_secs(account.now + 1);
        assert_eq!(error.retry_at, Some(until));
        account.now += 1;
    }
    // Others of the account wait as well, and what was never sent changes nothing.
    account
        .login("right", Err(LoginErrorKind::Unreachable(Default::default())))
        .unwrap();
    account.login("right", Err(status(503))).unwrap();
    account.now += 899;
    assert!(account.login("other", Ok(())).is_err());
    account.now += 1;
    account.login("right", Ok(())).unwrap();
    account.login("right", Err(status(503))).unwrap();
    account.now += 30;
    account.login("right", Ok(())).unwrap();
}

#[test]
fn one_log_in_of_an_account_is_in_flight_whoever_asks() {
    let mut account = Account::known("right");
    let lease = account.granted("right");
    for password in ["right", "other"] {
        account.now += 10;
        let (_, permit) = account.reserve(password);
        assert!(matches!(permit, Permit::Wait(left) if !left.is_zero()), "{permit:?}");
    }
    assert_eq!(account.strikes(), 0);
    account.end("right", lease, Ok(()));
    account.granted("other");
}

#[test]
fn a_lease_whose_holder_is_gone_ends_by_itself_and_counts_as_no_answer() {
    for (mut account, strikes) in [(Account::new(), 1), (Account::known("right"), 0)] {
        account.granted("right");
        account.now += 34;
        assert!(matches!(account.reserve("right").1, Permit::Wait(left) if left.as_secs() == 1));
        account.now += 1;
        let Permit::Refused(error) = account.reserve("right").1 else {
            panic!("no pause after a login without an answer");
        };
        assert!(error.to_string().contains("ended before its response"), "{error}");
        assert_eq!(account.strikes(), strikes);
        // The pause began when the lease ended, whenever somebody looked.
        account.now += 30;
        account.granted("right");
    }
}

#[test]
fn who_looks_sees_what_has_ended_and_changes_nothing() {
    let mut account = Account::new();
    account.granted("right");
    account.now += 86_400;
    let before = account.record.clone();
    assert_eq!(account.strikes(), 1);
    assert_eq!(account.record, before);
}

#[test]
fn an_end_that_comes_late_counts_and_forgives_nothing() {
    // Nobody else logged in meanwhile: it is as good as in time.
    let mut account = Account::known("right");
    let lease = account.granted("right");
    account.now += 3600;
    let reply = account.end("right", lease, Ok(()));
    assert_eq!((reply.strikes, reply.paused_until), (0, None));
    assert!(account.record.is_clean());

    // The lease ran out and another one was given.
    let late = |end: Result<(), LoginErrorKind>, others: Result<(), LoginErrorKind>| {
        let mut account = Account::known("slow");
        let lease = account.granted("slow");
        account.now += 3600;
        account.login("other", others).unwrap();
        let reply = account.end("slow", lease, end);
        (reply.strikes, reply.is_latched)
    };
    assert_eq!(late(Ok(()), Err(rejected())), (1, false));
    assert_eq!(late(Err(rejected()), Ok(())), (1, true));
    assert_eq!(late(Err(status(403)), Ok(())), (1, false));
    assert_eq!(late(Err(status(403)), Err(rejected())), (2, false));
    assert_eq!(
        late(Err(LoginErrorKind::Unreachable(Default::default())), Ok(())),
        (0, false)
    );
}

#[test]
fn an_end_that_comes_late_does_not_end_the_lease_of_another() {
    let mut account = Account::known("slow");
    let slow = account.granted("slow");
    account.now += 3600;
    let other = account.granted("other");
    account.end("slow", slow, Ok(()));
    assert!(matches!(account.reserve("third").1, Permit::Wait(_)));
    account.end("other", other, Ok(()));
    account.granted("third");
}

#[test]
fn a_clock_that_is_set_back_prolongs_a_lease_or_a_pause_by_no_more_than_its_length() {
    let mut account = Account::known("right");
    account.granted("right");
    account.now -= 86_400;
    assert!(matches!(account.reserve("right").1, Permit::Wait(left) if left == LEASE));
    account.now += LEASE.as_secs();
    // Now it has ended, and its pause is in flight.
    assert!(matches!(account.reserve("right").1, Permit::Refused(_)));
    account.now -= 86_400;
    assert!(matches!(account.reserve("right").1, Permit::Refused(_)));
    account.now += 30;
    account.granted("right");
}

#[test]
fn a_reset_forgives_all_and_leaves_a_log_in_in_flight_alone() {
    let mut account = Account::new();
    account.login("wrong", Err(rejected())).unwrap();
    account.login("right", Err(status(503))).unwrap();
    let reply = account.step("right", Step::Reset);
    assert_eq!((reply.strikes, reply.paused_until), (0, None));
    let lease = account.granted("wrong");
    account.step("right", Step::Reset);
    assert!(matches!(account.reserve("right").1, Permit::Wait(_)));
    assert_eq!(account.end("wrong", lease, Err(rejected())).strikes, 1);
}

#[test]
fn the_passwords_that_are_remembered_as_wrong_are_bounded() {
    let mut account = Account::new();
    for number in 0..100 {
        account.login(&number.to_string(), Err(rejected())).unwrap();
        account.record.strikes = 0;
    }
    assert_eq!(account.record.rejected.len(), REJECTIONS_KEPT);
    assert!(account.login("99", Ok(())).is_err());
}

#[test]
fn a_record_of_before_is_read_and_two_of_one_account_add_up() {
    let old = |text: &str| serde_json::from_str::<StrikeRecord>(text).unwrap();
    let mut record = old(r#"{"strikes":1,"rejected":[{"credentials":"wrong","answer":"HTTP 401"}]}"#);
    record.absorb(old(r#"{"strikes":1,"succeeded":"right"}"#));
    record.rename(&credentials("right"), &credentials("right, as it is called now"));
    let mut account = Account {
        record,
        ..Account::new()
    };
    assert_eq!(account.strikes(), 2);
    assert!(account.login("right, as it is called now", Ok(())).is_err());
    let reply = account.step("wrong", Step::Look);
    assert!(reply.is_latched);
    assert_eq!(
        account.record.succeeded,
        Some(credentials("right, as it is called now"))
    );
}

#[test]
fn an_end_that_is_recorded_again_changes_nothing_and_forgives_nothing() {
    for end in [rejected(), lost(), status(403), status(503)] {
        let mut account = Account::known("right");
        let first = account.granted("right");
        let kind = std::sync::Arc::new(end);
        let failed = |lease: &LeaseId| Step::Failed {
            lease: lease.clone(),
            error: LoginError {
                kind: std::sync::Arc::clone(&kind),
                retry_at: None,
            },
        };
        account.step("right", failed(&first));
        let once = account.record.clone();
        account.now += 3;
        account.step("right", failed(&first));
        assert_eq!(account.record, once, "{kind}");
    }
    // A success of long ago does not forgive what came since.
    let mut account = Account::new();
    let lease = account.granted("right");
    let succeeded = Step::Succeeded { lease };
    account.step("right", succeeded.clone());
    account.login("other", Err(lost())).unwrap();
    let with_strike = account.record.clone();
    account.step("right", succeeded);
    assert_eq!(account.record, with_strike);
}

#[test]
fn a_holder_that_asks_again_has_the_same_lease_and_number_and_others_wait() {
    let mut account = Account::new();
    let lease = LeaseId::new();
    let reserve = || Step::Reserve {
        lease: lease.clone(),
        length: LEASE,
    };
    let first = account.step("right", reserve());
    account.now += 3;
    let second = account.step("right", reserve());
    assert!(matches!(second.permit, Permit::Granted) && second.fence == first.fence);
    assert!(matches!(account.reserve("right").1, Permit::Wait(left) if left == LEASE - Duration::from_secs(3)));
    account.end("right", lease, Ok(()));
    let next = account.granted("right");
    assert!(account.record.fence > first.fence);
    account.end("right", next, Ok(()));
}
