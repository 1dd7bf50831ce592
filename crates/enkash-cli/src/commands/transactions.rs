//! `enkash transactions`: looks for movements. Nobody saw the portal's answer, so the rows are read by the
//! names that one public integration uses; what cannot be read is shown as missing, not guessed.

use enkash::{
    ClientReference, Money, OperationId,
    rewards::{TransactionSearch, Transactions},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{EvidenceJson, no_list, note_evidence};
use crate::{
    cli,
    exit::{Exit, Failure},
    output::{Cell, Column, Format, Output, money},
    session::{Session, Target},
};

/// What is read of a row. The holder's name is left out: it is not this command's purpose.
#[derive(Serialize)]
struct Transaction {
    transaction: Option<String>,
    reference: Option<String>,
    card: Option<String>,
    /// `CR` credits the card, `DR` debits it.
    direction: Option<String>,
    amount: Option<String>,
    /// Of the card, after the transaction.
    balance: Option<String>,
    status: Option<String>,
    at: Option<String>,
}

pub(super) async fn run(target: &Target, arguments: cli::Transactions, output: &mut Output) -> Result<Exit, Failure> {
    let search = search(arguments)?;
    let session = Session::open(target, output).await?;
    let found = session.rewards.transactions(search).await?;
    tell(&found, output)
}

pub(super) fn search(arguments: cli::Transactions) -> Result<TransactionSearch, Failure> {
    let mut search = TransactionSearch::all();
    if let Some(reference) = arguments.reference {
        let reference: ClientReference = reference
            .parse()
            .map_err(|error| Failure::bad_input(format!("--reference: {error}")))?;
        search = search.reference(reference);
    }
    if let Some(card) = arguments.card {
        search = search.card(card.into());
    }
    Ok(search)
}

/// Tells transactions, of whichever kind of account.
pub(super) fn tell(found: &Transactions, output: &mut Output) -> Result<Exit, Failure> {
    let rows = found.rows().ok_or_else(|| no_list(""))?;
    let transactions: Vec<_> = rows.iter().map(Transaction::of).collect();
    match output.format {
        Format::Json => output.json(&json!({
            "evidence": EvidenceJson::of(OperationId::SearchTransactions),
            "transactions": transactions,
        }))?,
        Format::Csv => {
            output.header(&[
                "transaction",
                "reference",
                "card",
                "direction",
                "amount",
                "balance",
                "status",
                "at",
            ])?;
            transactions.iter().try_for_each(|row| output.record(&row.record()))?;
        }
        Format::Table => {
            let columns = vec![
                Column::left("reference"),
                Column::left("way"),
                Column::right("amount"),
                Column::left("card"),
                Column::right("balance"),
                Column::left("status"),
                Column::left("time"),
                Column::left("transaction"),
            ];
            let rows: Vec<_> = transactions.iter().map(Transaction::cells).collect();
            output.table(columns, &rows)?;
        }
    }
    note_evidence(output, OperationId::SearchTransactions);
    if transactions.is_empty() {
        output.note("note: finding nothing does not prove that nothing moved");
    }
    Ok(Exit::Done)
}

impl Transaction {
    fn of(row: &Value) -> Self {
        let text = |name: &str| match row.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let amount = |name: &str| {
            row.get(name)
                .and_then(|value| Money::deserialize(value).ok())
                .map(money)
        };
        Self {
            transaction: text("enKashCardTransactionId"),
            reference: text("pgReferenceNumber"),
            card: text("enkashCardId").or_else(|| text("enKashCardId")),
            direction: text("cardTransactionType"),
            amount: amount("principalAmount"),
            balance: amount("balance"),
            status: text("status"),
            at: text("txnDate").or_else(|| text("createdOn")),
        }
    }

    fn record(&self) -> [Cell<'_>; 8] {
        [
            Cell::text(self.transaction.as_deref()),
            Cell::text(self.reference.as_deref()),
            Cell::text(self.card.as_deref()),
            Cell::text(self.direction.as_deref()),
            Cell::number(self.amount.as_deref()),
            Cell::number(self.balance.as_deref()),
            Cell::text(self.status.as_deref()),
            Cell::text(self.at.as_deref()),
        ]
    }

    fn cells(&self) -> Vec<String> {
        [
            &self.reference,
            &self.direction,
            &self.amount,
            &self.card,
            &self.balance,
            &self.status,
            &self.at,
            &self.transaction,
        ]
        .map(|cell| cell.clone().unwrap_or_else(|| "-".to_owned()))
        .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_another_form_is_shown_as_missing() {
        let cells =
            Transaction::of(&json!({"cardHolderName": "Meera", "principalAmount": "x", "status": null})).cells();
        assert_eq!(cells, vec!["-"; 8]);
        let known = Transaction::of(&json!({"principalAmount": "4.5", "txnDate": 1_700_000_000_000_i64}));
        assert_eq!(
            (known.amount.as_deref(), known.at.as_deref()),
            (Some("4.50"), Some("1700000000000"))
        );
    }
}
