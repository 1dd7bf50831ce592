//! The state machine of a row, searched to its last state: whatever is paused, crashes, comes late or is lost, a row is
//! credited at most once, and what the ledger tells is true. The transitions are the crate's own table; what the ledger's
//! statements add to it is here in `Rules::change`. Each rule that keeps this so is broken once, and must be missed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic and print, and so may what it calls"
)]

mod moves;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod replay;
mod search;
mod world;

use enkash_ledger::{RowState, Step};

use crate::{
    moves::{Mutation, Rules},
    search::{BY_THE_RULES, Kind, Reached, search, told},
    world::{Broken, Request, Worker, World},
};

#[test]
fn every_promise_holds_in_every_state() {
    let reached = &*BY_THE_RULES;
    println!("{} states", reached.worlds.len());
    for (what, way) in &reached.broken {
        println!("{what:?}:\n{}", told(way));
    }
    assert!(reached.broken.is_empty());
    is_not_vacuous(reached);
}

/// The search would prove nothing if the world could not get into trouble.
fn is_not_vacuous(reached: &Reached) {
    for step in Step::ALL {
        let changes =
            |kind: &Kind| kind.step == Some(step) && kind.is_of_last_attempt && kind.state.after(step).is_some();
        assert!(reached.steps.keys().any(changes), "{step:?} never changes anything");
    }
    for state in RowState::ALL {
        assert!(reached.has_state(state), "{state:?} is never reached");
    }
    let has = |what: fn(&World) -> bool| reached.worlds.iter().any(what);
    assert!(has(
        |world| world.payments() == 1 && world.rows[0].state == RowState::Unknown
    ));
    assert!(has(
        |world| world.payments() == 1 && world.rows[0].state == RowState::NotDone
    ));
    assert!(has(
        |world| world.payments() == 1 && world.rows[1].state == RowState::Done
    ));
    // It arrives although nobody waits for it any more, and every process is gone.
    assert!(has(|world| {
        world.workers == [Worker::Idle; 2]
            && world.rows[0].count(&[Request::InFlight]) == 1
            && world.rows[0].state == RowState::Unknown
    }));
    // It was sent again, because the first attempt certainly did not arrive.
    assert!(has(|world| world.rows[0].attempt == 2 && world.payments() == 1));
}

#[test]
fn only_a_false_word_that_is_acted_upon_pays_twice() {
    let rules = Rules {
        trusts_false_words: true,
        ..Rules::default()
    };
    let reached = search(rules, &[Broken::PaidTwice]);
    let way = told(&reached.broken[&Broken::PaidTwice]);
    println!("{way}");
    assert!(way.contains("person, row 0: says that it did not happen"));
    assert!(way.contains("person, row 0: pays it anew"));
}

/// A mutation pays twice: the shortest way there is printed.
fn is_missed(mutation: Mutation) {
    let rules = Rules {
        mutation: Some(mutation),
        ..Rules::default()
    };
    let reached = search(rules, &[Broken::PaidTwice]);
    let way = reached.broken.get(&Broken::PaidTwice);
    assert!(
        way.is_some(),
        "{mutation:?} pays nobody twice in {} states",
        reached.worlds.len()
    );
    println!("{}", told(way.unwrap()));
}

macro_rules! mutations {
    ($($name:ident: $mutation:ident,)*) => {
        $(
            #[test]
            fn $name() {
                is_missed(Mutation::$mutation);
            }
        )*
    };
}

mutations! {
    a_resume_that_sends_again_pays_twice: ResendOnResume,
    absence_taken_for_not_sent_pays_twice: AbsenceIsNotSent,
    an_intent_without_compare_and_set_pays_twice: IntentWithoutCompare,
    an_intent_after_the_send_pays_twice: IntentAfterSend,
    unknown_taken_for_not_sent_pays_twice: UnknownIsNotSent,
    an_operator_who_sends_what_is_absent_pays_twice: OperatorSendsWhatIsAbsent,
    a_proof_that_holds_only_for_the_moment_pays_twice: ProofOfTheMoment,
    an_outcome_that_is_not_compared_with_its_attempt_pays_twice: OutcomeWithoutAttempt,
    an_outcome_over_a_final_state_pays_twice: OutcomeOverFinalState,
    an_export_of_a_pending_row_without_cancel_pays_twice: ExportWithoutCancel,
    an_export_of_an_unknown_row_pays_twice: ExportOfUnknown,
    an_export_of_a_row_whose_reference_is_free_pays_twice: ExportOfFreeReference,
    a_cancel_of_a_row_on_its_way_pays_twice: CancelOnItsWay,
}
