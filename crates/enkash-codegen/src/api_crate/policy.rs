//! Policy overlays beside a generated crate: the crate holds no policy, so the client applies them when it is built.

use enkash_policy::{Policy, apply_overlay};

use crate::spec::document::Document;
use crate::spec::{Diagnostic, Source};

/// Finds what the client would refuse when it is built, although the generator can apply it: the client has plain paths as
/// targets only. `policy` is the one before the overlays.
///
/// # Errors
///
/// The first overlay that the client would refuse.
pub fn check_at_run_time(policy: &Policy, overlays: &[Source]) -> Result<(), Vec<Diagnostic>> {
    let mut policy = policy.clone();
    for overlay in overlays {
        let document = Document::read(overlay)?;
        policy = apply_overlay(&policy, &document.value).map_err(|error| {
            vec![Diagnostic {
                file: overlay.name().to_owned(),
                line: 1,
                message: format!("the client could not apply it when it is built: {error}"),
            }]
        })?;
    }
    Ok(())
}
