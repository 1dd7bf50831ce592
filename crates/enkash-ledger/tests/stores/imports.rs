//! Imports of runs: everything that is wrong with a file is found before its run is there, and a run is there whole or not.

use enkash_ledger::{Amount, Conflict, RowState, RunState};

use crate::{
    place::Place,
    rows::{
        all, amount, bring_to, call, call_at, check_import, done, import, new_row, new_rows, new_run, pending, row,
        send, ticket,
    },
};

on_each_store!(
    a_committed_import_is_a_planned_run,
    a_dropped_import_leaves_nothing,
    an_import_shows_nothing_before_its_commit,
    references_that_stand_twice_are_named,
    references_that_were_used_are_named_with_their_row,
    a_reference_of_a_canceled_row_may_be_used_again,
    problems_are_counted_and_the_first_hundred_named,
    a_run_with_a_reference_problem_is_not_committed,
    a_file_is_one_run,
    of_two_imports_of_one_file_at_once_one_wins,
    people_who_were_paid_before_are_counted,
    a_total_that_cannot_be_held_is_refused,
    a_file_without_rows_is_a_run_without_rows,
);

async fn a_committed_import_is_a_planned_run(place: &Place) {
    let ledger = place.open().await;
    let rows = vec![
        new_row(2, "A-1", "9000000001", "10"),
        new_row(3, "A-2", "9000000002", "250.5"),
        new_row(7, "A-3", "9000000003", "0.01"),
    ];
    let checked = check_import(&ledger, "H1", rows).await.unwrap();
    let found = checked.found();
    assert_eq!((found.rows, found.total), (3, amount("260.51")));
    assert_eq!(found.largest, Some((3, amount("250.5"))));
    assert_eq!((found.reference_problems, found.repeated_payment_count), (0, 0));
    let id = checked.commit(2).await.unwrap();

    let run = ledger.run(id).await.unwrap();
    assert_eq!(
        (run.rows, run.total, run.state),
        (3, amount("260.51"), RunState::Planned)
    );
    assert_eq!((run.approvals_needed, run.created_by.as_str()), (2, "asha"));
    assert_eq!((run.file_name.as_str(), run.file_hash.as_str()), ("payroll.csv", "H1"));
    assert_eq!(run.scope, crate::rows::scope());
    let rows = pending(&ledger, id).await;
    let places: Vec<_> = rows
        .iter()
        .map(|row| (row.place, row.line, row.reference.as_str()))
        .collect();
    assert_eq!(places, [(1, 2, "A-1"), (2, 3, "A-2"), (3, 7, "A-3")]);
    assert_eq!(
        (rows[1].amount, rows[1].request.as_str()),
        (amount("250.5"), r#"{"name":"Asha"}"#)
    );
    let stored = row(&ledger, "A-3").await;
    assert_eq!((stored.run, stored.line), (Some((id, 3)), Some(7)));
    assert_eq!((stored.state, stored.outcome()), (RowState::Pending, "pending"));
    assert_eq!(stored.person().as_deref(), Some("Asha"));
}

async fn a_dropped_import_leaves_nothing(place: &Place) {
    let ledger = place.open().await;
    let mut begun = ledger.import_run(new_run()).await.unwrap();
    begun.push(new_rows("A", 10)).await.unwrap();
    drop(begun);
    drop(check_import(&ledger, "H1", new_rows("A", 10)).await.unwrap());
    assert!(ledger.runs(None, 10).await.unwrap().is_empty());
    assert!(all(&ledger, "A-1").await.is_empty());
    assert_eq!(
        ledger.find_run(&crate::rows::scope(), "allocate", "H1").await.unwrap(),
        None
    );
    // And nothing is in the way of the same file.
    let run = import(&ledger, "H1", new_rows("A", 10)).await;
    assert_eq!(ledger.counts(run).await.unwrap().pending.rows, 10);
}

async fn an_import_shows_nothing_before_its_commit(place: &Place) {
    let (ledger, other) = (place.open().await, place.open().await);
    let checked = check_import(&ledger, "H1", new_rows("A", 3)).await.unwrap();
    for ledger in [&ledger, &other] {
        assert!(ledger.runs(None, 10).await.unwrap().is_empty());
        assert!(all(ledger, "A-1").await.is_empty());
    }
    let run = checked.commit(0).await.unwrap();
    assert_eq!(pending(&other, run).await.len(), 3);
}

async fn references_that_stand_twice_are_named(place: &Place) {
    let ledger = place.open().await;
    let rows = vec![
        new_row(2, "A-1", "9000000001", "10"),
        new_row(3, "A-2", "9000000002", "10"),
        new_row(4, "A-1", "9000000003", "10"),
        new_row(5, "A-1", "9000000004", "10"),
    ];
    let checked = check_import(&ledger, "H1", rows).await.unwrap();
    let found = checked.found();
    assert_eq!(found.repeated_references, [(4, 2), (5, 2)]);
    assert_eq!((found.reference_problems, found.used_references.len()), (2, 0));
    assert_eq!((found.rows, found.total), (4, amount("40")));
}

async fn references_that_were_used_are_named_with_their_row(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    bring_to(&ledger, call("R-1"), RowState::Refused).await;
    // At another host it is another reference; without a host it counts.
    bring_to(&ledger, call_at("https://other.example", "R-2"), RowState::Done).await;
    ledger
        .import_tickets(&[ticket("OLD-1", "9000000009", "7")])
        .await
        .unwrap();
    let rows = vec![
        new_row(2, "OLD-1", "9000000001", "1"),
        new_row(3, "A-1", "9000000002", "2"),
        new_row(4, "R-1", "9000000003", "3"),
        new_row(5, "R-2", "9000000004", "4"),
    ];
    let checked = check_import(&ledger, "H2", rows).await.unwrap();
    let found = checked.found();
    let used: Vec<_> = found
        .used_references
        .iter()
        .map(|(line, row)| (*line, row.reference.as_str(), row.state))
        .collect();
    assert_eq!(
        used,
        [
            (2, "OLD-1", RowState::Unknown),
            (3, "A-1", RowState::Pending),
            (4, "R-1", RowState::Refused)
        ]
    );
    assert_eq!(found.used_references[1].1.run, Some((run, 1)));
    assert_eq!((found.reference_problems, found.repeated_references.len()), (3, 0));
    drop(checked);
    // Also where nothing but that is wrong: the scope is another one.
    let checked = check_import(&ledger, "H3", vec![new_row(2, "OLD-1", "9000000001", "1")]).await;
    assert_eq!(checked.unwrap().found().reference_problems, 1);
}

async fn a_reference_of_a_canceled_row_may_be_used_again(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 2)).await;
    assert_eq!(ledger.cancel_run(run).await.unwrap(), 2);
    let again = import(&ledger, "H1", new_rows("A", 2)).await;
    assert_ne!(again, run);
    assert_eq!(pending(&ledger, again).await.len(), 2);
}

async fn problems_are_counted_and_the_first_hundred_named(place: &Place) {
    let ledger = place.open().await;
    let one_reference = (1..=151).map(|n| new_row(n, "A", "9000000001", "10")).collect();
    let checked = check_import(&ledger, "H1", one_reference).await.unwrap();
    let found = checked.found();
    assert_eq!((found.reference_problems, found.repeated_references.len()), (150, 100));
    assert_eq!(found.repeated_references[99], (101, 1));
    // A row is one problem.
    assert_eq!(found.repeated_payment_count, 0);
    drop(checked);
    let one_person = (1..=151)
        .map(|n| new_row(n, &format!("A-{n}"), "9000000001", "10"))
        .collect();
    let checked = check_import(&ledger, "H1", one_person).await.unwrap();
    let found = checked.found();
    assert_eq!(
        (found.repeated_payment_count, found.repeated_payments.len()),
        (150, 100)
    );
    drop(checked);
    import(&ledger, "H2", new_rows("B", 150)).await;
    let checked = check_import(&ledger, "H3", new_rows("B", 150)).await.unwrap();
    let found = checked.found();
    assert_eq!((found.reference_problems, found.used_references.len()), (150, 100));
}

async fn a_run_with_a_reference_problem_is_not_committed(place: &Place) {
    let ledger = place.open().await;
    let rows = vec![
        new_row(2, "A-1", "9000000001", "1"),
        new_row(3, "A-1", "9000000002", "1"),
    ];
    let error = check_import(&ledger, "H1", rows)
        .await
        .unwrap()
        .commit(0)
        .await
        .unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
    assert!(ledger.runs(None, 10).await.unwrap().is_empty());
}

async fn a_file_is_one_run(place: &Place) {
    let ledger = place.open().await;
    let scope = crate::rows::scope();
    let run = import(&ledger, "H1", new_rows("A", 1)).await;
    assert_eq!(ledger.find_run(&scope, "allocate", "H1").await.unwrap(), Some(run));
    assert_eq!(ledger.find_run(&scope, "unallocate", "H1").await.unwrap(), None);
    assert_eq!(
        ledger
            .find_run(&crate::rows::scope_at("https://x.example"), "allocate", "H1")
            .await
            .unwrap(),
        None
    );
    // With other references as well: they may be made anew each time.
    for word in ["A", "B"] {
        let checked = check_import(&ledger, "H1", new_rows(word, 1)).await.unwrap();
        assert_eq!(checked.found().twin, Some((run, RunState::Planned)));
        let error = checked.commit(0).await.unwrap_err();
        let Some(Conflict::RunExists(twin, state)) = error.as_conflict() else {
            panic!("no run of this file: {error}");
        };
        assert_eq!((*twin, *state), (run, RunState::Planned));
    }
    ledger.cancel_run(run).await.unwrap();
    assert_eq!(ledger.find_run(&scope, "allocate", "H1").await.unwrap(), None);
    import(&ledger, "H1", new_rows("A", 1)).await;
}

async fn of_two_imports_of_one_file_at_once_one_wins(place: &Place) {
    let ledgers = [place.open().await, place.open().await];
    let rivals = ledgers.map(|ledger| {
        tokio::spawn(async move {
            let checked = check_import(&ledger, "H1", new_rows("A", 200)).await?;
            checked.commit(0).await
        })
    });
    let mut winners = Vec::new();
    for rival in rivals {
        match rival.await.unwrap() {
            Ok(run) => winners.push(run),
            Err(error) => assert!(matches!(error.as_conflict(), Some(Conflict::RunExists(..))), "{error}"),
        }
    }
    assert_eq!(winners.len(), 1);
    let ledger = place.open().await;
    assert_eq!(ledger.runs(None, 10).await.unwrap().len(), 1);
    assert_eq!(ledger.counts(winners[0]).await.unwrap().pending.rows, 200);
}

async fn people_who_were_paid_before_are_counted(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", new_rows("A", 3)).await;
    send(&ledger, &pending(&ledger, run).await[0], done()).await;
    let rows = vec![
        new_row(2, "B-1", "9000000001", "99"),
        new_row(3, "B-2", "9000000002", "99"),
        new_row(4, "B-3", "9000000001", "98"),
    ];
    let checked = check_import(&ledger, "H2", rows).await.unwrap();
    assert_eq!(checked.found().known_recipients, 2);
}

async fn a_total_that_cannot_be_held_is_refused(place: &Place) {
    let ledger = place.open().await;
    let rows = vec![
        new_row(2, "A-1", "9000000001", "9000000000000"),
        new_row(3, "A-2", "9000000002", "9000000000000"),
    ];
    let error = check_import(&ledger, "H1", rows).await.unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
    assert!(ledger.runs(None, 10).await.unwrap().is_empty());
}

async fn a_file_without_rows_is_a_run_without_rows(place: &Place) {
    let ledger = place.open().await;
    let run = import(&ledger, "H1", Vec::new()).await;
    let counts = ledger.counts(run).await.unwrap();
    assert_eq!((counts.rows(), ledger.run(run).await.unwrap().total), (0, Amount::ZERO));
}
