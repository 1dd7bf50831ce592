//! How large a response may be, by what its operation returns. The builder takes the limits, the pipeline holds each response
//! to its own, and an error names the limit that it exceeded.

use enkash_api::{OperationId, ResponseLimit, ResponseTooLarge};
use enkash_policy::Effect;
use http::StatusCode;

use crate::model::invalid::InvalidInput;

/// How large the responses of a client may be, in bytes: the body as it arrived, and as it was decrypted.
///
/// A larger response is not read to its end, and not decoded: a read fails with an error for which
/// [`Error::is_response_too_large`](crate::Error::is_response_too_large) is true, a call that moves value is unknown. The memory that decoding takes is bounded too:
/// see [`ResponseLimit`].
///
/// ```
/// let limits = enkash::config::ResponseLimits::default().list(64 * 1024 * 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ResponseLimits {
    money: usize,
    bulk_row: usize,
    list: usize,
    other: usize,
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A token travels in a header, and no server takes headers of this size.
const LOGIN: usize = 64 * KIB;

impl Default for ResponseLimits {
    fn default() -> Self {
        Self {
            money: MIB,
            bulk_row: 2 * KIB,
            list: 16 * MIB,
            other: MIB,
        }
    }
}

impl ResponseLimits {
    /// Calls that move value; 1 MiB unless set.
    pub fn money(mut self, max_bytes: usize) -> Self {
        self.money = max_bytes;
        self
    }

    /// What each row of a bulk request adds to `money`; 2 KiB unless set.
    pub fn bulk_row(mut self, max_bytes: usize) -> Self {
        self.bulk_row = max_bytes;
        self
    }

    /// Cards, transactions, orders with their vouchers, the catalogue and the cart; 16 MiB unless set.
    pub fn list(mut self, max_bytes: usize) -> Self {
        self.list = max_bytes;
        self
    }

    /// All other calls; 1 MiB unless set. Logins have 64 KiB, whatever is set.
    pub fn other(mut self, max_bytes: usize) -> Self {
        self.other = max_bytes;
        self
    }

    /// Refuses limits that let no response through.
    pub(crate) fn check(self) -> Result<Self, InvalidInput> {
        if [self.money, self.list, self.other].contains(&0) {
            return Err(InvalidInput::setting(
                "a response limit of 0 bytes lets no response through",
            ));
        }
        Ok(self)
    }

    /// The limit of an operation that is called with so many rows, and its name.
    pub(crate) fn of(self, operation: OperationId, effect: Effect, rows: usize) -> NamedLimit {
        let (name, max_bytes) = match effect {
            Effect::Authenticates => ("login", LOGIN),
            Effect::MovesValue if rows > 0 => {
                let rows = self.bulk_row.saturating_mul(rows);
                ("bulk_row", self.money.saturating_add(rows))
            }
            Effect::MovesValue => ("money", self.money),
            Effect::Reads | Effect::ChangesState if is_list(operation) => ("list", self.list),
            Effect::Reads | Effect::ChangesState => ("other", self.other),
        };
        NamedLimit {
            name,
            limit: ResponseLimit::bytes(max_bytes),
        }
    }
}

/// A limit, and what [`ResponseLimits`] calls it.
#[derive(Clone, Copy)]
pub(crate) struct NamedLimit {
    name: &'static str,
    pub(crate) limit: ResponseLimit,
}

impl NamedLimit {
    pub(crate) fn check_values(self, status: StatusCode, body: &[u8]) -> Result<(), TooLarge> {
        let checked = self.limit.check_values(status, body);
        checked.map_err(|source| self.exceeded(source))
    }

    pub(crate) fn exceeded(self, source: ResponseTooLarge) -> TooLarge {
        TooLarge {
            source,
            limit_name: self.name,
        }
    }
}

/// A response is larger than its limit.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{source} (response limit `{limit_name}`)")]
pub(crate) struct TooLarge {
    pub(crate) source: ResponseTooLarge,
    limit_name: &'static str,
}

fn is_list(operation: OperationId) -> bool {
    matches!(
        operation,
        OperationId::SearchTransactions
            | OperationId::SearchCards
            | OperationId::SearchOrders
            | OperationId::SearchCatalog
            | OperationId::GetProductDetails
            | OperationId::GetProductConfigs
            | OperationId::GetCart
            | OperationId::FetchOrderInfo
            | OperationId::FetchOrderInfoByPost
    )
}

#[cfg(test)]
mod tests {
    use enkash_api::OPERATIONS;

    use super::*;
    use crate::policy::Policies;

    #[test]
    fn every_operation_has_the_limit_of_what_it_returns() {
        let limits = ResponseLimits::default().list(3).other(4).money(5).bulk_row(7);
        let policies = Policies::shipped();
        let of = |operation, rows| {
            let limit = limits.of(operation, policies.of(operation).effect, rows).limit;
            limit.max_bytes()
        };
        assert_eq!(of(OperationId::IssueToken, 0), LOGIN);
        assert_eq!(of(OperationId::SearchCards, 0), 3);
        assert_eq!(of(OperationId::GetRewardAccount, 0), 4);
        assert_eq!(of(OperationId::CreateSsoToken, 0), 4);
        assert_eq!(of(OperationId::CreateOrder, 0), 5);
        assert_eq!(of(OperationId::BulkCreateAllocateRewards, 2), 19);
        assert_eq!(of(OperationId::BulkCreateAllocateRewards, usize::MAX), usize::MAX);
        for operation in OPERATIONS {
            let moves_value = policies.of(operation.id).effect == Effect::MovesValue;
            assert_eq!(of(operation.id, 0) == 5, moves_value, "{}", operation.name);
        }
    }
}
