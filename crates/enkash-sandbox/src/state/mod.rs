//! What a sandbox remembers, behind the server's one lock. Calls, control routes, the console and the handle read it freely and
//! change it through its methods alone, so that a state file misses no change.

mod check;
mod digest;
mod effect;
mod file;
mod persistence;
mod private_file;
mod record;
mod saved;
pub(crate) mod snapshot;
mod snapshot_file;
mod start;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

pub use file::StateFileError;
pub(crate) use saved::{SavedError, SavedSnapshot};

use crate::allocations::AllocationHistory;
use crate::clock::AdjustableClock;
use crate::entry_state::{ChangeError, EntryChange};
use crate::faults::{Fault, FaultPlan, FaultRule};
use crate::log::Log;
use crate::operation::Operation;
use crate::operations::{Call, OperationResult, dispatch, is_read};
use crate::presets::Preset;
use crate::seed::Seed;
use crate::store::Store;
use crate::store::entries::EntryKind;
use crate::store::extra_records::ExtraRecord;
use crate::switches::{EnvelopeSpelling, Switches};
use effect::{Repetition, take_effect};
use file::StateFile;
use record::Record;
use saved::SavedSnapshots;
use snapshot::{Contents, Controls, Snapshot, SnapshotError};
pub(crate) use start::StartSettings;

/// What the one lock guards.
pub(crate) struct SandboxState {
    start: StartSettings,
    /// Found out when it is asked for: most sandboxes never are.
    origin: OnceLock<String>,
    clock: Arc<AdjustableClock>,
    store: Store,
    switches: Switches,
    faults: FaultPlan,
    /// Counts responses while the envelope takes turns.
    responses: u64,
    /// Counts resets and loads. A call that came before one must not take effect after it.
    epoch: u64,
    saved: SavedSnapshots,
    /// Where changes are kept for the next process; `None` where nothing is.
    file: Option<StateFile>,
    /// The file was closed: from now on no answer may leave.
    is_closed: bool,
    /// Tells what this process did since it started or was reset. It decides no response of the API, so no snapshot has it.
    pub(crate) log: Log,
    /// Goes with the log.
    pub(crate) allocations: AllocationHistory,
    /// Responses that were not as the document has them.
    pub(crate) violations: Vec<String>,
}

impl SandboxState {
    pub(crate) fn new(start: StartSettings, clock: Arc<AdjustableClock>, max_calls: usize) -> Self {
        SandboxState {
            store: start.store(),
            switches: start.switches,
            faults: start.fault_plan(),
            responses: 0,
            epoch: 0,
            saved: SavedSnapshots::default(),
            file: None,
            is_closed: false,
            log: Log::new(max_calls),
            allocations: AllocationHistory::new(start.max.transactions),
            violations: Vec::new(),
            origin: OnceLock::new(),
            start,
            clock,
        }
    }

    pub(crate) const fn seed(&self) -> &Seed {
        &self.start.seed
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) const fn switches(&self) -> &Switches {
        &self.switches
    }

    pub(crate) const fn faults(&self) -> &FaultPlan {
        &self.faults
    }

    /// Differs before and after a reset.
    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Counts a call that comes in, and draws its faults.
    pub(crate) fn receive(&mut self, operation: Operation) -> Vec<Fault> {
        self.log.count(operation);
        if self.faults.rules().next().is_none() {
            return Vec::new();
        }
        let faults = self.faults.next(operation);
        self.record(|| Record::Received(operation));
        faults
    }

    /// Lets a call take effect as its faults say: never, once or twice. Gives the outcome that is answered, and whether anything
    /// was carried out.
    pub(crate) fn carry_out(&mut self, call: &Call<'_>, faults: &[Fault]) -> (OperationResult, bool) {
        if faults.iter().any(Fault::is_pretended) {
            // What happens there is thrown away.
            return (dispatch(&mut self.store.clone(), call), false);
        }
        // What is due by then happens in the operation, of which a read is not kept.
        self.finish_due_by(call.now);
        let repetition = Repetition::new(faults, self.switches.lost_strikes);
        let (outcome, carried_out) = take_effect(&mut self.store, call, repetition);
        if !is_read(call.operation) {
            self.record_call(call, repetition, &outcome);
        }
        (outcome, carried_out)
    }

    /// How many responses were given before this one, since the envelope takes turns.
    pub(crate) fn take_turn(&mut self) -> u64 {
        let turn = self.responses;
        // Nothing else depends on turns, so nothing else has to be kept for them.
        if self.switches.envelope == EnvelopeSpelling::Mixed {
            self.responses += 1;
            self.record(|| Record::Responded);
        }
        turn
    }

    pub(crate) fn set_switches(&mut self, switches: Switches) {
        self.put_switches(switches);
        self.record_controls();
    }

    /// Puts the switches and the faults of a preset in the place of those that are set.
    pub(crate) fn apply_preset(&mut self, preset: Preset) {
        self.put_switches(preset.switches());
        self.set_faults(preset.faults());
    }

    fn put_switches(&mut self, switches: Switches) {
        if switches.envelope != EnvelopeSpelling::Mixed {
            self.responses = 0;
        }
        self.switches = switches;
    }

    pub(crate) fn add_fault(&mut self, rule: FaultRule) {
        self.faults.add(rule);
        self.record_controls();
    }

    /// Puts these rules in the place of all others.
    pub(crate) fn set_faults(&mut self, rules: Vec<FaultRule>) {
        self.faults.clear();
        rules.into_iter().for_each(|rule| self.faults.add(rule));
        self.record_controls();
    }

    /// Takes one rule away, where it still stands at this place.
    #[cfg(feature = "console")]
    pub(crate) fn remove_fault(&mut self, place: usize, rule: &FaultRule) -> bool {
        let removed = self.faults.remove(place, rule);
        self.record_controls();
        removed
    }

    pub(crate) fn advance_clock(&mut self, by: Duration) {
        self.clock.advance(by);
        self.record_controls();
    }

    pub(crate) fn set_clock(&mut self, to: Timestamp) {
        self.clock.set(to);
        self.record_controls();
    }

    /// Lets everything happen that was due by now.
    pub(crate) fn finish_due(&mut self) {
        if self.store.next_due().is_some() {
            self.finish_due_by(self.clock.now());
        }
    }

    fn finish_due_by(&mut self, at: Timestamp) {
        if self.store.next_due().is_some_and(|due| due <= at) {
            self.store.finish_due(at);
            self.record(|| Record::DueFinished { at });
        }
    }

    /// Changes the transactions of a reference in an account. Gives their number.
    pub(crate) fn change_transactions(
        &mut self,
        account_id: &str,
        reference: &str,
        change: EntryChange,
    ) -> Result<usize, ChangeError> {
        let at = self.clock.now();
        let changed = self
            .store
            .change_transactions(&account_id.into(), reference, change, at);
        self.record_entry_change(EntryKind::Transaction, account_id, reference, change, at);
        changed
    }

    /// Changes the orders of a reference of a company. Gives their number.
    pub(crate) fn change_orders(
        &mut self,
        company_id: &str,
        reference: &str,
        change: EntryChange,
    ) -> Result<usize, ChangeError> {
        let at = self.clock.now();
        let changed = self.store.change_orders(company_id, reference, change, at);
        self.record_entry_change(EntryKind::Order, company_id, reference, change, at);
        changed
    }

    fn record_entry_change(
        &mut self,
        kind: EntryKind,
        owner: &str,
        reference: &str,
        change: EntryChange,
        at: Timestamp,
    ) {
        self.record(|| Record::EntriesChanged {
            kind,
            owner: owner.into(),
            reference: reference.into(),
            change,
            at,
        });
    }

    /// Shows records in the searches of an account that nothing moved for.
    pub(crate) fn show_extra_records(&mut self, account_id: &str, records: Vec<ExtraRecord>) {
        let at = self.clock.now();
        for record in records {
            self.store.show_extra_record(account_id, record.clone(), at);
            let account_id = account_id.into();
            self.record(|| Record::ExtraShown { account_id, record, at });
        }
    }

    pub(crate) fn clear_extra_records(&mut self) {
        self.store.extra_records.clear();
        self.record(|| Record::ExtrasCleared);
    }

    pub(crate) fn revoke_tokens(&mut self) {
        self.store.logins.revoke_all();
        self.record(|| Record::TokensRevoked);
    }

    /// Lifts the lock of a login. `false` where there is no such login.
    pub(crate) fn unlock(&mut self, username: &str) -> bool {
        let is_known = self.store.logins.unlock(username);
        if is_known {
            let username = username.into();
            self.record(|| Record::Unlocked { username });
        }
        is_known
    }

    /// Goes back to the start: the seed, the switches and rules of faults that the sandbox was started with, the clock of its
    /// source, no token and no failed login, an empty log. Saved snapshots stay.
    pub(crate) fn reset(&mut self) {
        self.store = self.start.store();
        self.switches = self.start.switches;
        self.faults = self.start.fault_plan();
        self.responses = 0;
        self.clock.set_shift(jiff::SignedDuration::ZERO);
        self.begin_anew();
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            origin: self.origin().to_owned(),
            contents: Contents {
                store: self.store.clone(),
                controls: self.controls(),
                start_switches: self.start.switches,
                start_faults: self.start.faults.clone(),
            },
        }
    }

    /// Goes back to a snapshot. Nothing changes where it is of another seed.
    pub(crate) fn restore(&mut self, snapshot: Snapshot) -> Result<(), SnapshotError> {
        self.check_origin(&snapshot)?;
        self.load(snapshot.contents);
        self.begin_anew();
        Ok(())
    }

    fn origin(&self) -> &str {
        self.origin.get_or_init(|| self.start.origin())
    }

    fn check_origin(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        // The origin is what the file says. What it may make this process keep is looked at.
        if snapshot.origin == self.origin() && snapshot.contents.store.has_bounds(self.start.max) {
            Ok(())
        } else {
            Err(SnapshotError::OtherSeed)
        }
    }

    fn load(&mut self, contents: Contents) {
        self.store = contents.store;
        self.set_controls(contents.controls);
    }

    /// The calls in flight are of a state that is gone, and so is what was logged.
    fn begin_anew(&mut self) {
        self.epoch += 1;
        self.log.clear();
        self.allocations.clear();
        self.compact();
    }

    fn controls(&self) -> Controls {
        Controls {
            clock_shift: self.clock.shift(),
            switches: self.switches,
            faults: self.faults.clone(),
            responses: self.responses,
        }
    }

    fn set_controls(&mut self, controls: Controls) {
        self.clock.set_shift(controls.clock_shift);
        self.switches = controls.switches;
        self.faults = controls.faults;
        self.responses = controls.responses;
    }

    pub(crate) fn saved_snapshots(&self) -> Vec<SavedSnapshot> {
        self.saved.list()
    }

    pub(crate) fn save_snapshot(&mut self, name: &str) -> Result<SavedSnapshot, SavedError> {
        let snapshot = self.snapshot();
        self.saved.save(name, &snapshot)
    }

    pub(crate) fn load_snapshot(&mut self, name: &str) -> Result<(), SavedError> {
        let snapshot = self.saved.get(name)?;
        Ok(self.restore(snapshot)?)
    }

    pub(crate) fn delete_snapshot(&mut self, name: &str) -> Result<(), SavedError> {
        self.saved.delete(name)
    }
}
