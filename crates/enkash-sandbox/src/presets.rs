//! Bad days by name: each sets the switches and the rules of faults that belong together. The builder, `enkash sandbox
//! --preset`, `POST /_sandbox/presets` and the console offer them. The same seed number gives the same faults.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use crate::faults::{Fault, FaultRule, Mutation, Mutations, When};
use crate::operation::Operation;
use crate::switches::{
    CartAdd, CodeType, DuplicateReference, EnvelopeSpelling, ErrorBody, ExpiresIn, ListCut, OrderProgress, Switches,
    TokenReuse, TransactionFilters, TransactionLookup, TransactionProgress, TransactionWithoutCard,
};

macro_rules! presets {
    ($($(#[doc = $about:literal])+ $Preset:ident = $name:literal,)*) => {
        /// A day by name, with its switches and its faults.
        ///
        /// ```
        /// use enkash_sandbox::{Preset, Sandbox};
        ///
        /// let day: Preset = "payday-from-hell".parse()?;
        /// let builder = Sandbox::builder().preset(day);
        /// # let _ = builder;
        /// # Ok::<(), enkash_sandbox::UnknownPreset>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Preset {
            $($(#[doc = $about])+ $Preset,)*
        }

        impl Preset {
            /// Every preset.
            pub const ALL: &'static [Preset] = &[$(Preset::$Preset,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Preset::$Preset => $name,)*
                }
            }

            /// What happens on that day.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Preset::$Preset => concat!($($about),+).trim_ascii(),)*
                }
            }
        }
    };
}

presets! {
    /// Nothing goes wrong: no fault, and every switch at its default.
    GoodDay = "good-day",
    /// Bursts of lost responses and of 500s, slow answers, requests that a gateway sends twice, and transactions that a search
    /// shows late, twice or as pending.
    PaydayFromHell = "payday-from-hell",
    /// Every call is slow, some are very slow, and a transaction is found a minute after it happened.
    SlowBank = "slow-bank",
    /// A gateway answers one call in five with its own page of HTML, before the effect or after it, spoils some responses, and
    /// refuses some calls as too many.
    FlakyGateway = "flaky-gateway",
    /// Connections are reset, refused, stalled and closed without notice.
    BrokenNetwork = "broken-network",
    /// Every transaction and every order is pending for eight hours, and done then.
    PendingAllDay = "pending-all-day",
    /// Every allocation succeeds and is undone a minute later by a second transaction; orders are reversed.
    TakenBack = "taken-back",
    /// Every login is answered with 401, as if the account were locked.
    LockedOut = "locked-out",
    /// Tokens die early: one call in six gets a 401, and each login ends the token before it.
    DyingTokens = "dying-tokens",
    /// The answers follow the other one of two pages that contradict each other: codes as texts, either envelope, a life of
    /// tokens of 86399 seconds, filters that do nothing, a search that wants a card, lists that are cut.
    ContradictingPages = "contradicting-pages",
}

/// There is no preset of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no preset {name:?}; the presets are {known}", known = names())]
pub struct UnknownPreset {
    name: String,
}

fn names() -> String {
    let names: Vec<_> = Preset::ALL.iter().map(|preset| preset.name()).collect();
    names.join(", ")
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, UnknownPreset> {
        let found = Preset::ALL.iter().copied().find(|preset| preset.name() == name);
        found.ok_or_else(|| UnknownPreset { name: name.to_owned() })
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Preset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

const EIGHT_HOURS: Duration = Duration::from_secs(8 * 3_600);

impl Preset {
    /// The switches of that day: what it does not name is at its default.
    pub fn switches(self) -> Switches {
        let switches = Switches::new();
        match self {
            Preset::GoodDay | Preset::BrokenNetwork | Preset::LockedOut => switches,
            Preset::PaydayFromHell => switches
                .duplicate_reference(DuplicateReference::Refuse)
                .transaction_lookup(TransactionLookup::Delayed(Duration::from_secs(10))),
            Preset::SlowBank => switches.transaction_lookup(TransactionLookup::Delayed(Duration::from_secs(60))),
            Preset::PendingAllDay => switches
                .transaction_progress(TransactionProgress::Pending(EIGHT_HOURS))
                .order_progress(OrderProgress::Pending(EIGHT_HOURS)),
            Preset::TakenBack => switches
                .transaction_progress(TransactionProgress::Reversal(Duration::from_secs(60)))
                .order_progress(OrderProgress::Reversed(Duration::from_secs(60))),
            Preset::FlakyGateway => switches.error_body(ErrorBody::Html),
            Preset::DyingTokens => switches.token_reuse(TokenReuse::RevokeOld),
            Preset::ContradictingPages => switches
                .expires_in(ExpiresIn::Documented)
                .envelope(EnvelopeSpelling::Mixed)
                .code_type(CodeType::Text)
                .transaction_filters(TransactionFilters::Required)
                .transaction_without_card(TransactionWithoutCard::Refused)
                .list_cut(ListCut::Counted(50))
                .cart_add(CartAdd::Replace),
        }
    }

    /// The rules of that day, in their order.
    #[must_use]
    pub fn faults(self) -> Vec<FaultRule> {
        match self {
            Preset::GoodDay | Preset::PendingAllDay | Preset::TakenBack | Preset::ContradictingPages => Vec::new(),
            Preset::PaydayFromHell => payday_from_hell(),
            Preset::SlowBank => slow_bank(),
            Preset::FlakyGateway => flaky_gateway(),
            Preset::BrokenNetwork => broken_network(),
            Preset::LockedOut => vec![FaultRule::on(Operation::IssueToken, Fault::Unauthorized(When::Before))],
            Preset::DyingTokens => dying_tokens(),
        }
    }
}

const fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn payday_from_hell() -> Vec<FaultRule> {
    let allocation = |fault| FaultRule::on(Operation::CreateAllocatePoints, fault);
    let mut rules = vec![
        allocation(Fault::Delay(milliseconds(300), When::After)).probability(0.3),
        allocation(Fault::Reset(When::After)).starting_at(4).times(3),
        allocation(Fault::ServerError(When::After)).starting_at(9).times(2),
        allocation(Fault::ServerError(When::Before)).starting_at(11).times(2),
        allocation(Fault::DuplicateExecution).starting_at(3).probability(0.1),
        allocation(Fault::TornBody).starting_at(3).probability(0.1),
        FaultRule::on(Operation::SearchTransactions, Fault::ServerError(When::Before)).probability(0.2),
    ];
    for shown in [
        Mutation::copy("payload.data.0", "payload.data.-"),
        Mutation::set("payload.data.*.status", r#""PENDING""#),
    ] {
        let fault = Mutations::new([shown]).map(|shown| Fault::MutatedResponse(shown, When::After));
        rules.extend(fault.map(|fault| FaultRule::on(Operation::SearchTransactions, fault).probability(0.2)));
    }
    rules
}

fn slow_bank() -> Vec<FaultRule> {
    vec![
        FaultRule::everywhere(Fault::Delay(milliseconds(250), When::Before)),
        FaultRule::everywhere(Fault::Delay(milliseconds(1_000), When::After)).probability(0.2),
    ]
}

fn flaky_gateway() -> Vec<FaultRule> {
    let mut rules = Vec::new();
    // A login that fails may count towards the lock of the account: this day is not about that.
    for operation in Operation::ALL
        .iter()
        .filter(|operation| **operation != Operation::IssueToken)
    {
        let on = |fault| FaultRule::on(*operation, fault);
        rules.extend([
            on(Fault::BadGateway(When::Before)).probability(0.12),
            on(Fault::BadGateway(When::After)).probability(0.08),
            on(Fault::WrongContentType).probability(0.05),
            on(Fault::TooManyRequests(1)).probability(0.05),
        ]);
    }
    rules
}

fn broken_network() -> Vec<FaultRule> {
    let allocation = |fault| FaultRule::on(Operation::CreateAllocatePoints, fault);
    vec![
        allocation(Fault::Reset(When::Before)).probability(0.15),
        allocation(Fault::Reset(When::After)).probability(0.15),
        allocation(Fault::TornBody).probability(0.1),
        allocation(Fault::Refused(milliseconds(200))).starting_at(6).times(1),
        allocation(Fault::IdleClose).probability(0.3),
        FaultRule::on(Operation::GetRewardAccount, Fault::StalledBody).nth(2),
    ]
}

fn dying_tokens() -> Vec<FaultRule> {
    let operations = Operation::ALL
        .iter()
        .filter(|operation| **operation != Operation::IssueToken);
    let rule = |operation: &Operation| FaultRule::on(*operation, Fault::Unauthorized(When::Before)).probability(0.17);
    operations.map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultPlan;

    #[test]
    fn the_same_seed_number_gives_the_same_faults() {
        let draw = |preset: Preset, seed: u64| -> Vec<Vec<Fault>> {
            let mut plan = FaultPlan::new(seed);
            preset.faults().into_iter().for_each(|rule| plan.add(rule));
            let calls = Operation::ALL.iter().cycle().take(500);
            calls.map(|operation| plan.next(*operation)).collect()
        };
        for preset in Preset::ALL {
            assert_eq!(draw(*preset, 7), draw(*preset, 7), "{preset}");
        }
        assert_ne!(draw(Preset::FlakyGateway, 7), draw(Preset::FlakyGateway, 8));
    }

    #[test]
    fn every_preset_is_found_by_its_name_and_differs_from_all_others() {
        let mut seen: Vec<(Switches, Vec<FaultRule>)> = Vec::new();
        for preset in Preset::ALL {
            assert_eq!(preset.name().parse(), Ok(*preset));
            assert!(preset.about().ends_with('.'), "{preset}");
            let day = (preset.switches(), preset.faults());
            assert!(!seen.contains(&day), "{preset} is another preset");
            // What the console and the control route show can be written into a file.
            let written = serde_json::to_string(&day.1).unwrap();
            assert_eq!(FaultRule::list_from_yaml(&written).unwrap(), day.1);
            seen.push(day);
        }
        let unknown = "payday".parse::<Preset>().unwrap_err().to_string();
        assert!(unknown.contains("payday-from-hell"), "{unknown}");
    }
}
