//! "did you mean": the nearest of the names that would have been right.

/// The candidate that `written` was most likely meant to be, if any is near enough.
pub(crate) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(written);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != written)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).clamp(1, 4))
        .min()
        .map(|(_, candidate)| candidate)
}

/// `, did you mean …?`, or nothing.
pub(crate) fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(written, candidates)
        .map(|name| format!(", did you mean {name}?"))
        .unwrap_or_default()
}

/// Case and word separators are the usual slips, so they cost nothing.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        assert_eq!(
            nearest("operationID", ["operationId", "responses"]),
            Some("operationId")
        );
        assert_eq!(nearest("requried", ["required", "properties"]), Some("required"));
        assert_eq!(nearest("strng", ["string", "number"]), Some("string"));
        assert_eq!(nearest("moves_value", ["moves-value", "reads"]), Some("moves-value"));
        assert_eq!(nearest("colour", ["required", "properties"]), None);
    }
}
