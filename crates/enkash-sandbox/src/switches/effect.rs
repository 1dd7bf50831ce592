//! The switches of what a call does: when a reference comes again, which name of it is read, and what is added to a cart.

use super::word_switch::word_switch;

word_switch! {
    /// What happens when a reference comes a second time on the same card account, order reference or coin request.
    DuplicateReference as "duplicate_reference" {
        /// The call takes effect again. The default, because it punishes a careless caller.
        CreditAgain = "credit-again",
        /// The call fails with `Transaction ID already exists.` and takes no effect.
        Refuse = "refuse",
        /// The first call's response is given again and nothing takes effect.
        ReplayFirst = "replay-first",
        /// The call succeeds with a response of its own and takes no effect.
        SuccessWithoutCredit = "success-without-credit",
    }
}

word_switch! {
    /// Which name of the caller's reference is read: the tables say `uniqueReferenceNumber`, the examples `uniqueReferenceNum`.
    ReferenceSpelling as "reference_spelling" {
        /// Either name; the table's name where both are sent.
        Either = "either",
        /// Only `uniqueReferenceNumber`. The other one counts as missing.
        Number = "number",
        /// Only `uniqueReferenceNum`. The other one counts as missing.
        Num = "num",
    }
}

word_switch! {
    /// What adding a denomination that is in the cart already does to its quantity.
    CartAdd as "cart_add" {
        /// The quantities are added up.
        Add = "add",
        /// The new quantity replaces the old one.
        Replace = "replace",
    }
}
