//! Clients that share a ledger: one login of an account is in flight, the others wait for it and share what comes of it.

use std::sync::OnceLock;

use super::*;
use crate::auth::{
    clock::timestamp,
    fence::Fence,
    ledger::LedgerFuture,
    store::{SaveResult, StoreFuture, StoredToken, memory::MemoryTokenStore},
    strikes::{LeaseId, LedgerUpdate, Step as LedgerStep, StrikeRecord},
};

/// Clients of one account, each with a clock of its own that shows the same time.
pub(super) fn clients<const N: usize>(store: Option<Arc<dyn TokenStore>>, scripts: [Vec<Step>; N]) -> [Bench; N] {
    let ledger = Arc::<MemoryLedger>::default();
    scripts.map(|script| {
        Bench::with(
            script,
            identity("9000000001", "right"),
            Arc::<MemoryLedger>::clone(&ledger),
            store.clone(),
        )
    })
}

pub(super) fn start(bench: &Bench) -> tokio::task::JoinHandle<TokenResult> {
    let cache = bench.cache.clone();
    tokio::spawn(async move { cache.token().await })
}

/// Lets everything that can go on go on.
pub(super) async fn rest() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn others_wait_for_a_log_in_in_flight_and_take_its_token_from_the_store() {
    let store = Arc::<MemoryTokenStore>::default();
    let benches = clients(Some(store), [vec![Step::Token("first")], vec![], vec![]]);
    let calls: Vec<_> = benches.iter().map(start).collect();
    rest().await;
    assert_eq!(benches.each_ref().map(Bench::sent), [1, 0, 0]);
    benches[0].gate.add_permits(1);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().header, "Bearer first");
    }
    assert_eq!(benches.map(|bench| bench.sent()), [1, 0, 0]);
}

#[tokio::test]
async fn without_a_store_they_log_in_one_after_the_other() {
    let benches = clients(None, [vec![], vec![], vec![]]);
    let calls: Vec<_> = benches.iter().map(start).collect();
    let mut done = Vec::new();
    for _ in 0..3 {
        rest().await;
        let sent = |number: &usize| benches[*number].sent() > 0;
        let in_flight: Vec<_> = (0..3).filter(sent).filter(|number| !done.contains(number)).collect();
        assert_eq!(in_flight.len(), 1);
        benches[in_flight[0]].gate.add_permits(1);
        done.extend(in_flight);
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn others_share_a_failure_and_send_nothing_while_log_ins_pause() {
    let failure = || {
        vec![Step::Fail(LoginErrorKind::Status {
            at: "https://api.example".to_owned(),
            status: http::StatusCode::FORBIDDEN,
        })]
    };
    let benches = clients(None, [failure(), vec![], vec![]]);
    let calls: Vec<_> = benches.iter().map(start).collect();
    rest().await;
    benches.iter().for_each(|bench| bench.gate.add_permits(9));
    let mut errors = Vec::new();
    for call in calls {
        errors.push(call.await.unwrap().map(drop).unwrap_err());
    }
    assert!(matches!(*errors[0].kind, LoginErrorKind::Status { .. }));
    for error in &errors[1..] {
        assert!(matches!(*error.kind, LoginErrorKind::Paused { .. }), "{error}");
        assert!(error.to_string().contains("HTTP 403"), "{error}");
        assert_eq!(error.retry_at, errors[0].retry_at);
    }
    assert_eq!(benches.each_ref().map(Bench::sent), [1, 0, 0]);
    // Each client tries again when it is told that it may.
    let until = errors[0].retry_at.unwrap();
    benches[1]
        .clock
        .forward(until.duration_since(benches[1].clock.now().wall).unwrap().as_secs());
    assert_eq!(benches[1].generation().await, 1);
}

#[tokio::test]
async fn a_client_that_paused_takes_the_token_that_another_got_meanwhile() {
    let store = Arc::<MemoryTokenStore>::default();
    let failure = vec![Step::Fail(LoginErrorKind::Status {
        at: "https://api.example".to_owned(),
        status: http::StatusCode::FORBIDDEN,
    })];
    let [paused, other] = clients(Some(store), [failure, vec![Step::Token("others")]]);
    paused.gate.add_permits(9);
    other.gate.add_permits(9);
    assert!(paused.cache.token().await.is_err());
    other.cache.reset_latch().await.unwrap();
    other.generation().await;
    paused.clock.forward(2);
    assert_eq!(paused.cache.token().await.unwrap().header, "Bearer others");
    assert_eq!(paused.sent(), 1);
}

#[tokio::test]
async fn who_waits_for_a_holder_that_is_gone_goes_on_when_its_lease_ends() {
    let [gone, waiting] = clients(None, [vec![], vec![]]);
    let flight = start(&gone);
    rest().await;
    assert_eq!(gone.sent(), 1);
    // Its login hangs for ever, as that of a process which was stopped.
    let call = start(&waiting);
    rest().await;
    waiting.clock.forward(34);
    rest().await;
    assert!(!call.is_finished());
    waiting.clock.forward(1);
    let error = call.await.unwrap().map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Paused { .. }), "{error}");
    assert_eq!(waiting.cache.state().strikes, 1, "it may have been sent");
    assert!(waiting.cache.state().paused_until.is_some());
    waiting.clock.forward(30);
    waiting.gate.add_permits(1);
    assert_eq!(waiting.generation().await, 1);
    flight.abort();
}

/// A ledger in which somebody else's login has always just begun.
#[derive(Debug)]
struct Contended;

impl StrikeLedger for Contended {
    fn change<'a>(&'a self, _: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        let others = identity("9000000001", "other").credentials(b"key");
        let reservation = LedgerStep::Reserve {
            lease: LeaseId::new(),
            length: Duration::from_secs(35),
        };
        let mut record = StrikeRecord::default();
        let started = Bench::open([]).clock.now().wall;
        LedgerUpdate::new(reservation, started).apply(&mut record, &others);
        Box::pin(std::future::ready(Ok(step
            .at(timestamp(started))
            .apply(&mut record, &others))))
    }
}

#[tokio::test]
async fn a_flight_waits_for_others_only_so_long() {
    let bench = Bench::with([], identity("9000000001", "right"), Arc::new(Contended), None);
    let call = start(&bench);
    rest().await;
    bench.clock.forward(290);
    rest().await;
    assert!(!call.is_finished());
    bench.clock.forward(10);
    let error = call.await.unwrap().map(drop).unwrap_err();
    assert!(matches!(*error.kind, LoginErrorKind::Busy), "{error}");
    assert_eq!(bench.sent(), 0);
}

/// A ledger that takes half a minute, such as one on a machine that slept meanwhile.
#[derive(Debug, Default)]
struct Slow {
    ledger: MemoryLedger,
    clock: OnceLock<Arc<HandClock>>,
}

impl StrikeLedger for Arc<Slow> {
    fn change<'a>(&'a self, identity: &'a LoginIdentity, step: LedgerUpdate) -> LedgerFuture<'a> {
        self.clock.get().unwrap().forward(30);
        self.ledger.change(identity, step)
    }
}

#[tokio::test]
async fn a_lease_that_is_too_short_for_a_log_in_is_given_back() {
    let slow = Arc::<Slow>::default();
    let ledger = Arc::new(Arc::clone(&slow));
    let bench = Bench::with([], identity("9000000001", "right"), ledger, None);
    slow.clock.set(Arc::clone(&bench.clock)).unwrap();
    bench.gate.add_permits(1);
    let error = bench.cache.token().await.map(drop).unwrap_err();
    assert!(error.to_string().contains("took too long"), "{error}");
    assert_eq!((bench.sent(), bench.cache.state().strikes), (0, 0));
    assert_eq!(bench.cache.query_ledger().await.unwrap().paused_until, None);
}

/// A store into which somebody puts a token while it is looked at.
#[derive(Debug, Default)]
struct Filling(MemoryTokenStore);

impl TokenStore for Filling {
    fn load<'a>(&'a self, identity: &'a LoginIdentity) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let found = self.0.load(identity).await;
            let born = Bench::open([]).clock.now().wall;
            let (born, ends) = (timestamp(born), timestamp(born + DOCUMENTED_LIFETIME));
            let token = StoredToken::new(Secret::new("others"), born, ends);
            let _ = self.0.save(identity, token, Fence::default()).await?;
            found
        })
    }

    fn save<'a>(
        &'a self,
        identity: &'a LoginIdentity,
        token: StoredToken,
        fence: Fence,
    ) -> StoreFuture<'a, SaveResult> {
        self.0.save(identity, token, fence)
    }

    fn remove<'a>(&'a self, identity: &'a LoginIdentity, token: &'a Secret) -> StoreFuture<'a, ()> {
        self.0.remove(identity, token)
    }
}

#[tokio::test]
async fn a_token_that_came_just_before_the_reservation_spares_the_log_in() {
    let store = Arc::<Filling>::default();
    let bench = Bench::with(
        [],
        identity("9000000001", "right"),
        Arc::<MemoryLedger>::default(),
        Some(store),
    );
    bench.gate.add_permits(9);
    assert_eq!(bench.cache.token().await.unwrap().header, "Bearer others");
    assert_eq!((bench.sent(), bench.cache.state().strikes), (0, 0));
    // Its reservation was given back: the next login waits for nobody.
    bench.clock.forward(3600);
    bench.generation().await;
    assert_eq!(bench.sent(), 1);
}

async fn refuses_one_token_and_keeps_the_other(store: Arc<dyn TokenStore>) {
    let script = || vec![Step::Token("first"), Step::Token("second")];
    let [one, other, late] = clients(Some(Arc::clone(&store)), [script(), script(), script()]);
    let kept = async || {
        let kept = store.load(&identity("9000000001", "right")).await.unwrap();
        kept.map(|kept| kept.token.expose().to_owned())
    };
    for bench in [&one, &other, &late] {
        bench.gate.add_permits(9);
        assert_eq!(bench.cache.token().await.unwrap().header, "Bearer first");
    }
    one.cache.invalidate(1).await;
    assert_eq!(kept().await, None);
    // The second login of this client: its first token came from the store.
    assert_eq!(one.cache.token().await.unwrap().header, "Bearer second");
    // Another one is told later that the first token is refused: it may not take the second away.
    other.cache.invalidate(1).await;
    assert_eq!(kept().await.as_deref(), Some("second"));
    for bench in [&other, &late] {
        bench.cache.invalidate(1).await;
        assert_eq!(bench.cache.token().await.unwrap().header, "Bearer second");
    }
    assert_eq!([&one, &other, &late].map(Bench::sent), [2, 0, 0]);
}

#[tokio::test]
async fn a_refused_token_leaves_the_store_at_once_and_a_newer_one_stays() {
    refuses_one_token_and_keeps_the_other(Arc::<MemoryTokenStore>::default()).await;
    #[cfg(unix)]
    {
        let folder = across_runs::Folder::new("refused-and-newer");
        let store = crate::auth::store::file::FileTokenStore::new(folder.file("tokens.json"));
        refuses_one_token_and_keeps_the_other(Arc::new(store)).await;
    }
}
