//! What a schedule is, and how one is drawn: callers, faults, switches and mishaps in a random order. A schedule is
//! plain data that prints as it was drawn, so that a failure can be read and shrunk.

use std::time::Duration;

use enkash_sandbox::{Fault, FaultRule, Operation, When, faults::RedirectTo, switches::DuplicateReference};
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
    sample::select,
};

use crate::{
    intent::{Intent, KINDS, Kind, NUMBERS},
    mutations::{self, CONTRADICTIONS, OF_ALLOCATIONS, OF_BULK, OF_LOOKUPS, OF_ORDERS, OTHERS, SPOILING},
};

const STEPS: std::ops::RangeInclusive<usize> = 2..=12;

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) duplicates: DuplicateReference,
    /// One or two clients of the same credentials.
    pub(crate) clients: usize,
    /// Two clients of one process share their token, those of two processes do not.
    pub(crate) shares_tokens: bool,
    /// Whether the first login comes before the first fault.
    pub(crate) starts_logged_in: bool,
    /// Whether everything is encrypted.
    pub(crate) is_encrypted: bool,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody sets out to do something, and goes on while the next steps happen.
    Caller(Caller),
    /// Somebody looks something up.
    Reader {
        client: usize,
        read: Read,
    },
    /// Somebody uses a client with a wrong password, several calls at once and again after some milliseconds, and drops
    /// it.
    WrongPasswordClient {
        password: u8,
        intents: Vec<Intent>,
        pauses: Vec<u64>,
    },
    Fault(FaultRule),
    NoMoreFaults,
    /// A search shows a record of an intent that nothing moved for, and that says so in one field.
    ExtraRecord {
        intent: Intent,
        flaw: &'static str,
        /// Whether it stops a proof of the intent's reference on the person's card.
        is_contradiction: bool,
    },
    /// `NAME=VALUE`.
    Switch(&'static str),
    RevokeTokens,
    RefuseConnections,
    AcceptConnections,
    /// The sandbox's clock goes on by so many seconds, or back.
    Travel(i64),
    /// The callers so far get so many milliseconds.
    Breathe(u64),
    /// All callers so far end.
    Meet,
}

#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) client: usize,
    pub(crate) errand: CallerScript,
    /// What the next call of this operation meets, the caller's own or another's that comes first.
    pub(crate) meets: Option<Fault>,
    /// After so many milliseconds a call is dropped.
    pub(crate) patience: Option<u64>,
    /// How often it is called, with the same reference, as long as it is not known to be over.
    pub(crate) tries: u8,
    pub(crate) settling: Option<Settling>,
}

#[derive(Clone, Debug)]
pub(crate) enum CallerScript {
    One(Intent),
    Bulk { rows: Vec<Intent>, to_existing: bool },
}

impl CallerScript {
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Self::One(intent) => intent.kind.operation(),
            Self::Bulk { .. } => Kind::Row.operation(),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Settling {
    /// From the stored ticket and by the other client, rather than by what the call returned.
    pub(crate) from_storage: bool,
    /// Milliseconds.
    pub(crate) within: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    Account,
    Cards,
    Transactions,
    Order,
    Coins,
}

pub(crate) fn schedules() -> impl Strategy<Value = Schedule> {
    let duplicates = select(vec![
        DuplicateReference::CreditAgain,
        DuplicateReference::Refuse,
        DuplicateReference::ReplayFirst,
        DuplicateReference::SuccessWithoutCredit,
    ]);
    // Most callers of a schedule want much the same, so that they meet.
    let favourite = select(vec![
        Kind::Give,
        Kind::Give,
        Kind::Take,
        Kind::PartnerOrder,
        Kind::OwnOrder,
        Kind::Coins,
    ]);
    (duplicates, favourite).prop_flat_map(|(duplicates, favourite)| {
        let wishes = GeneratorOptions {
            favourite,
            may_twist: is_honest(duplicates),
            // Where each execution counts, the second may fail for want of money, and that is what the caller reads.
            may_execute_twice: duplicates != DuplicateReference::CreditAgain,
        };
        let steps = vec(step(wishes), STEPS);
        let rest = (
            1..=2_usize,
            any::<bool>(),
            prop::bool::weighted(0.8),
            prop::bool::weighted(0.1),
            steps,
        );
        rest.prop_map(
            move |(clients, shares_tokens, starts_logged_in, is_encrypted, steps)| Schedule {
                duplicates,
                clients,
                shares_tokens,
                starts_logged_in,
                is_encrypted,
                steps,
            },
        )
    })
}

/// What the callers of one schedule want.
#[derive(Clone, Copy)]
struct GeneratorOptions {
    favourite: Kind,
    /// Whether a reference may be used for something else than before.
    may_twist: bool,
    /// Whether the second execution of a request says nothing but that the reference is known.
    may_execute_twice: bool,
}

/// Whether the API, for a reference that it knows, never says yes to a movement that it does not make. Where it
/// does, nobody may use a reference for something else: no client could see that the yes is for the first movement.
fn is_honest(duplicates: DuplicateReference) -> bool {
    matches!(duplicates, DuplicateReference::CreditAgain | DuplicateReference::Refuse)
}

fn step(wishes: GeneratorOptions) -> impl Strategy<Value = Step> {
    prop_oneof![
        24 => caller(wishes).prop_map(Step::Caller),
        3 => (0..2_usize, read()).prop_map(|(client, read)| Step::Reader { client, read }),
        1 => (0..3_u8, vec(intent(wishes), 1..4), vec(0..300_u64, 0..3))
            .prop_map(|(password, intents, pauses)| Step::WrongPasswordClient { password, intents, pauses }),
        8 => fault(wishes).prop_map(Step::Fault),
        3 => extra_record(wishes),
        4 => Just(Step::NoMoreFaults),
        5 => select(SWITCHES).prop_map(Step::Switch),
        2 => Just(Step::RevokeTokens),
        1 => Just(Step::RefuseConnections),
        2 => Just(Step::AcceptConnections),
        2 => select(vec![-3_600_i64, -2, 30, 290, 3_600]).prop_map(Step::Travel),
        5 => (0..60_u64).prop_map(Step::Breathe),
        6 => Just(Step::Meet),
    ]
}

fn caller(wishes: GeneratorOptions) -> impl Strategy<Value = Caller> {
    let patience = prop_oneof![4 => Just(None), 1 => (0..90_u64).prop_map(Some)];
    let settling = prop_oneof![
        1 => Just(None),
        4 => (any::<bool>(), prop_oneof![3 => Just(0_u64), 1 => 0..700_u64])
            .prop_map(|(from_storage, within)| Some(Settling { from_storage, within })),
    ];
    let tries = prop_oneof![3 => Just(1_u8), 2 => Just(2), 1 => Just(3)];
    let errand = errand(wishes).prop_flat_map(move |errand| {
        let meets = prop_oneof![
            1 => Just(None),
            1 => kind_of_fault().prop_map(Some),
            1 => fault_of_call(wishes, errand.operation()).prop_map(Some),
        ];
        (Just(errand), meets)
    });
    (0..2_usize, errand, patience, tries, settling).prop_map(|(client, (errand, meets), patience, tries, settling)| {
        Caller {
            client,
            errand,
            meets,
            patience,
            tries,
            settling,
        }
    })
}

fn errand(wishes: GeneratorOptions) -> impl Strategy<Value = CallerScript> {
    let rows = (
        btree_set(0..NUMBERS, 1..=usize::from(NUMBERS)),
        any::<bool>(),
        any::<bool>(),
    );
    let bulk = rows.prop_map(move |(numbers, to_existing, is_twisted)| CallerScript::Bulk {
        rows: numbers
            .into_iter()
            .map(|number| Intent {
                kind: Kind::Row,
                number,
                is_twisted: is_twisted && wishes.may_twist,
            })
            .collect(),
        to_existing,
    });
    prop_oneof![5 => intent(wishes).prop_map(CallerScript::One), 1 => bulk]
}

fn intent(wishes: GeneratorOptions) -> impl Strategy<Value = Intent> {
    let kind = prop_oneof![
        10 => Just(wishes.favourite),
        4 => Just(Kind::Give),
        2 => Just(Kind::Take),
        4 => select(KINDS.into_iter().filter(|kind| *kind != Kind::Row).collect::<Vec<_>>()),
    ];
    // Callers shall often meet under one reference.
    let number = prop_oneof![2 => Just(0), 1 => 0..NUMBERS];
    (kind, number, any::<bool>()).prop_map(move |(kind, number, is_twisted)| Intent {
        kind,
        number,
        // Another request for coins of the same event is the same.
        is_twisted: is_twisted && wishes.may_twist && kind != Kind::Coins,
    })
}

fn extra_record(wishes: GeneratorOptions) -> impl Strategy<Value = Step> {
    let flaw = prop_oneof![
        2 => select(CONTRADICTIONS).prop_map(|flaw| (flaw, true)),
        1 => select(OTHERS).prop_map(|flaw| (flaw, false)),
    ];
    (points(wishes), flaw).prop_map(|(intent, (flaw, is_contradiction))| Step::ExtraRecord {
        intent,
        flaw,
        is_contradiction,
    })
}

/// An intent whose records the transaction search shows.
fn points(wishes: GeneratorOptions) -> impl Strategy<Value = Intent> {
    let kind = select(vec![Kind::Give, Kind::Give, Kind::Take, Kind::Row]);
    let number = prop_oneof![2 => Just(0), 1 => 0..NUMBERS];
    (kind, number, any::<bool>()).prop_map(move |(kind, number, is_twisted)| Intent {
        kind,
        number,
        is_twisted: is_twisted && wishes.may_twist,
    })
}

fn read() -> impl Strategy<Value = Read> {
    select(vec![
        Read::Account,
        Read::Cards,
        Read::Transactions,
        Read::Order,
        Read::Coins,
    ])
}

const CALLS: [Operation; 4] = [
    Operation::CreateAllocatePoints,
    Operation::CreateOrder,
    Operation::BulkCreateAllocateRewards,
    Operation::AllocateCoins,
];
const LOOKUPS: [Operation; 4] = [
    Operation::SearchCards,
    Operation::SearchTransactions,
    Operation::FetchOrderInfo,
    Operation::FetchOrderInfoByPost,
];

fn fault(wishes: GeneratorOptions) -> impl Strategy<Value = FaultRule> {
    let place = prop_oneof![
        6 => select(vec![Operation::CreateAllocatePoints]).prop_map(Some),
        4 => select(&CALLS[1..]).prop_map(Some),
        2 => select(&LOOKUPS[..]).prop_map(Some),
        1 => Just(Some(Operation::GetRewardAccount)),
        1 => Just(Some(Operation::IssueToken)),
        2 => Just(None),
    ];
    let anywhere = (place, kind_of_fault()).prop_map(|(place, fault)| match place {
        Some(operation) => FaultRule::on(operation, fault),
        None => FaultRule::everywhere(fault),
    });
    let of_calls =
        select(&CALLS[..]).prop_flat_map(move |operation| (Just(operation), fault_of_call(wishes, operation)));
    let of_lookups = (select(&LOOKUPS[..]), select(OF_LOOKUPS));
    let of_lookups = of_lookups.prop_map(|(operation, list)| (operation, mutations::fault(list, When::After)));
    let rule = prop_oneof![
        4 => anywhere,
        2 => of_calls.prop_map(|(operation, fault)| FaultRule::on(operation, fault)),
        2 => of_lookups.prop_map(|(operation, fault)| FaultRule::on(operation, fault)),
    ];
    let times = prop_oneof![3 => Just(Some(1_u64)), 2 => Just(Some(2)), 1 => Just(None)];
    let nth = prop_oneof![4 => Just(None), 1 => (1..4_u64).prop_map(Some)];
    (rule, times, nth).prop_map(|(rule, times, nth)| match (times, nth) {
        (_, Some(nth)) => rule.nth(nth),
        (Some(times), None) => rule.times(times),
        (None, None) => rule,
    })
}

/// A response that nobody promised, of a call that moves value, with its effect or without.
fn fault_of_call(wishes: GeneratorOptions, operation: Operation) -> impl Strategy<Value = Fault> {
    let of_operation = match operation {
        Operation::CreateAllocatePoints => OF_ALLOCATIONS,
        Operation::CreateOrder => OF_ORDERS,
        Operation::BulkCreateAllocateRewards => OF_BULK,
        _ => SPOILING,
    };
    let when = select(vec![When::After, When::Before]);
    let list = prop_oneof![2 => select(SPOILING), 1 => select(of_operation)];
    let mutated = (list, when).prop_map(|(list, when)| mutations::fault(list, when));
    let other = if wishes.may_execute_twice {
        Fault::DuplicateExecution
    } else {
        mutations::fault(SPOILING[0], When::After)
    };
    prop_oneof![5 => mutated, 1 => Just(other)]
}

/// Every other kind there is. Some delays outlast an attempt: the effect comes after the caller was told that nobody knows.
fn kind_of_fault() -> impl Strategy<Value = Fault> {
    let when = || prop_oneof![1 => Just(When::Before), 2 => Just(When::After)];
    let delay = select(vec![15_u64, 90, 800]).prop_map(Duration::from_millis);
    let redirect = (
        select(vec![302_u16, 307, 308]),
        select(vec![RedirectTo::Itself, RedirectTo::DeadHost]),
        when(),
    );
    prop_oneof![
        3 => (delay, when()).prop_map(|(time, when)| Fault::Delay(time, when)),
        1 => select(vec![5_u64, 120]).prop_map(|time| Fault::Refused(Duration::from_millis(time))),
        4 => when().prop_map(Fault::Reset),
        1 => Just(Fault::StalledBody),
        2 => Just(Fault::TornBody),
        1 => Just(Fault::WrongContentType),
        2 => when().prop_map(Fault::BadGateway),
        2 => when().prop_map(Fault::Unauthorized),
        2 => when().prop_map(Fault::Forbidden),
        1 => (0..2_u32).prop_map(Fault::TooManyRequests),
        2 => when().prop_map(Fault::ServerError),
        1 => Just(Fault::DuplicateAnswer),
        2 => Just(Fault::OtherReference),
        1 => redirect.prop_map(|(status, to, when)| Fault::Redirect(status, to, when)),
        1 => Just(Fault::IdleClose),
    ]
}

const SWITCHES: &[&str] = &[
    "reference_spelling=number",
    "reference_spelling=num",
    "token_reuse=live",
    "token_reuse=revoke-old",
    "expires_in=86399",
    "expires_in=absent",
    "expires_in=absolute-milliseconds",
    "expires_in=zero",
    "token_casing=camel",
    "token_casing=payload",
    "envelope=code",
    "envelope=response_code",
    "envelope=mixed",
    "envelope=sibling",
    "envelope=documented",
    "envelope=documented",
    "code_type=number",
    "code_type=string",
    "error_body=empty",
    "error_body=html",
    "error_body=json",
    "transaction_lookup=delayed:30",
    "transaction_lookup=absent",
    "transaction_lookup=immediate",
    "transaction_filters=required",
    "transaction_filters=loose",
    "transaction_filters=ignored",
    "transaction_filters=applied",
    "transaction_without_card=refused",
    "transaction_without_card=empty",
    "transaction_without_card=works",
    "list_cut=counted:1",
    "list_cut=counted:3",
    "list_cut=paged:2",
    "list_cut=whole",
    "list_cut=whole",
    "card_search=list",
    "card_search=single",
    "lost_strikes=not-counted",
];
