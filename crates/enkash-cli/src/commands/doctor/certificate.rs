//! Until when a certificate is valid: the one field of X.509 that the check of hosts shows. A whole parser of certificates would be
//! in every build for it. What is not exactly as RFC 5280 writes it is not read.

use std::time::{Duration, SystemTime};

use enkash::Timestamp;

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The end of a certificate in DER.
pub(super) fn valid_until(certificate: &[u8]) -> Option<SystemTime> {
    let (certificate, _) = take(certificate, SEQUENCE)?;
    let (signed, _) = take(certificate, SEQUENCE)?;
    // A certificate of version 1 does not say so.
    let rest = take(signed, VERSION).map_or(signed, |(_, rest)| rest);
    let (_serial_number, rest) = take(rest, INTEGER)?;
    let (_signature_algorithm, rest) = take(rest, SEQUENCE)?;
    let (_issuer, rest) = take(rest, SEQUENCE)?;
    let (validity, _) = take(rest, SEQUENCE)?;
    let (_, not_after) = take(validity, UTC_TIME).or_else(|| take(validity, GENERALIZED_TIME))?;
    let (text, century) = match take(not_after, UTC_TIME) {
        Some((text, _)) if text.first()? < &b'5' => (text, "20"),
        Some((text, _)) => (text, "19"),
        None => (take(not_after, GENERALIZED_TIME)?.0, ""),
    };
    time(&format!("{century}{}", str::from_utf8(text).ok()?))
}

/// The content of the value that comes first, if it has this tag, and what follows it.
fn take(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.split_first()?;
    if first != tag {
        return None;
    }
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        // The length takes one to three bytes of its own: no certificate in a handshake is longer.
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x0f))?;
            (bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A time such as `20361120020945Z`, not before 1970.
fn time(text: &str) -> Option<SystemTime> {
    let digits = text.strip_suffix('Z')?;
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (date, time) = digits.split_at(8);
    let text = format!("{date}T{time}Z");
    let seconds = u64::try_from(text.parse::<Timestamp>().ok()?.as_second()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `openssl req -x509 -newkey ed25519 -subj /CN=synthetic.example`, for this test alone.
    const CERTIFICATE: &[u8] = include_bytes!("synthetic.der");

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let ends = valid_until(CERTIFICATE).unwrap();
        let expected = httpdate::parse_http_date("Thu, 20 Nov 2036 02:09:45 GMT").unwrap();
        assert_eq!(ends, expected);
    }

    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    /// As much of a certificate as is read.
    fn certificate(version: &[u8], end: &[u8]) -> Vec<u8> {
        let validity = [value(UTC_TIME, b"490101000000Z"), end.to_vec()].concat();
        let before = [value(INTEGER, &[1]), value(SEQUENCE, &[]), value(SEQUENCE, &[])].concat();
        let signed = [version.to_vec(), before, value(SEQUENCE, &validity)].concat();
        value(SEQUENCE, &value(SEQUENCE, &signed))
    }

    #[test]
    fn both_forms_of_a_time_are_read_and_both_versions() {
        for (tag, end, expected) in [
            (UTC_TIME, "491231235959Z", "Fri, 31 Dec 2049 23:59:59 GMT"),
            (UTC_TIME, "700101000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (GENERALIZED_TIME, "20500102030405Z", "Sun, 02 Jan 2050 03:04:05 GMT"),
        ] {
            let end = value(tag, end.as_bytes());
            for version in [value(VERSION, &value(INTEGER, &[2])), Vec::new()] {
                let read = valid_until(&certificate(&version, &end)).map(httpdate::fmt_http_date);
                assert_eq!(read.as_deref(), Some(expected));
            }
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for cut in 0..CERTIFICATE.len() {
            // The validity stands in the first half; nothing after it is read, but the lengths around it must be there.
            assert_eq!(valid_until(&CERTIFICATE[..cut]), None, "{cut}");
        }
        for text in [
            "20361320020945Z",
            "2036112002094Z",
            "20361120020945",
            "2036112002094\u{661}Z",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(valid_until(&[SEQUENCE, 0x84, 1, 0, 0, 0]), None);
    }
}
