//! `enkash account`: the account as the API shows it, its balance first of all.

use enkash::{OperationId, rewards::AccountDetails};

use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{Format, List, key_value_lines},
};

const HELP: &str = "\
Examples:
  enkash --sandbox account
  enkash --sandbox account --output json
  enkash --profile hrms account --output csv";

/// Show the account: its balance and its totals
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Account {}

impl Command for Account {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::GetRewardAccount];

    fn columns() -> Vec<&'static str> {
        list().csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let session = context.session().await?;
        let account = session.rewards.account().await?.into_value();
        let list = list();
        match context.output.format {
            Format::Json => context.output.json(&serde_json::json!(list.json(&account)))?,
            Format::Csv => list.write(&[account], context.output)?,
            Format::Table => context
                .output
                .print_lines(key_value_lines(&list.aligned_pairs(&account)))?,
        }
        Ok(ExitStatus::Done)
    }
}

fn list() -> List<AccountDetails> {
    List::<AccountDetails>::new()
        .text("company", |account: &AccountDetails| {
            account.company.as_ref().map(ToString::to_string)
        })
        .text("company_name", |account| account.company_name.clone())
        .text("account", |account| account.account.as_ref().map(ToString::to_string))
        .amount("available_balance", |account| account.available_balance)
        .amount("available_card_balance", |account| account.available_card_balance)
        .heading("on cards")
        .count("total_cards", |account| account.total_cards)
        .heading("cards")
        .count("active_cards", |account| account.active_cards)
        .amount("total_allocated", |account| account.total_allocated)
        .heading("allocated in all")
        .amount("total_redeemed", |account| account.total_redeemed)
        .heading("redeemed in all")
        .amount("allocated_this_month", |account| account.allocated_this_month)
        .amount("redeemed_this_month", |account| account.redeemed_this_month)
        .in_table("company company_name account available_balance available_card_balance total_allocated total_redeemed allocated_this_month redeemed_this_month total_cards active_cards")
}
