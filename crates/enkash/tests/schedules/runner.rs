//! Plays a schedule: a world, its steps in order, the callers beside them, and at the end the oracle. A schedule that
//! does not end is a failure like any other.

use std::{sync::Arc, time::Duration};

use enkash_sandbox::{FaultRule, Operation};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    caller::{self, read, run_stranger},
    oracle,
    run_stats::RunStats,
    schedule::{Schedule, Step},
    world::World,
};

/// Every call of a schedule has ended long before.
const HANGS_AFTER: Duration = Duration::from_secs(60);
/// A delayed effect comes long before. A request that was cut off half way is never logged, so there has to be an end.
const QUIET_AFTER: Duration = Duration::from_secs(4);

pub(crate) async fn play(schedule: &Schedule) -> Result<RunStats, String> {
    let world = Arc::new(World::of(schedule).await);
    if tokio::time::timeout(HANGS_AFTER, steps(&world, schedule))
        .await
        .is_err()
    {
        return Err(format!("a call does not end; so far: {:?}", world.oracle()));
    }
    quiet(&world).await;
    let mut stats = RunStats::default();
    let wrong = oracle::check(&world, schedule.duplicates, &mut stats);
    if wrong.is_empty() {
        return Ok(stats);
    }
    Err(format!(
        "{}\n{:#?}\n{:#?}",
        wrong.join("\n"),
        world.oracle(),
        world.sandbox.log()
    ))
}

async fn steps(world: &Arc<World>, schedule: &Schedule) {
    if schedule.starts_logged_in {
        for client in &world.clients {
            // A busy machine may let it fail: then the schedule starts without.
            let _ = client.enkash.token().await;
        }
    }
    let mut busy = JoinSet::new();
    for step in &schedule.steps {
        let (world, sandbox) = (Arc::clone(world), &world.sandbox);
        match step.clone() {
            Step::Caller(caller) => {
                if let Some(fault) = &caller.meets {
                    sandbox.add_fault(FaultRule::on(caller.errand.operation(), fault.clone()).times(1));
                }
                busy.spawn(async move { caller::run(&world, &caller).await });
            }
            Step::Reader { client, read: what } => drop(busy.spawn(async move { read(&world, client, what).await })),
            Step::WrongPasswordClient {
                password,
                intents,
                pauses,
            } => {
                world.oracle().strangers += 1;
                busy.spawn(async move { run_stranger(&world, password, &intents, &pauses).await });
            }
            Step::Fault(rule) => sandbox.add_fault(rule),
            Step::NoMoreFaults => {
                sandbox.clear_faults();
                {
                    let mut oracle = world.oracle();
                    oracle.contradictions.clear();
                    oracle.clearings += 1;
                }
                sandbox.clear_extra_records();
            }
            Step::ExtraRecord {
                intent,
                flaw,
                is_contradiction,
            } => {
                let now = sandbox.now();
                sandbox.add_extra_record(intent.extra_record(flaw));
                if is_contradiction {
                    world.oracle().contradictions.push((intent, now));
                }
            }
            Step::Switch(setting) => {
                let mut switches = sandbox.switches();
                switches.apply(setting).unwrap();
                sandbox.set_switches(switches);
            }
            Step::RevokeTokens => sandbox.revoke_tokens(),
            Step::RefuseConnections => sandbox.refuse_connections().await,
            Step::AcceptConnections => sandbox.accept_connections().await,
            Step::Travel(seconds) => {
                let by = Duration::from_secs(seconds.unsigned_abs());
                if seconds < 0 {
                    sandbox.set_time(sandbox.now() - by);
                } else {
                    sandbox.advance(by);
                }
            }
            Step::Breathe(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Step::Meet => meet(&mut busy).await,
        }
    }
    meet(&mut busy).await;
}

async fn meet(busy: &mut JoinSet<()>) {
    while let Some(ended) = busy.join_next().await {
        ended.unwrap();
    }
}

/// Lets the sandbox finish what callers did not wait for, and nothing more.
async fn quiet(world: &World) {
    world.sandbox.refuse_connections().await;
    let end = Instant::now() + QUIET_AFTER;
    let is_quiet = || {
        let came: u64 = Operation::ALL.iter().map(|of| world.sandbox.calls(*of)).sum();
        world.sandbox.log().len() as u64 >= came
    };
    while !is_quiet() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
