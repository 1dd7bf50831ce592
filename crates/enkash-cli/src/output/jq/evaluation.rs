//! Compiles and runs an expression with jaq. What its filters may reach is listed here: they calculate, and have no files, no
//! environment and no clock. Numbers of the JSON stay as they are; a result that was calculated with decimals would be rounded to a
//! binary fraction, so it is refused, and `sum_money` adds amounts exactly. What an expression makes
//! of such a fraction before it is a result, a text or a remainder, is not seen.

use std::io;

use jaq_core::{
    Compiler, Ctx, Filter, Vars,
    compile::Undefined,
    data::JustLut,
    load::{self, Arena, File, Loader},
    native::{self, Fun},
    unwrap_valr,
};
use jaq_json::{Num, Val, read};
use rust_decimal::Decimal;

use super::Reply;

type Data = JustLut<Val>;

/// The native filters of jaq's three libraries that are here: what is not named is not reached, also after an update.
const NATIVE: &[&str] = &[
    // The core.
    "error_empty",
    "path",
    "path_value",
    "range",
    "keys_unsorted",
    "key_values",
    "first",
    "last",
    "limit",
    "skip",
    // JSON.
    "fromjson",
    "tojson",
    "length",
    "contains",
    "has",
    "indices",
    "bsearch",
    // The standard library.
    "utf8bytelength",
    "explode",
    "implode",
    "ascii_downcase",
    "ascii_upcase",
    "reverse",
    "sort",
    "sort_by",
    "group_by",
    "min_by_or_empty",
    "max_by_or_empty",
    "startswith",
    "endswith",
    "ltrimstr",
    "rtrimstr",
    "trim",
    "ltrim",
    "rtrim",
    "escape_sh",
];

/// Definitions of the standard library that rest on other native filters, without which nothing would compile. They limit
/// nothing: a definition reaches no more than the filters that are listed.
const LEFT_OUT: &[&str] = &[
    "stderr",
    "debug",
    "halt",
    "halt_error",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "capture_of_match",
    "test",
    "scan_",
    "match",
    "capture",
    "splits",
    "sub",
    "gsub",
    "scan",
    "todate",
    "fromdate",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
];

/// What jq has and jaq's library has not.
const OWN: &str = r#"
def @tsv: map(if . == null then "" elif isstring
  then split("\\") | join("\\\\") | split("\t") | join("\\t") | split("\n") | join("\\n") | split("\r") | join("\\r")
  else tostring end) | join("\t");
def @csv: map(if . == null then "" elif isstring then "\"" + (split("\"") | join("\"\"")) + "\"" else tostring end) | join(",");
"#;

/// An expression that is understood.
pub(super) struct Expression {
    source: String,
    filter: Filter<Data>,
}

impl Expression {
    /// Says at which character something is wrong.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let arena = Arena::default();
        let file = File { code: source, path: () };
        let modules = Loader::new(definitions())
            .load(&arena, file)
            .map_err(|errors| describe_load(source, &errors))?;
        let filter = Compiler::default()
            .with_funs(functions())
            .compile(modules)
            .map_err(|errors| describe_undefined(source, &errors))?;
        Ok(Self {
            source: source.to_owned(),
            filter,
        })
    }

    /// Says each result for a line of JSON, and that it was the last. Fails where nobody listens.
    pub(super) fn run(&self, line: &str, say: &mut impl FnMut(&Reply) -> io::Result<()>) -> io::Result<()> {
        let Ok(input) = read::parse_single(line.as_bytes()) else {
            return say(&Reply::Failed(
                "its process cannot read the JSON, please report it".to_owned(),
            ));
        };
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        for result in self.filter.id.run((context, input)).map(unwrap_valr) {
            match result {
                Ok(result) if is_rounded(&result) => return say(&Reply::Failed(ROUNDED.to_owned())),
                Ok(result) if !is_json(&result) => return say(&Reply::Failed(NO_JSON.to_owned())),
                Ok(Val::TStr(text)) => say(&Reply::Text(String::from_utf8_lossy(&text).into_owned()))?,
                Ok(result) => say(&Reply::Json(result.to_string()))?,
                Err(error) => return say(&Reply::Failed(describe_failure(&self.source, &error.to_string()))),
            }
        }
        say(&Reply::End)
    }
}

fn definitions() -> impl Iterator<Item = load::parse::Def<&'static str>> {
    let own = load::parse(OWN, |parser| parser.defs()).unwrap_or_default();
    // Of the two forms of `split` one is a regular expression's.
    let is_left_out = |definition: &load::parse::Def<&str>| {
        LEFT_OUT.contains(&definition.name) || (definition.name == "split" && definition.args.len() == 2)
    };
    let standard = jaq_std::defs().filter(move |definition| !is_left_out(definition));
    jaq_core::defs().chain(standard).chain(jaq_json::defs()).chain(own)
}

fn functions() -> impl Iterator<Item = Fun<Data>> {
    let all = jaq_core::funs().chain(jaq_std::base_funs()).chain(jaq_json::funs());
    let listed = all.filter(|(name, ..)| NATIVE.contains(name));
    let sum = native::run::<Data>(("sum_money", native::v(0), |(_, input)| native::bome(sum_money(&input))));
    listed.chain([sum])
}

const ROUNDED: &str = "a result was calculated with decimals, which jq does in binary fractions: money would be rounded. \
                       `sum_money` adds a list of amounts exactly";

const NO_JSON: &str = "a result has an object with a name that is no text, which is no JSON";

/// Whether a result can be written as JSON: jaq's objects may have names of any kind.
fn is_json(value: &Val) -> bool {
    match value {
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::TStr(_) => true,
        Val::Arr(values) => values.iter().all(is_json),
        Val::Obj(fields) => fields
            .iter()
            .all(|(name, value)| matches!(name, Val::TStr(_)) && is_json(value)),
        _ => false,
    }
}

/// Whether a result holds a number that was calculated and is not whole.
fn is_rounded(value: &Val) -> bool {
    /// From it on not every whole number has a double of its own.
    const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
    match value {
        Val::Num(Num::Float(number)) => number.fract() != 0.0 || number.abs() >= MAX_WHOLE || number.is_nan(),
        Val::Arr(values) => values.iter().any(is_rounded),
        Val::Obj(fields) => fields.iter().any(|(name, value)| is_rounded(name) || is_rounded(value)),
        _ => false,
    }
}

/// The sum of a list of amounts, each a text or a number as the JSON has it, as a text with at least two decimals.
fn sum_money(input: &Val) -> jaq_core::ValR<Val> {
    let failed = |problem: &str| Err(jaq_core::Error::str(problem));
    let Val::Arr(amounts) = input else {
        return failed("sum_money wants a list of amounts");
    };
    let mut sum = Decimal::ZERO;
    for amount in amounts.iter() {
        let text = match amount {
            Val::TStr(text) => String::from_utf8_lossy(text).into_owned(),
            Val::Num(Num::Int(number)) => number.to_string(),
            Val::Num(Num::BigInt(number)) => number.to_string(),
            Val::Num(Num::Dec(number)) => number.to_string(),
            _ => return failed("sum_money met what is no amount"),
        };
        let Ok(amount) = Decimal::from_str_exact(&text) else {
            return failed("sum_money met what is no amount");
        };
        // An addition that does not fit would drop decimals.
        let scale = sum.scale().max(amount.scale());
        match sum.checked_add(amount) {
            Some(whole) if whole.scale() == scale => sum = whole,
            _ => return failed("sum_money has a sum that is too large"),
        }
    }
    if sum.scale() < 2 {
        sum.rescale(2);
    }
    Ok(Val::from(sum.to_string()))
}

/// `character 4, at "|foo": expected a term`.
fn place(source: &str, at: &str) -> String {
    // Both are parts of one text, unless it is the end.
    let offset = (at.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
    match source.get(..offset).filter(|_| !at.is_empty()) {
        Some(before) => {
            let shown: String = at.chars().take(20).collect();
            format!("character {}, at {shown:?}", before.chars().count() + 1)
        }
        None => "the end".to_owned(),
    }
}

fn describe_load(source: &str, errors: &load::Errors<&str, ()>) -> String {
    let Some((file, error)) = errors.first() else {
        return "it cannot be read".to_owned();
    };
    debug_assert_eq!(file.code, source);
    let (at, expected) = match error {
        load::Error::Io(imports) => {
            return match imports.first() {
                Some((path, _)) => format!("{}: modules are not read", place(source, path)),
                None => "modules are not read".to_owned(),
            };
        }
        load::Error::Lex(errors) => errors.first().map(|(expected, at)| match expected {
            // Where it was opened says more than where it should have been closed.
            load::lex::Expect::Delim(opened) => (*opened, expected.as_str()),
            _ => (*at, expected.as_str()),
        }),
        load::Error::Parse(errors) => errors.first().map(|(expected, at)| (*at, expected.as_str())),
    }
    .unwrap_or(("", "something else"));
    format!("{}: expected {expected}", place(source, at))
}

fn describe_undefined(source: &str, errors: &jaq_core::compile::Errors<&str, ()>) -> String {
    let mut own = errors.iter().filter(|(file, _)| file.code == source);
    let Some((name, kind)) = own.find_map(|(_, undefined)| undefined.first()) else {
        return "it cannot be compiled, please report it".to_owned();
    };
    let place = place(source, name);
    match kind {
        Undefined::Filter(_) => format!(
            "{place}: there is no filter {name} with so many arguments. Regular expressions, dates, the environment and files are \
             not reached from here"
        ),
        kind => format!("{place}: there is no {} {name}", kind.as_str()),
    }
}

/// Why a line has no further result, without the values of the JSON: standard error is kept in logs, and they may be about people.
fn describe_failure(source: &str, error: &str) -> String {
    let kind = |value: &str| match value.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    if let Some(value) = error.strip_prefix("cannot index ") {
        let by = value.rsplit_once(" with ").map_or("", |(_, by)| by);
        return format!("{} cannot be indexed by {}", kind(value), kind(by));
    }
    if let Some(value) = error.strip_prefix("cannot use ") {
        let as_what = value.rsplit_once(" as ").map_or("that", |(_, as_what)| as_what);
        return format!("{} cannot be used as {as_what}", kind(value));
    }
    if let Some(value) = error.strip_prefix("cannot calculate ") {
        return format!("it cannot calculate with {} and what it meets there", kind(value));
    }
    let said = error.trim_matches('"');
    let is_ours = said.starts_with("sum_money ") || said.starts_with("cannot parse as ") || source.contains(said);
    if is_ours && !said.is_empty() {
        return format!("the expression failed: {said}");
    }
    "the expression failed; why is not shown, because it may hold what the JSON says".to_owned()
}

#[cfg(test)]
mod tests;
