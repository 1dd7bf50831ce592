//! The API's ids, each a type of its own, so that a company cannot be passed for a card account.
//! None refuses an id that merely looks unusual: the API states no pattern.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as it travels.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(id: &String) -> Self {
                Self(id.to_owned())
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(id: &str) -> Result<Self, Infallible> {
                Ok(id.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

ids! {
    /// A company, as EnKash names it at onboarding, such as `CEK1PU9AOO` (page: `companyId`, `clientId`).
    CompanyId,
    /// A reward or incentive account that cards are filled from, such as `CAQL8YCV3` (page: `cardAccountId`).
    CardAccountId,
    /// One person's card, such as `EKC04AZHXP` (page: `enKashCardId`, also spelled `enkashCardId`).
    EnKashCardId,
    /// The integrating partner, such as `CRMXWB3ZM` (page: header `partnerId`).
    PartnerId,
    /// A person, as EnKash names them, such as `EKIQB4L2` (page: `userId`).
    UserId,
    /// One movement on a card (page: `enkashCardTxnId`).
    CardTransactionId,
    /// A product (brand) of the voucher catalogue, such as `PC7513531244A681` (page: `productCatalogId`).
    ProductCatalogId,
    /// One denomination of a product, such as `PCN751457389RC1ST` (page: `productConfigId`).
    ProductConfigId,
    /// An order of vouchers, as EnKash names it, such as `OR631764TS4UC` (page: `orderId`).
    OrderId,
    /// The configuration of one coin event, such as `WCC12345` (page: `coinConfigId`).
    CoinConfigId,
}

#[cfg(test)]
mod tests {
    use enkash_api::{PersonalData, Secret};

    use super::*;
    use crate::model::{credentials::Credentials, hosts::Hosts};

    #[test]
    fn ids_hosts_and_credentials_take_every_form_of_a_text() {
        let text = "A1".to_owned();
        assert_eq!(CompanyId::from(&text), CompanyId::from(text.as_str()));
        assert_eq!(PersonalData::from(&text), PersonalData::from(text.clone()));
        assert_eq!(Secret::from(&text), Secret::from("A1"));
        let _ = Credentials::new(&text, text.clone(), "user", &text);
        let _ = (Hosts::new(&text), Hosts::new(text.as_str()), Hosts::new(text));
    }
}
