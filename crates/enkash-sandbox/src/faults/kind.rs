//! The kinds of fault, each with what it does to a call and to the connection that it came on. Rules name them, the server
//! plays them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::mutation::Mutations;

/// Whether a fault comes before the operation takes effect (which it then does not) or after it took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Instead of the effect.
    Before,
    /// After the effect, instead of the response.
    After,
}

/// Where a redirect points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RedirectTo {
    /// The same address again.
    Itself,
    /// A host where nobody listens: port 1 of the loopback address.
    DeadHost,
}

/// Something that goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The call waits this long (real time): before its effect, or with its response held back. A client that gives up
    /// waiting does not stop the call: it takes effect when its time comes.
    Delay(Duration, When),
    /// The operating system refuses new connections for this long (real time), and every connection is closed. The call is
    /// answered as usual, after the port is closed.
    Refused(Duration),
    /// The connection is reset (TCP RST).
    Reset(When),
    /// Takes effect; half of the response's body comes, and then nothing until the sandbox or the client ends it.
    StalledBody,
    /// Takes effect; half of the response's body comes, and then the connection ends.
    TornBody,
    /// Takes effect; the response is right, but says that it is `text/plain`.
    WrongContentType,
    /// 502 with a page of HTML, as a gateway sends it.
    BadGateway(When),
    /// 401.
    Unauthorized(When),
    /// 403.
    Forbidden(When),
    /// 429 with `Retry-After` of so many seconds; takes no effect.
    TooManyRequests(u32),
    /// 500.
    ServerError(When),
    /// Takes effect once; the response comes twice on the wire, so that the connection holds a response nobody asked for.
    DuplicateAnswer,
    /// Takes effect; the response echoes another reference than the one sent.
    OtherReference,
    /// Is carried out a second time, as a gateway does that repeats a request by itself; the second response is the one that
    /// comes. What the second time does, and what it says, follows from the switch `duplicate_reference`.
    DuplicateExecution,
    /// The response, whatever it is, comes with these mutations. They are made before it is encrypted. Before the effect means
    /// that the call takes none: the response is the one that it would have got.
    MutatedResponse(Mutations, When),
    /// A redirect with this status (302, 307 or 308).
    Redirect(u16, RedirectTo, When),
    /// Answered as usual, as if the connection stayed alive; then it is closed without notice.
    IdleClose,
}

impl Fault {
    /// The name that a rule in a file has for this kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Fault::Delay(..) => "delay",
            Fault::Refused(_) => "refused",
            Fault::Reset(_) => "reset",
            Fault::StalledBody => "stalled-body",
            Fault::TornBody => "torn-body",
            Fault::WrongContentType => "wrong-content-type",
            Fault::BadGateway(_) => "bad-gateway",
            Fault::Unauthorized(_) => "unauthorized",
            Fault::Forbidden(_) => "forbidden",
            Fault::TooManyRequests(_) => "too-many-requests",
            Fault::ServerError(_) => "server-error",
            Fault::DuplicateAnswer => "duplicate-answer",
            Fault::OtherReference => "other-reference",
            Fault::DuplicateExecution => "duplicate-execution",
            Fault::MutatedResponse(..) => "mutated-response",
            Fault::Redirect(..) => "redirect",
            Fault::IdleClose => "idle-close",
        }
    }

    /// On which side of the effect it comes, for a kind that can come on either.
    pub(crate) const fn when(&self) -> Option<When> {
        match self {
            Fault::Delay(_, when)
            | Fault::Reset(when)
            | Fault::BadGateway(when)
            | Fault::Unauthorized(when)
            | Fault::Forbidden(when)
            | Fault::ServerError(when)
            | Fault::MutatedResponse(_, when)
            | Fault::Redirect(_, _, when) => Some(*when),
            _ => None,
        }
    }

    /// Whether something else stands in place of the operation's own response, on this side of the effect.
    fn replaces_answer(&self, side: When) -> bool {
        !matches!(self, Fault::Delay(..) | Fault::MutatedResponse(..)) && self.when() == Some(side)
    }

    /// Whether this fault takes the place of the effect.
    pub(crate) fn prevents_effect(&self) -> bool {
        matches!(self, Fault::TooManyRequests(_)) || self.replaces_answer(When::Before)
    }

    /// Whether the call is answered as if it took effect, and takes none.
    pub(crate) const fn is_pretended(&self) -> bool {
        matches!(self, Fault::MutatedResponse(_, When::Before))
    }

    /// Whether the caller never reads the operation's own response, although it took effect.
    pub(crate) fn loses_answer(&self) -> bool {
        matches!(self, Fault::StalledBody | Fault::TornBody) || self.replaces_answer(When::After)
    }
}
