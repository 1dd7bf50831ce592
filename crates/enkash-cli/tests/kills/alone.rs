//! A run on one machine, its ledger in a file: one process after the other meets its mishap, and the next one continues. At
//! times a second process tries to continue beside one that is paused.

use std::time::Duration;

use enkash_sandbox::Operation;
use rustix::process::Signal;

use crate::{
    command::{Ended, Process, Waited},
    plan::{Blow, Mishap, Moment, Way},
    round::{Round, spin},
};

/// A run that nobody disturbs any more is over after so many processes: each stop rule may end one.
const MAX_RESUMES: usize = 60;
/// How long a second process may wait beside a paused one, which may hold the database's lock.
const BESIDE: Duration = Duration::from_secs(2);

/// Everything that happens until the run is over.
pub(crate) fn mishaps(round: &mut Round<'_>) -> Result<(), String> {
    let plan = round.plan;
    for mishap in &plan.mishaps {
        if meet(round, mishap)? {
            return Ok(());
        }
    }
    for _ in 0..MAX_RESUMES {
        let process = round.start(Way::File, 0);
        if is_over(&round.collect(process, 0, true)?) {
            return Ok(());
        }
    }
    Err(format!("the run is not over after {MAX_RESUMES} processes"))
}

/// Whether a process said that no row is left to send.
fn is_over(ended: &Ended) -> bool {
    let summary = ended.summary.as_ref();
    summary.is_some_and(|summary| summary["state"] == "finished")
}

/// Says whether the run is over.
fn meet(round: &mut Round<'_>, mishap: &Mishap) -> Result<bool, String> {
    let mut process = round.start(mishap.way, 0);
    wait_for(round, mishap.moment, &mut process)?;
    spin(mishap.delay);
    let mut second = None;
    match &mishap.blow {
        Blow::Kill => kill(round, mishap.moment, &mut process),
        Blow::Ask { signals, between } => {
            round.figures.asked_to_stop += 1;
            for signal in signals {
                process.signal(*signal);
                spin(*between);
            }
        }
        Blow::Pause { goes_on_for } => {
            process.signal(Signal::STOP);
            second = Some(beside(round, &mut process)?);
            if let Some(rows) = goes_on_for {
                process.signal(Signal::CONT);
                process.wait_for_rows(process.rows() + rows)?;
            }
            kill(round, mishap.moment, &mut process);
        }
    }
    let mut over = is_over(&round.collect(process, 0, second.is_none())?);
    if let Some(second) = second {
        over |= is_over(&round.collect(second, 0, false)?);
    }
    Ok(over)
}

fn wait_for(round: &Round<'_>, moment: Moment, process: &mut Process) -> Result<(), String> {
    match moment {
        Moment::Start => {}
        Moment::Rows(rows) => drop(process.wait_for_rows(rows)?),
        Moment::LookUp => {
            let lookups = [Operation::SearchTransactions, Operation::SearchCards];
            // Where nothing is unknown, its first row is the moment.
            wait_for_call(round, &lookups, process, |process| process.rows() > 0)?;
        }
        Moment::End => {
            process.wait_for_rows(1)?;
            wait_for_call(round, &[Operation::GetRewardAccount], process, |process| {
                process.summary().is_some()
            })?;
        }
    }
    Ok(())
}

/// Waits until the sandbox gets one of these calls, or for something else.
fn wait_for_call(
    round: &Round<'_>,
    operations: &[Operation],
    process: &mut Process,
    is_enough: impl Fn(&Process) -> bool,
) -> Result<(), String> {
    let calls = || {
        let calls = operations.iter().map(|operation| round.sandbox.calls(*operation));
        calls.sum::<u64>()
    };
    let before = calls();
    while calls() == before && !is_enough(process) {
        if process.wait(Duration::from_micros(200))? == Waited::Closed {
            break;
        }
    }
    Ok(())
}

fn kill(round: &mut Round<'_>, moment: Moment, process: &mut Process) {
    if process.kill() {
        round.figures.killed(moment);
    }
}

/// Tries to continue the run beside a process that is paused in it. Nothing may be sent beside it.
fn beside(round: &mut Round<'_>, paused: &mut Process) -> Result<Process, String> {
    round.figures.paused += 1;
    // What it told before it was paused.
    while paused.wait(Duration::ZERO)? == Waited::Line {}
    let holds_the_run = paused.rows() > 0 && paused.summary().is_none() && paused.is_alive();
    let mut second = round.start(Way::Resume, 0);
    if second.ends_within(BESIDE)? && holds_the_run {
        round.figures.refused_beside += 1;
    }
    match holds_the_run && second.rows() > 0 {
        true => Err("a second process told rows beside a paused one that holds the run".to_owned()),
        false => Ok(second),
    }
}
