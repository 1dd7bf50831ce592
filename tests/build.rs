//! Writes the dispatch from the names of the generated sources to the code behind them: which method of
//! the client calls an operation, and which types there are. It is complete because nobody keeps it.

#[path = "src/generated_source.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library reads more of it")]
mod generated_source;

use std::{env, fmt::Write, fs, path::Path};

use generated_source::{GeneratedCall, GeneratedSource};

fn main() {
    // Not the folder that this was built in: the script may be run for a copy.
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let root = Path::new(&package)
        .parent()
        .expect("the package stands in the repository");
    for name in ["generated.rs", "client/generated.rs", "open_enums_list.rs"] {
        println!(
            "cargo::rerun-if-changed={}",
            root.join("crates/enkash-api/src").join(name).display()
        );
    }
    let source = GeneratedSource::read(root);

    let calls: String = source.operations.iter().map(call).collect();
    write("calls.rs", &format!("calls! {{\n{calls}}}\n"));

    let structs = source.types.iter().map(|found| format!("    types::{},\n", found.name));
    let enums = source.enums.iter().map(|found| format!("    types::{},\n", found.name));
    write(
        "types.rs",
        &format!("types! {{\n{}}}\n", structs.chain(enums).collect::<String>()),
    );
}

/// One row: `method { setter: Type, } body Type;`
fn call(call: &GeneratedCall) -> String {
    let mut row = format!("    {} {{ ", call.method);
    for setter in call.setters.iter().filter(|setter| setter.name != "body") {
        let _ = write!(row, "{}: {}, ", setter.name, argument(&setter.takes));
    }
    row.push('}');
    if let Some(body) = call.setters.iter().find(|setter| setter.name == "body") {
        let _ = write!(row, " body {}", path_from_outside(&body.takes));
    }
    row + ";\n"
}

/// What a caller has in hand: a segment of a path is still a text, and becomes one in the setter.
fn argument(takes: &str) -> String {
    match takes {
        "crate :: PathSegment" => "String".to_owned(),
        other => path_from_outside(other),
    }
}

fn path_from_outside(ty: &str) -> String {
    match ty.strip_prefix("types :: ") {
        Some(name) => format!("enkash_api :: types :: {name}"),
        None => ty.replace("crate ::", "enkash_api ::"),
    }
}

fn write(name: &str, content: &str) {
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join(name), content).expect("OUT_DIR can be written");
}
