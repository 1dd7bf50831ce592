//! The switches of a response's form: its envelope, its codes, its encryption, and the body of an error.

use super::word_switch::word_switch;

word_switch! {
    /// Which envelope surrounds a response. A login has none.
    EnvelopeSpelling as "envelope" {
        /// The one that the operation's page shows; failures as the general guide shows them.
        Documented = "documented",
        /// `code` and `message` everywhere.
        Code = "code",
        /// `response_code` and `response_message` everywhere.
        ResponseCode = "response_code",
        /// The two take turns, response by response.
        Mixed = "mixed",
        /// As a sibling product's public client reads it: `payload`, `errorResponse`, and a `response_code` of 200 with
        /// `SUCCESS`, or one from 400 on with `FAILURE`. No page shows it for rewards.
        Sibling = "sibling",
    }
}

word_switch! {
    /// Whether result codes are numbers or strings.
    CodeType as "code_type" {
        /// As the operation's page shows them: a string for order details, numbers elsewhere.
        Documented = "documented",
        /// Numbers everywhere.
        Number = "number",
        /// Strings everywhere.
        Text = "string",
    }
}

word_switch! {
    /// Whether bodies are encrypted (AES-128-ECB, the key is the start of the client secret's SHA-256). Login never is.
    Encryption as "encryption" {
        /// Plain JSON, as every reward page shows it.
        Off = "off",
        /// Requests come as `{"request": "…"}`, responses are plain, as the reward guides can be read.
        Requests = "requests",
        /// Requests and responses come as `{"request": "…"}`, as on the Payouts pages.
        Both = "both",
        /// Requests and responses are bare JSON strings, as on a Prepaid Card page.
        BareString = "bare-string",
    }
}

word_switch! {
    /// What stands in the body of an error status.
    ErrorBody as "error_body" {
        /// JSON in the form of the general guide's failure.
        Json = "json",
        /// Nothing.
        Empty = "empty",
        /// A page of HTML, as a gateway sends it.
        Html = "html",
    }
}
