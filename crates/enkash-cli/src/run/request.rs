//! What the ledger keeps of a row's person, so that a run goes on without its file: the five values that the call needs.

use enkash::Person;
use serde::{Deserialize, Serialize};

/// The person of a row, as the ledger keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct RowRequest {
    title: String,
    name: String,
    email: String,
    mobile: String,
    gender: String,
}

impl From<&Person> for RowRequest {
    fn from(person: &Person) -> Self {
        Self {
            title: person.title.as_str().to_owned(),
            name: person.name.expose().to_owned(),
            email: person.email.expose().to_owned(),
            mobile: person.mobile.expose().to_owned(),
            gender: person.gender.as_str().to_owned(),
        }
    }
}

impl RowRequest {
    pub(super) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// The person; `None` where the ledger holds something else.
    pub(super) fn parse(json: &str) -> Option<Person> {
        let Self {
            title,
            name,
            email,
            mobile,
            gender,
        } = serde_json::from_str(json).ok()?;
        Person::new(title.as_str(), name, email, mobile, gender.as_str()).ok()
    }
}
