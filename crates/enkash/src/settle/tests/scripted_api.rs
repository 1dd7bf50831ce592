//! A server of the two searches that settlement uses, which cuts its lists and honours the filters that a test lets it honour.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use reqwest::{Request, Response};
use serde_json::{Value, json};

use crate::{
    client::Enkash,
    model::ticket::{Direction, Intent, PointsIntent, Ticket},
    tests::support::builder,
    transport::sender::{HttpSender, SendError},
};

/// How it answers.
#[derive(Clone)]
pub(super) struct Habits {
    /// Rows of one answer at most.
    pub(super) cap: usize,
    pub(super) counts: bool,
    pub(super) wants_card: bool,
    pub(super) filters_by_reference: bool,
    pub(super) filters_by_time: bool,
    /// It takes the times of a filter for so many hours later.
    pub(super) hours_off: i64,
    /// Cards that its list leaves out.
    pub(super) hides_cards: usize,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            cap: usize::MAX,
            counts: true,
            wants_card: false,
            filters_by_reference: true,
            filters_by_time: true,
            hours_off: 0,
            hides_cards: 0,
        }
    }
}

#[derive(Clone)]
pub(super) struct ScriptedApi(Arc<Inner>);

struct Inner {
    habits: Habits,
    people: usize,
    rows: Vec<Value>,
    searches: Mutex<Vec<Value>>,
    card_lists: Mutex<usize>,
    single_cards: Mutex<usize>,
}

pub(super) fn card(person: usize) -> String {
    format!("EKC{person:07}")
}

pub(super) fn mobile(person: usize) -> String {
    format!("9{person:09}")
}

/// An allocation of one rupee to a person, made so many seconds after the new year of 2025.
pub(super) fn row(id: &str, reference: &str, person: usize, seconds: i64) -> Value {
    json!({
        "enKashCardTransactionId": id, "pgReferenceNumber": reference, "principalAmount": 1, "status": "CREATED",
        "cardTransactionType": "CR", "type": "ALLOCATE_POINT", "enkashCardId": card(person),
        "txnDate": Timestamp::from_second(new_year().as_second() + seconds).unwrap().to_string()
    })
}

pub(super) fn new_year() -> Timestamp {
    "2025-01-01T00:00:00Z".parse().unwrap()
}

pub(super) fn ticket(reference: &str, person: usize) -> Ticket {
    let intent = PointsIntent {
        company: "CEK1PU9AOO".into(),
        account: "CAQL8YCV3".into(),
        direction: Direction::Credit,
        amount: "1".parse().unwrap(),
        mobile: Some(mobile(person).into()),
        card: None,
    };
    let mut ticket = Ticket::new(reference.parse().unwrap(), Intent::Points(intent));
    ticket.intended_at = new_year();
    ticket
}

impl ScriptedApi {
    pub(super) fn new(habits: Habits, people: usize, rows: Vec<Value>) -> Self {
        Self(Arc::new(Inner {
            habits,
            people,
            rows,
            searches: Mutex::default(),
            card_lists: Mutex::default(),
            single_cards: Mutex::default(),
        }))
    }

    pub(super) fn client(&self) -> Enkash {
        builder().build_with_sender(self.clone()).unwrap()
    }

    pub(super) fn searches(&self) -> Vec<Value> {
        self.0.searches.lock().unwrap().clone()
    }

    /// How often the list of cards was asked for, and how often one card.
    pub(super) fn card_searches(&self) -> (usize, usize) {
        (*self.0.card_lists.lock().unwrap(), *self.0.single_cards.lock().unwrap())
    }

    fn list(&self, rows: Vec<Value>, shown: usize) -> Value {
        let mut payload = json!({"data": rows[..shown]});
        if self.0.habits.counts {
            payload["recordsCount"] = json!(rows.len());
        }
        json!({"code": 0, "payload": payload})
    }

    fn cards(&self, asked: &Value) -> Value {
        let row =
            |person| json!({"enKashCardId": card(person), "mobile": mobile(person), "userId": format!("EK{person}")});
        let rows: Vec<_> = (0..self.0.people).map(row).collect();
        if let Some(asked) = asked["enKashCardId"].as_str() {
            *self.0.single_cards.lock().unwrap() += 1;
            let one: Vec<_> = rows.into_iter().filter(|row| row["enKashCardId"] == asked).collect();
            let shown = one.len();
            return self.list(one, shown);
        }
        *self.0.card_lists.lock().unwrap() += 1;
        let shown = rows.len() - self.0.habits.hides_cards;
        self.list(rows, shown)
    }

    fn transactions(&self, asked: &Value) -> Value {
        self.0.searches.lock().unwrap().push(asked.clone());
        let habits = &self.0.habits;
        if habits.wants_card && asked["enKashCardId"].is_null() {
            return json!({"code": 1, "message": "enKashCardId is missing"});
        }
        let several = asked["pgReferenceNumbers"].as_array().into_iter().flatten();
        let references: BTreeSet<_> = several
            .chain(asked.get("pgReferenceNumber"))
            .filter_map(Value::as_str)
            .collect();
        let time = |name: &str| -> Option<i64> {
            let time: Timestamp = asked[name].as_str()?.parse().unwrap();
            Some(time.as_millisecond() + habits.hours_off * 3_600_000)
        };
        let (from, to) = (time("txnDateFrom"), time("txnDateTo"));
        let fits = |row: &&Value| {
            let at: Timestamp = row["txnDate"].as_str().unwrap().parse().unwrap();
            let at = at.as_millisecond();
            (asked["enKashCardId"].is_null() || asked["enKashCardId"] == row["enkashCardId"])
                && (!habits.filters_by_reference || references.contains(row["pgReferenceNumber"].as_str().unwrap()))
                && (!habits.filters_by_time || from.is_none_or(|from| at > from) && to.is_none_or(|to| at < to))
        };
        let mut rows: Vec<_> = self.0.rows.iter().filter(fits).cloned().collect();
        // The newest first.
        rows.sort_by_key(|row| std::cmp::Reverse(row["txnDate"].as_str().unwrap().to_owned()));
        let shown = rows.len().min(habits.cap);
        self.list(rows, shown)
    }
}

impl HttpSender for ScriptedApi {
    async fn send(&self, _: &reqwest::Client, request: Request) -> Result<Response, SendError> {
        let asked: Value = serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap();
        let answer = match request.url().path() {
            path if path.ends_with("/transaction/all") => self.transactions(&asked),
            path if path.ends_with("/enKashCard/search") => self.cards(&asked),
            path => panic!("{path}"),
        };
        Ok(http::Response::new(answer.to_string()).into())
    }
}
