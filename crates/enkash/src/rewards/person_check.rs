//! Making sure that a person is the one whose card will be debited. The API finds a person by the mobile number alone, and
//! says nothing of what happens when the other fields belong to somebody else.

use enkash_api::PersonalData;

use crate::{
    error::Error,
    model::{ids::EnKashCardId, person::Person},
    rewards::{
        Rewards,
        cards::{Card, CardSearch},
    },
};

/// A person who was compared with the card that the mobile number leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPerson {
    person: Person,
    card: Option<EnKashCardId>,
}

impl CheckedPerson {
    /// Takes it on the caller's word that mobile number, name and e-mail belong to one person.
    #[must_use]
    pub fn assume_checked(person: Person) -> Self {
        Self { person, card: None }
    }

    /// The person.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The card that was compared; `None` where the caller confirmed the person.
    #[must_use]
    pub fn card(&self) -> Option<&EnKashCardId> {
        self.card.as_ref()
    }

    pub(super) fn into_person(self) -> Person {
        self.person
    }
}

impl Rewards {
    /// Compares a person with the card of the account that has the same mobile number (page: Get User Details). Moves
    /// nothing.
    ///
    /// Name and e-mail must be the card's, where the API gives them, and it must give one of them. Case and outer white
    /// space do not count.
    ///
    /// # Errors
    ///
    /// No card or more than one has the mobile number, a fact is another person's, or the API gives none to compare: see
    /// [`Error::is_invalid_input`]. Or the API refused, or no response came.
    pub async fn check_person(&self, person: Person) -> Result<CheckedPerson, Error> {
        let cards = self.cards(CardSearch::all()).await?;
        let mut of_the_mobile = cards
            .value()
            .iter()
            .filter(|card| card.mobile.as_ref() == Some(&person.mobile));
        let problem = match (of_the_mobile.next(), of_the_mobile.next()) {
            (Some(card), None) => {
                compare(&person, card)?;
                let card = card.id.clone();
                return Ok(CheckedPerson { person, card });
            }
            (None, _) => "has no card with this mobile number in the account",
            (Some(_), Some(_)) => "has a mobile number that several cards of the account share",
        };
        Err(Error::input("person", problem))
    }
}

fn compare(person: &Person, card: &Card) -> Result<(), Error> {
    let facts = [
        ("name", &person.name, card.name.as_ref()),
        ("e-mail", &person.email, card.email.as_ref()),
    ];
    let mut is_compared = false;
    for (fact, ours, theirs) in facts {
        let Some(theirs) = theirs.filter(|theirs| !theirs.expose().trim().is_empty()) else {
            continue;
        };
        if !is_same(ours, theirs) {
            let problem = format!("has another {fact} than the card with this mobile number");
            return Err(Error::input("person", problem));
        }
        is_compared = true;
    }
    if is_compared {
        return Ok(());
    }
    Err(Error::input(
        "person",
        "cannot be compared: the API gives neither name nor e-mail of the card with this mobile number",
    ))
}

fn is_same(one: &PersonalData, other: &PersonalData) -> bool {
    one.expose().trim().to_lowercase() == other.expose().trim().to_lowercase()
}
