//! The operations that the sandbox answers, by the ids of the bundled document. Rules of faults, the request log and
//! the assertions of tests name operations through [`Operation`]. Which method and path an operation has is not written
//! here: that stands in the document alone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! operations {
    ($($(#[doc = $help:expr])* $name:ident = $id:literal,)*) => {
        /// An operation of the Reward APIs, by the `operationId` of the bundled document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[doc = $help])* $name,)*
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Operation] = &[$(Operation::$name,)*];

            /// The `operationId` in the bundled document.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Operation::$name => $id,)*
                }
            }
        }
    };
}

operations! {
    /// Log in.
    IssueToken = "issueToken",
    /// Get a sign-in token for a card holder.
    CreateSsoToken = "createSsoToken",
    /// Give points to one person, or take them back.
    CreateAllocatePoints = "createAllocatePoints",
    /// Give points to many people.
    BulkCreateAllocateRewards = "bulkCreateAllocateRewards",
    /// Read the company's card account.
    GetRewardAccount = "getRewardAccount",
    /// Look up transactions.
    SearchTransactions = "searchTransactions",
    /// Look up cards and their holders.
    SearchCards = "searchCards",
    /// Read the user's cart.
    GetCart = "getCart",
    /// List the voucher catalogue.
    SearchCatalog = "searchCatalog",
    /// Read one product of the catalogue.
    GetProductDetails = "getProductDetails",
    /// Read one product with its denominations.
    GetProductConfigs = "getProductConfigs",
    /// Put denominations of one product into the cart.
    AddToCart = "addToCart",
    /// Change quantities in the cart.
    UpdateCart = "updateCart",
    /// Order vouchers.
    CreateOrder = "createOrder",
    /// Look up orders.
    SearchOrders = "searchOrders",
    /// The second page that orders vouchers; its path is not known.
    CreateOrderLowerCase = "createOrderLowerCase",
    /// Read one order by the partner's reference (GET).
    FetchOrderInfo = "fetchOrderInfo",
    /// Read one order (POST).
    FetchOrderInfoByPost = "fetchOrderInfoByPost",
    /// Configure a coin event.
    CreateCoinEvent = "createCoinEvent",
    /// Read a coin event.
    GetCoinEvent = "getCoinEvent",
    /// Change a coin event.
    UpdateCoinEvent = "updateCoinEvent",
    /// Give a user the coins of an event.
    AllocateCoins = "allocateCoins",
    /// Read a user's coins.
    GetCoinBalance = "getCoinBalance",
}

impl Operation {
    pub(crate) const COUNT: usize = Operation::ALL.len();

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// The word is not an `operationId` of the bundled document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no operation {0:?}; the ids are those of the bundled document, for instance createAllocatePoints")]
pub struct UnknownOperation(String);

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Operation::ALL
            .iter()
            .copied()
            .find(|operation| operation.id() == text)
            .ok_or_else(|| UnknownOperation(text.to_owned()))
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
