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

/// What a kind of fault is called and does, for help texts and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultInfo {
    /// The name that a rule has for it, as `kind`.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The words that its rule may have beside those of every rule.
    pub keys: &'static [&'static str],
    /// A rule, as it stands in a file.
    pub example: &'static str,
}

/// The kinds with their names, words and examples in one place.
macro_rules! fault_kinds {
    ($(
        $(#[doc = $about:literal])+
        $Kind:ident $(($($part:ty),+))? = $name:literal [$($key:literal),*] $example:literal,
    )*) => {
        /// Something that goes wrong with a call.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Fault {
            $($(#[doc = $about])+ $Kind $(($($part),+))?,)*
        }

        impl Fault {
            /// Every kind.
            pub const TABLE: &'static [FaultInfo] = &[$(FaultInfo {
                name: $name,
                about: concat!($($about),+).trim_ascii(),
                keys: &[$($key),*],
                example: $example,
            },)*];

            /// The name that a rule in a file has for this kind.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Fault::$Kind { .. } => $name,)*
                }
            }
        }
    };
}

fault_kinds! {
    /// The call waits this long (real time): before its effect, or with its response held back. A client that gives up
    /// waiting does not stop the call: it takes effect when its time comes.
    Delay(Duration, When) = "delay" ["milliseconds", "when"]
        "{operation: createAllocatePoints, kind: delay, milliseconds: 2000, when: after}",
    /// The operating system refuses new connections for this long (real time), and every connection is closed. The call is
    /// answered as usual, after the port is closed.
    Refused(Duration) = "refused" ["milliseconds"] "{nth: 3, kind: refused, milliseconds: 500}",
    /// The connection is reset (TCP RST).
    Reset(When) = "reset" ["when"] "{operation: createAllocatePoints, nth: 1, kind: reset, when: after}",
    /// Takes effect; half of the response's body comes, and then nothing until the sandbox or the client ends it.
    StalledBody = "stalled-body" [] "{operation: searchTransactions, nth: 1, kind: stalled-body}",
    /// Takes effect; half of the response's body comes, and then the connection ends.
    TornBody = "torn-body" [] "{operation: createAllocatePoints, probability: 0.1, kind: torn-body}",
    /// Takes effect; the response is right, but says that it is `text/plain`.
    WrongContentType = "wrong-content-type" [] "{operation: getRewardAccount, kind: wrong-content-type}",
    /// 502 with a page of HTML, as a gateway sends it.
    BadGateway(When) = "bad-gateway" ["when"] "{probability: 0.2, kind: bad-gateway}",
    /// 401.
    Unauthorized(When) = "unauthorized" ["when"] "{operation: createAllocatePoints, nth: 2, kind: unauthorized}",
    /// 403.
    Forbidden(When) = "forbidden" ["when"] "{operation: fetchOrderInfo, kind: forbidden}",
    /// 429 with `Retry-After` of so many seconds; takes no effect.
    TooManyRequests(u32) = "too-many-requests" ["seconds"] "{times: 3, kind: too-many-requests, seconds: 5}",
    /// 500.
    ServerError(When) = "server-error" ["when"] "{operation: createAllocatePoints, from: 10, times: 3, kind: server-error}",
    /// Takes effect once; the response comes twice on the wire, so that the connection holds a response nobody asked for.
    DuplicateAnswer = "duplicate-answer" [] "{probability: 0.05, kind: duplicate-answer}",
    /// Takes effect; the response echoes another reference than the one sent.
    OtherReference = "other-reference" [] "{operation: createAllocatePoints, nth: 4, kind: other-reference}",
    /// Is carried out a second time, as a gateway does that repeats a request by itself; the second response is the one that
    /// comes. What the second time does, and what it says, follows from the switch `duplicate_reference`.
    DuplicateExecution = "duplicate-execution" []
        "{operation: createAllocatePoints, nth: 2, kind: duplicate-execution}",
    /// The response, whatever it is, comes with these mutations. They are made before it is encrypted. Before the effect means
    /// that the call takes none: the response is the one that it would have got.
    MutatedResponse(Mutations, When) = "mutated-response" ["mutations", "when"]
        "{operation: searchTransactions, kind: mutated-response, mutations: [{drop: payload}]}",
    /// A redirect with this status (302, 307 or 308).
    Redirect(u16, RedirectTo, When) = "redirect" ["status", "to", "when"]
        "{kind: redirect, status: 307, to: dead-host, when: after, times: 1}",
    /// Answered as usual, as if the connection stayed alive; then it is closed without notice.
    IdleClose = "idle-close" [] "{probability: 0.3, kind: idle-close}",
}

impl Fault {
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

    /// Whether the operation's own response leaves whole and right, whatever else happens to the connection.
    pub(crate) const fn leaves_response_right(&self) -> bool {
        matches!(
            self,
            Fault::Delay(..)
                | Fault::Refused(_)
                | Fault::WrongContentType
                | Fault::DuplicateAnswer
                | Fault::DuplicateExecution
                | Fault::IdleClose
        )
    }

    /// Whether the caller never reads the operation's own response, although it took effect.
    pub(crate) fn loses_answer(&self) -> bool {
        matches!(self, Fault::StalledBody | Fault::TornBody) || self.replaces_answer(When::After)
    }
}
