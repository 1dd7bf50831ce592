use super::*;

fn at(token_host: &str, user: &str, password: &str) -> LoginIdentity {
    LoginIdentity::new(
        &token_host.parse().unwrap(),
        &Credentials::new("CEK1", "secret", user, password),
    )
}

fn identity(user: &str, password: &str) -> LoginIdentity {
    at("https://a.example", user, password)
}

#[test]
fn an_account_is_the_same_for_every_password_and_credentials_are_not() {
    let (one, other) = (identity("9000000001", "a"), identity("9000000001", "b"));
    assert_eq!(one.account(b"key"), other.account(b"key"));
    assert_ne!(one.credentials(b"key"), other.credentials(b"key"));
    assert_ne!(one.account(b"key"), one.account(b"other key"));
    assert_ne!(one.account(b"key"), identity("9000000002", "a").account(b"key"));
    assert_eq!(one.account(b"key").as_str().len(), 64);
}

/// Files keep them. These were computed by other means.
#[test]
fn fingerprints_stay_as_they_are() {
    let identity = identity("9000000001", "a");
    assert_eq!(
        identity.account(b"key").as_str(),
        "04f008f00f193029aed37fa17d180c2b80c6920271a4ed21b0ac4c3511f2df30"
    );
    assert_eq!(
        identity.credentials(b"key").as_str(),
        "fcb7c84e0df29852f4308abb04485655e1e02ed0c68d54e841bf8c72be55c1aa"
    );
}

#[test]
fn spellings_of_one_account_are_one_and_what_may_be_another_stays_apart() {
    let same = [
        &[
            "https://a.example",
            "HTTPS://A.Example:443/",
            "https://a.example.",
            "https://x:y@a.example/?q#f",
        ][..],
        &[
            "http://localhost:8080",
            "http://LOCALHOST:8080/",
            "http://127.0.0.1:8080",
            "http://127.9.8.7:8080",
            "http://[::1]:8080",
            "http://[::ffff:127.0.0.1]:8080",
            "http://0.0.0.0:8080",
            "http://portal.localhost:8080",
            "http://localhost.:8080",
        ],
        &["http://localhost", "http://127.0.0.1:80"],
        &["http://localhost:8081"],
        &["https://localhost:8080"],
        &["https://a.example/uat", "https://a.example/uat/"],
        &["https://a.example:8443"],
        &["https://b.a.example"],
        &["https://127.0.0.1.a.example"],
    ];
    let mut seen = std::collections::BTreeSet::new();
    for spellings in same {
        let all: Vec<_> = spellings.iter().map(|host| at(host, "9000000001", "a")).collect();
        for (one, host) in all.iter().zip(spellings) {
            assert_eq!(one.account(b"k"), all[0].account(b"k"), "{host}");
            assert_eq!(one.credentials(b"k"), all[0].credentials(b"k"), "{host}");
        }
        assert!(seen.insert(all[0].account(b"k")), "{spellings:?}");
    }
    assert_eq!(
        identity(" 9000000001\t", "a").account(b"k"),
        identity("9000000001", "a").account(b"k")
    );
    assert_ne!(
        identity("9000000001", "a ").credentials(b"k"),
        identity("9000000001", "a").credentials(b"k")
    );
}

#[test]
fn fields_do_not_run_into_each_other() {
    assert_ne!(
        identity("ab", "c").credentials(b"k"),
        identity("a", "bc").credentials(b"k")
    );
}

#[test]
fn debug_redacts_credentials() {
    let debug = format!("{:?}", identity("9000000001", "opaque"));
    assert!(
        !debug.contains("9000000001") && !debug.contains("opaque") && !debug.contains("secret"),
        "{debug}"
    );
}
