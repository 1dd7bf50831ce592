//! How a switch is written: an enum with a word and a line of help for each value. Every switch is made by this macro.

use std::fmt;
use std::time::Duration;

use super::info::SwitchInfo;

/// A switch whose values are words. A word may end in a number, for which a name in capitals stands here. The first variant is
/// the default.
macro_rules! word_switch {
    (
        $(#[doc = $about:literal])+
        $Name:ident as $name:literal {
            $(#[doc = $first_help:literal])+
            $First:ident = $first_word:literal,
            $( $(#[doc = $help:literal])+ $Variant:ident $(($number:ident: $Number:ty))? = $word:literal, )*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub enum $Name {
            $(#[doc = $first_help])+
            #[default]
            $First,
            $( $(#[doc = $help])+ $Variant $(($Number))?, )*
        }

        impl $Name {
            pub(super) const INFO: $crate::switches::SwitchInfo = $crate::switches::SwitchInfo {
                name: $name,
                about: concat!($($about),+).trim_ascii(),
                values: &[
                    ($first_word, concat!($($first_help),+).trim_ascii()),
                    $(($word, concat!($($help),+).trim_ascii()),)*
                ],
            };
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                use $crate::switches::word_switch::write_word;
                match self {
                    $Name::$First => write_word(formatter, $first_word, &[]),
                    $($Name::$Variant $(($number))? => write_word(formatter, $word, &[$($crate::switches::word_switch::Number::count($number))?]),)*
                }
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::switches::SwitchError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                use $crate::switches::word_switch::number_in;
                let unknown = || $crate::switches::SwitchError::unknown_value(&Self::INFO, text);
                if text == $first_word {
                    return Ok($Name::$First);
                }
                $(if let Some(_number) = number_in($word, text) {
                    return Ok($Name::$Variant $((<$Number as $crate::switches::word_switch::Number>::read(_number).ok_or_else(unknown)?))?);
                })*
                Err(unknown())
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

pub(super) use word_switch;

/// The number in a value.
pub(super) trait Number: Sized {
    fn read(text: &str) -> Option<Self>;
    fn count(&self) -> u64;
}

/// Whole seconds.
impl Number for Duration {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Duration::from_secs)
    }

    fn count(&self) -> u64 {
        self.as_secs()
    }
}

/// At least one.
impl Number for usize {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| *number > 0)
    }

    fn count(&self) -> u64 {
        *self as u64
    }
}

pub(super) fn write_word(formatter: &mut fmt::Formatter<'_>, word: &str, numbers: &[u64]) -> fmt::Result {
    match (SwitchInfo::before_number(word), numbers) {
        (Some(start), [number]) => write!(formatter, "{start}{number}"),
        _ => formatter.write_str(word),
    }
}

/// What stands in the place of the word's number; nothing, where the word has none. `None` where the text is another word.
pub(super) fn number_in<'a>(word: &str, text: &'a str) -> Option<&'a str> {
    match SwitchInfo::before_number(word) {
        Some(start) => text.strip_prefix(start),
        None => (text == word).then_some(""),
    }
}
