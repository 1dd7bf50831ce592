//! A holder that was paused beyond its lease, and a ledger or a store that is away just then: a newer token stays, and no end of a
//! login is forgotten.

use super::{
    one_at_a_time::{clients, rest, start},
    *,
};
use crate::auth::{
    fence::Fence,
    identity::LoginIdentity,
    ledger::{LedgerError, LedgerFuture},
    store::{SaveResult, StoreError, StoreFuture, StoredToken, memory::MemoryTokenStore},
    strikes::LedgerUpdate,
};

async fn kept(store: &dyn TokenStore) -> Option<String> {
    let kept = store.load(&identity("9000000001", "right")).await.unwrap();
    kept.map(|kept| kept.token.expose().to_owned())
}

async fn a_paused_holder_is_overtaken(store: Arc<dyn TokenStore>) {
    let [holder, other] = clients(
        Some(Arc::clone(&store)),
        [vec![Step::Token("older")], vec![Step::Token("newer")]],
    );
    let paused = start(&holder);
    while holder.sent() == 0 {
        tokio::task::yield_now().await;
    }
    for bench in [&holder, &other] {
        bench.clock.forward(36);
    }
    other.cache.reset_latch().await.unwrap();
    other.gate.add_permits(1);
    assert_eq!(other.cache.token().await.unwrap().header, "Bearer newer");
    // Its response was there all the time.
    holder.gate.add_permits(1);
    assert_eq!(paused.await.unwrap().unwrap().header, "Bearer newer");
    assert_eq!(kept(&*store).await.as_deref(), Some("newer"));
}

#[tokio::test]
async fn a_holder_that_was_paused_beyond_its_lease_takes_the_newer_token_in_place_of_keeping_its_own() {
    a_paused_holder_is_overtaken(Arc::<MemoryTokenStore>::default()).await;
    #[cfg(unix)]
    {
        let folder = across_runs::Folder::new("overtaken");
        let store = crate::auth::store::file::FileTokenStore::new(folder.file("tokens.json"));
        a_paused_holder_is_overtaken(Arc::new(store)).await;
    }
}

async fn a_refused_token_leaves_its_fence(store: Arc<dyn TokenStore>) {
    let identity = identity("9000000001", "right");
    let born = Bench::open([]).clock.now().wall;
    let token = |text: &str| {
        let (born, ends) = (timestamp(born), timestamp(born + DOCUMENTED_LIFETIME));
        StoredToken::new(Secret::new(text), born, ends)
    };
    let save = async |text: &str, fence| store.save(&identity, token(text), Fence::new(fence)).await.unwrap();
    assert_eq!(save("second", 2).await, SaveResult::Kept);
    store.remove(&identity, &Secret::new("second")).await.unwrap();
    assert_eq!(kept(&*store).await, None);
    assert_eq!(save("first", 1).await, SaveResult::Overtaken);
    assert_eq!(kept(&*store).await, None);
    assert_eq!(save("third", 3).await, SaveResult::Kept);
    assert_eq!(kept(&*store).await.as_deref(), Some("third"));
}

#[tokio::test]
async fn an_older_token_does_not_come_back_where_the_newer_one_was_refused() {
    a_refused_token_leaves_its_fence(Arc::<MemoryTokenStore>::default()).await;
    #[cfg(unix)]
    {
        let folder = across_runs::Folder::new("fence-stays");
        let store = crate::auth::store::file::FileTokenStore::new(folder.file("tokens.json"));
        a_refused_token_leaves_its_fence(Arc::new(store)).await;
    }
}

#[tokio::test]
async fn a_token_is_as_old_as_the_request_for_it() {
    let bench = Bench::new([]);
    let call = start(&bench);
    rest().await;
    // The response was there at once, and this program slept.
    bench.clock.forward(100);
    bench.gate.add_permits(1);
    call.await.unwrap().unwrap();
    assert_eq!(bench.cache.state().lifetime_left, Some(Duration::from_secs(200)));
}

/// A ledger that is away for its next calls. What it was told is done or not, and no reply comes.
#[derive(Debug, Default)]
struct Away {
    ledger: MemoryLedger,
    calls_away: AtomicUsize,
    does_it: bool,
}

impl Away {
    fn go_away(&self, calls: usize) {
        self.calls_away.store(calls, Ordering::SeqCst);
    }
}

impl StrikeLedger for Arc<Away> {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        let is_away = self
            .calls_away
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |calls| calls.checked_sub(1))
            .is_ok();
        if !is_away {
            return self.ledger.change(identity, step);
        }
        if self.does_it {
            drop(self.ledger.change(identity, step));
        }
        Box::pin(std::future::ready(Err(LedgerError::new("away"))))
    }
}

fn with_ledger(ledger: &Arc<Away>, script: impl IntoIterator<Item = Step>) -> Bench {
    let ledger: Arc<dyn StrikeLedger> = Arc::new(Arc::clone(ledger));
    Bench::with(script, identity("9000000001", "right"), ledger, None)
}

#[tokio::test]
async fn a_rejection_that_came_while_the_ledger_was_away_is_recorded_before_the_next_login() {
    for does_it in [false, true] {
        let ledger = Arc::new(Away {
            does_it,
            ..Away::default()
        });
        let bench = with_ledger(&ledger, [rejected()]);
        let call = start(&bench);
        rest().await;
        assert_eq!(bench.sent(), 1);
        ledger.go_away(100);
        bench.gate.add_permits(100);
        assert!(matches!(
            *call.await.unwrap().map(drop).unwrap_err().kind,
            LoginErrorKind::Rejected { .. }
        ));
        bench.clock.forward(3600);
        let error = bench.cache.token().await.map(drop).unwrap_err();
        assert!(matches!(*error.kind, LoginErrorKind::Ledger { .. }), "{error}");
        ledger.go_away(0);
        let error = bench.cache.token().await.map(drop).unwrap_err();
        assert!(matches!(*error.kind, LoginErrorKind::Rejected { .. }), "{error}");
        assert_eq!(bench.sent(), 1);
        if does_it {
            assert_eq!(bench.cache.state().strikes, 1, "it was told often, and counts once");
        }
    }
}

#[tokio::test]
async fn an_end_that_is_told_again_at_once_leaves_nothing_in_doubt() {
    let ledger = Arc::<Away>::default();
    let bench = with_ledger(&ledger, [rejected()]);
    let call = start(&bench);
    rest().await;
    ledger.go_away(3);
    bench.gate.add_permits(1);
    assert!(call.await.unwrap().is_err());
    // Another program, which knows nothing of the first.
    let other = with_ledger(&ledger, []);
    let error = other.cache.token().await.map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Rejected { .. }), "{error}");
    assert_eq!(other.cache.state().strikes, 1);
}

#[tokio::test]
async fn a_reservation_whose_reply_was_lost_is_given_back_and_counts_for_nothing() {
    let ledger = Arc::new(Away {
        does_it: true,
        ..Away::default()
    });
    let bench = with_ledger(&ledger, []);
    bench.gate.add_permits(9);
    ledger.go_away(1);
    let error = bench.cache.token().await.map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Ledger { .. }), "{error}");
    assert_eq!(bench.sent(), 0);
    // No time passes: the lease that nobody knew of is gone.
    assert_eq!(bench.generation().await, 1);
    assert_eq!(bench.cache.state().strikes, 0);
}

#[tokio::test]
async fn a_token_is_served_while_its_success_waits_for_the_ledger_and_close_ends_that() {
    let ledger = Arc::<Away>::default();
    let bench = with_ledger(&ledger, []);
    let call = start(&bench);
    rest().await;
    ledger.go_away(usize::MAX);
    bench.gate.add_permits(1);
    call.await.unwrap().unwrap();
    assert!(bench.cache.close().await.is_err());
    assert_eq!(bench.generation().await, 1);
    ledger.go_away(0);
    bench.cache.close().await.unwrap();
    // Another program waits for no lease.
    let other = with_ledger(&ledger, []);
    other.gate.add_permits(1);
    assert_eq!(other.generation().await, 1);
}

#[tokio::test]
async fn close_waits_for_a_login_that_runs_behind() {
    let bench = Bench::new([]);
    bench.gate.add_permits(1);
    assert_eq!(bench.generation().await, 1);
    bench.clock.forward(275);
    assert_eq!(bench.generation().await, 1);
    let cache = bench.cache.clone();
    let closing = tokio::spawn(async move { cache.close().await });
    rest().await;
    assert!(!closing.is_finished());
    bench.gate.add_permits(1);
    closing.await.unwrap().unwrap();
    assert_eq!(bench.cache.state().generation, 2);
}

/// A store that fails, and counts how often it was asked.
#[derive(Debug, Default)]
struct Broken(AtomicUsize);

impl TokenStore for Arc<Broken> {
    fn load<'a>(&'a self, _: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(Err(StoreError::new("broken"))))
    }

    fn save<'a>(&'a self, _: &'a LoginIdentity, _: StoredToken, _: Fence) -> StoreFuture<'a, SaveResult> {
        Box::pin(std::future::ready(Err(StoreError::new("broken"))))
    }

    fn remove<'a>(&'a self, _: &'a LoginIdentity, _: &'a Secret) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(Err(StoreError::new("broken"))))
    }
}

#[tokio::test]
async fn a_store_that_fails_costs_a_login_and_no_call_and_is_asked_once_for_it() {
    let store = Arc::<Broken>::default();
    let [bench] = clients(Some(Arc::new(Arc::clone(&store))), [vec![]]);
    bench.gate.add_permits(1);
    assert_eq!(bench.generation().await, 1);
    assert_eq!((bench.sent(), store.0.load(Ordering::SeqCst)), (1, 1));
}

/// A ledger that lets a login go, and replies to nothing that it is told of its end.
#[derive(Debug, Default)]
struct Silent {
    ledger: MemoryLedger,
    calls: AtomicUsize,
}

impl StrikeLedger for Silent {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        match self.calls.fetch_add(1, Ordering::SeqCst) {
            0 => self.ledger.change(identity, step),
            _ => Box::pin(std::future::pending()),
        }
    }
}

/// Has no token when it is first asked for one.
#[derive(Debug, Default)]
struct SecondLook(AtomicUsize);

impl TokenStore for SecondLook {
    fn load<'a>(&'a self, _: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        let now = timestamp(Bench::open([]).clock.now().wall);
        let token = StoredToken::new(Secret::new("theirs"), now, now + DOCUMENTED_LIFETIME);
        let has_one = self.0.fetch_add(1, Ordering::SeqCst) > 0;
        Box::pin(std::future::ready(Ok(has_one.then_some(token))))
    }

    fn save<'a>(&'a self, _: &'a LoginIdentity, _: StoredToken, _: Fence) -> StoreFuture<'a, SaveResult> {
        Box::pin(std::future::ready(Ok(SaveResult::Kept)))
    }

    fn remove<'a>(&'a self, _: &'a LoginIdentity, _: &'a Secret) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_is_silent_at_the_end_keeps_nobodys_token_back() {
    let stores: [Option<Arc<dyn TokenStore>>; 2] = [None, Some(Arc::<SecondLook>::default())];
    for store in stores {
        let ledger = Arc::<Silent>::default();
        let bench = Bench::with([], identity("9000000001", "right"), ledger, store);
        bench.gate.add_permits(1);
        let began = tokio::time::Instant::now();
        bench.cache.token().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_token_that_ends_while_its_refresh_fails_is_not_served() {
    for (seconds, is_served) in [(3, true), (10, false)] {
        let bench = Bench::new([Step::Token("first"), lost()]);
        bench.gate.add_permits(1);
        bench.generation().await;
        bench.clock.forward(DOCUMENTED_LIFETIME.as_secs() - 5);
        let call = start(&bench);
        rest().await;
        bench.clock.forward(seconds);
        bench.gate.add_permits(1);
        assert_eq!(call.await.unwrap().is_ok(), is_served, "{seconds} s");
        assert_eq!(bench.sent(), 2);
    }
}
