//! Looks for the switches with which the sandbox agrees most: it plays the recording with each value of each switch, keeps the one
//! that differs least, and goes round until nothing gets better. Encryption is told by the bodies, because a recording does not
//! have what was encrypted.

use enkash_recording::{Document, Exchange, OperationMatch, Recording};
use enkash_sandbox::{Switches, switches::SwitchInfo};
use serde_json::Value;

use crate::MAX_EXCHANGES;
use crate::error::ReplayError;
use crate::player::{Player, Scene, json_body};
use crate::report::{Comparison, Report, SwitchChoice};

/// Going round more often than this finds nothing more.
const MAX_ROUNDS: usize = 4;

/// The switch that is told by the bodies.
const ENCRYPTION: &str = "encryption";

/// The search over one recording.
pub(crate) struct Search<'a> {
    player: Player<'a>,
    start: Switches,
    /// The most rows that a recorded list has, for switches that cut lists.
    longest_list: usize,
    encryption: Option<&'static str>,
    unmatched: u64,
    encrypted: u64,
    unanswered: u64,
    left_out: u64,
}

/// What was found of one switch in the last round.
struct Trial {
    value: String,
    weight: u64,
}

impl<'a> Search<'a> {
    pub(crate) fn new(recording: &'a Recording, start: Switches) -> Result<Self, ReplayError> {
        let document = Document::bundled()?;
        let (mut unmatched, mut encrypted, mut unanswered) = (0, 0, 0);
        let (mut encryption, mut longest_list) = (None, 1);
        let mut scenes = Vec::new();
        for exchange in &recording.exchanges {
            let OperationMatch::Known(operation) = document.find(&exchange.method, &exchange.path) else {
                unmatched += 1;
                continue;
            };
            if exchange.status == 0 {
                unanswered += 1;
                continue;
            }
            if let Some(found) = encryption_of(exchange) {
                encrypted += 1;
                encryption = Some(found);
                continue;
            }
            if let Some(body) = json_body(&exchange.response) {
                longest_list = longest_list.max(longest(&body, 0));
            }
            scenes.push(Scene {
                operation: operation.id().to_owned(),
                exchange,
            });
        }
        let left_out = scenes.len().saturating_sub(MAX_EXCHANGES) as u64;
        scenes.truncate(MAX_EXCHANGES);
        Ok(Self {
            player: Player::new(scenes, recording.redaction.is_empty())?,
            start,
            longest_list,
            encryption,
            unmatched,
            encrypted,
            unanswered,
            left_out,
        })
    }

    pub(crate) async fn run(self) -> Result<Report, ReplayError> {
        let before = self.player.play(self.start).await?;
        let (mut chosen, mut best) = (self.start, before.clone());
        let mut trials: Vec<(&'static SwitchInfo, Vec<Trial>)> = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let weight = best.weight;
            trials.clear();
            for info in Switches::TABLE.iter().filter(|info| info.name != ENCRYPTION) {
                let tried = self.try_values(info, &mut chosen, &mut best).await?;
                trials.push((info, tried));
            }
            if best.weight == weight {
                break;
            }
        }
        let mut switches: Vec<_> = trials
            .iter()
            .map(|(info, tried)| self.choice(info, tried, chosen, &best))
            .collect();
        if let Some(value) = self.encryption {
            // The values come from a table of the switch's own.
            let _ = chosen.set(ENCRYPTION, value);
            switches.push(SwitchChoice {
                name: ENCRYPTION.to_owned(),
                value: value.to_owned(),
                is_changed: setting(self.start, ENCRYPTION) != value,
                is_shown: true,
                equals: Vec::new(),
            });
        }
        Ok(Report {
            chosen,
            switches,
            before,
            after: best,
            unmatched: self.unmatched,
            encrypted: self.encrypted,
            unanswered: self.unanswered,
            left_out: self.left_out,
        })
    }

    /// Plays with every value of one switch, and keeps one that differs less.
    async fn try_values(
        &self,
        info: &'static SwitchInfo,
        chosen: &mut Switches,
        best: &mut Comparison,
    ) -> Result<Vec<Trial>, ReplayError> {
        let mut tried = vec![Trial {
            value: setting(*chosen, info.name),
            weight: best.weight,
        }];
        for (word, _) in info.values {
            let Some(value) = self.value(word) else { continue };
            let mut candidate = *chosen;
            if tried.iter().any(|trial| trial.value == value) || candidate.set(info.name, &value).is_err() {
                continue;
            }
            let comparison = self.player.play(candidate).await?;
            tried.push(Trial {
                value,
                weight: comparison.weight,
            });
            if comparison.weight < best.weight {
                (*chosen, *best) = (candidate, comparison);
            }
        }
        Ok(tried)
    }

    /// A value to try: a number of rows is that of the longest list. How long something takes is in no response.
    fn value(&self, word: &str) -> Option<String> {
        match word.split_once(':') {
            None => Some(word.to_owned()),
            Some((start, "ROWS")) => Some(format!("{start}:{}", self.longest_list)),
            Some(_) => None,
        }
    }

    fn choice(&self, info: &SwitchInfo, tried: &[Trial], chosen: Switches, best: &Comparison) -> SwitchChoice {
        let value = setting(chosen, info.name);
        let equals = tried
            .iter()
            .filter(|trial| trial.weight == best.weight && trial.value != value);
        SwitchChoice {
            name: info.name.to_owned(),
            is_changed: value != setting(self.start, info.name),
            is_shown: tried.iter().any(|trial| trial.weight > best.weight),
            equals: equals.map(|trial| trial.value.clone()).collect(),
            value,
        }
    }
}

fn setting(switches: Switches, name: &str) -> String {
    let settings = switches.settings().into_iter();
    settings
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .next()
        .unwrap_or_default()
}

/// The encryption that an exchange shows, if it has an encrypted body.
fn encryption_of(exchange: &Exchange) -> Option<&'static str> {
    let is_wrapped = |body: &Option<Value>| {
        let map = body.as_ref().and_then(Value::as_object);
        map.is_some_and(|map| map.len() == 1 && map.get("request").is_some_and(Value::is_string))
    };
    let (request, response) = (json_body(&exchange.request), json_body(&exchange.response));
    let is_bare = |body: &Option<Value>| body.as_ref().is_some_and(Value::is_string);
    match () {
        () if is_bare(&request) || is_bare(&response) => Some("bare-string"),
        () if is_wrapped(&response) => Some("both"),
        () if is_wrapped(&request) => Some("requests"),
        () => None,
    }
}

/// The rows of the longest list.
fn longest(value: &Value, depth: usize) -> usize {
    let below = |values: &mut dyn Iterator<Item = &Value>| {
        values
            .filter(|_| depth < 8)
            .map(|value| longest(value, depth + 1))
            .max()
            .unwrap_or(0)
    };
    match value {
        Value::Array(values) => values.len().max(below(&mut values.iter())),
        Value::Object(map) => below(&mut map.values()),
        _ => 0,
    }
}
