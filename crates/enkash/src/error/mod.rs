//! The one error type. It is opaque: ask what to do with its predicates, and look at its accessors for
//! what happened. Nothing secret or personal is in its texts; what the API wrote itself is there for who asks by name.

mod api_message;
#[cfg(feature = "test-util")]
mod fake;
mod text;

use std::{error::Error as StdError, sync::Arc, time::Duration};

use enkash_api::{OperationId, Payload, UnknownPath, UnreadableResponse};
use http::StatusCode;
use jiff::Timestamp;

use crate::{
    auth::{
        clock::timestamp,
        error::{LoginError, LoginErrorKind},
    },
    encryption::DecryptionFailed,
    error::api_message::ApiMessage,
    model::invalid::InvalidInput,
    transport::{
        call_state::CallState,
        deadline::DeadlineExceeded,
        history::{Attempt, History, SendProgress},
        plain_http::NotLoopback,
        response_limits::TooLarge,
    },
};

/// Why a call gave no result. Cheap to clone.
#[derive(Clone)]
pub struct Error {
    kind: Kind,
    operation: Option<OperationId>,
    sent: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    history: Option<Arc<History>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Invalid(InvalidInput),
    Login,
    UnknownPath,
    NotSent,
    Unreachable,
    OutOfTime,
    Timeout,
    Lost,
    Undecryptable {
        status: StatusCode,
    },
    TooLarge {
        status: StatusCode,
    },
    Refused {
        status: StatusCode,
        code: Option<String>,
        message: Option<ApiMessage>,
    },
    Unreadable {
        status: StatusCode,
        problem: Option<String>,
    },
    Unauthorized,
    ReferenceNotEchoed,
    NotFoundWhereProven,
}

/// What a response that says success should have held, and does not: a dotted path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MissingField(pub(crate) &'static str);

/// The payload of a response, where it has the documented form.
pub(crate) fn documented_payload<T>(payload: Option<Payload<T>>) -> Result<T, MissingField> {
    payload.and_then(Payload::into_value).ok_or(MissingField("payload"))
}

impl Error {
    pub(crate) fn settings(message: impl Into<String>) -> Self {
        InvalidInput::setting(message).into()
    }

    pub(crate) fn input(field: &'static str, problem: impl Into<String>) -> Self {
        InvalidInput::field_of_call(field, problem).into()
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            operation: None,
            sent: false,
            source: None,
            history: None,
        }
    }

    /// Of a call to an operation, which may have been sent.
    fn of_call(operation: OperationId, kind: Kind, sent: bool) -> Self {
        Self {
            operation: Some(operation),
            sent,
            ..Self::of(kind)
        }
    }

    pub(crate) fn login(error: LoginError) -> Self {
        Self {
            source: Some(Arc::new(error)),
            ..Self::of(Kind::Login)
        }
    }

    /// The API said no, in a response of this status. `listed` are texts of which the user said what they mean.
    pub(crate) fn refused(
        operation: OperationId,
        status: StatusCode,
        code: Option<String>,
        message: Option<&str>,
        listed: &[String],
    ) -> Self {
        let message = message.map(|text| ApiMessage::new(text, listed));
        Self::of_call(operation, Kind::Refused { status, code, message }, true)
    }

    /// A response came that says neither yes nor no.
    pub(crate) fn unreadable(operation: OperationId, status: StatusCode) -> Self {
        Self::unreadable_because(operation, status, None)
    }

    /// A response came that proves nothing. `problem` says why, in our own words.
    pub(crate) fn unclear(operation: OperationId, status: StatusCode, problem: impl Into<String>) -> Self {
        Self::unreadable_because(operation, status, Some(problem.into()))
    }

    fn unreadable_because(operation: OperationId, status: StatusCode, problem: Option<String>) -> Self {
        let kind = match status {
            StatusCode::UNAUTHORIZED => Kind::Unauthorized,
            status => Kind::Unreadable { status, problem },
        };
        Self::of_call(operation, kind, true)
    }

    /// A response says success, and lacks what it should hold.
    pub(crate) fn missing_field(operation: OperationId, MissingField(field): MissingField) -> Self {
        let problem = format!("it says success, and its `{field}` is missing or has another form than the page shows");
        Self::unclear(operation, StatusCode::OK, problem)
    }

    /// No response came that a call may be judged by: says how far it got.
    pub(crate) fn no_answer(operation: OperationId, record: &CallState, error: enkash_api::Error) -> Self {
        let sent = record.sent();
        let kind = if error.find::<LoginError>().is_some() {
            Kind::Login
        } else if let Some(undecryptable) = error.find::<DecryptionFailed>() {
            Kind::Undecryptable {
                status: undecryptable.status,
            }
        } else if let Some(too_large) = error.find::<TooLarge>() {
            Kind::TooLarge {
                status: too_large.source.status,
            }
        } else {
            match sent {
                SendProgress::HandedOver if record.timed_out() => Kind::Timeout,
                _ if error.find::<DeadlineExceeded>().is_some() => Kind::OutOfTime,
                SendProgress::Never if error.find::<UnknownPath>().is_some() => Kind::UnknownPath,
                SendProgress::Never => Kind::NotSent,
                SendProgress::ConnectFailed if error.find::<NotLoopback>().is_some() => Kind::NotSent,
                SendProgress::ConnectFailed => Kind::Unreachable,
                SendProgress::HandedOver => Kind::Lost,
            }
        };
        Self {
            source: Some(Arc::new(error)),
            ..Self::of_call(operation, kind, sent == SendProgress::HandedOver)
        }
    }

    /// An earlier call showed that our reference is not taken as such.
    pub(crate) fn reference_not_echoed(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::ReferenceNotEchoed, false)
    }

    /// The whole time of the call went by before it could begin.
    pub(crate) fn expired_before_start(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::OutOfTime, false)
    }

    /// A look-up that is verified to find everything found nothing.
    pub(crate) fn proven_absent(operation: OperationId) -> Self {
        Self::of_call(operation, Kind::NotFoundWhereProven, false)
    }

    /// The same error with the attempts of its call.
    pub(crate) fn with_history(self, history: &Arc<History>) -> Self {
        Self {
            history: Some(Arc::clone(history)),
            ..self
        }
    }

    /// The attempts of its call.
    pub(crate) fn history(&self) -> Arc<History> {
        self.history.clone().unwrap_or_default()
    }

    /// Whether a response came, be it one that says nothing.
    pub(crate) fn has_answer(&self) -> bool {
        self.status().is_some()
    }

    fn find<T: StdError + 'static>(&self) -> Option<&T> {
        let mut next = self.source();
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    fn log_in_kind(&self) -> Option<&LoginErrorKind> {
        self.find::<LoginError>().map(|error| &*error.kind)
    }

    /// What to do about it, in the words of this library, where the text of the error does not say it. **Do:** show it to
    /// whoever maintains the program; a program with words of its own asks the predicates instead.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.message_may_name_a_person() {
            return Some("read the API's own words with `Error::message`, where no log keeps them");
        }
        self.find::<LoginError>()?.advice()
    }

    /// A login was sent, and nobody said yes or no: its response was lost, or came from something that is not the API.
    /// It may be a strike of the three that lock the account. **Do:** find out why before trying again.
    ///
    /// False for a login that was never sent (it was held back, or the host could not be reached), and for one that the
    /// API [rejected](Self::is_credentials_rejected). True also for calls that come while logins
    /// [pause](Self::login_paused_until) after such a failure, of this process or of another: they send none.
    #[must_use]
    pub fn is_login_uncertain(&self) -> bool {
        self.find::<LoginError>().is_some_and(LoginError::is_in_doubt)
    }

    /// When the next login may be sent, where the last one gave no token and time is all that is missing. Calls until then
    /// end at once and are not sent. **Do:** call again at that time, if the call can wait.
    #[must_use]
    pub fn login_paused_until(&self) -> Option<Timestamp> {
        self.find::<LoginError>()?.retry_at.map(timestamp)
    }

    /// The API rejected the credentials. **Do:** stop, correct them, and build a new client. No further
    /// login is sent with these, because three failures in a row lock the account.
    #[must_use]
    pub fn is_credentials_rejected(&self) -> bool {
        matches!(self.log_in_kind(), Some(LoginErrorKind::Rejected { .. }))
    }

    /// One more failed login may lock the account, so none is sent. **Do:** check the credentials by other
    /// means, then call [`TokenSource::reset_latch`](crate::token::TokenSource::reset_latch).
    #[must_use]
    pub fn is_account_at_risk(&self) -> bool {
        matches!(
            self.log_in_kind(),
            Some(LoginErrorKind::Rejected { .. } | LoginErrorKind::Withheld { .. })
        )
    }

    /// Time ran out: that of the attempt, of the whole call, or of a login. **Do:** for a read, call again. See
    /// [`was_sent`](Self::was_sent) for the rest.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind, Kind::Timeout | Kind::OutOfTime)
            || matches!(self.log_in_kind(), Some(LoginErrorKind::Lost { timeout: true }))
    }

    /// Whether the API may have seen the request. **Do:** if it was not sent, it may be sent again.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.sent
    }

    /// The API answered no, in its own words: see [`code`](Self::code) and [`message`](Self::message).
    /// **Do:** remove the cause that they name, which may lie outside of the call: too low a balance is one. Until then the same
    /// call will be refused again.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.kind, Kind::Refused { .. })
    }

    /// The API, or a gateway before it, asked for fewer requests (HTTP 429). **Do:** wait for
    /// [`retry_after`](Self::retry_after), or some seconds where it is `None`, and set a rate with
    /// [`EnkashBuilder::limits`](crate::EnkashBuilder::limits). A read was already repeated as often as
    /// [`RetryPolicy`](crate::config::RetryPolicy) allow. A call that moves value is unknown after a 429: settle it first.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The API did not repeat our reference in the response to this client's first call that promises it, so it may not
    /// have taken it as one. Nothing that moves value is sent any more. **Do:** settle the first call by other means, choose
    /// the other spelling with [`EnkashBuilder::reference_field`](crate::EnkashBuilder::reference_field), and build a new
    /// client.
    #[must_use]
    pub fn is_reference_not_echoed(&self) -> bool {
        self.kind == Kind::ReferenceNotEchoed
    }

    /// No connection to the API could be made, neither for the call nor for the login before it, so nothing was sent.
    /// **Do:** check the host, the network and the proxy; any call may be sent again.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        // A read whose token was refused was sent, and then needed a login.
        let is_login_unreachable = matches!(self.log_in_kind(), Some(LoginErrorKind::Unreachable(_)));
        self.kind == Kind::Unreachable || (is_login_unreachable && !self.sent)
    }

    /// No login was sent, because the strike ledger could not count it. **Do:** repair the ledger, or give another to the
    /// builder; any call may be sent again.
    #[must_use]
    pub fn is_strike_ledger_unavailable(&self) -> bool {
        matches!(self.log_in_kind(), Some(LoginErrorKind::Ledger { .. }))
    }

    /// No login was sent, because another one for the same account, of this process or of another, was in flight for as long as
    /// this call waited. **Do:** call again later.
    #[must_use]
    pub fn is_login_busy(&self) -> bool {
        matches!(self.log_in_kind(), Some(LoginErrorKind::Busy))
    }

    /// An encrypted answer came that cannot be read. **Do:** check the key and the digest of
    /// [`Encryption`](crate::encryption::Encryption). The call did arrive: one that moves value is unknown, so settle it first.
    #[must_use]
    pub fn is_undecryptable(&self) -> bool {
        matches!(self.kind, Kind::Undecryptable { .. })
    }

    /// The response is larger than what is read of it. **Do:** raise the limit that the text names, with
    /// [`EnkashBuilder::response_limits`](crate::EnkashBuilder::response_limits), if such a response is right; ask for less
    /// otherwise. The call did arrive: one that moves value is unknown, so settle it first.
    #[must_use]
    pub fn is_response_too_large(&self) -> bool {
        matches!(self.kind, Kind::TooLarge { .. })
    }

    /// What was given to the call or to the builder cannot be right. **Do:** correct the named field.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind, Kind::Invalid(_))
    }

    /// The spec does not know enough to make this call: nobody saw its path. **Do:** look at the named
    /// page of the API, and give the path with [`EnkashBuilder::path`](crate::EnkashBuilder::path).
    #[must_use]
    pub fn is_unknown_path(&self) -> bool {
        self.kind == Kind::UnknownPath
    }

    /// The operation, where the error belongs to one.
    #[must_use]
    pub fn operation(&self) -> Option<OperationId> {
        self.operation
    }

    /// The API's result code, where it refused with one. It is what the API wrote: the text of the error leaves out what does not
    /// look like a code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            Kind::Refused { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// The API's own message, as it wrote it, where it refused with one.
    ///
    /// It **may name a person**, so keep it out of logs. `Display` and `Debug` show it only where it is one of the texts that
    /// name nobody: see [`message_may_name_a_person`](Self::message_may_name_a_person).
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match &self.kind {
            Kind::Refused { message, .. } => Some(message.as_ref()?.text.as_str()),
            _ => None,
        }
    }

    /// Whether there is a [`message`](Self::message) that is none of the texts known to name nobody, so that neither `Display`
    /// nor `Debug` shows it. Those are documented texts, and the `refusal-texts` of a policy overlay. **Do:** show it to the
    /// person who looks into the matter, and to nobody else.
    #[must_use]
    pub fn message_may_name_a_person(&self) -> bool {
        matches!(&self.kind, Kind::Refused { message: Some(message), .. } if !message.names_nobody)
    }

    /// Each time the call was handed to the transport, in order. **Do:** log it beside the error: it says what was tried,
    /// how long each attempt waited and took, and with which token. Empty for a call that was never sent.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.history.as_ref().map_or(&[], |history| &history.attempts)
    }

    /// How long the API asked to wait before the next call (`Retry-After`), counted from its response. **Do:** wait at
    /// least that long.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.history.as_ref().and_then(|history| history.retry_after)
    }

    /// The HTTP status, where a response came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.kind {
            Kind::Refused { status, .. }
            | Kind::Unreadable { status, .. }
            | Kind::Undecryptable { status }
            | Kind::TooLarge { status } => Some(*status),
            Kind::Unauthorized => Some(StatusCode::UNAUTHORIZED),
            _ => self.find::<UnreadableResponse>().map(|answer| answer.status),
        }
    }
}

/// Errors that no server caused, for tests of code that looks at errors.
impl From<InvalidInput> for Error {
    fn from(problem: InvalidInput) -> Self {
        Self::of(Kind::Invalid(problem))
    }
}
