//! Which answers reject credentials, for users who know the API better.

use http::StatusCode;

/// Which answers to a login are the API's own no. The defaults are cautious readings of pages that show no error at
/// all: who knows the API better can say so here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginRules {
    rejected: Vec<u16>,
}

impl Default for LoginRules {
    /// 400 and 401 with a JSON body are a rejection. So are, in any answer, the errors of OAuth 2.0 about the credentials, and
    /// the documented code 1 in a 2xx. Every other answer without a token counts as a possible strike.
    fn default() -> Self {
        Self {
            rejected: vec![400, 401],
        }
    }
}

impl LoginRules {
    /// Takes a response of this status with a JSON body for the API's no: no further login is sent.
    #[must_use]
    pub fn rejected_by(mut self, status: StatusCode) -> Self {
        self.rejected.push(status.as_u16());
        self
    }

    pub(crate) fn is_rejection(&self, status: StatusCode) -> bool {
        self.rejected.contains(&status.as_u16())
    }
}
