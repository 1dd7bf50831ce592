//! A profile's changes to the policy: a file with an overlay, and the operations that it may loosen. Read when a session
//! opens, so that a command that needs no client does not need the file.

use std::path::PathBuf;

use enkash::{OperationId, config::PolicyOverlay};

use super::located::Located;
use crate::input_file::{MAX_OVERLAY, read_text};

/// What a profile says of the policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicySettings {
    pub(crate) overlay: Option<Located<PathBuf>>,
    pub(crate) allow_loosening: Vec<OperationId>,
}

impl PolicySettings {
    /// The overlay, if the profile names one.
    pub(crate) fn read(&self) -> Result<Option<PolicyOverlay>, String> {
        let Some(Located { value: path, .. }) = &self.overlay else {
            return match self.allow_loosening.first() {
                None => Ok(None),
                Some(operation) => Err(format!(
                    "allow_loosening names {operation}, and there is no policy_overlay that could loosen it"
                )),
            };
        };
        let shown = path.display();
        let text = read_text(path, MAX_OVERLAY).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        // JSON is YAML as well.
        let overlay = serde_saphyr::from_str(&text).map_err(|error| format!("{shown}: {error}"))?;
        let overlay = PolicyOverlay::from_value(overlay);
        let allowed = self.allow_loosening.iter();
        Ok(Some(allowed.fold(overlay, |overlay, operation| {
            overlay.allow_loosening(*operation)
        })))
    }
}
