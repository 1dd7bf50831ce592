//! The names that the generator gives to operations.
//!
//! progenitor keeps its naming to itself. The operation table, the snapshots and the rule against equal names need the
//! same names before and beside it.

use heck::ToSnakeCase;

/// The name of the function that progenitor makes for an operation.
pub(crate) fn function_name(operation_id: &str) -> String {
    let name = operation_id.to_snake_case();
    if is_keyword(&name) { format!("{name}_") } else { name }
}

/// The name of the field that progenitor makes for a property.
pub(crate) fn field_name(property: &str) -> String {
    function_name(&property.replace(|c: char| !c.is_alphanumeric() && c != '_', "-"))
}

/// Whether Rust 2024 keeps the word for itself.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: [&str; 53] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
        "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
        "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while",
        "yield", "_",
    ];
    KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::function_name;

    #[test]
    fn names_are_those_of_the_generator() {
        assert_eq!(function_name("createAllocatePoints"), "create_allocate_points");
        assert_eq!(function_name("getSSOToken"), "get_sso_token");
        assert_eq!(function_name("move"), "move_");
    }
}
