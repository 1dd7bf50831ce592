//! `enkash schema`: the JSON Schema of a type of the API, as the generated code derives it, and of what this program says of itself.

use enkash_api::types;
use serde_json::{Value, json};

use super::command_map::CommandMap;
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{Format, Output},
    suggestion::closest,
};

const HELP: &str = "\
Examples:
  enkash schema --list
  enkash schema AllocatePointsRequest";

/// Print the JSON Schema of one of the API's types
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Schema {
    /// The type, such as AllocatePointsRequest
    #[arg(value_name = "TYPE", required_unless_present = "list")]
    name: Option<String>,
    /// List all types
    #[arg(long, conflicts_with = "name")]
    list: bool,
}

/// A type by name, with what makes its schema.
struct Type {
    name: &'static str,
    schema: fn() -> Value,
}

macro_rules! types {
    ($($module:ident::$name:ident,)*) => {
        const TYPES: &[Type] = &[$(Type {
            name: stringify!($name),
            schema: schema_of::<$module::$name>,
        }),*];
    };
}

// All generated types: a test compares the list with the generated source.
types! {
    types::AddToCartRequest,
    types::AllocateCoinsRequest,
    types::AllocateCoinsResponse,
    types::AllocatePointsRequest,
    types::AllocatePointsResponse,
    types::BulkAllocateRequest,
    types::BulkAllocateResponse,
    types::BulkAllocateResult,
    types::BulkAllocateRow,
    types::BulkAllocatedRow,
    types::Card,
    types::CardSearchRequest,
    types::CardSearchResponse,
    types::CardSearchResult,
    types::CartItem,
    types::CartItemRequest,
    types::CartResponse,
    types::CartRow,
    types::CoinBalance,
    types::CoinBalanceResponse,
    types::CoinEvent,
    types::CoinEventResponse,
    types::CreateCoinEventRequest,
    types::CreateOrderRequest,
    types::Envelope,
    types::ErrorBody,
    types::FetchOrderRequest,
    types::OrderInfo,
    types::OrderInfoResponse,
    types::OrderSearchRequest,
    types::ProductCatalog,
    types::ProductCatalogResponse,
    types::ProductConfig,
    types::RewardAccount,
    types::RewardAccountRequest,
    types::RewardAccountResponse,
    types::RewardAccountTotals,
    types::SsoTokenRequest,
    types::TokenRequest,
    types::TokenResponse,
    types::TransactionDetails,
    types::TransactionRecord,
    types::TransactionSearchRequest,
    types::UpdateCartRequest,
    types::UpdateCoinEventRequest,
    types::VoucherDetails,
    types::AllocationType,
    types::CoinConfiguration,
    types::Gender,
    types::Title,
    types::TransactionCode,
    types::TransactionType,
}

/// Types of this program's own output.
const OWN: &[Type] = &[Type {
    name: "CommandMap",
    schema: schema_of::<CommandMap>,
}];

fn schema_of<T: schemars::JsonSchema>() -> Value {
    schemars::schema_for!(T).to_value()
}

impl Command for Schema {
    const EFFECT: Effect = Effect::Local;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let Some(name) = &self.name else {
            return list(context.output);
        };
        let Some(found) = all().find(|known| known.name == name) else {
            let names: Vec<_> = all().map(|known| known.name).collect();
            let hint = match closest(name, &names) {
                Some(meant) => format!("did you mean {meant}?"),
                None => "enkash schema --list lists them".to_owned(),
            };
            return Err(CliError::bad_input(format!("there is no type {name:?}; {hint}")));
        };
        let schema = (found.schema)();
        match context.output.format {
            Format::Json => context.output.json(&schema)?,
            Format::Table | Format::Csv => {
                let text = serde_json::to_string_pretty(&schema)
                    .map_err(|error| CliError::runtime(format!("the schema cannot be written: {error}")))?;
                context.output.print_lines(text.lines())?;
            }
        }
        Ok(ExitStatus::Done)
    }
}

fn all() -> impl Iterator<Item = &'static Type> {
    TYPES.iter().chain(OWN)
}

fn list(output: &mut Output) -> Result<ExitStatus, CliError> {
    match output.format {
        Format::Json => {
            let names: Vec<_> = all().map(|known| known.name).collect();
            output.json(&json!({ "types": names }))?;
        }
        Format::Table | Format::Csv => all().try_for_each(|known| output.print_line(known.name))?,
    }
    Ok(ExitStatus::Done)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn generated(file: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../enkash-api/src");
        fs::read_to_string(folder.join(file)).unwrap()
    }

    /// Where the spec adds a type, this says which line to add above.
    #[test]
    fn every_generated_type_is_there() {
        let source = generated("generated.rs");
        let types = source.split("pub mod types {").nth(1).unwrap();
        let types = types.split("pub mod builder {").next().unwrap();
        let name = |line: &str| {
            Some(
                line.strip_prefix("    pub struct ")?
                    .split([' ', '(', '<', ';'])
                    .next()?
                    .to_owned(),
            )
        };
        let enums = generated("open_enums_list.rs");
        let of_enum = |line: &str| Some(line.strip_prefix("    ")?.strip_suffix(" {")?.to_owned());
        let is_name = |name: &String| name.chars().all(char::is_alphanumeric);
        let mut expected: Vec<_> = types.lines().filter_map(name).collect();
        expected.extend(enums.lines().filter_map(of_enum).filter(is_name));
        assert!(expected.len() > 40, "{expected:?}");
        let listed: Vec<_> = TYPES.iter().map(|known| known.name.to_owned()).collect();
        let difference =
            |a: &[String], b: &[String]| a.iter().filter(|name| !b.contains(name)).cloned().collect::<Vec<_>>();
        let (missing, gone) = (difference(&expected, &listed), difference(&listed, &expected));
        let list = "the types of crates/enkash-cli/src/commands/schema.rs";
        assert!(missing.is_empty(), "add to {list}: {missing:?}");
        assert!(gone.is_empty(), "remove from {list}: {gone:?}");
    }
}
