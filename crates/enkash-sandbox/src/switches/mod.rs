//! Every choice that the portal's documents leave open, in one place. A switch has a name, a few values and a default,
//! and whoever runs the sandbox sets it by name: the builder's [`Switches`], `--switch NAME=VALUE` of a command line, or
//! `POST /_sandbox/switches`. The rest of the sandbox asks the current [`Switches`] and makes no such choice of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// What a switch is called and what it can be set to, for help texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SwitchInfo {
    /// The name that [`Switches::set`] takes.
    pub name: &'static str,
    /// What it decides.
    pub about: &'static str,
    /// Its values, each with what it does. The first one is the default.
    pub values: &'static [(&'static str, &'static str)],
}

/// A switch could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SwitchError {
    /// No switch has this name.
    #[error("there is no switch {name:?}; the switches are {}", Switches::names())]
    UnknownName {
        /// The name that was asked for.
        name: String,
    },
    /// The switch has no such value.
    #[error("switch {name} has no value {value:?}; its values are {values}")]
    UnknownValue {
        /// The switch.
        name: &'static str,
        /// The value that was asked for.
        value: String,
        /// The values that it has.
        values: String,
    },
    /// The setting is not of the form `NAME=VALUE`.
    #[error("{0:?} is not of the form NAME=VALUE")]
    Malformed(String),
}

impl SwitchInfo {
    /// What stands before the number, in a value that has one, such as `delayed:SECONDS`.
    #[cfg(any(feature = "console", test))]
    pub(crate) fn before_number(value: &str) -> Option<&str> {
        let (_, number) = value.split_once(':')?;
        value
            .strip_suffix(number)
            .filter(|_| number.chars().all(|letter| letter.is_ascii_uppercase()))
    }
}

impl SwitchError {
    fn unknown_value(info: &SwitchInfo, value: &str) -> Self {
        let values: Vec<_> = info.values.iter().map(|(word, _)| *word).collect();
        SwitchError::UnknownValue {
            name: info.name,
            value: value.to_owned(),
            values: values.join(", "),
        }
    }
}

/// A switch whose values are plain words. The first variant is the default.
macro_rules! word_switch {
    (
        $(#[doc = $about:literal])+
        $Name:ident as $name:literal {
            $(#[doc = $first_help:literal])+
            $First:ident = $first_word:literal,
            $( $(#[doc = $help:literal])+ $Variant:ident = $word:literal, )*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub enum $Name {
            $(#[doc = $first_help])+
            #[default]
            $First,
            $( $(#[doc = $help])+ $Variant, )*
        }

        impl $Name {
            pub(super) const INFO: SwitchInfo = SwitchInfo {
                name: $name,
                about: concat!($($about),+).trim_ascii(),
                values: &[
                    ($first_word, concat!($($first_help),+).trim_ascii()),
                    $(($word, concat!($($help),+).trim_ascii()),)*
                ],
            };
        }

        impl fmt::Display for $Name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(match self {
                    $Name::$First => $first_word,
                    $($Name::$Variant => $word,)*
                })
            }
        }

        impl FromStr for $Name {
            type Err = SwitchError;

            fn from_str(text: &str) -> Result<Self, SwitchError> {
                match text {
                    $first_word => Ok($Name::$First),
                    $($word => Ok($Name::$Variant),)*
                    _ => Err(SwitchError::unknown_value(&Self::INFO, text)),
                }
            }
        }

        impl Serialize for $Name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

word_switch! {
    /// What happens when a reference comes a second time on the same card account, order reference or coin request.
    DuplicateReference as "duplicate_reference" {
        /// The call takes effect again. The default, because it punishes a careless caller.
        CreditAgain = "credit-again",
        /// The call fails with `Transaction ID already exists.` and takes no effect.
        Refuse = "refuse",
        /// The first call's answer is given again and nothing takes effect.
        ReplayFirst = "replay-first",
        /// The call succeeds with an answer of its own and takes no effect.
        SuccessWithoutCredit = "success-without-credit",
    }
}

word_switch! {
    /// Which name of the caller's reference is read: the tables say `uniqueReferenceNumber`, the examples `uniqueReferenceNum`.
    ReferenceSpelling as "reference_spelling" {
        /// Either name; the table's name where both are sent.
        Either = "either",
        /// Only `uniqueReferenceNumber`. The other one counts as missing.
        Number = "number",
        /// Only `uniqueReferenceNum`. The other one counts as missing.
        Num = "num",
    }
}

word_switch! {
    /// What a log-in gives while an earlier token of the same user still lives.
    TokenReuse as "token_reuse" {
        /// A new token. The earlier one goes on living.
        New = "new",
        /// The live token again, with its remaining life.
        Live = "live",
        /// A new token. The earlier one is dead at once.
        RevokeOld = "revoke-old",
    }
}

word_switch! {
    /// What `expires_in` says.
    ExpiresIn as "expires_in" {
        /// The seconds that the token still has.
        Remaining = "remaining",
        /// 86399, as in the portal's example, whatever the token's life.
        Documented = "86399",
        /// The field is left out.
        Absent = "absent",
        /// The instant of expiry in milliseconds, as a sibling product has it.
        AbsoluteMilliseconds = "absolute-milliseconds",
        /// 0.
        Zero = "zero",
    }
}

word_switch! {
    /// How the token's fields are spelled.
    TokenCasing as "token_casing" {
        /// `access_token`, as the reward pages have it.
        Snake = "snake",
        /// `accessToken`, as the Payouts page for the same path has it.
        Camel = "camel",
        /// `access_token` inside the `payload` of an envelope, as one public client reads it.
        Payload = "payload",
    }
}

word_switch! {
    /// Which envelope surrounds an answer. A log-in has none.
    EnvelopeSpelling as "envelope" {
        /// The one that the operation's page shows; failures as the general guide shows them.
        Documented = "documented",
        /// `code` and `message` everywhere.
        Code = "code",
        /// `response_code` and `response_message` everywhere.
        ResponseCode = "response_code",
        /// The two take turns, answer by answer.
        Mixed = "mixed",
        /// As a sibling product's public client reads it: `payload`, `errorResponse`, and a `response_code` of 200 with
        /// `SUCCESS`, or one from 400 on with `FAILURE`. No page shows it for rewards.
        Sibling = "sibling",
    }
}

word_switch! {
    /// Whether result codes are numbers or strings.
    CodeType as "code_type" {
        /// As the operation's page shows them: a string for order details, numbers elsewhere.
        Documented = "documented",
        /// Numbers everywhere.
        Number = "number",
        /// Strings everywhere.
        Text = "string",
    }
}

word_switch! {
    /// Whether bodies are encrypted (AES-128-ECB, the key is the start of the client secret's SHA-256). Log-in never is.
    Encryption as "encryption" {
        /// Plain JSON, as every reward page shows it.
        Off = "off",
        /// Requests come as `{"request": "…"}`, answers are plain, as the reward guides can be read.
        Requests = "requests",
        /// Requests and answers come as `{"request": "…"}`, as on the Payouts pages.
        Both = "both",
        /// Requests and answers are bare JSON strings, as on a Prepaid Card page.
        BareString = "bare-string",
    }
}

word_switch! {
    /// What stands in the body of an error status.
    ErrorBody as "error_body" {
        /// JSON in the form of the general guide's failure.
        Json = "json",
        /// Nothing.
        Empty = "empty",
        /// A page of HTML, as a gateway sends it.
        Html = "html",
    }
}

word_switch! {
    /// Whether a failed log-in whose answer was lost on the way (a fault) counts towards the lock after three.
    LostStrikes as "lost_strikes" {
        /// It counts, as on a server that knows nothing of lost answers.
        Counted = "counted",
        /// It does not count.
        NotCounted = "not-counted",
    }
}

word_switch! {
    /// Which of the two documented forms a card search answers with.
    CardSearch as "card_search" {
        /// One card as a bare object where the request names none and just one is found; otherwise a count and a list.
        ByRequest = "by-request",
        /// Always a count and a list.
        List = "list",
        /// Always one card: the one asked for, or the first.
        Single = "single",
    }
}

word_switch! {
    /// What adding a denomination that is in the cart already does to its quantity.
    CartAdd as "cart_add" {
        /// The quantities are added up.
        Add = "add",
        /// The new quantity replaces the old one.
        Replace = "replace",
    }
}

mod lookup;

pub use lookup::{ListCut, TransactionFilters, TransactionLookup, TransactionWithoutCard};

macro_rules! switch_table {
    ($($field:ident: $Type:ident,)*) => {
        /// The settings of all switches. The portal states none of these; each is the sandbox's own choice.
        ///
        /// ```
        /// use enkash_sandbox::{DuplicateReference, Switches, TokenReuse};
        ///
        /// let switches = Switches::new()
        ///     .duplicate_reference(DuplicateReference::Refuse)
        ///     .token_reuse(TokenReuse::Live);
        /// assert_eq!(switches, "duplicate_reference=refuse,token_reuse=live".parse()?);
        /// # Ok::<(), enkash_sandbox::SwitchError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
        #[must_use]
        pub struct Switches {
            $(pub(crate) $field: $Type,)*
        }

        impl Switches {
            /// Every switch, with its values.
            pub const TABLE: &'static [SwitchInfo] = &[$($Type::INFO,)*];

            $(
                #[doc = concat!("Sets the switch: see [`", stringify!($Type), "`].")]
                pub fn $field(mut self, value: $Type) -> Self {
                    self.$field = value;
                    self
                }
            )*

            /// Sets a switch by name.
            ///
            /// # Errors
            ///
            /// When there is no such switch, or it has no such value; both say what there is.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), SwitchError> {
                match name {
                    $(_ if name == $Type::INFO.name => self.$field = value.parse()?,)*
                    _ => return Err(SwitchError::UnknownName { name: name.to_owned() }),
                }
                Ok(())
            }

            /// Every switch by name, with its current value.
            #[must_use]
            pub fn settings(&self) -> Vec<(&'static str, String)> {
                vec![$(($Type::INFO.name, self.$field.to_string()),)*]
            }
        }
    };
}

switch_table! {
    duplicate_reference: DuplicateReference,
    reference_spelling: ReferenceSpelling,
    token_reuse: TokenReuse,
    expires_in: ExpiresIn,
    token_casing: TokenCasing,
    envelope: EnvelopeSpelling,
    code_type: CodeType,
    encryption: Encryption,
    error_body: ErrorBody,
    transaction_lookup: TransactionLookup,
    transaction_filters: TransactionFilters,
    transaction_without_card: TransactionWithoutCard,
    list_cut: ListCut,
    lost_strikes: LostStrikes,
    card_search: CardSearch,
    cart_add: CartAdd,
}

impl Switches {
    /// All switches at their defaults.
    pub fn new() -> Self {
        Switches::default()
    }

    fn names() -> String {
        let names: Vec<_> = Switches::TABLE.iter().map(|info| info.name).collect();
        names.join(", ")
    }

    /// Sets one switch from `NAME=VALUE`, the form of a command line.
    ///
    /// # Errors
    ///
    /// As [`Switches::set`], and when there is no `=`.
    pub fn apply(&mut self, setting: &str) -> Result<(), SwitchError> {
        let (name, value) = setting
            .split_once('=')
            .ok_or_else(|| SwitchError::Malformed(setting.to_owned()))?;
        self.set(name.trim(), value.trim())
    }
}

/// Reads `NAME=VALUE` settings, separated by commas, over the defaults.
impl FromStr for Switches {
    type Err = SwitchError;

    fn from_str(text: &str) -> Result<Self, SwitchError> {
        let mut switches = Switches::new();
        for setting in text.split(',').map(str::trim).filter(|setting| !setting.is_empty()) {
            switches.apply(setting)?;
        }
        Ok(switches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_in_the_table_can_be_set_and_is_shown_again() {
        for info in Switches::TABLE {
            for (word, help) in info.values {
                let word = SwitchInfo::before_number(word).map_or((*word).to_owned(), |start| format!("{start}30"));
                let mut switches = Switches::new();
                switches.set(info.name, &word).unwrap();
                assert!(switches.settings().contains(&(info.name, word)), "{}", info.name);
                assert!(!help.trim().is_empty(), "{} has a value without help", info.name);
            }
            let (first, _) = info.values[0];
            assert!(
                Switches::new().settings().contains(&(info.name, first.to_owned())),
                "{}",
                info.name
            );
        }
    }

    #[test]
    fn mistakes_say_what_there_is() {
        let mut switches = Switches::new();
        let unknown = switches.set("duplicate", "refuse").unwrap_err().to_string();
        assert!(unknown.contains("duplicate_reference"), "{unknown}");
        let value = switches.set("duplicate_reference", "refused").unwrap_err().to_string();
        assert!(value.contains("credit-again, refuse, replay-first"), "{value}");
        assert!(matches!(switches.apply("envelope"), Err(SwitchError::Malformed(_))));
        assert!(switches.set("transaction_lookup", "delayed:x").is_err());
    }
}
