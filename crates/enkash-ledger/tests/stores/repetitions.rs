//! Which rows of a file would pay somebody again, and what may still become of the payment that they repeat. What is in doubt is found
//! however old it is, and hidden by nothing; then what waits in a run, as old as it may be.

use enkash_ledger::{Conflict, Ledger, RepeatedPayment, RowState, RunId};

use crate::{
    place::Place,
    rows::{
        begin, bring_to, call, call_at, check_import, done, import, new_row, new_rows, pending, row, send, ticket,
        unknown,
    },
};

on_each_store!(
    payments_that_repeat_are_named,
    a_run_that_pays_again_is_committed_only_where_somebody_says_so,
    a_payment_of_more_than_a_week_ago_is_no_repetition,
    the_days_count_from_the_payment_and_not_from_the_import,
    what_waits_is_found_however_old_it_is,
    what_is_in_doubt_or_waits_is_counted_also_where_it_is_not_named,
    a_doubt_is_hidden_by_no_older_payment,
    a_doubt_is_found_however_old_it_is,
    what_waits_is_hidden_by_no_older_payment,
    a_doubt_without_a_host_is_found_and_one_elsewhere_is_not,
    a_row_that_was_written_out_is_counted,
    the_runs_of_what_is_open_are_known_also_where_no_row_of_theirs_is_named,
);

async fn payments_that_repeat_are_named(place: &Place) {
    let ledger = place.open().await;
    let earlier = import(&ledger, "H1", vec![new_row(2, "A-1", "9000000001", "10")]).await;
    for (reference, mobile, state) in [
        ("R-1", "9000000002", RowState::Done),
        ("R-2", "9000000003", RowState::Unknown),
        ("R-3", "9000000004", RowState::Refused),
        ("R-4", "9000000005", RowState::NotDone),
    ] {
        let mut call = call(reference);
        call.ticket = ticket(reference, mobile, "10");
        bring_to(&ledger, call, state).await;
    }
    let mut elsewhere = call_at("https://other.example", "R-5");
    elsewhere.ticket = ticket("R-5", "9000000006", "10");
    bring_to(&ledger, elsewhere, RowState::Done).await;

    let rows = vec![
        new_row(2, "B-1", "9000000001", "10"),
        new_row(3, "B-2", "9000000002", "10.00"),
        new_row(4, "B-3", "9000000003", "10"),
        // Refused, not done, at another host, another amount: no repetition.
        new_row(5, "B-4", "9000000004", "10"),
        new_row(6, "B-5", "9000000005", "10"),
        new_row(7, "B-6", "9000000006", "10"),
        new_row(8, "B-7", "9000000001", "11"),
        // In the file itself.
        new_row(9, "B-8", "9000000001", "11"),
        new_row(10, "B-9", "9000000001", "11"),
    ];
    let checked = check_import(&ledger, "H2", rows).await.unwrap();
    let found = checked.found();
    let repeated: Vec<_> = found
        .repeated_payments
        .iter()
        .map(|(line, other)| match other {
            RepeatedPayment::InFile(first) => (*line, format!("line {first}")),
            RepeatedPayment::Earlier(row) => (*line, row.reference.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [(2, "A-1"), (3, "R-1"), (4, "R-2"), (9, "line 8"), (10, "line 8")];
    assert_eq!(repeated, expected.map(|(line, other)| (line, other.to_owned())));
    assert_eq!((found.repeated_payment_count, found.reference_problems), (5, 0));
    drop(checked);

    // What is canceled pays nobody.
    ledger.cancel_run(earlier).await.unwrap();
    let checked = check_import(&ledger, "H3", vec![new_row(2, "C-1", "9000000001", "10")])
        .await
        .unwrap();
    assert_eq!(checked.found().repeated_payment_count, 0);
}

async fn a_run_that_pays_again_is_committed_only_where_somebody_says_so(place: &Place) {
    let ledger = place.open().await;
    for (reference, mobile, state) in [
        ("DONE", "9000000001", RowState::Done),
        ("UNKNOWN", "9000000002", RowState::Unknown),
        ("SENDING", "9000000003", RowState::Sending),
    ] {
        let mut call = call(reference);
        call.ticket = ticket(reference, mobile, "10");
        bring_to(&ledger, call, state).await;
    }
    import(&ledger, "H1", vec![new_row(2, "WAITS", "9000000004", "10")]).await;
    let twice = [
        new_row(2, "TWICE-1", "9000000005", "10"),
        new_row(3, "TWICE-2", "9000000005", "10"),
    ];
    let again = |mobile: &str| vec![new_row(2, "NEW", mobile, "10")];
    for (rows, expected) in [
        (again("9000000001"), (1, 0, 0)),
        (again("9000000002"), (1, 1, 0)),
        (again("9000000003"), (1, 1, 0)),
        (again("9000000004"), (1, 0, 1)),
        (twice.to_vec(), (1, 0, 0)),
    ] {
        let checked = check_import(&ledger, "H2", rows.clone()).await.unwrap();
        let error = checked.commit(0).await.unwrap_err();
        let Some(Conflict::PaymentsRepeated {
            rows: count,
            in_doubt,
            waiting,
        }) = error.as_conflict()
        else {
            panic!("no repeated payment: {error}");
        };
        assert_eq!((*count, *in_doubt, *waiting), expected);
        assert_eq!(ledger.runs(None, 10).await.unwrap().len(), 1, "nothing of it is there");
        let checked = check_import(&ledger, "H2", rows).await.unwrap();
        let committed = checked.commit_with_repetitions(0).await;
        if expected.1 > 0 {
            // It may be the very payment that is meant.
            assert_eq!(committed.unwrap_err().to_string(), error.to_string());
            continue;
        }
        assert!(ledger.discard_run(committed.unwrap()).await.unwrap());
    }
    let checked = check_import(&ledger, "H2", again("9000000006")).await.unwrap();
    checked.commit(0).await.unwrap();
}

async fn a_payment_of_more_than_a_week_ago_is_no_repetition(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", vec![new_row(2, "A-1", "9000000001", "10")]).await;
    send(&ledger, &pending(&ledger, run).await[0], done()).await;
    for (days, hash, count) in [(6, "H2", 1), (2, "H3", 0)] {
        place.let_days_pass(days);
        let rows = vec![new_row(2, "B-1", "9000000001", "10")];
        let checked = check_import(&ledger, hash, rows).await.unwrap();
        assert_eq!(checked.found().repeated_payment_count, count);
    }
}

/// A row may wait for weeks, for an approval or after a pause.
async fn the_days_count_from_the_payment_and_not_from_the_import(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", vec![new_row(2, "A-1", MOBILE, "10")]).await;
    place.import_earlier(30);
    send(&ledger, &pending(&ledger, run).await[0], done()).await;
    assert_eq!(repeated(&ledger).await, (Some("A-1".to_owned()), 0, 0));
    // A call whose response came days after it was sent may have paid as late.
    place.let_days_pass(8);
    assert_eq!(repeated(&ledger).await, (None, 0, 0));
    paid(&ledger, "R-1", RowState::Unknown).await;
    place.let_days_pass(8);
    let id = row(&ledger, "R-1").await.id;
    ledger.resolve(id, true, "ravi", "telephone").await.unwrap();
    assert_eq!(repeated(&ledger).await, (Some("R-1".to_owned()), 0, 0));
}

async fn what_waits_is_found_however_old_it_is(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", vec![new_row(2, "WAITS", MOBILE, "10")]).await;
    place.let_days_pass(400);
    assert_eq!(repeated(&ledger).await, (Some("WAITS".to_owned()), 0, 1));
    // Nor does a younger payment hide it.
    paid(&ledger, "DONE", RowState::Done).await;
    assert_eq!(repeated(&ledger).await, (Some("WAITS".to_owned()), 0, 1));
    ledger.cancel_run(run).await.unwrap();
    assert_eq!(repeated(&ledger).await, (Some("DONE".to_owned()), 0, 0));
}

async fn what_is_in_doubt_or_waits_is_counted_also_where_it_is_not_named(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 150)).await;
    let rows = pending(&ledger, run).await;
    for row in &rows[..140] {
        send(&ledger, row, done()).await;
    }
    // Far behind the first hundred: one without a known outcome, one on its way, and eight that nobody has sent.
    send(&ledger, &rows[140], unknown()).await;
    let on_its_way = begin(&ledger, &rows[141]).await;
    assert!(on_its_way.is_some());
    // Outside of a run nobody is to send it.
    bring_to(&ledger, call("R-1"), RowState::Pending).await;
    let used = new_rows("A", 150)
        .into_iter()
        .chain([new_row(152, "R-1", "9000000004", "1")]);
    let checked = check_import(&ledger, "H2", used.collect()).await.unwrap();
    let found = checked.found();
    assert_eq!((found.reference_problems, found.used_references.len()), (151, 100));
    assert_eq!((found.references_in_doubt, found.references_waiting), (2, 8));
    assert_eq!(found.payments_in_doubt, 0);
    drop(checked);
    // The same people and amounts under references that are new.
    let checked = check_import(&ledger, "H3", new_rows("B", 150)).await.unwrap();
    let found = checked.found();
    assert_eq!(
        (found.repeated_payment_count, found.repeated_payments.len()),
        (150, 100)
    );
    assert_eq!(found.payments_in_doubt, 2);
    assert_eq!((found.references_in_doubt, found.references_waiting), (0, 0));
}

const MOBILE: &str = "9000000077";

/// A call for 10 to this person.
async fn paid(ledger: &Ledger, reference: &str, state: RowState) {
    let mut call = call(reference);
    call.ticket = ticket(reference, MOBILE, "10");
    bring_to(ledger, call, state).await;
}

/// What a row with a new reference for that payment repeats, and how many of the file are in doubt and wait.
async fn repeated(ledger: &Ledger) -> (Option<String>, u64, u64) {
    let rows = vec![new_row(2, "NEW-1", MOBILE, "10")];
    let checked = check_import(ledger, "NEW", rows).await.unwrap();
    let found = checked.found();
    let other = found.repeated_payments.first().map(|(_, other)| match other {
        RepeatedPayment::Earlier(row) => row.reference.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(found.repeated_payment_count, u64::from(other.is_some()));
    (other, found.payments_in_doubt, found.payments_waiting)
}

async fn a_doubt_is_hidden_by_no_older_payment(place: &Place) {
    for state in [RowState::Unknown, RowState::Sending] {
        let ledger = place.open().await;
        let reference = format!("{state:?}");
        paid(&ledger, &format!("{state:?}-DONE"), RowState::Done).await;
        place.let_days_pass(4);
        paid(&ledger, &reference, state).await;
        assert_eq!(repeated(&ledger).await, (Some(reference.clone()), 1, 0));
        let id = row(&ledger, &reference).await.id;
        if state == RowState::Unknown {
            ledger.resolve(id, true, "ravi", "telephone").await.unwrap();
        }
    }
}

async fn a_doubt_is_found_however_old_it_is(place: &Place) {
    let ledger = place.open().await;
    paid(&ledger, "OLD", RowState::Unknown).await;
    place.let_days_pass(400);
    assert_eq!(repeated(&ledger).await, (Some("OLD".to_owned()), 1, 0));
    // Nor does a younger payment hide it.
    paid(&ledger, "DONE", RowState::Done).await;
    assert_eq!(repeated(&ledger).await, (Some("OLD".to_owned()), 1, 0));
    let id = row(&ledger, "OLD").await.id;
    ledger.resolve(id, false, "ravi", "telephone").await.unwrap();
    assert_eq!(repeated(&ledger).await, (Some("DONE".to_owned()), 0, 0));
}

async fn what_waits_is_hidden_by_no_older_payment(place: &Place) {
    let ledger = place.open().await;
    paid(&ledger, "DONE", RowState::Done).await;
    let waits = vec![
        new_row(2, "WAITS", MOBILE, "10"),
        new_row(3, "OTHER", "9000000078", "10"),
    ];
    let run = import(&ledger, "H1", waits).await;
    assert_eq!(repeated(&ledger).await, (Some("WAITS".to_owned()), 0, 1));
    // What is in doubt goes before it.
    paid(&ledger, "UNKNOWN", RowState::Unknown).await;
    assert_eq!(repeated(&ledger).await, (Some("UNKNOWN".to_owned()), 1, 0));
    let id = row(&ledger, "UNKNOWN").await.id;
    ledger.resolve(id, false, "ravi", "telephone").await.unwrap();
    assert_eq!(repeated(&ledger).await, (Some("WAITS".to_owned()), 0, 1));
    // A row of the file itself does not wait anywhere.
    let twice = vec![
        new_row(2, "NEW-1", "9000000079", "10"),
        new_row(3, "NEW-2", "9000000079", "10"),
    ];
    let checked = check_import(&ledger, "H2", twice).await.unwrap();
    assert_eq!(
        (checked.found().repeated_payment_count, checked.found().payments_waiting),
        (1, 0)
    );
    drop(checked);
    ledger.cancel_run(run).await.unwrap();
    assert_eq!(repeated(&ledger).await, (Some("DONE".to_owned()), 0, 0));
}

async fn a_doubt_without_a_host_is_found_and_one_elsewhere_is_not(place: &Place) {
    let ledger = place.open().await;
    let mut elsewhere = call_at("https://other.example", "ELSEWHERE");
    elsewhere.ticket = ticket("ELSEWHERE", MOBILE, "10");
    bring_to(&ledger, elsewhere, RowState::Unknown).await;
    assert_eq!(repeated(&ledger).await, (None, 0, 0));
    ledger.import_tickets(&[ticket("OLD", MOBILE, "10")]).await.unwrap();
    assert_eq!(repeated(&ledger).await, (Some("OLD".to_owned()), 1, 0));
    // Nor is one with the reference itself hidden by what has ended.
    bring_to(&ledger, call("SAME"), RowState::Done).await;
    ledger
        .import_tickets(&[ticket("SAME", "9000000078", "7")])
        .await
        .unwrap();
    let rows = vec![new_row(2, "SAME", "9000000079", "1")];
    let checked = check_import(&ledger, "SAME", rows).await.unwrap();
    let found = checked.found();
    assert_eq!((found.reference_problems, found.references_in_doubt), (1, 1));
}

async fn a_row_that_was_written_out_is_counted(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 3)).await;
    let rows = pending(&ledger, run).await;
    send(&ledger, &rows[0], unknown()).await;
    ledger.export_row(rows[1].id, "ELSEWHERE").await.unwrap();
    let checked = check_import(&ledger, "H2", new_rows("A", 3)).await.unwrap();
    let found = checked.found();
    assert_eq!((found.reference_problems, found.references_exported), (3, 1));
    assert_eq!((found.references_in_doubt, found.references_waiting), (1, 1));
}

async fn the_runs_of_what_is_open_are_known_also_where_no_row_of_theirs_is_named(place: &Place) {
    let ledger = place.open().await;
    let ended = import(&ledger, "H1", new_rows("A", 120)).await;
    for row in pending(&ledger, ended).await {
        send(&ledger, &row, done()).await;
    }
    let open = import(&ledger, "H2", vec![new_row(2, "WAITS", MOBILE, "10")]).await;
    for (word, reference) in [("A", "WAITS"), ("B", "NEW")] {
        let rows = new_rows(word, 120)
            .into_iter()
            .chain([new_row(122, reference, MOBILE, "10")]);
        let checked = check_import(&ledger, "H3", rows.collect()).await.unwrap();
        let found = checked.found();
        let of_references: Vec<RunId> = found.reference_runs.iter().copied().collect();
        let of_payments: Vec<RunId> = found.payment_runs.iter().copied().collect();
        match word {
            "A" => assert_eq!((of_references, of_payments), (vec![open], vec![])),
            _ => assert_eq!((of_references, of_payments), (vec![], vec![open])),
        }
    }
}
