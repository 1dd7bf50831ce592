//! `enkash order list`: looks for orders, a page of them or all pages. Nobody saw the rows, so they are read by the
//! names of the order that is read back; what cannot be read is shown as missing.

use std::{collections::HashSet, hash::BuildHasher, num::NonZeroU32};

use enkash::{
    Money, OperationId, Response,
    redemption::{OrderPage, OrderPages, OrderRows, OrderSearch},
};
use serde_json::{Value, json};

use super::super::{
    evidence::{EvidenceJson, no_list, note_cut, note_evidence},
    narrow::{check_amounts, narrow},
    raw_row,
};
use crate::{
    command::{Command, Context, Effect},
    exit::{CliError, ExitStatus},
    output::{self, Cell, Format, Output, Rows},
};

const HELP: &str = "\
Examples:
  enkash --sandbox order list
  enkash --sandbox order list --brand Tea --amount-from 100 --limit 50
  enkash --sandbox order list --all --output json
  enkash order list --as-user --all --output csv

JSON is one object a line: {\"type\":\"order\",…} for each row and
{\"type\":\"summary\",…} at the end. Without the summary the list is not whole.

The page names the filters, the page (limit, offset) and no response. Its list
of filters is cut, and marks all of them as required, which they are not here.
With --all a row that comes again, because orders were made meanwhile and the
pages shifted, is shown once and counted. Where a response has no count of all
rows, is_counted is false: nothing shows then that the list is whole.";

/// Rows of a page, as in the page's example.
const PAGE_SIZE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Rows that are told apart. Beyond them a row may be shown again.
const MAX_KNOWN_ROWS: usize = 1_000_000;

/// Look for orders, a page of them or all
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
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
    /// Only those of this supplier of vouchers
    #[arg(long, value_name = "NAME")]
    aggregator: Option<String>,
    /// Only the one that the supplier names so
    #[arg(long, value_name = "ID")]
    aggregator_order: Option<String>,
    /// Only those of this product of the supplier's
    #[arg(long, value_name = "ID")]
    aggregator_product: Option<String>,
    /// Only those whose discount of the supplier's is in a range that begins here; no page states the unit
    #[arg(long, value_name = "N", requires = "aggregator_discount_to")]
    aggregator_discount_from: Option<i64>,
    /// Where that range ends
    #[arg(long, value_name = "N", requires = "aggregator_discount_from")]
    aggregator_discount_to: Option<i64>,
    /// Only those whose discount of EnKash's is in a range that begins here; no page states the unit
    #[arg(long, value_name = "N", requires = "enkash_discount_to")]
    enkash_discount_from: Option<i64>,
    /// Where that range ends
    #[arg(long, value_name = "N", requires = "enkash_discount_from")]
    enkash_discount_to: Option<i64>,
    /// The direction of sorting, sent as it stands here: no page shows the values
    #[arg(long)]
    direction: Option<String>,
    /// Show so many rows at most
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU32>,
    /// Ask for so many rows at once; without it as many as --limit says, and 10 with --all
    #[arg(long, value_name = "N")]
    page_size: Option<NonZeroU32>,
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

impl Command for List {
    const EFFECT: Effect = Effect::Reads;
    const LISTS: bool = true;
    const OPERATIONS: &'static [OperationId] = &[OperationId::SearchOrders];

    fn columns() -> Vec<&'static str> {
        list(false).csv_keys()
    }

    async fn run(self, context: &mut Context<'_>) -> Result<ExitStatus, CliError> {
        check_amounts(self.amount_from, self.amount_to)?;
        let mut page = OrderPage::first(self.page_size());
        page.offset = self.offset;
        let search = self.search();
        let (_connection, redemption) = context.redemption(self.as_user).await?;
        let printer = OrderListPrinter::new(self.raw, self.limit, context.output);
        if self.all {
            return show_all(redemption.order_pages(search, page), printer, context.output).await;
        }
        let response = redemption.orders(search, page).await?;
        self.show_one_page(&response, printer, context.output)
    }
}

impl List {
    fn page_size(&self) -> NonZeroU32 {
        let limit = self.limit.filter(|_| !self.all);
        self.page_size.or(limit).unwrap_or(PAGE_SIZE)
    }

    fn show_one_page(
        &self,
        response: &Response<OrderRows>,
        mut printer: OrderListPrinter,
        output: &mut Output,
    ) -> Result<ExitStatus, CliError> {
        let Some(rows) = response.value().rows() else {
            if self.raw && output.format == Format::Json {
                output.json(&json!({ "type": "answer", "raw": response.raw() }))?;
            }
            return Err(no_list("; --json --raw --reveal shows the response"));
        };
        let most = self.limit.map_or(rows.len(), |limit| limit.get() as usize);
        rows.iter().take(most).try_for_each(|row| printer.row(row, output))?;
        printer.is_limited = rows.len() > most;
        let records_count = response.total_count();
        printer.end(records_count, records_count.is_some(), output)?;
        let rest = "orders; --all shows every page, --offset another one";
        note_cut(
            printer.shown(),
            records_count.max(Some(rows.len() as u64)),
            rest,
            output,
        );
        if records_count.is_none() && rows.len() >= self.page_size().get() as usize {
            output.note(
                "note: the page is full and nothing counts the orders, so there may be more; --all shows every page",
            );
        }
        Ok(ExitStatus::Done)
    }

    fn search(&self) -> OrderSearch {
        let search = OrderSearch::all();
        let search = self.brand.iter().map(String::as_str).fold(search, OrderSearch::brand);
        let search = self
            .category
            .iter()
            .map(String::as_str)
            .fold(search, OrderSearch::category);
        let search = narrow(search, self.company.as_deref(), OrderSearch::company);
        let search = narrow(search, self.user.as_deref(), OrderSearch::user);
        let search = narrow(search, self.email.as_deref(), OrderSearch::email);
        let search = narrow(search, self.amount_from, OrderSearch::amount_from);
        let search = narrow(search, self.amount_to, OrderSearch::amount_to);
        let search = narrow(search, self.created_from.as_deref(), OrderSearch::created_from);
        let search = narrow(search, self.created_to.as_deref(), OrderSearch::created_to);
        let search = narrow(search, self.aggregator.as_deref(), OrderSearch::aggregator);
        let search = narrow(search, self.aggregator_order.as_deref(), OrderSearch::aggregator_order);
        let search = narrow(
            search,
            self.aggregator_product.as_deref(),
            OrderSearch::aggregator_product,
        );
        let range = |from: Option<i64>, to: Option<i64>| from.zip(to).map(|(from, to)| from..=to);
        let supplier = range(self.aggregator_discount_from, self.aggregator_discount_to);
        let search = narrow(search, supplier, OrderSearch::aggregator_discount);
        let enkash = range(self.enkash_discount_from, self.enkash_discount_to);
        let search = narrow(search, enkash, OrderSearch::enkash_discount);
        narrow(search, self.direction.as_deref(), OrderSearch::direction)
    }
}

/// Shows page after page.
async fn show_all(
    mut pages: OrderPages,
    mut printer: OrderListPrinter,
    output: &mut Output,
) -> Result<ExitStatus, CliError> {
    output.begin_reading("orders");
    while let Some(orders) = pages.next().await? {
        output.show_read(orders.len());
        printer.page(&orders, output)?;
        if printer.is_limited {
            break;
        }
    }
    output.end_progress();
    printer.end(None, pages.is_counted(), output)?;
    if printer.is_limited {
        output.note(&format!(
            "note: {} orders, as --limit says; there may be more",
            printer.count
        ));
    } else if !pages.is_counted() {
        output.note("note: not every response counted its rows, so nothing shows that these are all");
    }
    Ok(ExitStatus::Done)
}

/// Shows rows as they come.
struct OrderListPrinter {
    rows: Rows<Value>,
    limit: Option<NonZeroU32>,
    count: u64,
    /// The limit is reached, so there may be more.
    is_limited: bool,
    /// What tells apart the rows that were shown: two keyed hashes of each.
    known: HashSet<(u64, u64)>,
    keys: [std::hash::RandomState; 2],
    repeats: u64,
}

impl OrderListPrinter {
    fn new(with_raw: bool, limit: Option<NonZeroU32>, output: &Output) -> Self {
        Self {
            rows: list(with_raw).stream(output),
            limit,
            count: 0,
            is_limited: false,
            known: HashSet::new(),
            keys: Default::default(),
            repeats: 0,
        }
    }

    fn shown(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX)
    }

    /// Shows the rows of a page, up to the limit.
    fn page(&mut self, orders: &[Value], output: &mut Output) -> Result<(), CliError> {
        for order in orders {
            if self.is_new(order) {
                self.row(order, output)?;
            }
            self.is_limited = self.limit.is_some_and(|limit| self.count >= u64::from(limit.get()));
            if self.is_limited {
                break;
            }
        }
        Ok(())
    }

    /// Whether a row is none that was shown before: the same order with the same values, which pages that overlap show twice.
    fn is_new(&mut self, order: &Value) -> bool {
        if raw_row::text(order, "orderId").is_none() {
            return true;
        }
        let row = order.to_string();
        let [first, second] = &self.keys;
        let key = (first.hash_one(&row), second.hash_one(&row));
        let is_new = match self.known.len() < MAX_KNOWN_ROWS {
            true => self.known.insert(key),
            false => !self.known.contains(&key),
        };
        self.repeats += u64::from(!is_new);
        is_new
    }

    fn row(&mut self, order: &Value, output: &mut Output) -> Result<(), CliError> {
        if self.count == 0 {
            self.rows.begin(output)?;
        }
        self.count += 1;
        self.rows.row(order, output)
    }

    fn end(&self, records_count: Option<u64>, is_counted: bool, output: &mut Output) -> Result<(), CliError> {
        if self.count == 0 {
            self.rows.begin(output)?;
        }
        if output.format == Format::Json {
            output.json(&json!({
                "type": "summary",
                "evidence": EvidenceJson::for_operation(OperationId::SearchOrders),
                "orders": self.count,
                "records_count": records_count,
                "is_limited": self.is_limited,
                "is_counted": is_counted,
                "repeats": self.repeats,
            }))?;
        }
        if self.repeats > 0 {
            output.warn(&format!(
                "warning: {} rows came again, and are shown once: orders were made meanwhile, and the pages shifted. One may be missing \
                 as well; read the list again to be sure",
                self.repeats
            ));
        }
        note_evidence(output, OperationId::SearchOrders);
        Ok(())
    }
}

/// What is read of a row. No person, and no voucher, unless the whole row is asked for.
fn list(with_raw: bool) -> output::List<Value> {
    let list = output::List::<Value>::new()
        .text("type", |_| Some("order".to_owned()))
        .not_in_csv()
        .text("order", |order| raw_row::text(order, "orderId"))
        .at_least(13)
        .text("reference", |order| raw_row::text(order, "partnerOrderReferenceId"))
        .at_least(26)
        .text("status", |order| raw_row::text(order, "orderStatus"))
        .text("payment_status", |order| raw_row::text(order, "paymentStatus"))
        .heading("payment")
        .number("quantity", |order| raw_row::text(order, "totalQuantity"))
        .heading("pieces")
        .amount("total", |order| raw_row::amount(order, "totalAmount"))
        .at_least(10)
        .amount("paid", |order| raw_row::amount(order, "paidAmount"))
        .at_least(10)
        .text("product", |order| raw_row::text(order, "productCatalogId"))
        .text("brand", |order| raw_row::text(order, "brand"))
        .text("at", |order| raw_row::text(order, "createdOn"))
        .heading("time")
        .at_least(20);
    let list = if with_raw {
        list.cell("raw", Cell::json).not_in_csv()
    } else {
        list
    };
    list.in_table("reference status payment_status quantity total paid order at brand")
}
