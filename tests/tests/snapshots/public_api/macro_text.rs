//! Items that a `macro_rules!` writes: its right side, each retry taken once, read as source. The
//! outline shows them once for all the names that the macro is called with.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Item, ItemMacro, parse::Parser};

/// What every macro of ours calls the type that it writes: `$name`.
pub(super) const PLACEHOLDER: &str = "name";

/// The items on the right side of a macro of one rule.
pub(super) fn items_of(definition: &ItemMacro) -> Vec<Item> {
    let groups = definition
        .mac
        .tokens
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        });
    let right_side = groups.last().expect("a macro has a right side");
    let tokens = each_repetition_once(right_side.stream());
    let items = |input: syn::parse::ParseStream<'_>| {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(items)
    };
    items
        .parse2(tokens)
        .unwrap_or_else(|error| panic!("the macro {:?} is not read: {error}", definition.ident))
}

/// The names that a call of the macro gives, in their order: the identifiers outside of all brackets.
pub(super) fn names_given(call: &ItemMacro) -> Vec<String> {
    let idents = call.mac.tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    });
    idents.collect()
}

/// `$( … ),*` becomes its inside, and `$name` becomes `name`.
fn each_repetition_once(tokens: TokenStream) -> TokenStream {
    let mut found = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                if let Some(TokenTree::Group(group)) = tokens.peek()
                    && group.delimiter() == Delimiter::Parenthesis
                {
                    found.extend(each_repetition_once(group.stream()));
                    tokens.next();
                    // Its separator, if any, and its operator.
                    while let Some(TokenTree::Punct(punct)) = tokens.next()
                        && !"*+?".contains(punct.as_char())
                    {}
                }
            }
            TokenTree::Group(group) => {
                let inside = each_repetition_once(group.stream());
                found.extend([TokenTree::Group(Group::new(group.delimiter(), inside))]);
            }
            other => found.extend([other]),
        }
    }
    found
}
