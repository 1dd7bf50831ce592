//! What the account's list says of a row beside what was told of it: whether that is the same, and how urgent it is if not.

use super::{index::Slot, told::Told};
use crate::{
    command_line::{called_as, option},
    doubt,
};

/// What the account's list says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    PaidOnce,
    PaidTwice,
    Missing,
    OtherAmount,
    OtherDirection,
    Unclear,
}

impl Found {
    pub(super) const ALL: [Self; 6] = [
        Self::PaidOnce,
        Self::PaidTwice,
        Self::Missing,
        Self::OtherAmount,
        Self::OtherDirection,
        Self::Unclear,
    ];

    pub(super) fn of(slot: &Slot) -> Self {
        match slot {
            Slot { is_reused: true, .. } => Self::Missing,
            Slot { credits: 2.., .. } => Self::PaidTwice,
            Slot { debits: 1.., .. } => Self::OtherDirection,
            Slot { unclear: 1.., .. } => Self::Unclear,
            Slot { credits: 0, .. } => Self::Missing,
            Slot { same: 0, .. } => Self::OtherAmount,
            _ => Self::PaidOnce,
        }
    }

    /// The word in results for programs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::PaidOnce => "paid_once",
            Self::PaidTwice => "paid_twice",
            Self::Missing => "missing",
            Self::OtherAmount => "other_amount",
            Self::OtherDirection => "other_direction",
            Self::Unclear => "unclear",
        }
    }

    /// The same for people.
    pub(super) fn words(self) -> String {
        self.as_str().replace('_', " ")
    }
}

/// In which order rows are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    /// Told done and missing, told otherwise and listed, or paid more than once.
    Alarm,
    /// Told done, and listed with something else.
    Difference,
    /// Nobody knows, and the list may say more.
    Doubt,
    AsTold,
}

impl Rank {
    pub(super) const ALL: [Self; 4] = [Self::Alarm, Self::Difference, Self::Doubt, Self::AsTold];

    pub(super) fn of(slot: &Slot) -> Self {
        match (slot.told, Found::of(slot)) {
            (_, Found::PaidTwice) | (Told::Done, Found::Missing) => Self::Alarm,
            (Told::Done, Found::PaidOnce) => Self::AsTold,
            (Told::Done, _) => Self::Difference,
            (Told::Unknown, _) => Self::Doubt,
            (Told::Refused | Told::NotSent | Told::Pending, Found::Missing) => Self::AsTold,
            (Told::Refused | Told::NotSent | Told::Pending, _) => Self::Alarm,
        }
    }
}

/// What a person does about a row.
pub(super) fn advice(slot: &Slot, reference: &str) -> Option<String> {
    let enkash = called_as();
    let advice = match (slot.told, Found::of(slot)) {
        (Told::Unknown, Found::PaidOnce) => return Some(format!("{} proves it", doubt::settle())),
        (Told::Unknown, Found::Missing) => {
            let text = "still unknown: not listed is no proof; ask EnKash, and";
            return Some(format!("{text} {enkash} history resolve"));
        }
        (_, Found::PaidTwice) => {
            let shown = option("--reference", reference);
            return Some(format!(
                "see both with {enkash} transactions {shown}, and ask EnKash before anything is taken back"
            ));
        }
        (Told::Done, Found::PaidOnce) => return None,
        (Told::Done, Found::Missing) => {
            "told done, and not listed: do not pay it again; ask EnKash about the reference"
        }
        (_, Found::Missing) => return None,
        (Told::Done | Told::Unknown, _) => "ask EnKash about the reference",
        (_, _) => "listed, and told otherwise: do not pay it again; ask EnKash about the reference",
    };
    Some(advice.to_owned())
}
