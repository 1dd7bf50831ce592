//! A generator of responses: it takes what the sandbox really sends to each call that moves value, mutates it in ways that are
//! labelled by hand, and compares the outcome with what happened. *Done* only where it happened and the response says so in a
//! documented way; *refused* only where it did not happen; never *not sent*, for a response came.
//!
//! `ENKASH_RESPONSES` is how many responses are made (100,000), `ENKASH_RESPONSES_SEED` the seed of the random ones (1).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod baseline;
mod calls;
mod catalogue;
mod senders;

use std::{collections::BTreeMap, fmt::Write as _};

use enkash_sandbox::{Fault, FaultRule, Sandbox, When, faults::Mutations};
use tokio::runtime::Runtime;

use crate::{
    client::Enkash,
    outcome::tests::response_mutations::{
        baseline::{Baseline, Kind},
        calls::{CALLS, Call, Ids, Validity},
        catalogue::{Entry, Label},
        senders::CannedSender,
    },
    tests::support as script,
};

/// Most entries of the catalogue in one response.
const MAX_ENTRIES: usize = 4;
/// Responses that come from a real server.
const OVER_LOOPBACK: usize = 350;
/// Failures that are printed.
const MAX_FAILURES: usize = 40;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn seed() -> u64 {
    setting("ENKASH_RESPONSES_SEED", 1) as u64
}

/// Why an outcome is wrong, for what happened and what was mutated.
fn error(baseline: &Baseline, happened: bool, entries: &[&Entry], outcome: &str) -> Option<&'static str> {
    let has = |label: Label| entries.iter().any(|entry| entry.label == label);
    let is_harmless = entries.iter().all(|entry| entry.label == Label::Harmless);
    let hides_both = has(Label::HidesPayload) && has(Label::HidesMessage);
    // Nothing of a response with these mutations shows that the call happened.
    let is_forged_refusal = match baseline.kind {
        Kind::Success => hides_both && has(Label::RefusalCode),
        Kind::DuplicateReference => hides_both,
        Kind::Refusal => false,
    };
    match outcome {
        "not sent" => Some("a response came"),
        "done" if !happened => Some("it did not happen"),
        "done" if !is_harmless => Some("the response is no documented success any more"),
        "refused" if happened && !is_forged_refusal => Some("it happened"),
        outcome if is_harmless && outcome != without_mutations(baseline) => Some("a harmless mutation matters"),
        _ => None,
    }
}

/// The outcome of a baseline.
fn without_mutations(baseline: &Baseline) -> &'static str {
    match baseline.kind {
        Kind::Success => "done",
        // No row of a bulk request is ever refused.
        Kind::Refusal if baseline.call == Call::Bulk => "unknown",
        Kind::Refusal => "refused",
        Kind::DuplicateReference => "unknown",
    }
}

/// The mutations of some entries. The harmless ones come last: before the others they would rename what those speak of.
fn mutations(entries: &[&Entry]) -> Option<Mutations> {
    let is_harmless = |entry: &&&Entry| entry.label == Label::Harmless;
    let (harmless, others): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(is_harmless);
    let mutations = others.into_iter().chain(harmless);
    Mutations::new(mutations.flat_map(|entry| entry.mutations.iter().cloned())).ok()
}

fn mutate(baseline: &Baseline, entries: &[&Entry]) -> (u16, Vec<u8>) {
    let (status, body) = &baseline.response;
    match mutations(entries) {
        Some(mutations) => mutations.apply(*status, body),
        None => (*status, body.to_vec()),
    }
}

fn describe(baseline: &Baseline, entries: &[&Entry], error: &str) -> String {
    let (status, body) = mutate(baseline, entries);
    let mut text = format!("{:?}, {:?}: {error}\n", baseline.call, baseline.kind);
    for entry in entries {
        let _ = writeln!(text, "  {:?} {:?}", entry.label, entry.mutations);
    }
    let _ = write!(text, "  {status} {}", String::from_utf8_lossy(&body));
    text
}

fn random_entries<'a>(random: &mut fastrand::Rng, catalogue: &'a [Entry]) -> Vec<&'a Entry> {
    let count = random.usize(1..=MAX_ENTRIES);
    (0..count)
        .map(|_| &catalogue[random.usize(..catalogue.len())])
        .collect()
}

/// A client whose server sends what it is told to.
struct Fixture {
    runtime: Runtime,
    sender: CannedSender,
    enkash: Enkash,
    ids: Ids,
    made: usize,
    failures: BTreeMap<String, String>,
}

impl Fixture {
    fn new(runtime: Runtime, ids: Ids, baselines: &[Baseline]) -> Self {
        let sender = CannedSender::default();
        let enkash = calls::with_path(script::builder())
            .build_with_sender(sender.clone())
            .unwrap();
        let fixture = Self {
            runtime,
            sender,
            enkash,
            ids,
            made: 0,
            failures: BTreeMap::new(),
        };
        // The first call of a client has to show that the reference is repeated.
        assert_eq!(fixture.outcomes(&baselines[0], &[]), ["done"]);
        fixture
    }

    fn outcomes(&self, baseline: &Baseline, entries: &[&Entry]) -> Vec<&'static str> {
        let (status, body) = mutate(baseline, entries);
        self.sender.set(status, body);
        let validity = baseline.validity();
        let call = baseline
            .call
            .make(&self.enkash, &self.ids, validity, &baseline.reference);
        self.runtime.block_on(call)
    }

    fn error(&self, baseline: &Baseline, entries: &[&Entry]) -> Option<String> {
        let outcomes = self.outcomes(baseline, entries);
        let error = outcomes
            .iter()
            .find_map(|outcome| error(baseline, baseline.happened(), entries, outcome))?;
        Some(format!("{outcomes:?}, but {error}"))
    }

    /// Makes one response. A failure is kept with the smallest set of entries that still fails.
    fn check(&mut self, baseline: &Baseline, entries: &[&Entry]) {
        self.made += 1;
        let Some(mut error) = self.error(baseline, entries) else {
            return;
        };
        let (mut smallest, mut position) = (entries.to_vec(), 0);
        while position < smallest.len() {
            let mut fewer = smallest.clone();
            fewer.remove(position);
            match self.error(baseline, &fewer) {
                Some(other) => (smallest, error) = (fewer, other),
                None => position += 1,
            }
        }
        let mutations: Vec<_> = smallest.iter().map(|entry| &entry.mutations).collect();
        let key = format!("{:?} {:?} {error} {mutations:?}", baseline.call, baseline.kind);
        let text = describe(baseline, &smallest, &error);
        self.failures.entry(key).or_insert(text);
    }
}

#[test]
fn no_outcome_rests_on_a_response_that_nobody_promised() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (baselines, ids) = runtime.block_on(baseline::record());
    let catalogues: Vec<_> = baselines
        .iter()
        .map(|baseline| (baseline, catalogue::entries(baseline)))
        .collect();
    let mut fixture = Fixture::new(runtime, ids, &baselines);
    for (baseline, entries) in &catalogues {
        fixture.check(baseline, &[]);
        entries.iter().for_each(|entry| fixture.check(baseline, &[entry]));
    }
    let single = fixture.made;
    let mut random = fastrand::Rng::with_seed(seed());
    while fixture.made < setting("ENKASH_RESPONSES", 100_000) && fixture.failures.len() < MAX_FAILURES {
        let (baseline, catalogue) = &catalogues[random.usize(..catalogues.len())];
        fixture.check(baseline, &random_entries(&mut random, catalogue));
    }
    let (made, count) = (fixture.made, fixture.failures.len());
    let texts: Vec<_> = fixture.failures.into_values().take(MAX_FAILURES).collect();
    assert_eq!(
        count,
        0,
        "of {made} responses, {single} with one mutation:\n{}",
        texts.join("\n")
    );
}

#[tokio::test]
async fn no_outcome_rests_on_such_a_response_of_a_real_server() {
    let (baselines, _) = baseline::record().await;
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = baseline::client_of(&sandbox).build().unwrap();
    let ids = Ids::read(&sandbox, &enkash).await;
    let first = Call::Give.make(&enkash, &ids, Validity::Valid, "FIRST").await;
    assert_eq!(first, ["done"]);
    let mut random = fastrand::Rng::with_seed(seed());
    for number in 0..OVER_LOOPBACK {
        let call = CALLS[number % CALLS.len()];
        let kind = if random.u8(..4) == 0 {
            Kind::Refusal
        } else {
            Kind::Success
        };
        let is_like = |baseline: &&Baseline| baseline.call == call && baseline.kind == kind;
        let baseline = Baseline {
            reference: format!("LOOPBACK-{number}"),
            ..baselines.iter().find(is_like).unwrap().clone()
        };
        let catalogue = catalogue::entries(&baseline);
        let entries = random_entries(&mut random, &catalogue);
        let fault = Fault::MutatedResponse(mutations(&entries).unwrap(), When::After);
        sandbox.add_fault(FaultRule::on(call.operation(), fault));
        let coins = calls::coins(&sandbox);
        let outcomes = call.make(&enkash, &ids, baseline.validity(), &baseline.reference).await;
        sandbox.clear_faults();
        let happened = call.effects(&sandbox, &baseline.reference, coins);
        assert!(
            happened.iter().all(|happened| *happened == baseline.happened()),
            "{baseline:?}"
        );
        assert_eq!(outcomes.len(), happened.len());
        for outcome in &outcomes {
            let error = error(&baseline, baseline.happened(), &entries, outcome);
            assert_eq!(error, None, "{outcome}: {}", describe(&baseline, &entries, ""));
        }
    }
    assert_eq!(sandbox.violations(), Vec::<String>::new());
    assert_eq!(sandbox.audit(), Vec::<String>::new());
}
