//! The state with its file: how it goes on from what the file holds, and how each change gets there.

use std::path::Path;

use super::SandboxState;
use super::effect::Repetition;
use super::file::{LockedPath, StateFileError};
use super::private_file::beside;
use super::record::{CallRecord, Record, ReplayError};
use super::saved::SavedSnapshots;
use crate::operation::Operation;
use crate::operations::{Call, OperationResult, login_inputs};
use crate::store::entries::EntryKind;

/// Between the name of a state file and the folder of the snapshots that are saved beside it.
const FOLDER_SUFFIX: &str = ".snapshots";

impl SandboxState {
    /// Goes on from what a file holds, and keeps every change there from now on. Makes the file where there is none.
    pub(crate) fn open_file(&mut self, path: &Path) -> Result<(), StateFileError> {
        let path = LockedPath::new(path)?;
        if let Some(bytes) = path.read()? {
            let stored = path.parse(&bytes)?;
            let snapshot = self.check_origin(&stored.snapshot).map(|()| stored.snapshot.clone());
            let contents = snapshot.map_err(|source| path.snapshot_error(source))?.contents;
            let (switches, faults) = (contents.start_switches, contents.start_faults.clone());
            self.load(contents);
            stored.for_each(path.path(), |record| self.replay(record))?;
            // Whoever starts it with something else than the last time means it.
            if switches != self.start.switches {
                self.put_switches(self.start.switches);
            }
            if faults != self.start.faults {
                self.faults = self.start.fault_plan();
            }
        }
        let folder = beside(path.path(), FOLDER_SUFFIX);
        self.saved =
            SavedSnapshots::open(folder.clone()).map_err(|source| StateFileError::File { path: folder, source })?;
        self.file = Some(path.begin(&self.snapshot())?);
        Ok(())
    }

    fn replay(&mut self, record: Record<'_>) -> Result<(), ReplayError> {
        match record {
            Record::Received(operation) => drop(self.faults.next(operation)),
            Record::Call(call) => call.replay(&mut self.store, &self.switches)?,
            Record::Responded => self.responses += 1,
            Record::Controls(controls) => self.set_controls(*controls),
            Record::ExtraShown { account_id, record, at } => self.store.show_extra_record(&account_id, record, at),
            Record::ExtrasCleared => self.store.extra_records.clear(),
            Record::DueFinished { at } => self.store.finish_due(at),
            // Whether it could be changed was answered then.
            Record::EntriesChanged {
                kind: EntryKind::Transaction,
                owner,
                reference,
                change,
                at,
            } => drop(self.store.change_transactions(&owner.into(), &reference, change, at)),
            Record::EntriesChanged {
                owner,
                reference,
                change,
                at,
                ..
            } => drop(self.store.change_orders(&owner, &reference, change, at)),
            Record::TokensRevoked => self.store.logins.revoke_all(),
            Record::Unlocked { username } => drop(self.store.logins.unlock(&username)),
        }
        Ok(())
    }

    /// Keeps a change that was made, if there is a file. The change is not made for it where there is none.
    pub(super) fn record<'a>(&mut self, change: impl FnOnce() -> Record<'a>) {
        let Some(file) = &mut self.file else { return };
        file.append(&change());
        if file.is_long() {
            self.compact();
        }
    }

    /// Keeps a call that may have changed something, if there is a file.
    pub(super) fn record_call(&mut self, call: &Call<'_>, repetition: Repetition, outcome: &OperationResult) {
        if self.file.is_some() {
            let login = (call.operation == Operation::IssueToken).then(|| login_inputs(&self.store, call));
            self.record(|| Record::Call(Box::new(CallRecord::new(call, login, repetition, outcome))));
        }
    }

    pub(super) fn record_controls(&mut self) {
        if self.file.is_some() {
            let controls = Box::new(self.controls());
            self.record(|| Record::Controls(controls));
        }
    }

    /// Writes the file anew, if there is one.
    pub(super) fn compact(&mut self) {
        if self.file.is_none() {
            return;
        }
        let snapshot = self.snapshot();
        if let Some(file) = &mut self.file {
            file.replace(&snapshot);
        }
    }

    /// Whether changes are kept in a file.
    pub(crate) const fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Why no answer may leave any more: a change is not in the file.
    pub(crate) fn find_failure(&mut self) -> Option<String> {
        if self.is_closed {
            return Some("the sandbox ends".to_owned());
        }
        self.file.as_mut().and_then(|file| file.find_failure())
    }

    /// Leaves the file to another process, as a snapshot that any build with the same form of it can read.
    pub(crate) fn close_file(&mut self) {
        if self.file.as_ref().is_some_and(|file| file.has_changes()) {
            self.compact();
        }
        self.is_closed |= self.file.take().is_some();
    }
}
