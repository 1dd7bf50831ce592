//! All switches together: which there are, and how each is set by name. Whoever runs the sandbox sets them; the rest of it
//! asks.

use std::str::FromStr;

use serde::Serialize;

use super::effect::{CartAdd, DuplicateReference, ReferenceSpelling};
use super::info::{SwitchError, SwitchInfo};
use super::login::{ExpiresIn, LostStrikes, TokenCasing, TokenReuse};
use super::lookup::{CardSearch, ListCut, TransactionFilters, TransactionLookup, TransactionWithoutCard};
use super::progress::{OrderProgress, TransactionProgress};
use super::response::{CodeType, Encryption, EnvelopeSpelling, ErrorBody};

macro_rules! switch_table {
    ($($field:ident: $Type:ident,)*) => {
        /// The settings of all switches. The documentation states none of these; each is the sandbox's own choice.
        ///
        /// ```
        /// use enkash_sandbox::{Switches, switches::{DuplicateReference, TokenReuse}};
        ///
        /// let switches = Switches::new()
        ///     .duplicate_reference(DuplicateReference::Refuse)
        ///     .token_reuse(TokenReuse::Live);
        /// assert_eq!(switches, "duplicate_reference=refuse,token_reuse=live".parse()?);
        /// # Ok::<(), enkash_sandbox::switches::SwitchError>(())
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
                    _ => return Err(SwitchError::UnknownName { name: name.to_owned(), names: Switches::names() }),
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
    transaction_progress: TransactionProgress,
    order_progress: OrderProgress,
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
