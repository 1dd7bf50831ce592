//! What is kept of progenitor's output: the types, and the builder of each call. The client itself is hand-written, and so
//! is what happens between a request and its result: a call returns the safe error of enkash-api and never progenitor's own,
//! which prints bodies and headers. Called when the client is generated.

use anyhow::{Context, Result, bail, ensure};
use quote::ToTokens;
use syn::{
    Expr, ExprLit, File, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, Lit, Pat, PathArguments,
    ReturnType, Stmt, Type, TypeParamBound, WherePredicate, parse_quote,
};

/// The two files that come of it.
pub(super) struct Parts {
    /// The module `types`.
    pub(super) types: File,
    /// The methods of the client, and the module `builder`.
    pub(super) calls: File,
}

/// Splits the output. The open enums stand in a file of their own; `types` shows them beside the rest.
pub(super) fn split(output: File, enums: &[String]) -> Result<Parts> {
    let (mut types, mut calls) = (None, Vec::new());
    for item in output.items {
        match item {
            Item::Mod(module) if module.ident == "types" => types = Some(with_plain_setters(module, enums)?),
            Item::Mod(module) if module.ident == "builder" => calls.push(Item::Mod(with_safe_errors(module)?)),
            Item::Impl(block) if is_calls(&block) => calls.push(Item::Impl(block)),
            _ => {}
        }
    }
    let types = types.context("progenitor wrote no module `types`")?;
    let calls: File = parse_quote! {
        use crate::client::Client;
        #(#calls)*
    };
    Ok(Parts {
        types: parse_quote!(#types),
        calls,
    })
}

/// Whether these are the methods that start a call, and not those that make a client.
fn is_calls(block: &ItemImpl) -> bool {
    let is_client = block.self_ty.to_token_stream().to_string() == "Client";
    let makes_client = |item: &ImplItem| matches!(item, ImplItem::Fn(function) if function.sig.ident == "new");
    is_client && block.trait_.is_none() && !block.items.iter().any(makes_client)
}

fn items_of(module: &mut ItemMod) -> Result<&mut Vec<Item>> {
    let name = module.ident.to_string();
    let content = module.content.as_mut();
    Ok(&mut content.with_context(|| format!("the module {name} is empty"))?.1)
}

fn functions_of(items: &mut [Item]) -> impl Iterator<Item = &mut ImplItemFn> {
    let blocks = items.iter_mut().filter_map(|item| match item {
        Item::Impl(block) => Some(block),
        _ => None,
    });
    blocks.flat_map(functions_of_block)
}

fn functions_of_block(block: &mut ItemImpl) -> impl Iterator<Item = &mut ImplItemFn> {
    block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    })
}

/// Setters of optional fields take a value as it is, as those of required fields do.
fn with_plain_setters(mut module: ItemMod, enums: &[String]) -> Result<ItemMod> {
    let items = items_of(&mut module)?;
    let builders = items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => Some(module),
        _ => None,
    });
    for setter in functions_of(items_of(builders.context("progenitor wrote no builders of types")?)?) {
        let Some(value) = optional_value(setter) else {
            continue;
        };
        let name = &setter.sig.ident;
        let label = name.to_string();
        *setter = parse_quote! {
            pub fn #name<M>(mut self, value: impl crate::optional::IntoOptional<#value, M>) -> Self {
                self.#name = value.into_optional(#label);
                self
            }
        };
    }
    let enums = enums.iter().map(|name| quote::format_ident!("{name}"));
    items.insert(0, parse_quote!(pub use crate::open_enums::{#(#enums,)* UnknownValue};));
    Ok(module)
}

/// The `X` of `where T: TryInto<Option<X>>`.
fn optional_value(setter: &ImplItemFn) -> Option<Type> {
    let predicates = &setter.sig.generics.where_clause.as_ref()?.predicates;
    let bounds = predicates.iter().filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(&predicate.bounds),
        _ => None,
    });
    bounds.flatten().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => match argument(&bound.path, "TryInto")? {
            Type::Path(option) => argument(&option.path, "Option").cloned(),
            _ => None,
        },
        _ => None,
    })
}

/// The first `X` of `Name<X>`.
fn argument<'a>(path: &'a syn::Path, name: &str) -> Option<&'a Type> {
    let segment = path.segments.last().filter(|segment| segment.ident == name)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(argument) => Some(argument),
            _ => None,
        },
        _ => None,
    }
}

/// Each `send` becomes two functions: one makes the request, and one sends it by the client's transport.
fn with_safe_errors(mut module: ItemMod) -> Result<ItemMod> {
    let items = items_of(&mut module)?;
    items.retain(|item| !matches!(item, Item::Use(_)));
    items.insert(
        0,
        parse_quote!(
            use progenitor_client::{encode_path, Error, RequestBuilderExt, ResponseValue};
        ),
    );
    items.insert(
        0,
        parse_quote!(
            use crate::types;
        ),
    );
    for item in items {
        let Item::Impl(block) = item else { continue };
        let call = block.self_ty.to_token_stream().to_string();
        split_send(block).with_context(|| format!("what progenitor wrote for {call} has a form that is not known"))?;
    }
    Ok(module)
}

fn split_send(block: &mut ItemImpl) -> Result<()> {
    let Type::Path(builder) = &*block.self_ty else {
        bail!("the builder has no name");
    };
    let operation = builder
        .path
        .segments
        .last()
        .context("the builder has no name")?
        .ident
        .clone();
    let send = functions_of_block(block).find(|function| function.sig.ident == "send");
    let send = send.context("it has no `send`")?;
    let statuses = documented_statuses(&send.block.stmts)?;
    let request = request_statements(&send.block.stmts)?;
    let ReturnType::Type(_, returned) = &send.sig.output else {
        bail!("`send` returns nothing");
    };
    let Type::Path(result) = &**returned else {
        bail!("`send` returns no `Result`");
    };
    let value = argument(&result.path, "Result").context("`send` returns no `Result`")?;
    send.sig.output = parse_quote!(-> Result<#value, crate::Error>);
    send.block = parse_quote!({
        let client = self.client;
        let request = self.request().map_err(crate::Error::from_request)?;
        client.send(crate::OperationId::#operation, request, &[#(#statuses),*]).await
    });
    block.items.push(parse_quote! {
        fn request(self) -> Result<reqwest::Request, Error<()>> {
            #(#request)*
            Ok(request)
        }
    });
    Ok(())
}

/// What makes the request. Headers go into it as they are, without a map of their own, and without the version of the spec,
/// which no page of the API knows.
fn request_statements(send: &[Stmt]) -> Result<Vec<Stmt>> {
    let (mut statements, mut headers) = (Vec::new(), Vec::new());
    for statement in send {
        let text = statement.to_token_stream().to_string();
        if text.contains("let mut header_map") || text.contains("api_version ()") {
            continue;
        } else if text.contains("let mut request =") {
            ensure!(text.contains(". headers (header_map)"), "the request has no headers");
            statements.push(syn::parse_str(&text.replace(". headers (header_map)", ""))?);
            statements.append(&mut headers);
            return Ok(statements);
        } else if text.contains("header_map") {
            headers.push(syn::parse_str(&text.replace("header_map", "request . headers_mut ()"))?);
        } else {
            statements.push(statement.clone());
        }
    }
    bail!("it makes no request")
}

/// The statuses that the spec documents.
fn documented_statuses(send: &[Stmt]) -> Result<Vec<u16>> {
    let Some(Stmt::Expr(Expr::Match(answers), None)) = send.last() else {
        bail!("`send` does not end with a `match` of the status");
    };
    let mut statuses = Vec::new();
    for arm in &answers.arms {
        match &arm.pat {
            Pat::Lit(ExprLit {
                lit: Lit::Int(status), ..
            }) => statuses.push(status.base10_parse()?),
            Pat::Wild(_) => {}
            other => bail!("the status {} is none", other.to_token_stream()),
        }
    }
    Ok(statuses)
}
