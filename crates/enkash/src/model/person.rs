//! The person who receives points, as the allocation pages ask for one.

use enkash_api::PersonalData;
pub use enkash_api::types::{Gender, Title};

use crate::model::invalid::InvalidInput;

/// A person. The API's table requires every field; it finds a person by the mobile number.
///
/// `Debug` shows nothing of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// Salutation: `Mr`, `Mrs` or `Ms`.
    pub title: Title,
    /// The name (page: `firstName`).
    pub name: PersonalData,
    /// The e-mail address.
    pub email: PersonalData,
    /// The mobile number, ten digits.
    pub mobile: PersonalData,
    /// The pages say `Male`/`Female` in the text and `M`/`F` in the examples and guides.
    pub gender: Gender,
}

impl Person {
    /// Takes the five values that the API requires.
    ///
    /// # Errors
    ///
    /// A value is empty, or the mobile number is not ten digits.
    pub fn new(
        title: impl Into<Title>,
        name: impl Into<PersonalData>,
        email: impl Into<PersonalData>,
        mobile: impl Into<PersonalData>,
        gender: impl Into<Gender>,
    ) -> Result<Self, InvalidInput> {
        let person = Self {
            title: title.into(),
            name: name.into(),
            email: email.into(),
            mobile: mobile.into(),
            gender: gender.into(),
        };
        for (field, value) in [
            ("title", person.title.as_str()),
            ("name", person.name.expose()),
            ("email", person.email.expose()),
            ("gender", person.gender.as_str()),
        ] {
            if value.trim().is_empty() {
                return Err(InvalidInput::field_of_call(field, "is empty"));
            }
        }
        let mobile = person.mobile.expose();
        if mobile.len() != 10 || !mobile.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidInput::field_of_call("mobile", "is not ten digits"));
        }
        Ok(person)
    }
}
