//! `enkash transactions`: looks for movements. Nobody has seen the response: what the library cannot
//! read of a row is shown as missing, not guessed.

use enkash::{
    ClientReference, Money, OperationId, Timestamp,
    rewards::{Transaction, TransactionSearch},
};

use super::{
    evidence::{no_list, note_cut, show_list},
    narrow::narrow,
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
    /// Only the transaction with this id
    #[arg(long, value_name = "ID")]
    transaction: Option<String>,
    /// Only those of this person
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Only those that credit cards, CR, or that debit them, DR
    #[arg(long)]
    direction: Option<String>,
    /// Only those in this state
    #[arg(long)]
    status: Option<String>,
    /// Only those of at least this amount
    #[arg(long, value_name = "AMOUNT")]
    amount_from: Option<Money>,
    /// Only those of at most this amount
    #[arg(long, value_name = "AMOUNT")]
    amount_to: Option<Money>,
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
        let search = narrow(search, self.card, TransactionSearch::card);
        let search = narrow(search, self.transaction, TransactionSearch::transaction);
        let search = narrow(search, self.user, TransactionSearch::user);
        let search = narrow(search, self.direction, TransactionSearch::direction);
        let search = narrow(search, self.status, TransactionSearch::status);
        let search = narrow(search, self.amount_from, TransactionSearch::amount_from);
        let search = narrow(search, self.amount_to, TransactionSearch::amount_to);
        let search = narrow(search, self.from, TransactionSearch::since);
        let search = narrow(search, self.to, TransactionSearch::until);
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
            &rows,
            context.output,
        )?;
        let narrower = "transactions; --card, --reference, and --from with --to narrow the search";
        note_cut(rows.len(), found.total_count(), narrower, context.output);
        if rows.is_empty() {
            context
                .output
                .note("note: finding nothing does not prove that nothing moved");
        }
        Ok(ExitStatus::Done)
    }
}

/// What is shown of a row. The holder's name is left out: it is not this command's purpose.
fn list() -> List<Transaction> {
    List::<Transaction>::new()
        .text("transaction", |row| row.id.as_ref().map(ToString::to_string))
        .text("reference", |row| row.reference.clone())
        .text("card", |row| row.card.as_ref().map(ToString::to_string))
        // `CR` credits the card, `DR` debits it.
        .text("direction", |row| row.direction.as_ref().map(ToString::to_string))
        .heading("way")
        .amount("amount", |row| row.amount)
        // Of the card, after the transaction.
        .amount("balance", |row| row.balance)
        .text("status", |row| row.status.clone())
        .text("at", |row| row.at.clone().or_else(|| row.created.clone()))
        .heading("time")
        .in_table("reference direction amount card balance status at transaction")
}
