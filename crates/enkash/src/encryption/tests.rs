//! The layer without a socket: which bodies it touches, and what it says of answers that it cannot read.

use reqwest::Method;

use super::*;
use crate::{encryption::settings::KeyDigest, model::invalid::InvalidInput};

const KEY: &str = "0123456789abcdef0123456789abcdef01234567";
const READ: OperationId = OperationId::SearchCards;

fn new(settings: Encryption, secret: Option<&Secret>) -> Result<PayloadEncryption, InvalidInput> {
    PayloadEncryption::new(settings, secret, crate::policy::Policies::shipped())
}

fn encryption(settings: Encryption) -> PayloadEncryption {
    new(settings, None).unwrap()
}

fn request(body: &'static str) -> Request {
    let mut request = Request::new(Method::POST, "https://portal.test/path".parse().unwrap());
    if !body.is_empty() {
        *request.body_mut() = Some(body.into());
    }
    request
}

fn sent(encryption: &PayloadEncryption, operation: OperationId, body: &'static str) -> String {
    let encrypted = encryption.encrypt_request(operation, request(body)).unwrap();
    let body = encrypted.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    String::from_utf8(body.to_vec()).unwrap()
}

fn opened(encryption: &PayloadEncryption, body: &str) -> Result<Option<String>, DecryptError> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    match encryption.decrypt_response(READ, StatusCode::OK, &body) {
        Ok(plain) => Ok(plain.map(|plain| String::from_utf8(plain.to_vec()).unwrap())),
        Err(error) => Err(error.problem),
    }
}

#[test]
fn each_mode_touches_what_it_says() {
    let plain = r#"{"code":0}"#;
    let both = encryption(Encryption::with_key(KEY));
    let wrapped = sent(&both, READ, plain);
    assert!(
        wrapped.starts_with(r#"{"request":""#) && !wrapped.contains("code"),
        "{wrapped}"
    );
    assert_eq!(opened(&both, &wrapped), Ok(Some(plain.to_owned())));

    let requests = encryption(Encryption::with_key(KEY).mode(EncryptionMode::Requests));
    assert_eq!(sent(&requests, READ, plain), wrapped);
    assert_eq!(opened(&requests, &wrapped), Ok(None));

    let off = encryption(Encryption::with_key(KEY).mode(EncryptionMode::Off));
    assert_eq!(sent(&off, READ, plain), plain);
    assert_eq!(opened(&off, &wrapped), Ok(None));
}

#[test]
fn an_operation_may_differ_from_its_client() {
    let settings = Encryption::with_key(KEY).operation(READ, EncryptionMode::Off);
    let encryption = encryption(settings);
    assert_eq!(sent(&encryption, READ, "{}"), "{}");
    assert_ne!(sent(&encryption, OperationId::GetRewardAccount, "{}"), "{}");
}

#[test]
fn a_log_in_is_never_encrypted_whatever_is_set() {
    let settings = Encryption::with_key(KEY).operation(OperationId::IssueToken, EncryptionMode::Both);
    assert_eq!(sent(&encryption(settings), OperationId::IssueToken, "a=b"), "a=b");
}

#[test]
fn a_request_without_a_body_stays_without_one() {
    assert_eq!(sent(&encryption(Encryption::with_key(KEY)), READ, ""), "");
}

#[test]
fn both_forms_of_answer_and_plain_ones_are_understood() {
    let encryption = encryption(Encryption::with_key(KEY).request_format(EncryptedBodyFormat::BareString));
    let bare = sent(&encryption, READ, r#"{"code":0}"#);
    assert!(bare.starts_with('"') && bare.ends_with('"'), "{bare}");
    assert_eq!(opened(&encryption, &bare), Ok(Some(r#"{"code":0}"#.to_owned())));
    for plain in [
        r#"{"code":0}"#,
        r#"{"request":"x","code":0}"#,
        r#"{"request":7}"#,
        "[]",
        "<html>",
        "",
    ] {
        assert_eq!(opened(&encryption, plain), Ok(None), "{plain}");
    }
}

#[test]
fn an_answer_that_cannot_be_read_says_why_and_shows_nothing() {
    let ours = encryption(Encryption::with_key(KEY));
    let wrap = |text: &str| format!(r#"{{"request":"{text}"}}"#);
    let cipher = Cipher::new(&KEY.into(), KeyDigest::Sha256);
    let encrypted = cipher.encrypt(br#"{"name":"Asha Verma, 9000000004"}"#);
    for (body, problem) in [
        (wrap("no Base64 at all"), DecryptError::NotBase64),
        (r#""Success""#.to_owned(), DecryptError::NotBase64),
        (wrap(&encrypted[..16]), DecryptError::NotWholeBlocks),
        (wrap(&encrypted[..encrypted.len() - 4]), DecryptError::NotWholeBlocks),
        (wrap(&cipher.encrypt(&[0xff, 0xfe])), DecryptError::NotText),
        (wrap(&cipher.encrypt(b"Success")), DecryptError::NotJson),
    ] {
        assert_eq!(opened(&ours, &body), Err(problem), "{body}");
    }
    let theirs = encryption(Encryption::with_key("another key"));
    let error = theirs
        .decrypt_response(READ, StatusCode::OK, &wrap(&encrypted).into())
        .expect_err("it is another key");
    assert!(error.to_string().contains("another key or digest"), "{error}");
    assert!(!format!("{error:?} {error}").contains("Asha"), "{error:?}");
}

#[test]
fn a_key_is_needed_and_comes_from_one_place() {
    let plain = "{}";
    let secret = Secret::new(KEY);
    let of_client = new(Encryption::with_client_secret(), Some(&secret)).unwrap();
    let own = new(Encryption::with_key(KEY), Some(&"unused".into())).unwrap();
    assert_eq!(sent(&of_client, READ, plain), sent(&own, READ, plain));
    for error in [
        new(Encryption::with_client_secret(), None).err(),
        new(Encryption::with_key(""), None).err(),
    ] {
        assert!(error.is_some());
    }
}

#[test]
fn settings_do_not_show_the_key() {
    let settings = format!("{:?}", Encryption::with_key(KEY));
    assert!(!settings.contains(KEY) && settings.contains("[redacted]"), "{settings}");
}
