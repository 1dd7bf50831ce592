//! Cheap scan of a response to a read: skips a second JSON parse when no code of a failure can be in it. Nearly every response
//! is a success, and a parse of its top alone takes a tenth of all instructions of a call: see docs/performance.md.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// `code` and `response_code` both end so.
static CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"code\""));
/// `message` and `response_message` both end so.
static MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"message\""));
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"errorResponse\""));

/// False only where the envelope cannot be that of a failure: at no depth a code stands that is not zero, a message that may
/// be `FAILURE`, or an error.
pub(crate) fn might_be_failure(body: &[u8]) -> bool {
    // With escapes a name can be spelled in other ways, and a text can look like a name.
    if memchr::memchr(b'\\', body).is_some() {
        return true;
    }
    let is_name = |start: usize| {
        let before = &body[..start];
        before.ends_with(b"\"") || before.ends_with(b"\"response_")
    };
    let value = |start: usize, name: &Finder<'_>| value_of(&body[start + name.needle().len()..]);
    CODE.find_iter(body)
        .any(|start| is_name(start) && !value(start, &CODE).is_some_and(is_zero))
        || MESSAGE
            .find_iter(body)
            .any(|start| is_name(start) && value(start, &MESSAGE).is_none_or(may_say_failure))
        || ERROR
            .find_iter(body)
            .any(|start| !value(start, &ERROR).is_some_and(|value| value.starts_with(b"null")))
}

/// What follows a name and its colon.
fn value_of(after_name: &[u8]) -> Option<&[u8]> {
    let value = after_name.trim_ascii_start().strip_prefix(b":")?;
    Some(value.trim_ascii_start())
}

/// Whether a value is zero, as a number or a text.
fn is_zero(value: &[u8]) -> bool {
    let after = value.strip_prefix(b"\"0\"").or_else(|| value.strip_prefix(b"0"));
    after.is_some_and(|after| matches!(after.trim_ascii_start().first(), Some(b',' | b'}')))
}

/// Whether a text begins as `FAILURE` does, in any case, or with white space before it.
fn may_say_failure(value: &[u8]) -> bool {
    match value {
        [b'"', first, ..] => first.eq_ignore_ascii_case(&b'f') || !first.is_ascii_graphic(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
