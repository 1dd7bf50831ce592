//! Text that must not be printed. Every `format: password` string of the spec becomes a
//! [`Secret`] and every `format: personal` string a [`PersonalData`]: both are sent as they are and shown
//! only to code that asks by name.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

const REDACTED: &str = "[redacted]";

macro_rules! redacted_text {
    ($(#[$doc:meta])* $name:ident, $format:literal) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a text.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text itself. Keep it out of logs, errors and URLs.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Whether there is no text.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self(text.to_owned())
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(REDACTED)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(REDACTED)
            }
        }

        /// The memory is wiped, so that a later dump does not hold the text.
        impl Drop for $name {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "format": $format})
            }
        }
    };
}

redacted_text! {
    /// A credential: a password, a token, a voucher's code or pin.
    ///
    /// `Debug` and `Display` print `[redacted]`. Serialising writes the text, because the wire needs it:
    /// do not serialise a value that holds one into a log.
    ///
    /// ```
    /// let token = enkash_api::Secret::new("opaque");
    /// assert_eq!(format!("{token:?} {token}"), "[redacted] [redacted]");
    /// assert_eq!(token.expose(), "opaque");
    /// ```
    Secret, "password"
}

redacted_text! {
    /// A person's data: a name, an e-mail address, a phone number.
    ///
    /// `Debug` and `Display` print `[redacted]`. Serialising writes the text, because the wire needs it.
    ///
    /// ```
    /// let mobile = enkash_api::PersonalData::new("9000000001");
    /// assert_eq!(format!("{mobile:?} {mobile}"), "[redacted] [redacted]");
    /// assert_eq!(mobile.expose(), "9000000001");
    /// ```
    PersonalData, "personal"
}
