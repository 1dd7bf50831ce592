//! Variables of the environment whose names nearly are those of settings. Nothing would be read from them, and who set one believes
//! that it is: a ledger elsewhere knows nothing of what was paid.

use std::ffi::OsString;

use super::{SettingKey, Settings, profile_lookup, sources};
use crate::state;

/// The variables that are read beside those of single settings.
const OTHERS: [&str; 5] = [
    "ENKASH_PROFILE",
    profile_lookup::CONFIG,
    state::STATE_DIR,
    "ENKASH_NO_HINTS",
    sources::FLEET_KEY,
];
/// So many letters more, less or exchanged are a slip. Kubernetes sets variables for a service of this name, such as
/// `ENKASH_SERVICE_HOST`, and they are further away.
const MAX_SLIPS: usize = 2;

impl Settings {
    pub(super) fn refuse_misspelt(&mut self, names: impl Iterator<Item = OsString>) {
        let known = || SettingKey::ALL.map(SettingKey::variable).into_iter().chain(OTHERS);
        let mut names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
        names.sort_unstable();
        for name in names {
            // On Windows the letters of a name may be small.
            let upper = name.to_uppercase();
            if known().any(|known| known == name || cfg!(windows) && known == upper) {
                continue;
            }
            let nearest = known()
                .map(|known| (strsim::damerau_levenshtein(&upper, known), known))
                .min();
            if let Some((slips, nearest)) = nearest
                && slips <= MAX_SLIPS
            {
                self.problems
                    .push(format!("{name} is set, and nothing reads it; did you mean {nearest}?"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(names: &[&str]) -> Vec<String> {
        let mut settings = Settings::default();
        settings.refuse_misspelt(names.iter().map(OsString::from));
        settings.problems
    }

    #[test]
    fn a_name_that_is_nearly_a_settings_is_refused_with_it() {
        for (slip, meant) in [
            ("ENKASH_STATE_DR", "ENKASH_STATE_DIR"),
            ("ENKASH_LEDGER_ULR", "ENKASH_LEDGER_URL"),
            ("ENKSH_BASE_URL", "ENKASH_BASE_URL"),
            ("ENKASH_TOKENURL", "ENKASH_TOKEN_URL"),
            ("ENKASH_PROFILES", "ENKASH_PROFILE"),
        ] {
            let found = problems(&["HOME", slip]);
            assert!(
                found.len() == 1 && found[0].contains(slip) && found[0].contains(meant),
                "{found:?}"
            );
        }
    }

    #[test]
    fn names_of_settings_and_of_others_are_left_alone() {
        let mut names: Vec<_> = SettingKey::ALL
            .map(SettingKey::variable)
            .into_iter()
            .chain(OTHERS)
            .collect();
        names.extend([
            "HOME",
            "ENKASH_PORT",
            "ENKASH_SERVICE_HOST",
            "ENKASH_SERVICE_PORT",
            "ENKASH_PORT_4010_TCP_ADDR",
            "ENKASH_SANDBOX_PORT",
            "ENKASH_BIN",
            "ENKASH_DIST",
        ]);
        assert_eq!(problems(&names), Vec::<String>::new());
    }
}
