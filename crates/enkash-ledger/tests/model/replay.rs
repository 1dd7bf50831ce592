//! A real ledger goes the ways of the model: each kind of step in each state, of this attempt and of an older one. After each
//! move both must be in the same state, so what the search proves holds for the statements of the database too.

use enkash::{Error, Money, OperationId, Outcome, Ticket, settlement};
use enkash_ledger::{
    Conclusion, HistoryFilter, Ledger, NewRow, NewRun, PendingRow, Recorded, RunId, Scope, Settled, Step,
};

use crate::{
    moves::Move,
    search::{BY_THE_RULES, told},
    world::World,
};

const OPERATION: OperationId = OperationId::CreateAllocatePoints;

/// What happens in the model, for a company that is its own. Each row is alone in its run.
struct Replay<'a> {
    ledger: &'a Ledger,
    company: String,
    rows: Vec<(RunId, PendingRow)>,
}

impl<'a> Replay<'a> {
    async fn new(ledger: &'a Ledger, company: String) -> Self {
        let mut replay = Self {
            ledger,
            company,
            rows: Vec::new(),
        };
        replay.import("FIRST").await;
        replay
    }

    async fn import(&mut self, reference: &str) {
        let scope = Scope {
            host: "https://api.example".to_owned(),
            company: self.company.clone(),
            account: "CAQL8YCV3".to_owned(),
        };
        let run = NewRun::new(scope, "allocate", reference, "asha");
        let mut import = self.ledger.import_run(run).await.unwrap();
        let row = NewRow {
            line: 2,
            reference: reference.to_owned(),
            recipient: "9000000004".to_owned(),
            request: "{}".to_owned(),
            amount: "250.5".parse::<Money>().unwrap().try_into().unwrap(),
        };
        import.push(vec![row]).await.unwrap();
        let hash = format!("{} {reference}", self.company);
        let checked = import.finish(&hash).await.unwrap();
        let run = checked.commit_with_repetitions(0).await.unwrap();
        let row = self.ledger.pending_rows(run, 0, 1).await.unwrap().remove(0);
        self.rows.push((run, row));
    }

    /// Does the same, and says whether that changed the row.
    async fn take(&mut self, how: Move) -> bool {
        let (run, pending) = self.rows[usize::from(how.row)].clone();
        let row = pending.id;
        let Some(step) = how.step else {
            if how.pays_anew() {
                let reference = self.ledger.export_row(row, "SECOND").await.unwrap().unwrap();
                self.import(&reference).await;
            }
            return false;
        };
        match step {
            Step::CommitIntent => {
                let ticket = ticket(&self.company, &pending);
                self.ledger.begin_row(row, &ticket).await.unwrap().is_some()
            }
            Step::Interrupt => self.ledger.interrupt_run(run).await.unwrap() == 1,
            Step::Cancel => self.ledger.cancel_run(run).await.unwrap() == 1,
            Step::ResolveDone | Step::ResolveNotDone => {
                let is_done = step == Step::ResolveDone;
                let recorded = self.ledger.resolve(row, is_done, "asha", "she looked").await;
                recorded.unwrap() == Recorded::Applied(step.target())
            }
            _ => {
                let settled = Settled::new(row, how.attempt().unwrap().into(), conclusion(step));
                let recorded = self.ledger.settle(vec![settled]).await;
                recorded.unwrap() == [Recorded::Applied(step.target())]
            }
        }
    }

    async fn assert_same(&self, world: &World, way: &[(Move, World)]) {
        let mut filter = HistoryFilter::default();
        filter.company = Some(self.company.clone());
        let rows = self.ledger.history(&filter, None, 10).await.unwrap();
        let found: Vec<_> = rows.iter().map(|row| (row.state, row.attempts, row.decision)).collect();
        let existing = world.rows.iter().filter(|row| row.exists);
        let expected: Vec<_> = existing
            .map(|row| (row.state, u32::from(row.attempt), row.decision))
            .collect();
        assert_eq!(found, expected, "{}", told(way));
    }
}

fn ticket(company: &str, row: &PendingRow) -> Ticket {
    let ticket = serde_json::json!({
        "operation": "createAllocatePoints", "reference": row.reference, "intended_at": "2026-11-23T09:00:00Z",
        "company": company, "account": "CAQL8YCV3", "direction": "credit", "amount": 250.5, "mobile": row.recipient
    });
    serde_json::from_value(ticket).unwrap()
}

fn conclusion(step: Step) -> Conclusion {
    let refused = || Error::fake_refused(OPERATION, "1", "no");
    let not_sent = || Error::fake_not_sent(OPERATION);
    let settled = |outcome: Outcome<settlement::Settled>| Conclusion::from_settlement(&outcome).unwrap();
    match step {
        Step::AttemptDone => Conclusion::from_outcome(&Outcome::Done(())),
        Step::AttemptRefused => Conclusion::from_outcome::<()>(&Outcome::Refused(refused())),
        Step::AttemptNotSent => Conclusion::from_outcome::<()>(&Outcome::NotSent(not_sent())),
        Step::AttemptUnknown => Conclusion::given_up("no response came"),
        Step::SettleRefused => settled(Outcome::Refused(refused())),
        Step::SettleNotSent => settled(Outcome::NotSent(not_sent())),
        _ => panic!("{step:?} is no conclusion"),
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_takes_each_step_in_each_state_as_the_model_does() {
    takes_each_step_in_each_state(&Ledger::temporary().unwrap()).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_takes_each_step_in_each_state_as_the_model_does() {
    let Some(server) = enkash_test_servers::postgres::PostgresServer::shared() else {
        return;
    };
    let database = server.database();
    takes_each_step_in_each_state(&Ledger::connect(&database.url()).await.unwrap()).await;
}

async fn takes_each_step_in_each_state(ledger: &Ledger) {
    let mut count = 0;
    for (kind, way) in &BY_THE_RULES.steps {
        // Its proof cannot be made by hand.
        if way.iter().any(|(how, _)| how.step == Some(Step::SettleDone)) {
            continue;
        }
        let (mut world, mut replay) = (World::new(), Replay::new(ledger, format!("COMPANY{count}")).await);
        for (how, to) in way {
            let row = usize::from(how.row);
            let is_changed = how.step.is_some() && world.rows[row] != to.rows[row];
            assert_eq!(replay.take(*how).await, is_changed, "{kind:?}:\n{}", told(way));
            replay.assert_same(to, way).await;
            world = *to;
        }
        count += 1;
    }
    println!("{count} kinds of steps");
    assert!(count > 40);
}
