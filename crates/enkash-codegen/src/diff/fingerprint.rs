//! The fingerprint of a finding, by which `spec/accepted-changes.yaml` names it. It must be the same on every machine and in
//! every release, so it is FNV-1a, written out: the hashes of the standard library may change.

/// A fingerprint of what changed and how, and of nothing else: not of lines, operations or texts for people.
pub(super) fn fingerprint(rule: &str, subject: &str, before: Option<&str>, after: Option<&str>) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let parts = [rule, subject, before.unwrap_or("\u{1}"), after.unwrap_or("\u{1}")];
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn a_fingerprint_never_changes() {
        // Written down once: files of accepted changes hold such texts.
        let print = fingerprint("field-removed", "Card.otbBalance", Some("amount"), None);
        assert_eq!(print, "a671ab2bc7e6fbbe");
        assert_ne!(
            print,
            fingerprint("field-removed", "Card.otbBalance", None, Some("amount"))
        );
    }
}
