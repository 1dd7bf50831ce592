//! `enkash transactions`: looks for movements. Nobody has seen the response, so the rows are read by the
//! names that one public integration uses; what cannot be read is shown as missing, not guessed.

use enkash::{ClientReference, OperationId, Timestamp, rewards::TransactionSearch};
use serde_json::Value;

use super::{
    evidence::{no_list, show_list},
    raw_row,
};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::List,
};

const HELP: &str = "\
Examples:
  enkash --sandbox transactions
  enkash --sandbox transactions --reference BONUS-2026-0042
  enkash --sandbox transactions --from 2026-11-01T00:00:00Z \\
      --to 2026-12-01T00:00:00Z
  enkash --sandbox transactions --output json
  enkash --profile hrms transactions --output csv";

/// Look for transactions of the account
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Transactions {
    /// Only those with this reference
    #[arg(long)]
    reference: Option<String>,
    /// Only those of this card
    #[arg(long, value_name = "ID")]
    card: Option<String>,
    /// Only those from this time on, such as 2026-11-28T00:00:00Z
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<Timestamp>,
    /// Only those until this time
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<Timestamp>,
}

impl Transactions {
    fn search(self) -> Result<TransactionSearch, CliError> {
        let mut search = TransactionSearch::all();
        if let Some(reference) = self.reference {
            let reference: ClientReference = reference
                .parse()
                .map_err(|error| CliError::bad_input(format!("--reference: {error}")))?;
            search = search.reference(reference);
        }
        if let Some(card) = self.card {
            search = search.card(card.into());
        }
        if let (Some(from), Some(to)) = (self.from, self.to) {
            search = search.between(from, to);
        }
        Ok(search)
    }
}

impl Command for Transactions {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        let search = self.search()?;
        let session = context.session().await?;
        let found = session.rewards.transactions(search).await?;
        let rows = found.value().rows().ok_or_else(|| no_list(""))?;
        show_list(
            OperationId::SearchTransactions,
            "transactions",
            &list(),
            rows,
            context.output,
        )?;
        let total = found.value().total_count();
        if let Some(total) = total.filter(|total| *total > rows.len() as u64) {
            context.output.note(&format!(
                "note: {} of {total} transactions; --card, --reference, and --from with --to narrow the search",
                rows.len()
            ));
        }
        if rows.is_empty() {
            context
                .output
                .note("note: finding nothing does not prove that nothing moved");
        }
        Ok(ExitStatus::Done)
    }
}

/// What is read of a row. The holder's name is left out: it is not this command's purpose.
fn list() -> List<Value> {
    List::<Value>::new()
        .text("transaction", |row| raw_row::text(row, "enKashCardTransactionId"))
        .text("reference", |row| raw_row::text(row, "pgReferenceNumber"))
        .text("card", |row| {
            raw_row::text(row, "enkashCardId").or_else(|| raw_row::text(row, "enKashCardId"))
        })
        // `CR` credits the card, `DR` debits it.
        .text("direction", |row| raw_row::text(row, "cardTransactionType"))
        .heading("way")
        .amount("amount", |row| raw_row::amount(row, "principalAmount"))
        // Of the card, after the transaction.
        .amount("balance", |row| raw_row::amount(row, "balance"))
        .text("status", |row| raw_row::text(row, "status"))
        .text("at", |row| {
            raw_row::text(row, "txnDate").or_else(|| raw_row::text(row, "createdOn"))
        })
        .heading("time")
        .in_table("reference direction amount card balance status at transaction")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_of_another_form_is_shown_as_missing() {
        let shown = |row: Value| {
            let pairs = list().pairs(&row);
            pairs
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            shown(json!({"cardHolderName": "Meera", "principalAmount": "x", "status": null})),
            []
        );
        assert_eq!(
            shown(json!({"principalAmount": "4.5", "txnDate": 1_700_000_000_000_i64})),
            [("amount", "4.50"), ("time", "1700000000000")].map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
