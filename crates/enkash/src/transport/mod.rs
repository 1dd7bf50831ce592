//! One attempt of a call, from the request to its whole response, and the record of what happened. Logins and calls both end
//! up here; the layers above decide whether there is another attempt.

pub(crate) mod attempt;
pub(crate) mod call_state;
pub(crate) mod deadline;
pub(crate) mod history;
pub(crate) mod http_client;
pub(crate) mod off_path;
pub(crate) mod options;
pub(crate) mod plain_http;
pub(crate) mod replay;
pub(crate) mod response_limits;
pub(crate) mod retry_after;
pub(crate) mod send_permit;
pub(crate) mod sender;
pub(crate) mod span;
pub(crate) mod unreached;
