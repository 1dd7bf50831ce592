//! `enkash order list`: looks for orders, by page or as a stream of all pages. Nobody saw the rows, so they are read by the
//! names of the order that is read back; what cannot be read is shown as missing.

use std::num::NonZeroU32;

use enkash::{
    Money, OperationId,
    redemption::{OrderPage, OrderSearch},
};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::{EvidenceJson, no_list, note_evidence};
use crate::{
    exit::{Exit, Failure},
    output::{Cell, Column, Format, Output, Table, money},
    session::{Connection, Target},
};

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    /// Only those of this company
    #[arg(long, value_name = "ID")]
    company: Option<String>,
    /// Only those of this person
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// Only those of the person with this e-mail address
    #[arg(long)]
    email: Option<String>,
    /// Only those of this brand; repeat it for several
    #[arg(long)]
    brand: Vec<String>,
    /// Only those of this category; repeat it for several
    #[arg(long)]
    category: Vec<String>,
    /// Only those of at least this amount
    #[arg(long, value_name = "AMOUNT")]
    amount_from: Option<Money>,
    /// Only those of at most this amount
    #[arg(long, value_name = "AMOUNT")]
    amount_to: Option<Money>,
    /// Only those made from this time on, sent as it stands here: no page shows the format
    #[arg(long, value_name = "TIME")]
    created_from: Option<String>,
    /// Only those made until this time, sent as it stands here
    #[arg(long, value_name = "TIME")]
    created_to: Option<String>,
    /// How many rows a page has
    #[arg(long, value_name = "N", default_value = "10")]
    limit: NonZeroU32,
    /// How many rows to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
    /// Every page, row by row as they come
    #[arg(long)]
    all: bool,
    /// Log in as the redemption user, not as the partner
    #[arg(long)]
    as_user: bool,
    /// With JSON, add each row as it came; it may hold people's data and voucher codes, so it needs --reveal
    #[arg(long, requires = "reveal")]
    raw: bool,
    /// Allow --raw to show what may be codes and pins
    #[arg(long)]
    reveal: bool,
}

pub(crate) const HELP: &str = "\
Examples:
  enkash --sandbox order list
  enkash --sandbox order list --brand Tea --amount-from 100 --limit 50
  enkash --sandbox order list --all --output json
  enkash order list --as-user --all --output csv

JSON is one object a line: {\"type\":\"order\",…} for each row and
{\"type\":\"summary\",…} at the end. Without the summary the list is not whole.";

const NAMES: [&str; 10] = [
    "order",
    "reference",
    "status",
    "payment_status",
    "quantity",
    "total",
    "paid",
    "product",
    "brand",
    "at",
];

/// What is read of a row. No person, and no voucher.
#[derive(Serialize)]
struct Row {
    order: Option<String>,
    reference: Option<String>,
    status: Option<String>,
    payment_status: Option<String>,
    quantity: Option<String>,
    total: Option<String>,
    paid: Option<String>,
    product: Option<String>,
    brand: Option<String>,
    at: Option<String>,
}

#[derive(Serialize)]
struct RowLine<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    row: &'a Row,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a Value>,
}

pub(super) async fn run(target: &Target, arguments: List, output: &mut Output) -> Result<Exit, Failure> {
    let mut page = OrderPage::first(arguments.limit);
    page.offset = arguments.offset;
    let search = arguments.search();
    let (_connection, redemption) = Connection::open_redemption(target, arguments.as_user, output).await?;
    let mut told = Told::new(arguments.raw, output);
    let mut records_count = None;
    if arguments.all {
        let mut orders = Box::pin(redemption.order_stream(search, page));
        while let Some(order) = orders.try_next().await? {
            told.row(&order, output)?;
        }
    } else {
        let answer = redemption.orders(search, page).await?;
        records_count = answer.records_count();
        let Some(rows) = answer.rows() else {
            if arguments.raw && output.format == Format::Json {
                output.json(&json!({ "type": "answer", "raw": answer.raw() }))?;
            }
            return Err(no_list("; --json --raw --reveal shows the answer"));
        };
        rows.iter().try_for_each(|row| told.row(row, output))?;
    }
    told.end(records_count, output)
}

impl List {
    fn search(&self) -> OrderSearch {
        let mut search = OrderSearch::all();
        if let Some(company) = &self.company {
            search = search.company(company.as_str());
        }
        if let Some(user) = &self.user {
            search = search.user(user.as_str());
        }
        if let Some(email) = &self.email {
            search = search.email(email.as_str());
        }
        search = self
            .brand
            .iter()
            .fold(search, |search, brand| search.brand(brand.as_str()));
        search = self
            .category
            .iter()
            .fold(search, |search, category| search.category(category.as_str()));
        if let Some(amount) = self.amount_from {
            search = search.amount_from(amount);
        }
        if let Some(amount) = self.amount_to {
            search = search.amount_to(amount);
        }
        if let Some(time) = &self.created_from {
            search = search.created_from(time.as_str());
        }
        if let Some(time) = &self.created_to {
            search = search.created_to(time.as_str());
        }
        search
    }
}

/// Tells rows as they come.
struct Told {
    table: Table,
    with_raw: bool,
    rows: u64,
}

impl Told {
    fn new(with_raw: bool, output: &Output) -> Self {
        let columns = vec![
            Column::left("reference").at_least(26),
            Column::left("status"),
            Column::left("payment"),
            Column::right("pieces"),
            Column::right("total").at_least(10),
            Column::right("paid").at_least(10),
            Column::left("order").at_least(13),
            Column::left("time").at_least(20),
            Column::left("brand"),
        ];
        Self {
            table: Table::new(columns, output.columns()),
            with_raw,
            rows: 0,
        }
    }

    fn begin(&mut self, output: &mut Output) -> Result<(), Failure> {
        match output.format {
            Format::Json => Ok(()),
            Format::Csv => output.header(&NAMES),
            Format::Table => self.table.header().map_or(Ok(()), |header| output.line(&header)),
        }
    }

    fn row(&mut self, order: &Value, output: &mut Output) -> Result<(), Failure> {
        if self.rows == 0 {
            self.begin(output)?;
        }
        self.rows += 1;
        let row = Row::of(order);
        match output.format {
            Format::Json => output.json(&RowLine {
                r#type: "order",
                row: &row,
                raw: self.with_raw.then_some(order),
            }),
            Format::Csv => output.record(&row.record()),
            Format::Table => output.lines(self.table.row(&row.cells())),
        }
    }

    fn end(mut self, records_count: Option<u64>, output: &mut Output) -> Result<Exit, Failure> {
        if self.rows == 0 {
            self.begin(output)?;
        }
        if output.format == Format::Json {
            output.json(&json!({
                "type": "summary",
                "evidence": EvidenceJson::of(OperationId::SearchOrders),
                "orders": self.rows,
                "records_count": records_count,
            }))?;
        }
        note_evidence(output, OperationId::SearchOrders);
        if let Some(count) = records_count.filter(|count| *count > self.rows) {
            output.note(&format!(
                "note: {} of {count} orders; --all shows every page, --offset another one",
                self.rows
            ));
        }
        Ok(Exit::Done)
    }
}

impl Row {
    fn of(order: &Value) -> Self {
        let text = |name: &str| match order.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let amount = |name: &str| {
            let amount = order.get(name)?;
            Money::deserialize(amount).ok().map(money)
        };
        Self {
            order: text("orderId"),
            reference: text("partnerOrderReferenceId"),
            status: text("orderStatus"),
            payment_status: text("paymentStatus"),
            quantity: text("totalQuantity"),
            total: amount("totalAmount"),
            paid: amount("paidAmount"),
            product: text("productCatalogId"),
            brand: text("brand"),
            at: text("createdOn"),
        }
    }

    fn record(&self) -> [Cell<'_>; 10] {
        [
            Cell::text(self.order.as_deref()),
            Cell::text(self.reference.as_deref()),
            Cell::text(self.status.as_deref()),
            Cell::text(self.payment_status.as_deref()),
            Cell::number(self.quantity.as_deref()),
            Cell::number(self.total.as_deref()),
            Cell::number(self.paid.as_deref()),
            Cell::text(self.product.as_deref()),
            Cell::text(self.brand.as_deref()),
            Cell::text(self.at.as_deref()),
        ]
    }

    fn cells(&self) -> Vec<String> {
        [
            &self.reference,
            &self.status,
            &self.payment_status,
            &self.quantity,
            &self.total,
            &self.paid,
            &self.order,
            &self.at,
            &self.brand,
        ]
        .map(|cell| cell.clone().unwrap_or_else(|| "-".to_owned()))
        .to_vec()
    }
}
