//! What was probably meant by a name that does not exist: for settings, operations, profiles and types.

/// The known name that is nearest, if one is near.
pub(crate) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |known: &&'a str| {
        let score = strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
        (score > 0.8).then_some((score, *known))
    };
    known
        .iter()
        .filter_map(near)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let known = ["base_url", "token_url", "username"];
        assert_eq!(closest("Base_url", &known), Some("base_url"));
        assert_eq!(closest("token_uri", &known), Some("token_url"));
        assert_eq!(closest("colour", &known), None);
    }
}
