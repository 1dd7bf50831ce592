//! Rules of faults: which calls a fault meets, and the form in which rules stand in a file or in the body of
//! `POST /_sandbox/faults`. The plan keeps them and asks them call by call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::FaultError;
use super::kind::{Fault, RedirectTo, When};
use super::mutation::Mutations;
use crate::operation::Operation;

/// Every call looks at all rules.
const MAX_RULES: usize = 1_000;

/// A fault and the calls that it meets.
///
/// A rule without [`nth`](FaultRule::nth), [`starting_at`](FaultRule::starting_at), [`probability`](FaultRule::probability)
/// and [`times`](FaultRule::times) meets every call. In a file, rules are a list:
///
/// ```
/// let rules = enkash_sandbox::FaultRule::list_from_yaml("
/// - {operation: createAllocatePoints, nth: 3, kind: reset, when: after}
/// - {operation: getRewardAccount, probability: 0.1, kind: delay, milliseconds: 200}
/// - {operation: createAllocatePoints, from: 10, times: 3, kind: server-error}
/// - {kind: redirect, status: 307, to: dead-host, when: after, times: 1}
/// ")?;
/// assert_eq!(rules.len(), 4);
/// # Ok::<(), enkash_sandbox::faults::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RuleFile", into = "RuleFile")]
#[must_use]
pub struct FaultRule {
    operation: Option<Operation>,
    nth: Option<u64>,
    from: Option<u64>,
    probability: Option<f64>,
    times: Option<u64>,
    fault: Fault,
}

impl FaultRule {
    /// A fault on every call of an operation.
    pub const fn on(operation: Operation, fault: Fault) -> Self {
        FaultRule {
            operation: Some(operation),
            nth: None,
            from: None,
            probability: None,
            times: None,
            fault: in_file_terms(fault),
        }
    }

    /// A fault on every call of any operation.
    pub const fn everywhere(fault: Fault) -> Self {
        FaultRule {
            operation: None,
            nth: None,
            from: None,
            probability: None,
            times: None,
            fault: in_file_terms(fault),
        }
    }

    /// Only on the n-th call that the rule sees, counted from 1 and from when the rule was set; 0 is taken for 1.
    pub const fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(if nth == 0 { 1 } else { nth });
        self
    }

    /// Only from the n-th call on that the rule sees, counted in the same way. With [`times`](Self::times) it makes a burst.
    pub const fn starting_at(mut self, nth: u64) -> Self {
        self.from = Some(if nth == 0 { 1 } else { nth });
        self
    }

    /// Only with this probability, between 0 and 1; what is below or above is taken for these, and no number for 0. The draws
    /// follow from the sandbox's seed number.
    pub const fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(match probability {
            0.0..=1.0 => probability,
            1.0.. => 1.0,
            _ => 0.0,
        });
        self
    }

    /// At most so many times.
    pub const fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Reads a list of at most 1,000 rules in YAML (or JSON, which is YAML too).
    ///
    /// # Errors
    ///
    /// When it is no such list; the text says where and why.
    pub fn list_from_yaml(text: &str) -> Result<Vec<FaultRule>, FaultError> {
        let rules: Vec<FaultRule> = serde_saphyr::from_str(text).map_err(|error| FaultError(error.to_string()))?;
        check_rules(rules.len())?;
        Ok(rules)
    }

    pub(super) fn matches(&self, operation: Operation) -> bool {
        self.operation.is_none_or(|wanted| wanted == operation)
    }

    pub(super) fn should_fire(&self, met: u64, fired: u64, random: &mut fastrand::Rng) -> bool {
        self.nth.is_none_or(|nth| nth == met)
            && self.from.is_none_or(|from| met >= from)
            && self.times.is_none_or(|times| fired < times)
            && self.probability.is_none_or(|probability| random.f64() < probability)
    }

    pub(super) const fn fault(&self) -> &Fault {
        &self.fault
    }
}

/// Whether a list may have so many rules.
pub(crate) fn check_rules(count: usize) -> Result<(), FaultError> {
    if count <= MAX_RULES {
        return Ok(());
    }
    let text = format!("there are more than {MAX_RULES} rules, and each call would look at all of them");
    Err(FaultError(text))
}

/// The fault as a file can say it, for a state file has it too: times in whole milliseconds, a redirect with one of its statuses.
const fn in_file_terms(mut fault: Fault) -> Fault {
    match &mut fault {
        Fault::Delay(time, _) | Fault::Refused(time) if !time.subsec_nanos().is_multiple_of(1_000_000) => {
            let rest = 1_000_000 - time.subsec_nanos() % 1_000_000;
            *time = time.saturating_add(Duration::from_nanos(rest as u64));
        }
        Fault::Redirect(status, ..) if !matches!(*status, 302 | 307 | 308) => *status = 307,
        _ => {}
    }
    fault
}

/// A rule as it is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<When>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<RedirectTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutations: Option<Mutations>,
}

impl RuleFile {
    fn keys(&self) -> Vec<&'static str> {
        let words = [
            ("when", self.when.is_some()),
            ("milliseconds", self.milliseconds.is_some()),
            ("seconds", self.seconds.is_some()),
            ("status", self.status.is_some()),
            ("to", self.to.is_some()),
            ("mutations", self.mutations.is_some()),
        ];
        words
            .into_iter()
            .filter_map(|(word, there)| there.then_some(word))
            .collect()
    }

    fn fault(&self) -> Result<Fault, FaultError> {
        let wrong = |text: String| Err(FaultError(text));
        let Some(info) = Fault::TABLE.iter().find(|info| info.name == self.kind) else {
            let names: Vec<_> = Fault::TABLE.iter().map(|info| info.name).collect();
            return wrong(format!(
                "there is no kind {:?}; the kinds are {}",
                self.kind,
                names.join(", ")
            ));
        };
        if let Some(word) = self.keys().into_iter().find(|word| !info.keys.contains(word)) {
            return wrong(format!("kind {} has no {word:?}", info.name));
        }
        let when = |default: When| self.when.unwrap_or(default);
        let time = |name: &str| match self.milliseconds {
            Some(milliseconds) => Ok(Duration::from_millis(milliseconds)),
            None => Err(FaultError(format!("kind {name} needs milliseconds"))),
        };
        Ok(match info.name {
            "delay" => Fault::Delay(time("delay")?, when(When::Before)),
            "refused" => Fault::Refused(time("refused")?),
            "reset" => Fault::Reset(when(When::Before)),
            "stalled-body" => Fault::StalledBody,
            "torn-body" => Fault::TornBody,
            "wrong-content-type" => Fault::WrongContentType,
            "bad-gateway" => Fault::BadGateway(when(When::Before)),
            "unauthorized" => Fault::Unauthorized(when(When::Before)),
            "forbidden" => Fault::Forbidden(when(When::After)),
            "too-many-requests" => Fault::TooManyRequests(self.seconds.unwrap_or(1)),
            "server-error" => Fault::ServerError(when(When::Before)),
            "duplicate-answer" => Fault::DuplicateAnswer,
            "other-reference" => Fault::OtherReference,
            "duplicate-execution" => Fault::DuplicateExecution,
            "mutated-response" => match &self.mutations {
                Some(mutations) => Fault::MutatedResponse(mutations.clone(), when(When::After)),
                None => return wrong("kind mutated-response needs a list of mutations".to_owned()),
            },
            "redirect" => match self.status.unwrap_or(307) {
                status @ (302 | 307 | 308) => {
                    let to = self.to.unwrap_or(RedirectTo::Itself);
                    Fault::Redirect(status, to, when(When::Before))
                }
                status => return wrong(format!("a redirect has status 302, 307 or 308, not {status}")),
            },
            _ => Fault::IdleClose,
        })
    }
}

impl TryFrom<RuleFile> for FaultRule {
    type Error = FaultError;

    fn try_from(file: RuleFile) -> Result<Self, FaultError> {
        if file
            .probability
            .is_some_and(|probability| !(0.0..=1.0).contains(&probability))
        {
            return Err(FaultError("a probability is between 0 and 1".to_owned()));
        }
        if file.nth == Some(0) || file.from == Some(0) {
            return Err(FaultError("calls are counted from 1".to_owned()));
        }
        Ok(FaultRule {
            operation: file.operation,
            nth: file.nth,
            from: file.from,
            probability: file.probability,
            times: file.times,
            fault: file.fault()?,
        })
    }
}

impl From<FaultRule> for RuleFile {
    fn from(rule: FaultRule) -> Self {
        let mut file = RuleFile {
            operation: rule.operation,
            nth: rule.nth,
            from: rule.from,
            probability: rule.probability,
            times: rule.times,
            kind: rule.fault.name().to_owned(),
            when: rule.fault.when(),
            ..RuleFile::default()
        };
        match rule.fault {
            Fault::Delay(time, _) | Fault::Refused(time) => {
                file.milliseconds = Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
            }
            Fault::TooManyRequests(seconds) => file.seconds = Some(seconds),
            Fault::Redirect(status, to, _) => (file.status, file.to) = (Some(status), Some(to)),
            Fault::MutatedResponse(mutations, _) => file.mutations = Some(mutations),
            _ => {}
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_made_in_code_is_one_that_a_file_can_say() {
        let millisecond = Duration::from_millis(1);
        for (rule, expected) in [
            (
                FaultRule::everywhere(Fault::Delay(millisecond / 2, When::Before)),
                FaultRule::everywhere(Fault::Delay(millisecond, When::Before)),
            ),
            (
                FaultRule::everywhere(Fault::Refused(Duration::MAX)),
                FaultRule::everywhere(Fault::Refused(Duration::from_millis(u64::MAX))),
            ),
            (
                FaultRule::everywhere(Fault::Redirect(301, RedirectTo::Itself, When::Before)),
                FaultRule::everywhere(Fault::Redirect(307, RedirectTo::Itself, When::Before)),
            ),
            (
                FaultRule::everywhere(Fault::StalledBody)
                    .nth(0)
                    .starting_at(0)
                    .probability(1.5),
                FaultRule::everywhere(Fault::StalledBody)
                    .nth(1)
                    .starting_at(1)
                    .probability(1.0),
            ),
            (
                FaultRule::everywhere(Fault::StalledBody).probability(f64::NAN),
                FaultRule::everywhere(Fault::StalledBody).probability(0.0),
            ),
            (
                FaultRule::everywhere(Fault::StalledBody).probability(-0.5),
                FaultRule::everywhere(Fault::StalledBody).probability(0.0),
            ),
        ] {
            let written = serde_json::to_string(&rule).unwrap();
            assert_eq!(
                serde_json::from_str::<FaultRule>(&written).unwrap(),
                expected,
                "{written}"
            );
            assert_eq!(serde_json::to_string(&expected).unwrap(), written);
        }
    }

    #[test]
    fn every_kind_survives_being_written_and_read() {
        for info in Fault::TABLE {
            let mut text = format!("- {{kind: {}, operation: getCart, nth: 2, from: 2", info.name);
            for word in info.keys {
                text += match *word {
                    "milliseconds" => ", milliseconds: 50",
                    "when" => ", when: after",
                    "seconds" => ", seconds: 7",
                    "status" => ", status: 302",
                    "mutations" => ", mutations: [{set: {at: code, raw: '2e2'}}, {double: {at: code}}, {status: 202}]",
                    _ => ", to: dead-host",
                };
            }
            text += "}";
            let rules = FaultRule::list_from_yaml(&text).unwrap();
            assert_eq!(rules[0].fault.name(), info.name);
            let again: Vec<FaultRule> = serde_json::from_str(&serde_json::to_string(&rules).unwrap()).unwrap();
            assert_eq!(again, rules);
        }
    }

    #[test]
    fn every_example_of_the_table_is_a_rule_of_its_kind() {
        for info in Fault::TABLE {
            let rules = FaultRule::list_from_yaml(&format!("- {}", info.example)).unwrap();
            assert_eq!(rules[0].fault.name(), info.name);
            assert!(!info.about.is_empty());
        }
    }

    #[test]
    fn a_redirect_comes_before_the_effect_unless_its_rule_says_after() {
        let fault = |words: &str| {
            let rules = FaultRule::list_from_yaml(&format!("- {{kind: redirect, status: 308, to: dead-host{words}}}"));
            rules.unwrap()[0].fault.clone()
        };
        let redirect = |when| Fault::Redirect(308, RedirectTo::DeadHost, when);
        assert_eq!(fault(""), redirect(When::Before));
        assert_eq!(fault(", when: before"), redirect(When::Before));
        assert_eq!(fault(", when: after"), redirect(When::After));
    }

    #[test]
    fn mistakes_say_what_is_right() {
        let error = |text: &str| FaultRule::list_from_yaml(text).unwrap_err().to_string();
        assert!(error("- {kind: resett}").contains("the kinds are delay, refused, reset"));
        assert!(error("- {kind: torn-body, when: after}").contains("has no \"when\""));
        assert!(error("- {kind: delay}").contains("needs milliseconds"));
        assert!(error("- {kind: reset, operation: getcart}").contains("createAllocatePoints"));
        assert!(error("- {kind: reset, probability: 2}").contains("between 0 and 1"));
        assert!(error("- {kind: redirect, status: 301}").contains("302, 307 or 308"));
        assert!(error("- {kind: reset, nthh: 2}").contains("nthh"));
        assert!(error("- {kind: mutated-response}").contains("needs a list"));
        assert!(error("- {kind: mutated-response, mutations: []}").contains("1 to 32 mutations"));
        assert!(error("- {kind: mutated-response, mutations: [{status: 99}]}").contains("from 200 to 599"));
        let unknown = error("- {kind: mutated-response, mutations: [{sett: {at: code, raw: '1'}}]}");
        assert!(unknown.contains("sett") && unknown.contains("set"), "{unknown}");
    }
}
