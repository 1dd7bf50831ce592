//! What a row must hold: the columns by name, the check of each value, and the rows that come of them. The
//! reader uses it for files, the single calls for their flags. Texts name no person's data.

use enkash::{ClientReference, Gender, Money, MoneyError, Person, Title, rewards};

/// A column of the file, which is also a flag of a single call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Title,
    Name,
    Email,
    Mobile,
    Gender,
    Amount,
    Reference,
    Remarks,
}

impl Column {
    pub(super) const COUNT: usize = 8;

    /// The name in the header.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Name => "name",
            Self::Email => "email",
            Self::Mobile => "mobile",
            Self::Gender => "gender",
            Self::Amount => "amount",
            Self::Reference => "reference",
            Self::Remarks => "remarks",
        }
    }
}

/// What a file of one kind holds in each row.
pub(crate) trait FileRow: Sized {
    /// The columns that must be there, in the order of the documented header.
    const REQUIRED: &'static [Column];
    /// The columns that may be there.
    const OPTIONAL: &'static [Column];

    /// Builds a row of values that were checked, a missing one being empty; what still cannot be is named by its column.
    fn from_values<'a>(line: u64, value: &dyn Fn(Column) -> &'a str) -> Result<Self, (Column, String)>;
}

/// A row of allocations that can be sent, each by a call of its own.
#[derive(Clone, Debug)]
pub(crate) struct AllocationRow {
    /// Where the row begins in the file, from 1.
    pub(crate) line: u64,
    pub(crate) person: Person,
    pub(crate) amount: Money,
    pub(crate) reference: ClientReference,
}

impl FileRow for AllocationRow {
    const REQUIRED: &'static [Column] = &[
        Column::Title,
        Column::Name,
        Column::Email,
        Column::Mobile,
        Column::Gender,
        Column::Amount,
        Column::Reference,
    ];
    const OPTIONAL: &'static [Column] = &[];

    fn from_values<'a>(line: u64, value: &dyn Fn(Column) -> &'a str) -> Result<Self, (Column, String)> {
        let person = Person::new(
            value(Column::Title),
            value(Column::Name),
            value(Column::Email),
            value(Column::Mobile),
            value(Column::Gender),
        );
        Ok(Self {
            line,
            person: person.map_err(|error| (Column::Name, error.to_string()))?,
            amount: amount(value(Column::Amount)).map_err(|problem| (Column::Amount, problem))?,
            reference: reference(value(Column::Reference)).map_err(|problem| (Column::Reference, problem))?,
        })
    }
}

/// A row of a bulk request. The page has no gender here, and remarks that may be left out.
#[derive(Clone, Debug)]
pub(crate) struct BulkFileRow {
    /// Where the row begins in the file, from 1.
    pub(crate) line: u64,
    pub(crate) row: rewards::BulkRow,
}

impl FileRow for BulkFileRow {
    const REQUIRED: &'static [Column] = &[
        Column::Title,
        Column::Name,
        Column::Email,
        Column::Mobile,
        Column::Amount,
        Column::Reference,
    ];
    const OPTIONAL: &'static [Column] = &[Column::Remarks];

    fn from_values<'a>(line: u64, value: &dyn Fn(Column) -> &'a str) -> Result<Self, (Column, String)> {
        let mut row = rewards::BulkRow::new(
            value(Column::Title),
            value(Column::Name),
            value(Column::Email),
            value(Column::Mobile),
            amount(value(Column::Amount)).map_err(|problem| (Column::Amount, problem))?,
            reference(value(Column::Reference)).map_err(|problem| (Column::Reference, problem))?,
        );
        row.remarks = Some(value(Column::Remarks).to_owned()).filter(|remarks| !remarks.is_empty());
        Ok(Self { line, row })
    }
}

/// What is wrong with one value, if anything is.
pub(crate) fn validate(column: Column, text: &str) -> Option<String> {
    match column {
        Column::Title => validate_choice(column, text, Title::KNOWN),
        Column::Gender => validate_choice(column, text, Gender::KNOWN),
        Column::Name | Column::Email => validate_text(column, text),
        Column::Mobile => mobile(text),
        Column::Amount => amount(text).err(),
        Column::Reference => reference(text).err(),
        Column::Remarks => text
            .contains(char::is_control)
            .then(|| "remarks has a line break or another control character".to_owned()),
    }
}

/// One of a few words. The text is not repeated: where columns are mixed up it may be anything.
fn validate_choice(column: Column, text: &str, known: &[&str]) -> Option<String> {
    if known.contains(&text) {
        return None;
    }
    let mut list = known.join(", ");
    if let Some(last_comma) = list.rfind(", ") {
        list.replace_range(last_comma..last_comma + 1, " or");
    }
    Some(format!("{} is not {list}", column.name()))
}

fn validate_text(column: Column, text: &str) -> Option<String> {
    let problem = if text.trim().is_empty() {
        "is empty"
    } else if text.contains(char::is_control) {
        // Also what a quote that was left open takes in.
        "has a line break or another control character"
    } else {
        return None;
    };
    Some(format!("{} {problem}", column.name()))
}

fn mobile(text: &str) -> Option<String> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match (digits, text.len() == digits) {
        (10, true) => None,
        (_, true) => Some(format!("mobile is not 10 digits ({digits} found)")),
        (_, false) => Some(format!(
            "mobile is not 10 digits ({digits} found, and other characters)"
        )),
    }
}

fn amount(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error| match error {
        MoneyError::TooManyDigits => "amount has more than 15 digits".to_owned(),
        _ if text.is_empty() => "amount is empty".to_owned(),
        _ if looks_like_an_amount(text) => format!("amount {text:?} is not a number such as 250.50"),
        _ => "amount is not a number such as 250.50".to_owned(),
    })?;
    if !amount.is_positive() {
        return Err(format!("amount {text:?} is not more than 0"));
    }
    // As it is written: 1.000 may be meant as a thousand.
    if text.split_once('.').is_some_and(|(_, decimals)| decimals.len() > 2) {
        return Err(format!("amount {text:?} has more than two decimals"));
    }
    Ok(amount)
}

/// Whether a text that is no number is at least no name, address or phone number, so that it may be repeated.
fn looks_like_an_amount(text: &str) -> bool {
    let count = |wanted: fn(&char) -> bool| text.chars().filter(wanted).count();
    text.chars().count() <= 20
        && (1..10).contains(&count(char::is_ascii_digit))
        && count(|c| c.is_alphabetic()) <= 3
        && !text.contains(['@', '"', '\\'])
        && !text.contains(char::is_control)
}

fn reference(text: &str) -> Result<ClientReference, String> {
    if text.is_empty() {
        return Err("reference is empty".to_owned());
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("reference has white space or a control character".to_owned());
    }
    text.parse()
        .map_err(|_| "reference has a letter that is not ASCII: use A to Z, digits and punctuation".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_may_be_a_persons_data_is_not_repeated() {
        for shown in ["12k", "1,000.00", "₹500", "1e3", "Rs. 250", "1.", "+5"] {
            let problem = validate(Column::Amount, shown).unwrap();
            assert_eq!(problem, format!("amount {shown:?} is not a number such as 250.50"));
        }
        for hidden in [
            "Meera",
            "+919000000001",
            "90000 00001",
            "m1@x",
            "ten",
            "\u{1b}[2J1",
            "F\"1",
        ] {
            let problem = validate(Column::Amount, hidden).unwrap();
            assert_eq!(problem, "amount is not a number such as 250.50", "{hidden}");
        }
    }

    #[test]
    fn a_reference_says_what_is_wrong_with_it() {
        for (text, problem) in [
            ("A B", "reference has white space or a control character"),
            (
                "R\u{415}F",
                "reference has a letter that is not ASCII: use A to Z, digits and punctuation",
            ),
            (
                "A\u{202e}",
                "reference has a letter that is not ASCII: use A to Z, digits and punctuation",
            ),
        ] {
            assert_eq!(validate(Column::Reference, text).as_deref(), Some(problem));
        }
    }

    #[test]
    fn good_values_have_no_problem() {
        for (column, text) in [
            (Column::Title, "Mrs"),
            (Column::Gender, "F"),
            (Column::Gender, "Female"),
            (Column::Name, "आशा O'Neil"),
            (Column::Email, "a@example.com"),
            (Column::Mobile, "9000000001"),
            (Column::Amount, "0.01"),
            (Column::Amount, "007.5"),
            (Column::Amount, "123456789012345"),
            (Column::Reference, "A/1-#x"),
        ] {
            assert_eq!(validate(column, text), None, "{text}");
        }
    }
}
