//! The switches of the login: which token it gives, how the response is spelled, and which failures count.

use super::word_switch::word_switch;

word_switch! {
    /// What a login gives while an earlier token of the same user still lives.
    TokenReuse as "token_reuse" {
        /// A new token. The earlier one goes on living.
        New = "new",
        /// The live token again, with its remaining life.
        Live = "live",
        /// A new token. The earlier one is dead at once.
        RevokeOld = "revoke-old",
    }
}

word_switch! {
    /// What `expires_in` says.
    ExpiresIn as "expires_in" {
        /// The seconds that the token still has.
        Remaining = "remaining",
        /// 86399, as in the documentation's example, whatever the token's life.
        Documented = "86399",
        /// The field is left out.
        Absent = "absent",
        /// The instant of expiry in milliseconds, as a sibling product has it.
        AbsoluteMilliseconds = "absolute-milliseconds",
        /// 0.
        Zero = "zero",
    }
}

word_switch! {
    /// How the token's fields are spelled.
    TokenCasing as "token_casing" {
        /// `access_token`, as the reward pages have it.
        Snake = "snake",
        /// `accessToken`, as the Payouts page for the same path has it.
        Camel = "camel",
        /// `access_token` inside the `payload` of an envelope, as one public client reads it.
        Payload = "payload",
    }
}

word_switch! {
    /// Whether a failed login whose response was lost on the way (a fault) counts towards the lock after three.
    LostStrikes as "lost_strikes" {
        /// It counts, as on a server that knows nothing of lost responses.
        Counted = "counted",
        /// It does not count.
        NotCounted = "not-counted",
    }
}
