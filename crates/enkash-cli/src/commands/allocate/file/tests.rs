use std::time::Duration;

use enkash::{ClientReference, Person, Ticket};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, SandboxBuilder, Seed, When};

use super::*;
use crate::commands::allocate::report::balance_mismatch;
use crate::output::Format;
use crate::session::CallTarget;

/// Runs these rows, to the last unless told otherwise.
async fn run_rows(
    session: &Session,
    rows: &[AllocationRow],
    keep_going: bool,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    let run = FileRun {
        session,
        rows,
        tickets: None,
        keep_going,
    };
    run.run(interrupts, output).await
}

fn rows(amounts: &[&str]) -> Vec<AllocationRow> {
    let row = |(at, amount): (usize, &&str)| AllocationRow {
        line: at as u64 + 2,
        person: Person::new("Ms", format!("P{at}"), "p@example.com", format!("900000010{at}"), "F").unwrap(),
        amount: amount.parse().unwrap(),
        reference: format!("REF{at}").parse::<ClientReference>().unwrap(),
    };
    amounts.iter().enumerate().map(row).collect()
}

const NTH_CALL: fn(u64, Fault) -> FaultRule =
    |nth, fault| FaultRule::on(Operation::CreateAllocatePoints, fault).nth(nth);

struct Ended {
    exit: Result<ExitStatus, CliError>,
    results: String,
    notes: String,
    sandbox: Sandbox,
}

/// Runs three rows of 250.50, 100 and 20 against a sandbox.
async fn run_in(sandbox: SandboxBuilder, format: Format) -> Ended {
    let sandbox = sandbox.start().await.unwrap();
    let session = Session::from_credentials(sandbox.credentials(), &CallTarget::default()).unwrap();
    let (mut output, shown) = Output::captured(format);
    let (_keep, mut interrupts) = Interrupts::manual();
    let exit = run_rows(
        &session,
        &rows(&["250.50", "100", "20"]),
        true,
        &mut interrupts,
        &mut output,
    )
    .await;
    Ended {
        exit,
        results: shown.results(),
        notes: shown.notes(),
        sandbox,
    }
}

#[tokio::test]
async fn an_unknown_row_is_told_and_not_repeated_and_the_others_are_sent() {
    let sandbox = Sandbox::builder().fault(NTH_CALL(2, Fault::Reset(When::After)));
    let ended = run_in(sandbox, Format::Table).await;
    assert_eq!(ended.exit.unwrap(), ExitStatus::Unknown);
    let lines: Vec<_> = ended.results.lines().collect();
    assert!(
        lines[2].contains("REF0") && lines[2].contains("done"),
        "{}",
        ended.results
    );
    assert!(
        lines[3].contains("REF1") && lines[3].contains("unknown"),
        "{}",
        ended.results
    );
    assert!(
        lines[4].contains("REF2") && lines[4].contains("done"),
        "{}",
        ended.results
    );
    assert!(
        ended
            .results
            .contains("3 rows: 2 done, 1 unknown; 270.50 allocated\nunknown: REF1 (line 3)\n")
    );
    // The points did move: nothing says that sums differ for another reason.
    assert!(ended.results.contains("balance after: 999629.50"), "{}", ended.results);
    assert!(!ended.results.contains("something else"), "{}", ended.results);
    assert_eq!(ended.sandbox.calls(Operation::CreateAllocatePoints), 3);
}

#[tokio::test]
async fn a_run_stops_at_the_first_unknown_row_unless_told_to_keep_going() {
    let fault = NTH_CALL(2, Fault::Reset(When::After));
    let sandbox = Sandbox::builder().fault(fault).start().await.unwrap();
    let session = Session::from_credentials(sandbox.credentials(), &CallTarget::default()).unwrap();
    let (mut output, shown) = Output::captured(Format::Table);
    let (_keep, mut interrupts) = Interrupts::manual();
    let file = rows(&["1", "2", "4"]);
    let exit = run_rows(&session, &file, false, &mut interrupts, &mut output).await;
    assert_eq!(exit.unwrap(), ExitStatus::Unknown);
    let expected = "3 rows: 1 done, 1 not sent, 1 unknown; 1.00 allocated\n\
                    from line 4 on (reference REF2) nothing was sent\nunknown: REF1 (line 3)\n";
    assert!(shown.results().contains(expected), "{}", shown.results());
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 2);
}

#[test]
fn only_what_the_next_rows_would_share_stops_a_run() {
    let after = |outcome_kind, exit| StopReason::after(&CallReport::new(outcome_kind, exit));
    assert_eq!(
        after(OutcomeKind::NotSent, ExitStatus::Credentials),
        Some(StopReason::Credentials)
    );
    assert_eq!(
        after(OutcomeKind::Pending, ExitStatus::Unknown),
        Some(StopReason::Unknown)
    );
    for (outcome_kind, exit) in [
        (OutcomeKind::Done, ExitStatus::Done),
        (OutcomeKind::Refused, ExitStatus::Refused),
        (OutcomeKind::NotSent, ExitStatus::NotSent),
    ] {
        assert_eq!(after(outcome_kind, exit), None);
    }
}

#[tokio::test]
async fn a_refused_row_stops_nothing() {
    let ended = run_in(
        Sandbox::builder().seed(Seed::small().account_balance(300)),
        Format::Table,
    )
    .await;
    assert_eq!(ended.exit.unwrap(), ExitStatus::Refused);
    let refused = ended.results.lines().find(|line| line.contains("REF1")).unwrap();
    assert!(
        refused.contains("refused") && refused.ends_with("Insufficient balance in card account"),
        "{refused}"
    );
    assert!(
        ended.results.contains("3 rows: 2 done, 1 refused; 270.50 allocated"),
        "{}",
        ended.results
    );
}

#[tokio::test]
async fn rows_that_cannot_be_sent_are_not_sent_and_a_missing_balance_is_said() {
    let sandbox = Sandbox::builder().fault(NTH_CALL(1, Fault::Refused(Duration::from_secs(3600))));
    let ended = run_in(sandbox, Format::Table).await;
    assert_eq!(ended.exit.unwrap(), ExitStatus::NotSent);
    assert!(
        ended.results.contains("3 rows: 1 done, 2 not sent; 250.50 allocated"),
        "{}",
        ended.results
    );
    assert!(ended.results.contains("balance after: not known"), "{}", ended.results);
    assert!(
        ended.notes.contains("the balance after the run is not known"),
        "{}",
        ended.notes
    );
    assert_eq!(ended.sandbox.calls(Operation::CreateAllocatePoints), 1);
}

#[tokio::test]
async fn json_has_a_line_for_each_row_with_the_ticket_of_an_unknown_one() {
    let sandbox = Sandbox::builder().fault(NTH_CALL(2, Fault::Reset(When::After)));
    let ended = run_in(sandbox, Format::Json).await;
    let lines: Vec<serde_json::Value> = ended
        .results
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["account", "row", "row", "row", "account", "summary"]);
    assert_eq!(lines[1]["amount"], "250.50");
    assert_eq!(
        (&lines[1]["line"], &lines[1]["ticket"]),
        (&2.into(), &serde_json::Value::Null)
    );
    let ticket: Ticket = serde_json::from_value(lines[2]["ticket"].clone()).unwrap();
    assert_eq!(
        (ticket.reference.as_str(), ticket.amount()),
        ("REF1", "100".parse().ok())
    );
    assert_eq!((&lines[5]["done"], &lines[5]["unknown"]), (&2.into(), &1.into()));
    assert_eq!(lines[5]["allocated"], "270.50");
}

#[tokio::test]
async fn a_stop_before_the_first_row_sends_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = Session::from_credentials(sandbox.credentials(), &CallTarget::default()).unwrap();
    let (mut output, shown) = Output::captured(Format::Table);
    let (stop, mut interrupts) = Interrupts::manual();
    stop.send(1).unwrap();
    let exit = run_rows(&session, &rows(&["1", "2"]), true, &mut interrupts, &mut output)
        .await
        .unwrap();
    assert_eq!(exit, ExitStatus::Interrupted);
    let expected =
        "stopped; 2 rows: 0 done, 2 not sent; 0.00 allocated\nfrom line 2 on (reference REF0) nothing was sent";
    assert!(shown.results().contains(expected), "{}", shown.results());
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 0);
}

/// The response to the second row is held back. The first stop waits for it, the second gives up on it.
#[tokio::test]
async fn a_second_stop_gives_up_on_the_call_under_way_and_calls_it_unknown() {
    let hold = Fault::Delay(Duration::from_secs(3600), When::After);
    let sandbox = Sandbox::builder().fault(NTH_CALL(2, hold)).start().await.unwrap();
    let session = Session::from_credentials(sandbox.credentials(), &CallTarget::default()).unwrap();
    let (mut output, shown) = Output::captured(Format::Table);
    let (stop, mut interrupts) = Interrupts::manual();
    let file = rows(&["1", "2", "3"]);
    let runs = run_rows(&session, &file, true, &mut interrupts, &mut output);
    let stops = async {
        while sandbox.calls(Operation::CreateAllocatePoints) < 2 {
            tokio::task::yield_now().await;
        }
        stop.send(1).unwrap();
        while !shown.notes().contains("waiting for the response to REF1") {
            tokio::task::yield_now().await;
        }
        stop.send(2).unwrap();
    };
    let (exit, ()) = tokio::join!(runs, stops);
    assert_eq!(exit.unwrap(), ExitStatus::Unknown);
    let expected = "stopped; 3 rows: 1 done, 1 not sent, 1 unknown; 1.00 allocated\n\
                    from line 4 on (reference REF2) nothing was sent\nunknown: REF1 (line 3)\n";
    assert!(shown.results().contains(expected), "{}", shown.results());
    // A time-out would be unknown as well: this one was given up on.
    assert!(
        shown.results().contains("its response was not waited for"),
        "{}",
        shown.results()
    );
    // Nor is the API asked for anything more.
    assert!(
        shown.results().contains("balance after: not known"),
        "{}",
        shown.results()
    );
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 2);
}

#[tokio::test]
async fn a_reader_that_goes_away_stops_the_run_before_the_next_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let session = Session::from_credentials(sandbox.credentials(), &CallTarget::default()).unwrap();
    // The balance and the header are read, the first row is not.
    let (mut output, shown) = Output::broken_after(2);
    let (_keep, mut interrupts) = Interrupts::manual();
    let failure = run_rows(&session, &rows(&["1", "2"]), true, &mut interrupts, &mut output)
        .await
        .unwrap_err();
    assert_eq!((failure.exit, failure.message.as_str()), (ExitStatus::BrokenPipe, ""));
    assert_eq!(shown.notes(), "");
    assert_eq!(sandbox.calls(Operation::CreateAllocatePoints), 1);
}

#[tokio::test]
async fn an_unknown_row_is_not_hidden_by_a_reader_that_went_away() {
    let fault = NTH_CALL(1, Fault::Reset(When::After));
    let sandbox = Sandbox::builder().fault(fault).start().await.unwrap();
    let session = Session::from_credentials(sandbox.credentials(), &CallTarget::default()).unwrap();
    let (mut output, shown) = Output::broken_after(2);
    let (_keep, mut interrupts) = Interrupts::manual();
    let failure = run_rows(&session, &rows(&["1", "2"]), true, &mut interrupts, &mut output)
        .await
        .unwrap_err();
    assert_eq!(failure.exit, ExitStatus::Unknown);
    assert!(shown.notes().contains("unknown: REF0 (line 2)"), "{}", shown.notes());
}

#[test]
fn a_difference_between_balances_and_rows_is_said() {
    let told = |before: &str, after: &str| {
        balance_mismatch(before.parse().unwrap(), after.parse().unwrap(), &RunSummary::default())
    };
    assert_eq!(told("100.10", "100.10"), None);
    assert!(
        told("100.10", "90")
            .unwrap()
            .starts_with("the balance went down by 10.10, the rows that are done add up to 0.00")
    );
}
