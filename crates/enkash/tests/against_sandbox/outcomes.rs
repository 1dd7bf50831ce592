//! Every call that moves value, under every fault and every spelling that the sandbox has: what the outcome says, beside
//! what happened. The table states the word; the sandbox's books are the truth that it is held against.

use std::time::Duration;

use enkash::{
    ClientReference, Enkash,
    config::CallOptions,
    ids::UserId,
    points::CoinAllocation,
    redemption::VoucherOrder,
    rewards::{BulkAllocation, BulkMode, BulkRow, CardSearch, CheckedPerson, Unallocation},
};
use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, Switches, When,
    faults::RedirectTo,
    switches::{CodeType, EnvelopeSpelling, ErrorBody},
};

use crate::fixture::{Fixture, MOBILE, allocation, person, reference};

/// The calls that move value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Allocate,
    Unallocate,
    Bulk,
    Order,
    Coins,
}

const CALLS: [Call; 5] = [Call::Allocate, Call::Unallocate, Call::Bulk, Call::Order, Call::Coins];

/// An amount that the API has a reason to refuse, or one that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Possible,
    Refusable,
}

impl Call {
    fn operation(self) -> Operation {
        match self {
            Self::Allocate | Self::Unallocate => Operation::CreateAllocatePoints,
            Self::Bulk => Operation::BulkCreateAllocateRewards,
            Self::Order => Operation::CreateOrder,
            Self::Coins => Operation::AllocateCoins,
        }
    }

    fn answer_names_the_reference(self) -> bool {
        matches!(self, Self::Allocate | Self::Unallocate | Self::Order)
    }

    /// Makes the call with a reference of its own, and says the outcome in a word.
    async fn make(self, enkash: &Enkash, fixture: &Fixture, user: &UserId, asked: Asked, name: &str) -> &'static str {
        let to = fixture.sandbox.credentials();
        let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
        let refusable = asked == Asked::Refusable;
        let amount = if refusable { "900000000" } else { "1" };
        match self {
            Self::Allocate => rewards.allocate(allocation(amount, name)).await.as_str(),
            Self::Unallocate => {
                let person = CheckedPerson::assume_checked(person());
                let back = Unallocation::from_person(person, amount.parse().unwrap(), reference(name));
                rewards.unallocate(back).await.as_str()
            }
            Self::Bulk => {
                let reference = name.parse::<ClientReference>().unwrap();
                let amount = amount.parse().unwrap();
                let row = BulkRow::new("Ms", "Asha", "asha.verma@example.com", MOBILE, amount, reference);
                let bulk = BulkAllocation::new(vec![row], BulkMode::ExistingAndNew).unwrap();
                rewards.allocate_bulk(bulk).await.rows[0].as_str()
            }
            Self::Order => {
                let product = if refusable { "PC0NOBODY" } else { "PC0SANDBOXTEA001" };
                let order = VoucherOrder::new(product, 250, 1, reference(name)).unwrap();
                enkash.redemption_as_partner().order(order).await.as_str()
            }
            Self::Coins => {
                let event = if refusable { "NO_SUCH_EVENT" } else { "REFERRAL_EVENT" };
                let coins = CoinAllocation::new(to.company_id.as_str(), user.clone(), event, reference(name));
                enkash.points().allocate(coins).await.as_str()
            }
        }
    }
}

/// All that the calls can change.
async fn books(fixture: &Fixture, user: &UserId) -> impl PartialEq + use<> {
    let coins = *fixture.enkash.points().balance(user).await.unwrap().value();
    (
        fixture.sandbox.account_balance(),
        fixture.sandbox.card_balance(MOBILE),
        coins,
    )
}

/// What the outcome must say, and whether value moves.
fn stated(call: Call, fault: Option<&Fault>) -> (&'static str, bool) {
    let Some(fault) = fault else {
        return ("done", true);
    };
    match *fault {
        // The response is whole and right.
        Fault::WrongContentType | Fault::DuplicateAnswer | Fault::IdleClose => ("done", true),
        Fault::OtherReference if call.answer_names_the_reference() => ("unknown", true),
        Fault::OtherReference => ("done", true),
        Fault::StalledBody | Fault::TornBody => ("unknown", true),
        Fault::Reset(when)
        | Fault::BadGateway(when)
        | Fault::Unauthorized(when)
        | Fault::Forbidden(when)
        | Fault::ServerError(when)
        | Fault::Redirect(_, _, when)
        | Fault::Delay(_, when) => ("unknown", when == When::After),
        Fault::TooManyRequests(_) => ("unknown", false),
        _ => panic!("the table does not know {fault:?}"),
    }
}

const FAULTS: [Option<Fault>; 20] = [
    None,
    Some(Fault::Reset(When::Before)),
    Some(Fault::Reset(When::After)),
    Some(Fault::TornBody),
    Some(Fault::WrongContentType),
    Some(Fault::BadGateway(When::Before)),
    Some(Fault::BadGateway(When::After)),
    Some(Fault::Unauthorized(When::Before)),
    Some(Fault::Unauthorized(When::After)),
    Some(Fault::Forbidden(When::Before)),
    Some(Fault::Forbidden(When::After)),
    Some(Fault::TooManyRequests(0)),
    Some(Fault::ServerError(When::Before)),
    Some(Fault::ServerError(When::After)),
    Some(Fault::DuplicateAnswer),
    Some(Fault::OtherReference),
    Some(Fault::Redirect(302, RedirectTo::Itself, When::Before)),
    Some(Fault::Redirect(302, RedirectTo::DeadHost, When::After)),
    Some(Fault::Redirect(307, RedirectTo::DeadHost, When::After)),
    Some(Fault::IdleClose),
];

/// A sandbox, a client that has seen its echo, and a person with a card.
struct Table {
    fixture: Fixture,
    user: UserId,
    cases: usize,
}

impl Table {
    async fn start() -> Self {
        let fixture = Fixture::start().await;
        assert_eq!(
            fixture.rewards().allocate(allocation("5000", "START")).await.as_str(),
            "done"
        );
        let cards = fixture.rewards().cards(CardSearch::all()).await.unwrap();
        let user = cards
            .value()
            .iter()
            .find(|card| card.mobile == Some(MOBILE.into()))
            .unwrap();
        Self {
            user: user.user.clone().unwrap(),
            fixture,
            cases: 0,
        }
    }

    /// One case.
    async fn check(&mut self, call: Call, fault: Option<&Fault>, asked: Asked, options: CallOptions) {
        self.cases += 1;
        let enkash = self.fixture.enkash.with_options(options).unwrap();
        let before = books(&self.fixture, &self.user).await;
        if let Some(fault) = fault {
            self.fixture
                .sandbox
                .add_fault(FaultRule::on(call.operation(), fault.clone()));
        }
        let calls = self.fixture.sandbox.calls(call.operation());
        let name = format!("REF{}", self.cases);
        let word = call.make(&enkash, &self.fixture, &self.user, asked, &name).await;
        self.fixture.sandbox.clear_faults();
        let has_moved = books(&self.fixture, &self.user).await != before;
        let case = format!(
            "{call:?} {fault:?} {asked:?} under {:?}",
            self.fixture.sandbox.switches()
        );

        let (stated_word, stated_move) = match (asked, stated(call, fault)) {
            (Asked::Possible, stated) => stated,
            // The page does not show how a failed row looks.
            (Asked::Refusable, ("done", _)) if call == Call::Bulk => ("unknown", false),
            (Asked::Refusable, ("done", _)) => ("refused", false),
            (Asked::Refusable, (word, _)) => (word, false),
        };
        assert_eq!((word, has_moved), (stated_word, stated_move), "{case}");
        assert_eq!(self.fixture.sandbox.calls(call.operation()) - calls, 1, "{case}");
    }
}

#[tokio::test]
async fn every_outcome_says_no_more_than_what_is_so() {
    let mut table = Table::start().await;
    for envelope in [
        EnvelopeSpelling::Documented,
        EnvelopeSpelling::Code,
        EnvelopeSpelling::ResponseCode,
        EnvelopeSpelling::Mixed,
    ] {
        for code in [CodeType::Documented, CodeType::Number, CodeType::Text] {
            for body in [ErrorBody::Json, ErrorBody::Empty, ErrorBody::Html] {
                let switches = Switches::new().envelope(envelope).code_type(code).error_body(body);
                table.fixture.sandbox.set_switches(switches);
                for fault in &FAULTS {
                    // The body of an error says nothing where there is no error.
                    if body != ErrorBody::Json && fault.is_none() {
                        continue;
                    }
                    for call in CALLS {
                        table
                            .check(call, fault.as_ref(), Asked::Possible, CallOptions::new())
                            .await;
                    }
                }
                if body == ErrorBody::Json {
                    for call in CALLS {
                        table.check(call, None, Asked::Refusable, CallOptions::new()).await;
                    }
                }
            }
        }
    }
    assert!(table.cases > 3_000, "{}", table.cases);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown_whether_or_not_value_moved() {
    let quick = CallOptions::new()
        .attempt_timeout(Duration::from_secs(6))
        .operation_timeout(Duration::from_secs(6));
    let cases = CALLS.map(|call| {
        tokio::spawn(async move {
            let mut table = Table::start().await;
            table
                .check(call, Some(&Fault::StalledBody), Asked::Possible, quick)
                .await;
        })
    });
    for case in cases {
        case.await.unwrap();
    }
}

#[tokio::test]
async fn a_call_to_a_port_that_refuses_is_not_sent() {
    let fixture = Fixture::start().await;
    let user: UserId = "EK0NOBODY".into();
    fixture.enkash.token().await.unwrap();
    fixture.sandbox.refuse_connections().await;
    for (number, call) in CALLS.into_iter().enumerate() {
        let name = format!("REF{number}");
        let word = call
            .make(&fixture.enkash, &fixture, &user, Asked::Possible, &name)
            .await;
        assert_eq!(word, "not sent", "{call:?}");
    }
    fixture.sandbox.accept_connections().await;
    assert_eq!(
        fixture.sandbox.transactions().len(),
        Sandbox::start().await.unwrap().transactions().len()
    );
}
