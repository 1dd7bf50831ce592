//! Runs from their approval to their end: what they add up to, how they stop, and what becomes of rows that are not sent.

use enkash::Timestamp;
use enkash_ledger::{PauseReason, Recorded, RowState, RunState, Settled};

use crate::{
    place::Place,
    rows::{
        amount, begin, bring_to, call, done, import, new_row, new_rows, not_sent, pending, refused, row, send, unknown,
    },
};

on_each_store!(
    counts_add_up_to_all_rows,
    a_canceled_run_sends_nothing_more,
    pending_rows_come_in_the_order_of_the_file_and_in_pages,
    a_run_moves_until_it_has_ended,
    balances_are_kept,
    what_is_done_after_the_balance_was_asked_for_is_counted,
    other_people_approve_a_run_once_each,
    a_run_needs_more_approvals_from_then_on_and_never_fewer,
    the_largest_row_is_one_that_may_be_sent,
    a_row_is_written_out_under_one_new_reference,
    a_row_that_came_out_otherwise_is_not_written_out,
    a_run_of_which_nothing_was_sent_can_be_discarded,
    runs_are_listed_newest_first_and_in_pages,
    a_run_that_is_not_there_is_named,
);

async fn counts_add_up_to_all_rows(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 9)).await;
    let rows = pending(&ledger, run).await;
    for (row, conclusion) in rows
        .iter()
        .zip([done(), done(), refused(), unknown(), not_sent(), unknown()])
    {
        send(&ledger, row, conclusion).await;
    }
    let _on_its_way = begin(&ledger, &rows[6]).await.unwrap();
    ledger.resolve(rows[5].id, false, "ravi", "no").await.unwrap();
    bring_to(&ledger, call("R-1"), RowState::Done).await;

    let counts = ledger.counts(run).await.unwrap();
    let tallies = [
        counts.done,
        counts.refused,
        counts.pending,
        counts.not_sent,
        counts.unknown,
    ];
    assert_eq!(tallies.map(|tally| tally.rows), [2, 1, 2, 2, 2]);
    let amounts = ["20", "10", "20", "20", "20"].map(amount);
    assert_eq!(tallies.map(|tally| tally.amount), amounts);
    // What a person says is not done is never sent again, and what is certainly not sent may be.
    assert_eq!((counts.left.rows, counts.left.amount), (3, amount("30")));
    assert_eq!(counts.rows(), ledger.run(run).await.unwrap().rows);
}

async fn a_canceled_run_sends_nothing_more(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 5)).await;
    let rows = pending(&ledger, run).await;
    send(&ledger, &rows[0], done()).await;
    send(&ledger, &rows[1], unknown()).await;
    send(&ledger, &rows[2], not_sent()).await;
    assert_eq!(ledger.cancel_run(run).await.unwrap(), 3);
    assert_eq!(ledger.run(run).await.unwrap().state, RunState::Canceled);
    for pending_row in &rows {
        assert!(begin(&ledger, pending_row).await.is_none());
    }
    assert!(pending(&ledger, run).await.is_empty());
    let counts = ledger.counts(run).await.unwrap();
    assert_eq!((counts.done.rows, counts.unknown.rows, counts.not_sent.rows), (1, 1, 3));
    let canceled = row(&ledger, "A-4").await;
    assert_eq!(canceled.reason.as_deref(), Some("the run was canceled"));
    // The reason that a row has is not lost.
    assert!(row(&ledger, "A-3").await.reason.unwrap().contains("not sent"));
    // Only what was canceled frees its reference.
    assert!(ledger.begin(call("A-1")).await.is_err());
    assert!(ledger.begin(call("A-2")).await.is_err());
    let _intent = ledger.begin(call("A-4")).await.unwrap();
}

async fn pending_rows_come_in_the_order_of_the_file_and_in_pages(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 25)).await;
    send(&ledger, &pending(&ledger, run).await[3], done()).await;
    let (mut places, mut after) = (Vec::new(), 0);
    loop {
        let page = ledger.pending_rows(run, after, 10).await.unwrap();
        assert!(page.len() <= 10);
        let Some(last) = page.last() else { break };
        after = last.place;
        places.extend(page.iter().map(|row| row.place));
    }
    let expected: Vec<_> = (1..=25).filter(|place| *place != 4).collect();
    assert_eq!(places, expected);
}

async fn a_run_moves_until_it_has_ended(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    assert!(ledger.set_run_state(run, RunState::Running, None).await.unwrap());
    let running = ledger.run(run).await.unwrap();
    assert!(running.started_at.is_some() && running.ended_at.is_none());

    let pause = PauseReason {
        word: "interrupted".to_owned(),
        text: "somebody pressed ctrl-c".to_owned(),
    };
    assert!(ledger.set_run_state(run, RunState::Paused, Some(&pause)).await.unwrap());
    let paused = ledger.run(run).await.unwrap();
    assert_eq!((paused.state, paused.pause), (RunState::Paused, Some(pause)));
    assert_eq!(paused.started_at, running.started_at);

    assert!(ledger.set_run_state(run, RunState::Running, None).await.unwrap());
    assert_eq!(ledger.run(run).await.unwrap().pause, None);
    assert!(ledger.set_run_state(run, RunState::Finished, None).await.unwrap());
    assert!(!ledger.set_run_state(run, RunState::Running, None).await.unwrap());
    assert_eq!(ledger.run(run).await.unwrap().state, RunState::Finished);
    ledger.cancel_run(run).await.unwrap();
    assert_eq!(ledger.run(run).await.unwrap().state, RunState::Finished);
}

async fn balances_are_kept(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let second = |second| Timestamp::from_second(second).unwrap();
    for (before, after, asked_at) in [("100", "80", 1), ("90", "70.5", 2)] {
        ledger.set_balance_before(run, amount(before)).await.unwrap();
        ledger
            .set_balance_after(run, amount(after), second(asked_at))
            .await
            .unwrap();
    }
    let run = ledger.run(run).await.unwrap();
    assert_eq!(
        (run.balance_before, run.balance_after, run.balance_after_at),
        (Some(amount("100")), Some(amount("70.5")), Some(second(2)))
    );
}

async fn what_is_done_after_the_balance_was_asked_for_is_counted(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 4)).await;
    let rows = pending(&ledger, run).await;
    send(&ledger, &rows[0], done()).await;
    send(&ledger, &rows[1], unknown()).await;
    let late = || async { ledger.counts(run).await.unwrap().done_after_balance };
    assert_eq!(late().await.rows, 0);
    let asked_at = row(&ledger, "A-1").await.concluded_at.unwrap();
    ledger.set_balance_after(run, amount("70"), asked_at).await.unwrap();
    assert_eq!(late().await.rows, 0);
    // What came out as done later, and nothing else that ended later.
    ledger.resolve(rows[1].id, true, "ravi", "I asked").await.unwrap();
    send(&ledger, &rows[2], refused()).await;
    let counts = ledger.counts(run).await.unwrap();
    assert_eq!((counts.done.rows, counts.done_after_balance.rows), (2, 1));
    assert_eq!(counts.done_after_balance.amount, amount("10"));
    assert_eq!(counts.rows(), 4);
    // Also what ended otherwise, and came out as done only then.
    let asked_at = row(&ledger, "A-3").await.concluded_at.unwrap();
    ledger.set_balance_after(run, amount("70"), asked_at).await.unwrap();
    assert_eq!(late().await.rows, 0);
    let proof = Settled::new(rows[2].id, 1, done());
    ledger.settle(vec![proof]).await.unwrap();
    assert_eq!((late().await.rows, late().await.amount), (1, amount("10")));
}

async fn a_run_needs_more_approvals_from_then_on_and_never_fewer(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let other = import(&ledger, "H2", new_rows("B", 1)).await;
    for (needed, then) in [(2, 2), (1, 2), (3, 3)] {
        ledger.require_approvals(run, needed).await.unwrap();
        assert_eq!(ledger.run(run).await.unwrap().approvals_needed, then);
    }
    assert_eq!(ledger.run(other).await.unwrap().approvals_needed, 0);
}

async fn the_largest_row_is_one_that_may_be_sent(place: &Place) {
    let ledger = place.open().await;
    let mut rows = new_rows("A", 4);
    for (row, of_row) in rows.iter_mut().zip(["30", "20", "5", "20"]) {
        row.amount = amount(of_row);
    }
    let (line, _) = (rows[1].line, import(&ledger, "H2", new_rows("B", 9)).await);
    let run = import(&ledger, "H1", rows).await;
    let first = pending(&ledger, run).await.remove(0);
    assert_eq!(
        ledger.largest_pending(run).await.unwrap(),
        Some((first.line, amount("30")))
    );
    send(&ledger, &first, done()).await;
    assert_eq!(ledger.largest_pending(run).await.unwrap(), Some((line, amount("20"))));
    ledger.cancel_run(run).await.unwrap();
    assert_eq!(ledger.largest_pending(run).await.unwrap(), None);
}

async fn other_people_approve_a_run_once_each(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    assert!(
        ledger
            .approve_run(run, "asha", "os")
            .await
            .unwrap_err()
            .is_invalid_input()
    );
    ledger.approve_run(run, "ravi", "os").await.unwrap();
    assert!(
        ledger
            .approve_run(run, "ravi", "os")
            .await
            .unwrap_err()
            .is_invalid_input()
    );
    ledger.approve_run(run, "meera", "typed").await.unwrap();
    let approvals = ledger.approvals(run).await.unwrap();
    let names: Vec<_> = approvals
        .iter()
        .map(|approval| (&*approval.name, &*approval.source))
        .collect();
    assert_eq!(names, [("ravi", "os"), ("meera", "typed")]);
    for same in ["asha", " Asha", "ASHA ", "Ravi\t", "mEERA", " "] {
        let again = ledger.approve_run(run, same, "typed").await;
        assert!(again.unwrap_err().is_invalid_input(), "{same:?}");
    }
    // They go with the run.
    assert!(ledger.discard_run(run).await.unwrap());
    assert!(ledger.approvals(run).await.unwrap().is_empty());
}

async fn a_row_is_written_out_under_one_new_reference(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 5)).await;
    let rows = pending(&ledger, run).await;
    for (row, conclusion) in rows.iter().zip([done(), refused(), unknown(), not_sent()]) {
        send(&ledger, row, conclusion).await;
    }
    assert_eq!(ledger.export_row(rows[0].id, "B-1").await.unwrap(), None);
    assert_eq!(ledger.export_row(rows[2].id, "B-3").await.unwrap(), None);
    for (n, state) in [(1, RowState::Refused), (3, RowState::Canceled), (4, RowState::Canceled)] {
        let new = format!("B-{n}");
        for _ in 0..2 {
            let exported = ledger.export_row(rows[n].id, &new).await.unwrap();
            assert_eq!(exported.as_deref(), Some(&*new));
        }
        // The first one stays.
        assert_eq!(ledger.export_row(rows[n].id, "C-1").await.unwrap(), Some(new.clone()));
        let exported = row(&ledger, &rows[n].reference).await;
        assert_eq!((exported.state, exported.exported_as), (state, Some(new)));
        assert!(begin(&ledger, &rows[n]).await.is_none());
    }
    let again = vec![
        new_row(2, "B-1", "9000000002", "10"),
        new_row(3, "D-1", "9000000002", "12"),
    ];
    import(&ledger, "H2", again).await;
    assert_eq!(row(&ledger, "B-1").await.replaces.as_deref(), Some("A-2"));
    assert_eq!(row(&ledger, "D-1").await.replaces, None);
}

/// A person said that it is not done, and then it came out as done.
async fn a_row_that_came_out_otherwise_is_not_written_out(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    let row = pending(&ledger, run).await.remove(0);
    let intent = begin(&ledger, &row).await.unwrap();
    assert_eq!(ledger.interrupt_run(run).await.unwrap(), 1);
    ledger.resolve(row.id, false, "ravi", "I asked").await.unwrap();
    let late = ledger.conclude(intent, done()).await.unwrap();
    assert_eq!(late, Recorded::Kept(RowState::NotDone));
    assert_eq!(ledger.export_row(row.id, "B-1").await.unwrap(), None);
    assert_eq!(ledger.events(Some(run), 10).await.unwrap().len(), 1);
}

async fn a_run_of_which_nothing_was_sent_can_be_discarded(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 3)).await;
    let other = import(&ledger, "H2", new_rows("B", 3)).await;
    assert!(ledger.discard_run(run).await.unwrap());
    assert!(!ledger.discard_run(run).await.unwrap());
    assert!(ledger.run(run).await.is_err());
    assert_eq!(ledger.counts(other).await.unwrap().pending.rows, 3);
    import(&ledger, "H1", new_rows("A", 3)).await;

    // One attempt is enough, even one that was certainly not sent.
    send(&ledger, &pending(&ledger, other).await[2], not_sent()).await;
    assert!(!ledger.discard_run(other).await.unwrap());
    assert_eq!(ledger.counts(other).await.unwrap().rows(), 3);
}

async fn runs_are_listed_newest_first_and_in_pages(place: &Place) {
    let ledger = place.open().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(import(&ledger, &format!("H{n}"), new_rows(&format!("A{n}"), 1)).await);
    }
    ids.reverse();
    let (mut listed, mut below) = (Vec::new(), None);
    loop {
        let page = ledger.runs(below, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        below = Some(last.id);
        listed.extend(page.iter().map(|run| run.id));
    }
    assert_eq!(listed, ids);
}

async fn a_run_that_is_not_there_is_named(place: &Place) {
    let ledger = place.open().await;
    let run = "77".parse().unwrap();
    let error = ledger.run(run).await.unwrap_err();
    assert!(
        error.is_invalid_input() && error.to_string().contains("no run 77"),
        "{error}"
    );
    assert!(
        ledger
            .approve_run(run, "ravi", "os")
            .await
            .unwrap_err()
            .is_invalid_input()
    );
    assert_eq!(ledger.counts(run).await.unwrap().rows(), 0);
    assert!(!ledger.set_run_state(run, RunState::Running, None).await.unwrap());
    assert!(!ledger.discard_run(run).await.unwrap());
}
