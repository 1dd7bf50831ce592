use jiff::Timestamp;
use rust_decimal::Decimal;

use super::*;

fn row(reference: &str, moved: bool) -> AllocationRow {
    AllocationRow {
        reference: Some(Arc::from(reference)),
        moved: moved.then(|| Moved {
            amount: Decimal::ONE,
            transaction_id: Arc::from(format!("T-{reference}")),
            movement: 0,
        }),
        refused: !moved,
    }
}

fn search(asked: &[&str], shown: &[&str]) -> TransactionSearch {
    TransactionSearch {
        asked: asked.iter().map(|reference| (*reference).to_owned()).collect(),
        shown: shown
            .iter()
            .map(|reference| ((*reference).to_owned(), format!("T-{reference}")))
            .collect(),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn states(history: &AllocationHistory) -> Vec<AllocationState> {
    history.entries().map(|entry| entry.state).collect()
}

#[test]
fn what_was_lost_is_unknown_until_a_search_shows_its_transaction() {
    let mut history = AllocationHistory::new(10);
    history.add(1, at(0), row("R1", true), Delivery::Lost, false);
    history.add(2, at(1), row("R2", true), Delivery::Spoilt, false);
    history.add(3, at(2), row("R3", false), Delivery::Lost, false);
    history.add(4, at(3), row("R4", true), Delivery::Whole, false);
    history.look_up(5, at(4), &search(&["R1"], &[]));
    assert_eq!(
        states(&history)[0],
        AllocationState::Unknown,
        "not shown is not settled"
    );
    let lookup = Lookup {
        call: 5,
        at: at(4),
        found: false,
    };
    assert_eq!(history.entries().next().unwrap().lookup, Some(lookup));
    // A transaction of the same reference, but not the one that this call made.
    let other = TransactionSearch {
        shown: vec![("R1".to_owned(), "T-other".to_owned())],
        ..search(&["R1"], &[])
    };
    history.look_up(6, at(5), &other);
    assert_eq!(states(&history)[0], AllocationState::Unknown);
    // A search by card shows more than was asked for.
    history.look_up(7, at(6), &search(&["R1"], &["R4", "R2", "R1"]));
    assert_eq!(
        states(&history),
        [
            AllocationState::Settled,
            AllocationState::Settled,
            AllocationState::Unknown,
            AllocationState::Done
        ]
    );
    assert!(history.has_unknown(), "what moved nothing cannot be shown by a search");
}

#[test]
fn a_response_that_is_held_back_is_in_flight_until_it_leaves_or_its_client_is_gone() {
    let mut history = AllocationHistory::new(10);
    let done = history.add(1, at(0), row("R1", true), Delivery::Whole, true);
    let refused = history.add(2, at(0), row("R2", false), Delivery::Whole, true);
    let lost = history.add(3, at(0), row("R3", true), Delivery::Whole, true);
    assert_eq!(states(&history), [AllocationState::InFlight; 3]);
    history.release(done, at(1));
    history.release(refused, at(1));
    history.lose(lost, at(2));
    history.release(lost, at(3));
    assert_eq!(
        states(&history),
        [
            AllocationState::Done,
            AllocationState::Refused,
            AllocationState::Unknown
        ]
    );
    assert_eq!(history.entries().next_back().unwrap().delivery, Delivery::Lost);
    history.look_up(4, at(4), &search(&[], &["R3"]));
    assert_eq!(states(&history)[2], AllocationState::Settled);
}

#[test]
fn points_that_moved_under_a_no_are_unknown() {
    let mut history = AllocationHistory::new(10);
    let row = AllocationRow {
        refused: true,
        ..row("R1", true)
    };
    history.add(1, at(0), row, Delivery::Whole, false);
    assert_eq!(states(&history), [AllocationState::Unknown]);
}

#[test]
fn the_oldest_goes_and_leaves_nothing_behind() {
    let mut history = AllocationHistory::new(2);
    for number in 0..5 {
        history.add(number, at(0), row("R", true), Delivery::Lost, false);
    }
    assert_eq!(history.entries().len(), 2);
    history.look_up(9, at(1), &search(&[], &["R"]));
    assert!(!history.has_unknown());
}

#[cfg(feature = "console")]
mod series {
    use super::*;
    use crate::allocations::series::{MAX_STEPS, Series};
    use jiff::SignedDuration;
    use proptest::prelude::*;

    #[test]
    fn a_later_run_begins_a_new_series_and_changes_of_the_earlier_one_do_not_count_there() {
        let mut series = Series::default();
        series.add(0, at(0), AllocationState::Unknown);
        series.add(1, at(60), AllocationState::Done);
        assert_eq!(series.totals(), [1, 0, 0, 1, 0]);
        series.add(2, at(121), AllocationState::Unknown);
        assert_eq!((series.totals(), series.start), ([0, 0, 0, 1, 0], at(121)));
        series.change(0, at(122), AllocationState::Unknown, AllocationState::Settled);
        assert_eq!(series.totals(), [0, 0, 0, 1, 0]);
        series.change(2, at(90_000), AllocationState::Unknown, AllocationState::Settled);
        assert_eq!((series.totals(), series.last), ([0, 1, 0, 0, 0], at(90_000)));
    }

    proptest! {
        /// Whatever comes, at whatever time: the steps are bounded, no count is negative, and the last one is the sum.
        #[test]
        fn steps_are_bounded_and_add_up(
            events in proptest::collection::vec((-100_i64..100_000_000, 0..5_usize, any::<bool>()), 1..300)
        ) {
            let mut series = Series::default();
            let mut now = at(0);
            for (number, (milliseconds, state, settles)) in events.into_iter().enumerate() {
                now = now.saturating_add(SignedDuration::from_millis(milliseconds)).unwrap();
                series.add(number as u64, now, AllocationState::ALL[state]);
                if settles {
                    now = now.saturating_add(SignedDuration::from_millis(milliseconds.abs())).unwrap();
                    series.change(number as u64, now, AllocationState::ALL[state], AllocationState::Settled);
                }
                let counts = series.counts();
                prop_assert!(counts.len() <= MAX_STEPS);
                prop_assert!(counts.iter().flatten().all(|count| *count >= 0));
                prop_assert_eq!(counts.last().copied(), Some(series.totals()));
            }
        }
    }
}
