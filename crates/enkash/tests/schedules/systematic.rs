//! Small schedules that are written down and not drawn: each response and each record that nobody promised, by itself. The
//! random ones put them together, but meet a single one too seldom.

use enkash_sandbox::{Fault, FaultRule, Operation, When, switches::DuplicateReference};

use crate::{
    intent::{Intent, Kind},
    mutations::{
        self, CONTRADICTIONS, HIDDEN_RECORDS, LIKE_REFUSALS, OF_ALLOCATIONS, OF_LOOKUPS, OF_ORDERS, OTHER_ORDERS,
        OTHERS, SPOILING,
    },
    schedule::{Caller, CallerScript, Schedule, Settling, Step},
};

const fn intent(kind: Kind) -> Intent {
    Intent {
        kind,
        number: 0,
        is_twisted: false,
    }
}

/// Calls once, meets a fault, and looks once where the outcome is unknown.
fn caller(errand: CallerScript, meets: Fault) -> Step {
    Step::Caller(Caller {
        client: 0,
        errand,
        meets: Some(meets),
        patience: None,
        tries: 1,
        settling: Some(Settling {
            from_storage: false,
            within: 0,
        }),
    })
}

fn one(kind: Kind, meets: Fault) -> Step {
    caller(CallerScript::One(intent(kind)), meets)
}

fn of_lookup(operation: Operation, list: &str) -> Step {
    Step::Fault(FaultRule::on(operation, mutations::fault(list, When::After)))
}

fn record(kind: Kind, flaw: &'static str, is_contradiction: bool) -> Step {
    Step::ExtraRecord {
        intent: intent(kind),
        flaw,
        is_contradiction,
    }
}

pub(crate) fn schedules() -> Vec<Schedule> {
    let mut all = Vec::new();
    all.extend(of_responses());
    all.extend(of_records());
    all.extend(of_lookups());
    let schedule = |steps| Schedule {
        duplicates: DuplicateReference::Refuse,
        clients: 1,
        shares_tokens: true,
        starts_logged_in: true,
        is_encrypted: false,
        steps,
    };
    all.into_iter().map(schedule).collect()
}

/// Each response of each call, with its effect and without; and each call executed twice.
fn of_responses() -> Vec<Vec<Step>> {
    let errands = [
        (CallerScript::One(intent(Kind::Give)), OF_ALLOCATIONS),
        (CallerScript::One(intent(Kind::Take)), OF_ALLOCATIONS),
        (CallerScript::One(intent(Kind::PartnerOrder)), OF_ORDERS),
        (CallerScript::One(intent(Kind::Coins)), &[]),
        (
            CallerScript::Bulk {
                rows: vec![intent(Kind::Row)],
                to_existing: true,
            },
            &[],
        ),
    ];
    let mut all = Vec::new();
    for (errand, of_errand) in errands {
        for list in SPOILING.iter().chain(LIKE_REFUSALS).chain(of_errand) {
            for when in [When::Before, When::After] {
                all.push(vec![caller(errand.clone(), mutations::fault(list, when))]);
            }
        }
        all.push(vec![caller(errand, Fault::DuplicateExecution)]);
    }
    all
}

/// Each record of what never happened, and beside the entry of what did.
fn of_records() -> Vec<Vec<Step>> {
    let contradictions = CONTRADICTIONS.iter().map(|flaw| (*flaw, true));
    let others = OTHERS.iter().map(|flaw| (*flaw, false));
    let mut all = Vec::new();
    for (flaw, is_contradiction) in contradictions.chain(others) {
        for kind in [Kind::Give, Kind::Take] {
            for when in [When::Before, When::After] {
                let call = one(kind, Fault::Reset(when));
                all.push(vec![record(kind, flaw, is_contradiction), call]);
            }
        }
    }
    all
}

/// Each response to a look-up of what happened, and of what did not and seems to.
fn of_lookups() -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    for list in OF_LOOKUPS {
        for operation in [Operation::SearchTransactions, Operation::SearchCards] {
            all.push(vec![
                of_lookup(operation, list),
                one(Kind::Give, Fault::Reset(When::After)),
            ]);
        }
        for operation in [Operation::FetchOrderInfo, Operation::FetchOrderInfoByPost] {
            let call = one(Kind::PartnerOrder, Fault::Reset(When::After));
            all.push(vec![of_lookup(operation, list), call]);
        }
    }
    for (flaw, list) in HIDDEN_RECORDS {
        all.push(vec![
            record(Kind::Give, flaw, false),
            of_lookup(Operation::SearchTransactions, list),
            one(Kind::Give, Fault::Reset(When::Before)),
        ]);
    }
    // A list that shows a part of what there is: the entry of what happened, or the record against it.
    for cut in ["list_cut=counted:1", "list_cut=paged:1"] {
        let call = one(Kind::Give, Fault::Reset(When::After));
        all.push(vec![
            Step::Switch(cut),
            record(Kind::Give, CONTRADICTIONS[0], true),
            call,
        ]);
    }
    for list in OTHER_ORDERS {
        let other = Intent {
            is_twisted: true,
            ..intent(Kind::PartnerOrder)
        };
        all.push(vec![
            one(Kind::PartnerOrder, Fault::IdleClose),
            Step::Meet,
            of_lookup(Operation::FetchOrderInfo, list),
            of_lookup(Operation::FetchOrderInfoByPost, list),
            caller(CallerScript::One(other), Fault::Reset(When::Before)),
        ]);
    }
    all
}
