//! The intents that callers of a schedule have: few of them, so that callers meet under one reference. Everything about
//! an intent follows from its kind and number, so that whoever repeats it by hand repeats the same facts.

use std::collections::BTreeMap;

use enkash::{
    ClientReference, Person,
    points::CoinAllocation,
    redemption::VoucherOrder,
    rewards::{Allocation, BulkAllocation, BulkMode, BulkRow, CheckedPerson, Unallocation},
};
use enkash_sandbox::{ExtraRecord, Operation, Transaction};
use rust_decimal::Decimal;
use serde_json::Value;

/// The card holder of the seed, and two people who get a card with their first points.
pub(crate) const PEOPLE: [&str; 3] = ["9000000901", "9000005001", "9000005002"];
pub(crate) const PRODUCT: &str = "PC0SANDBOXBOOKS1";

/// How many intents there are of each kind.
pub(crate) const NUMBERS: u8 = 3;
/// What a voucher of 100 costs, in cents.
const VOUCHER: i64 = 9_800;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Give,
    Take,
    Row,
    PartnerOrder,
    OwnOrder,
    Coins,
}

pub(crate) const KINDS: [Kind; 6] = [
    Kind::Give,
    Kind::Take,
    Kind::Row,
    Kind::PartnerOrder,
    Kind::OwnOrder,
    Kind::Coins,
];

impl Kind {
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::Give | Self::Take => Operation::CreateAllocatePoints,
            Self::Row => Operation::BulkCreateAllocateRewards,
            Self::PartnerOrder | Self::OwnOrder => Operation::CreateOrder,
            Self::Coins => Operation::AllocateCoins,
        }
    }
}

/// One thing that a caller wants to happen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Intent {
    pub(crate) kind: Kind,
    pub(crate) number: u8,
    /// What nobody should do: another movement under a reference that has one. A taking goes under the reference of the
    /// giving of the same amount; the others change the amount a little.
    pub(crate) is_twisted: bool,
}

impl Intent {
    pub(crate) fn reference(self) -> String {
        let name = match self.kind {
            Kind::Take if !self.is_twisted => "TAKE",
            Kind::Give | Kind::Take => "GIVE",
            Kind::Row => "ROW",
            Kind::PartnerOrder => "BUY",
            Kind::OwnOrder => "OWN",
            Kind::Coins => "COINS",
        };
        format!("{name}{}", self.number)
    }

    fn client_reference(self) -> ClientReference {
        self.reference().parse().unwrap()
    }

    pub(crate) fn mobile(self) -> &'static str {
        match self.kind {
            // The first two rows share person and amount: the list of successes cannot tell them apart. The person may
            // be a new one, of whom a list for new people takes the first row only.
            Kind::Row => PEOPLE[1 + usize::from(self.number / 2)],
            _ => PEOPLE[usize::from(self.number)],
        }
    }

    fn quantity(self) -> i64 {
        1 + i64::from(self.number) + i64::from(self.is_twisted)
    }

    /// How much moves. For coins this is the worth of the event: each has digits of its own in the balance.
    pub(crate) fn cents(self) -> i64 {
        let twist = i64::from(self.is_twisted);
        match self.kind {
            Kind::Give => [90_000, 25_050, 1][usize::from(self.number)] + twist,
            Kind::Take => [90_000, 25_050, 1][usize::from(self.number)],
            Kind::Row => [50_000, 50_000, 77_707][usize::from(self.number)] + twist,
            Kind::PartnerOrder | Kind::OwnOrder => VOUCHER * self.quantity(),
            Kind::Coins => coins_of(self.number),
        }
    }

    pub(crate) fn is_credit(self) -> bool {
        matches!(self.kind, Kind::Give | Kind::Row)
    }

    /// Whether a transaction of the sandbox is what this intent wanted.
    pub(crate) fn is_done_by(self, transaction: &Transaction) -> bool {
        let purpose = match self.kind {
            Kind::Give | Kind::Row => "ALLOCATE_POINT",
            Kind::Take => "UNALLOCATE_POINT",
            Kind::PartnerOrder | Kind::OwnOrder => "SALE",
            Kind::Coins => return false,
        };
        transaction.reference == self.reference()
            && transaction.purpose == purpose
            && transaction.credit == self.is_credit()
            && transaction.card_id.is_some() == (self.kind != Kind::PartnerOrder)
            && transaction.amount == Decimal::new(self.cents(), 2)
    }

    /// Whether the transaction search is asked for it.
    pub(crate) fn has_card_records(self) -> bool {
        matches!(self.kind, Kind::Give | Kind::Take | Kind::Row)
    }

    /// A record of this intent that no transaction stands behind. The flaw is a JSON object of the fields that say so.
    pub(crate) fn extra_record(self, flaw: &str) -> ExtraRecord {
        let amount = Decimal::new(self.cents(), 2);
        let record = match self.is_credit() {
            true => ExtraRecord::credit(self.reference(), self.mobile(), amount),
            false => ExtraRecord::debit(self.reference(), self.mobile(), amount),
        };
        let fields: BTreeMap<String, Value> = serde_json::from_str(flaw).unwrap();
        fields
            .into_iter()
            .fold(record, |record, (name, value)| record.with(name, value))
    }

    fn money(self) -> enkash::Money {
        Decimal::new(self.cents(), 2).to_string().parse().unwrap()
    }

    fn person(self) -> Person {
        Person::new("Ms", "Asha", "asha@example.com", self.mobile(), "F").unwrap()
    }

    pub(crate) fn allocation(self) -> Allocation {
        Allocation::for_person(self.person(), self.money(), self.client_reference())
    }

    pub(crate) fn unallocation(self) -> Unallocation {
        let person = CheckedPerson::assume_checked(self.person());
        Unallocation::from_person(person, self.money(), self.client_reference())
    }

    pub(crate) fn order(self) -> VoucherOrder {
        VoucherOrder::new(PRODUCT, 100, self.quantity(), self.client_reference()).unwrap()
    }

    pub(crate) fn coins(self, company: &str, user: &str) -> CoinAllocation {
        CoinAllocation::new(company, user, event(self.number), self.client_reference())
    }

    fn row(self) -> BulkRow {
        let (money, reference) = (self.money(), self.client_reference());
        BulkRow::new("Ms", "Asha", "asha@example.com", self.mobile(), money, reference)
    }
}

pub(crate) fn bulk(rows: &[Intent], to_existing: bool) -> BulkAllocation {
    let mode = if to_existing {
        BulkMode::ExistingAndNew
    } else {
        BulkMode::NewOnly
    };
    BulkAllocation::new(rows.iter().map(|row| row.row()).collect(), mode).unwrap()
}

/// Coin events, one for each number.
pub(crate) fn event(number: u8) -> String {
    format!("EVENT{number}")
}

/// Three digits of the balance for each event.
pub(crate) fn coins_of(number: u8) -> i64 {
    1_000_i64.pow(u32::from(number))
}
