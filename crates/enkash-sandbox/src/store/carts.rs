//! Carts, one for each user: a row for each product, with quantities of its denominations. The cart operations are the only
//! callers. An order does not take from the cart: the documented order body names no cart.
//!
//! The seed bounds them: users are its logins, products and denominations are those of its catalogue, and a quantity has the
//! maximum of its denomination.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::stored_number;

/// A row of a cart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CartRow {
    pub(crate) id: u64,
    pub(crate) product_id: String,
    /// Quantity of each denomination, by product config id.
    pub(crate) quantities: BTreeMap<String, u32>,
}

/// All carts.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carts {
    rows: HashMap<Arc<str>, Vec<CartRow>>,
    #[serde(deserialize_with = "stored_number::count")]
    last_id: u64,
}

impl Carts {
    /// The rows of a user's cart.
    pub(crate) fn of_user(&self, user_id: &str) -> &[CartRow] {
        self.rows.get(user_id).map_or(&[], Vec::as_slice)
    }

    /// Every row with its user.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Arc<str>, &CartRow)> {
        self.rows
            .iter()
            .flat_map(|(user, rows)| rows.iter().map(move |row| (user, row)))
    }

    pub(crate) fn row(&self, user_id: &str, id: u64) -> Option<&CartRow> {
        self.of_user(user_id).iter().find(|row| row.id == id)
    }

    pub(crate) fn row_of_product(&self, user_id: &str, product_id: &str) -> Option<&CartRow> {
        self.of_user(user_id).iter().find(|row| row.product_id == product_id)
    }

    /// Sets the quantities of a product in a user's cart. A denomination of quantity 0 goes, and a row without any with it.
    pub(crate) fn put(&mut self, user_id: &Arc<str>, product_id: &str, quantities: BTreeMap<String, u32>) {
        let quantities: BTreeMap<_, _> = quantities.into_iter().filter(|(_, quantity)| *quantity > 0).collect();
        let rows = self.rows.entry(user_id.clone()).or_default();
        match rows.iter().position(|row| row.product_id == product_id) {
            Some(at) if quantities.is_empty() => {
                rows.remove(at);
            }
            Some(at) => {
                if let Some(row) = rows.get_mut(at) {
                    row.quantities = quantities;
                }
            }
            None if quantities.is_empty() => {}
            None => {
                self.last_id += 1;
                rows.push(CartRow {
                    id: self.last_id,
                    product_id: product_id.to_owned(),
                    quantities,
                });
            }
        }
    }
}
