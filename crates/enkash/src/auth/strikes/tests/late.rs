//! Ends that are told late or twice, and times by two clocks.

use super::*;

/// Many who find a token give their leases back at once. One whose reply was lost tells its failure only then.
#[test]
fn an_end_that_is_recorded_again_changes_nothing_however_many_gave_a_login_up_meanwhile() {
    let mut account = Account::known("right");
    let first = account.granted("right");
    account.end("right", first.clone(), Err(status(403)));
    account.now += 30;
    for _ in 0..100 {
        let lease = account.granted("right");
        account.end("right", lease, Err(LoginErrorKind::Unreachable(Default::default())));
    }
    assert_eq!(account.end("right", first, Err(status(403))).strikes, 1);
}

#[test]
fn a_login_whose_lease_ended_counts_once_and_for_nothing_where_it_was_never_sent() {
    for (end, strikes, is_latched) in [
        (rejected(), 1, true),
        (status(403), 1, false),
        (LoginErrorKind::Unreachable(Default::default()), 0, false),
    ] {
        let mut account = Account::new();
        let lease = account.granted("new");
        account.now += 3600;
        let other = account.granted("other");
        assert_eq!(account.strikes(), 1);
        let reply = account.end("new", lease.clone(), Err(end));
        assert_eq!((reply.strikes, reply.is_latched), (strikes, is_latched));
        account.end("other", other, Err(LoginErrorKind::Unreachable(Default::default())));
        assert_eq!(account.strikes(), strikes);
    }
    // What others' success forgave came before it or after: it counts.
    let mut account = Account::new();
    let lease = account.granted("new");
    account.now += 3600;
    account.login("other", Ok(())).unwrap();
    assert_eq!(account.end("new", lease, Err(status(403))).strikes, 1);
}

#[test]
fn a_time_is_told_by_the_clock_of_who_asks() {
    let mut account = Account::new();
    let theirs = UNIX_EPOCH + Duration::from_secs(account.now + 7200);
    let ours = Timestamp::from_second(i64::try_from(account.now).unwrap()).unwrap();
    let mut step = |step| {
        let update = LedgerUpdate::new(step, theirs).at(ours);
        update.apply(&mut account.record, &credentials("new"))
    };
    let lease = LeaseId::new();
    let reserve = Step::Reserve {
        lease: lease.clone(),
        length: LEASE,
    };
    step(reserve.clone());
    let in_30_s = Some(theirs + Duration::from_secs(30));
    assert_eq!(
        step(Step::Failed {
            lease,
            error: lost().into()
        })
        .paused_until,
        in_30_s
    );
    assert_eq!(step(Step::Look).paused_until, in_30_s);
    let Permit::Refused(error) = step(reserve).permit else {
        panic!("it is paused");
    };
    assert_eq!(error.retry_at, in_30_s);
}
