//! Random keys and texts from the operating system, for fingerprints and leases.

use std::sync::OnceLock;

/// A key that no other process knows, for fingerprints that are never stored.
pub(crate) fn process_key() -> &'static [u8] {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    KEY.get_or_init(random_key)
}

/// 32 bytes from the operating system.
pub(crate) fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    if getrandom::fill(&mut key).is_err() {
        // Every platform that a TLS connection can be made on has this source.
        unreachable!("the operating system gives no random bytes");
    }
    key
}

/// The same as text.
pub(crate) fn random_text() -> String {
    random_key().iter().map(|byte| format!("{byte:02x}")).collect()
}
