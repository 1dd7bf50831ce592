//! What comes late: an attempt that answers after its row was given up, and words that contradict each other.

use enkash::Outcome;
use enkash_ledger::{Conclusion, Decision, Recorded, RowState, Settled};

use crate::{
    place::Place,
    rows::{begin, call, done, import, new_rows, no, not_sent, pending, refused, row, send, unknown},
};

on_each_store!(
    an_attempt_may_end_after_its_row_was_given_up,
    giving_up_touches_only_what_is_on_its_way,
    giving_up_a_chunk_touches_no_other_row,
    a_late_contradiction_is_written_down_and_changes_nothing,
    a_row_that_may_be_sent_and_came_out_as_done_is_written_down,
    the_end_of_an_older_attempt_changes_nothing,
    a_persons_word_ends_only_what_is_unknown,
    a_settlement_ends_only_what_is_unknown,
    a_row_that_is_not_there_is_named,
);

async fn an_attempt_may_end_after_its_row_was_given_up(place: &Place) {
    let ledger = place.open().await;
    for (reference, conclusion, state) in [
        ("R-DONE", done(), RowState::Done),
        ("R-NO", refused(), RowState::Refused),
        ("R-NOT", not_sent(), RowState::Pending),
    ] {
        let intent = ledger.begin(call(reference)).await.unwrap();
        assert_eq!(place.open().await.interrupt_calls().await.unwrap(), 1);
        let given_up = row(&ledger, reference).await;
        assert_eq!(given_up.state, RowState::Unknown);
        assert!(
            given_up
                .reason
                .unwrap()
                .contains("no outcome was recorded: its process ended, could not write it, or may still wait")
        );

        let recorded = ledger.conclude(intent, conclusion).await.unwrap();
        assert_eq!(recorded, Recorded::Applied(state));
        let ended = row(&ledger, reference).await;
        assert_eq!((ended.state, ended.decision), (state, Some(Decision::Attempt)));
    }
    assert!(ledger.events(None, 10).await.unwrap().is_empty());
}

async fn giving_up_touches_only_what_is_on_its_way(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 4)).await;
    let other = import(&ledger, "H2", new_rows("B", 1)).await;
    let rows = pending(&ledger, run).await;
    let _on_its_way = begin(&ledger, &rows[0]).await.unwrap();
    send(&ledger, &rows[1], done()).await;
    send(&ledger, &rows[2], not_sent()).await;
    let _elsewhere = begin(&ledger, &pending(&ledger, other).await[0]).await.unwrap();
    let _single = ledger.begin(call("R-1")).await.unwrap();

    assert_eq!(ledger.interrupt_run(run).await.unwrap(), 1);
    assert_eq!(row(&ledger, "A-1").await.state, RowState::Unknown);
    assert_eq!(row(&ledger, "A-2").await.state, RowState::Done);
    assert_eq!(row(&ledger, "A-3").await.state, RowState::Pending);
    assert_eq!(row(&ledger, "A-4").await.state, RowState::Pending);
    assert_eq!(row(&ledger, "B-1").await.state, RowState::Sending);
    assert_eq!(row(&ledger, "R-1").await.state, RowState::Sending);
    assert_eq!(ledger.interrupt_run(run).await.unwrap(), 0);
    assert_eq!(ledger.interrupt_calls().await.unwrap(), 1);
    assert_eq!(row(&ledger, "R-1").await.state, RowState::Unknown);
}

async fn giving_up_a_chunk_touches_no_other_row(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 5)).await;
    let other = import(&ledger, "H2", new_rows("B", 5)).await;
    for row in pending(&ledger, run).await.iter().chain(&pending(&ledger, other).await) {
        let _on_its_way = begin(&ledger, row).await.unwrap();
    }
    assert_eq!(ledger.interrupt_places(run, 2, 4).await.unwrap(), 3);
    assert_eq!(ledger.interrupt_places(run, 2, 4).await.unwrap(), 0);
    for (reference, state) in [
        ("A-1", RowState::Sending),
        ("A-2", RowState::Unknown),
        ("A-4", RowState::Unknown),
        ("A-5", RowState::Sending),
        ("B-3", RowState::Sending),
    ] {
        assert_eq!(row(&ledger, reference).await.state, state, "{reference}");
    }
}

async fn a_late_contradiction_is_written_down_and_changes_nothing(place: &Place) {
    let ledger = place.open().await;
    let intent = ledger.begin(call("R-1")).await.unwrap();
    ledger.interrupt_calls().await.unwrap();
    ledger
        .resolve(intent.row(), false, "ravi", "the bank says no")
        .await
        .unwrap();
    let id = intent.row();
    let recorded = ledger.conclude(intent, done()).await.unwrap();
    assert_eq!(recorded, Recorded::Kept(RowState::NotDone));
    assert_eq!(row(&ledger, "R-1").await.state, RowState::NotDone);
    let events = ledger.events(None, 10).await.unwrap();
    assert_eq!(
        events,
        ["R-1: the row is not_done (attempt 1), and attempt 1 later came out as done"]
    );
    // What the attempt itself said is kept beside it.
    assert_eq!(ledger.attempts(id).await.unwrap()[0].outcome, Some(RowState::Done));

    // The same word again, and one that says nothing of value, are no news.
    let intent = ledger.begin(call("R-2")).await.unwrap();
    let again = Settled::new(intent.row(), 1, unknown());
    ledger.conclude(intent, done()).await.unwrap();
    assert_eq!(
        ledger.settle(vec![again]).await.unwrap(),
        [Recorded::Kept(RowState::Done)]
    );
    assert_eq!(ledger.events(None, 10).await.unwrap().len(), 1);
}

/// Whoever was certain that it was not sent was wrong, and it must not be sent again unseen.
async fn a_row_that_may_be_sent_and_came_out_as_done_is_written_down(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let row = pending(&ledger, run).await.remove(0);
    send(&ledger, &row, not_sent()).await;
    let late = Settled::new(row.id, 1, done());
    let recorded = ledger.settle(vec![late]).await.unwrap();
    assert_eq!(recorded, [Recorded::Kept(RowState::Pending)]);
    let events = ledger.events(Some(run), 10).await.unwrap();
    assert_eq!(
        events,
        ["A-1: the row is pending (attempt 1), and attempt 1 later came out as done"]
    );
    assert_eq!(ledger.export_row(row.id, "B-1").await.unwrap(), None);
}

async fn the_end_of_an_older_attempt_changes_nothing(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let pending_row = pending(&ledger, run).await.remove(0);
    send(&ledger, &pending_row, not_sent()).await;
    let second = begin(&ledger, &pending_row).await.unwrap();
    assert_eq!(second.attempt(), 2);

    for (late, events) in [(not_sent(), 0), (refused(), 0), (unknown(), 0), (done(), 1)] {
        let recorded = ledger.settle(vec![Settled::new(second.row(), 1, late)]).await.unwrap();
        assert_eq!(recorded, [Recorded::Kept(RowState::Sending)]);
        assert_eq!(ledger.events(Some(run), 10).await.unwrap().len(), events);
    }
    let attempts = ledger.attempts(second.row()).await.unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Some(RowState::Pending), None]);
    assert_eq!(
        ledger.conclude(second, done()).await.unwrap(),
        Recorded::Applied(RowState::Done)
    );
}

async fn a_persons_word_ends_only_what_is_unknown(place: &Place) {
    let ledger = place.open().await;
    for (reference, is_done, state) in [("R-1", true, RowState::Done), ("R-2", false, RowState::NotDone)] {
        let intent = ledger.begin(call(reference)).await.unwrap();
        let id = intent.row();
        let too_early = ledger.resolve(id, is_done, "ravi", "I know").await.unwrap();
        assert_eq!(too_early, Recorded::Kept(RowState::Sending));
        ledger.conclude(intent, unknown()).await.unwrap();
        let recorded = ledger
            .resolve(id, is_done, "ravi", "the statement shows it")
            .await
            .unwrap();
        assert_eq!(recorded, Recorded::Applied(state));
        let ended = row(&ledger, reference).await;
        assert_eq!((ended.state, ended.decision), (state, Some(Decision::Person)));
        assert_eq!(ended.reason.as_deref(), Some("ravi: the statement shows it"));
    }
    let contrary = ledger
        .resolve(row(&ledger, "R-1").await.id, false, "ravi", "no")
        .await
        .unwrap();
    assert_eq!(contrary, Recorded::Kept(RowState::Done));
    assert_eq!(ledger.events(None, 10).await.unwrap().len(), 1);
}

async fn a_settlement_ends_only_what_is_unknown(place: &Place) {
    let ledger = place.open().await;
    let refused = Conclusion::from_settlement(&Outcome::Refused(no())).unwrap();
    let not_sent = Conclusion::from_settlement(&Outcome::NotSent(no())).unwrap();
    for (reference, conclusion, state) in [
        ("R-1", refused, RowState::Refused),
        ("R-2", not_sent, RowState::Pending),
    ] {
        let intent = ledger.begin(call(reference)).await.unwrap();
        let settled = vec![Settled::new(intent.row(), 1, conclusion)];
        let too_early = ledger.settle(settled.clone()).await.unwrap();
        assert_eq!(too_early, [Recorded::Kept(RowState::Sending)]);
        ledger.conclude(intent, unknown()).await.unwrap();
        assert_eq!(ledger.settle(settled).await.unwrap(), [Recorded::Applied(state)]);
        let ended = row(&ledger, reference).await;
        assert_eq!(ended.decision, Some(Decision::Settlement));
        // It is the attempt's own end that is kept with the attempt.
        assert_eq!(
            ledger.attempts(ended.id).await.unwrap()[0].outcome,
            Some(RowState::Unknown)
        );
    }
}

async fn a_row_that_is_not_there_is_named(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let gone = pending(&ledger, run).await.remove(0);
    assert!(ledger.discard_run(run).await.unwrap());
    assert!(begin(&ledger, &gone).await.is_none());
    for error in [
        ledger.resolve(gone.id, true, "ravi", "I know").await.unwrap_err(),
        ledger.export_row(gone.id, "B-1").await.unwrap_err(),
        ledger.settle(vec![Settled::new(gone.id, 1, done())]).await.unwrap_err(),
    ] {
        assert!(error.is_invalid_input(), "{error}");
        assert!(error.to_string().contains(&format!("no row {}", gone.id)), "{error}");
    }
}
