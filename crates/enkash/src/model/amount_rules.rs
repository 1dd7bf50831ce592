//! What is asked of an amount before it is sent, and how references look. The builder sets it; the wrappers that move
//! value ask.

use enkash_api::Money;

use crate::model::{invalid::InvalidInput, reference::ReferenceField};

#[derive(Clone, Copy, Debug)]
pub(crate) struct AmountRules {
    pub(crate) reference_field: ReferenceField,
    pub(crate) reference_length: usize,
    pub(crate) amount_decimals: u32,
}

impl Default for AmountRules {
    fn default() -> Self {
        Self {
            reference_field: ReferenceField::default(),
            reference_length: 26,
            amount_decimals: 2,
        }
    }
}

impl AmountRules {
    /// Above zero, exact, and of no more decimals than are allowed.
    pub(crate) fn check_amount(&self, amount: Money) -> Result<(), InvalidInput> {
        let problem = match self.amount_decimals {
            _ if !amount.is_exact() => "has more digits than can be sent exactly".to_owned(),
            _ if !amount.is_positive() => "is not more than 0".to_owned(),
            most if amount.decimals() <= most => return Ok(()),
            0 => "has decimals".to_owned(),
            2 => "has more than two decimals".to_owned(),
            most => format!("has more than {most} decimals"),
        };
        Err(InvalidInput::field_of_call("amount", problem))
    }
}
