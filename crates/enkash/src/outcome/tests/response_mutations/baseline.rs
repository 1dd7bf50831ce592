//! The responses that the generator starts from: what the sandbox really sends to each call that moves value, byte by byte, and
//! whether value moved.

use enkash_sandbox::{Fault, FaultRule, Sandbox, Switches, clock::ManualClock, switches::DuplicateReference};
use jiff::Timestamp;

use crate::{
    auth::ledger::memory::MemoryLedger,
    client::{Enkash, builder::EnkashBuilder},
    model::{credentials::Credentials, hosts::Hosts},
    outcome::tests::response_mutations::{
        calls::{CALLS, Call, Ids, Validity, with_path},
        senders::{RawResponse, RecordingSender},
    },
};

/// The reference of every recorded call.
pub(super) const REFERENCE: &str = "REF1";

/// What a response says before it is mutated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It happened.
    Success,
    /// It did not happen, for a reason that has nothing to do with the reference.
    Refusal,
    /// It happened, and a second time of the same request was refused: the reference exists.
    DuplicateReference,
}

/// A response that was not mutated.
#[derive(Clone, Debug)]
pub(super) struct Baseline {
    pub(super) call: Call,
    pub(super) kind: Kind,
    pub(super) reference: String,
    /// The names of code and message in its envelope.
    pub(super) code: &'static str,
    pub(super) message: &'static str,
    pub(super) response: RawResponse,
}

impl Baseline {
    pub(super) fn new(call: Call, kind: Kind, reference: &str, response: RawResponse) -> Self {
        let is_code =
            serde_json::from_slice::<serde_json::Value>(&response.1).is_ok_and(|json| json.get("code").is_some());
        let (code, message) = if is_code {
            ("code", "message")
        } else {
            ("response_code", "response_message")
        };
        Self {
            call,
            kind,
            reference: reference.to_owned(),
            code,
            message,
            response,
        }
    }

    pub(super) fn validity(&self) -> Validity {
        match self.kind {
            Kind::Success | Kind::DuplicateReference => Validity::Valid,
            Kind::Refusal => Validity::Refusable,
        }
    }

    pub(super) fn happened(&self) -> bool {
        self.kind != Kind::Refusal
    }
}

/// A client of a sandbox, with a login of its own.
pub(super) fn client_of(sandbox: &Sandbox) -> EnkashBuilder {
    let to = sandbox.credentials();
    let (id, secret) = (to.client_id.as_str(), to.client_secret.as_str());
    let credentials = Credentials::new(id, secret, to.username.as_str(), to.password.as_str());
    let builder = Enkash::builder(Hosts::new(sandbox.url()))
        .credentials(credentials)
        .strike_ledger(MemoryLedger::default())
        .partner_id(to.partner_id.as_str());
    with_path(builder)
}

/// Every baseline, and where the calls are made.
pub(super) async fn record() -> (Vec<Baseline>, Ids) {
    let mut baselines = Vec::new();
    let mut ids = None;
    for settings in ["", "envelope=code", "envelope=response_code", "code_type=string"] {
        let switches: Switches = settings.parse().unwrap();
        // The same bytes in every run.
        let clock = ManualClock::at(Timestamp::from_second(1_795_500_000).unwrap());
        let sandbox = Sandbox::builder()
            .switches(switches)
            .clock(clock)
            .start()
            .await
            .unwrap();
        let recorder = RecordingSender::default();
        let enkash = client_of(&sandbox).build_with_sender(recorder.clone()).unwrap();
        let here = ids.insert(Ids::read(&sandbox, &enkash).await).clone();
        // The first call of a client shows that the reference is repeated.
        Call::Give.make(&enkash, &here, Validity::Valid, "FIRST").await;
        for call in CALLS {
            // The longest responses: once is enough of them.
            if call == Call::Bulk && !settings.is_empty() {
                continue;
            }
            sandbox.set_switches(switches);
            call.make(&enkash, &here, Validity::Valid, REFERENCE).await;
            baselines.push(Baseline::new(call, Kind::Success, REFERENCE, recorder.take()));
            call.make(&enkash, &here, Validity::Refusable, REFERENCE).await;
            baselines.push(Baseline::new(call, Kind::Refusal, REFERENCE, recorder.take()));
            // The bulk response speaks of rows.
            if call == Call::Bulk {
                continue;
            }
            sandbox.set_switches(switches.duplicate_reference(DuplicateReference::Refuse));
            sandbox.add_fault(FaultRule::on(call.operation(), Fault::DuplicateExecution).times(1));
            let name = format!("{call:?}");
            call.make(&enkash, &here, Validity::Valid, &name).await;
            sandbox.clear_faults();
            baselines.push(Baseline::new(call, Kind::DuplicateReference, &name, recorder.take()));
        }
        assert_eq!(sandbox.audit(), Vec::<String>::new());
    }
    (baselines, ids.unwrap())
}
