//! Order Search (page: api-9796922): page by page, or as a stream. The list of filters is cut on the page, and nobody saw
//! the response: its rows are raw JSON, found where lists of this server stand.

use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    ops::RangeInclusive,
};

use enkash_api::{Money, OperationId, PersonalData, UndocumentedJson, types};
use futures_core::Stream;
use futures_util::{TryStreamExt, stream};
use serde_json::Value;

use crate::{
    envelope::list::List,
    error::Error,
    model::ids::{CompanyId, UserId},
    redemption::{Redemption, order::Order},
    response::Response,
};

/// Which orders to look for. The page shows more filters after those that can be read.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct OrderSearch {
    body: types::builder::OrderSearchRequest,
    brands: Vec<String>,
    categories: Vec<String>,
}

impl OrderSearch {
    /// Every order.
    pub fn all() -> Self {
        Self::default()
    }

    fn with(
        mut self,
        add: impl FnOnce(types::builder::OrderSearchRequest) -> types::builder::OrderSearchRequest,
    ) -> Self {
        self.body = add(self.body);
        self
    }

    /// Those of a company (page: `companyId`).
    pub fn company(self, company: impl Into<CompanyId>) -> Self {
        self.with(|body| body.company_id(company.into().as_str()))
    }

    /// Those of a person (page: `ekUserId`).
    pub fn user(self, user: impl Into<UserId>) -> Self {
        self.with(|body| body.ek_user_id(user.into().as_str()))
    }

    /// Those of the person with this e-mail address.
    pub fn email(self, email: impl Into<PersonalData>) -> Self {
        self.with(|body| body.email(email.into()))
    }

    /// Those of a brand; more calls add more brands.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.brands.push(brand.into());
        self
    }

    /// Those of a category; more calls add more categories.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.categories.push(category.into());
        self
    }

    /// Those of at least this amount.
    pub fn amount_from(self, amount: Money) -> Self {
        self.with(|body| body.amount_from(amount))
    }

    /// Those of at most this amount.
    pub fn amount_to(self, amount: Money) -> Self {
        self.with(|body| body.amount_to(amount))
    }

    /// Those made from this time on. No page shows the format.
    pub fn created_from(self, time: impl Into<String>) -> Self {
        self.with(|body| body.created_on_from(time.into()))
    }

    /// Those made until this time. No page shows the format.
    pub fn created_to(self, time: impl Into<String>) -> Self {
        self.with(|body| body.created_on_to(time.into()))
    }

    /// Those of a supplier of vouchers; `REWARD_STORE` is the only one that a page shows.
    pub fn aggregator(self, aggregator: impl Into<String>) -> Self {
        self.with(|body| body.aggregator(aggregator.into()))
    }

    /// The one that the supplier names so (page: `aggregatorOrderId`).
    pub fn aggregator_order(self, order: impl Into<String>) -> Self {
        self.with(|body| body.aggregator_order_id(order.into()))
    }

    /// Those of a product of the supplier's (page: `aggregatorProductId`).
    pub fn aggregator_product(self, product: impl Into<String>) -> Self {
        self.with(|body| body.aggregator_product_id(product.into()))
    }

    /// Those with a discount of the supplier's in this range. No page states the unit.
    pub fn aggregator_discount(self, range: RangeInclusive<i64>) -> Self {
        let (from, to) = range.into_inner();
        self.with(|body| body.aggregator_discount_from(from).aggregator_discount_to(to))
    }

    /// Those with a discount of EnKash's in this range. No page states the unit.
    pub fn enkash_discount(self, range: RangeInclusive<i64>) -> Self {
        let (from, to) = range.into_inner();
        self.with(|body| body.enkash_discount_from(from).enkash_discount_to(to))
    }

    /// The direction of sorting, presumably (page: `direction`). No page shows the values.
    pub fn direction(self, direction: impl Into<String>) -> Self {
        self.with(|body| body.direction(direction.into()))
    }

    fn wire(self) -> types::builder::OrderSearchRequest {
        let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
        self.body.brand(some(self.brands)).category(some(self.categories))
    }
}

/// Which part of a list to ask for (page: `limit` and `offset`, sent as texts, as the page declares them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderPage {
    /// Rows of one answer at most.
    pub limit: NonZeroU32,
    /// Rows to skip.
    pub offset: u64,
}

impl OrderPage {
    /// The first rows.
    #[must_use]
    pub fn first(limit: NonZeroU32) -> Self {
        Self { limit, offset: 0 }
    }

    /// The rows after these.
    #[must_use]
    pub fn next(self) -> Self {
        self.after(self.limit.get() as usize)
    }

    /// The rows after so many of these: an API server may give fewer than were asked for.
    fn after(self, rows: usize) -> Self {
        Self {
            offset: self.offset.saturating_add(rows as u64),
            ..self
        }
    }
}

/// Ten rows, as in the page's example.
impl Default for OrderPage {
    fn default() -> Self {
        Self::first(NonZeroU32::MIN.saturating_add(9))
    }
}

/// A response that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct OrderRows {
    json: UndocumentedJson,
}

impl OrderRows {
    /// The rows, where lists of this server stand: `payload.data`, or a list in `payload`. **Inferred**; `None` where no list
    /// is found there, which is not the same as an empty one.
    #[must_use]
    pub fn rows(&self) -> Option<&[Value]> {
        List::from_response(self.json.as_value()).map(|list| list.rows)
    }

    /// The same rows as orders, where the rows have the form of an order that is read back. **Inferred**; a row of another form
    /// is left out.
    #[must_use]
    pub fn orders(&self) -> Option<Vec<Order>> {
        let orders = self.rows()?.iter().filter_map(Order::from_row);
        Some(orders.collect())
    }
}

/// Every order, page by page: from [`Redemption::order_pages`].
pub struct OrderPages {
    redemption: Redemption,
    search: OrderSearch,
    /// `None` after the last page.
    page: Option<OrderPage>,
    /// Keyed hashes of the pages that came.
    seen: HashSet<u64>,
    keys: RandomState,
    is_counted: bool,
}

/// More pages than any list has that ends.
const MAX_PAGES: usize = 100_000;

impl OrderPages {
    /// The rows of the next page; `None` after the last one.
    ///
    /// It ends at a page with fewer rows than asked for, unless the API's count of rows says that there are more.
    ///
    /// # Errors
    ///
    /// The API refused, or no response came. So are a page without a list, one that is empty although the count says that there
    /// are more, and one that came before: then the API does not page as its page says, and going on would never end. More than
    /// 100,000 pages are taken for such a list as well. After an error the same page is asked for again.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, Error> {
        let Some(page) = self.page else {
            return Ok(None);
        };
        let answer = self.redemption.orders(self.search.clone(), page).await?;
        let unreadable =
            || Error::unreadable(OperationId::SearchOrders, http::StatusCode::OK).with_history(&answer.history());
        let rows = answer.value().rows().ok_or_else(unreadable)?.to_vec();
        let read = page.offset.saturating_add(rows.len() as u64);
        let count = answer.total_count();
        let says_more = count.is_some_and(|count| count > read);
        if rows.is_empty() {
            if says_more {
                return Err(unreadable());
            }
            self.is_counted &= count.is_some();
            self.page = None;
            return Ok(None);
        }
        let key = self.keys.hash_one(&rows);
        if self.seen.contains(&key) || self.seen.len() >= MAX_PAGES {
            return Err(unreadable());
        }
        // Nobody saw the count: one that is reached by a full page may be that of the page alone.
        let goes_on = says_more || rows.len() >= page.limit.get() as usize;
        self.is_counted &= count.is_some_and(|count| count >= read);
        self.page = goes_on.then(|| page.after(rows.len()));
        self.seen.insert(key);
        Ok(Some(rows))
    }

    /// Whether every response counted the rows of the list, and not fewer than came. Where that is not so, nothing shows that the
    /// list is whole: no page says whether `offset` counts rows or pages.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.is_counted
    }
}

/// It shows no row.
impl fmt::Debug for OrderPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderPages")
            .field("search", &self.search)
            .field("page", &self.page)
            .field("is_counted", &self.is_counted)
            .finish_non_exhaustive()
    }
}

impl Redemption {
    /// One page of orders (page: Order Search, api-9796922).
    ///
    /// # Errors
    ///
    /// The API refused, or no response came.
    pub async fn orders(&self, search: OrderSearch, page: OrderPage) -> Result<Response<OrderRows>, Error> {
        let body = search.wire();
        self.enkash
            .call(
                OperationId::SearchOrders,
                async move |client| {
                    let call = client
                        .search_orders()
                        .limit(page.limit.to_string())
                        .offset(page.offset.to_string())
                        .body(body);
                    call.send().await
                },
                |json| Ok(OrderRows { json }),
            )
            .await
    }

    /// Every order, page by page; each is asked for when it is needed (page: Order Search, api-9796922).
    ///
    /// ```
    /// use enkash::redemption::{OrderPage, OrderSearch, Redemption};
    ///
    /// # async fn example(redemption: Redemption) -> Result<(), enkash::Error> {
    /// let mut pages = redemption.order_pages(OrderSearch::all(), OrderPage::default());
    /// while let Some(orders) = pages.next().await? {
    ///     println!("{} more", orders.len());
    /// }
    /// println!("whole, by the API's own count: {}", pages.is_counted());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn order_pages(&self, search: OrderSearch, first: OrderPage) -> OrderPages {
        OrderPages {
            redemption: self.clone(),
            search,
            page: Some(first),
            seen: HashSet::new(),
            keys: RandomState::new(),
            is_counted: true,
        }
    }

    /// The rows of [`order_pages`](Self::order_pages), one by one. An error ends it.
    ///
    /// ```
    /// use enkash::redemption::{OrderPage, OrderSearch, Redemption};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(redemption: Redemption) -> Result<(), enkash::Error> {
    /// let mut orders = Box::pin(redemption.order_stream(OrderSearch::all(), OrderPage::default()));
    /// while let Some(order) = orders.try_next().await? {
    ///     println!("{}", order["orderId"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn order_stream(
        &self,
        search: OrderSearch,
        first: OrderPage,
    ) -> impl Stream<Item = Result<Value, Error>> + Send + use<> {
        let pages = stream::try_unfold(self.order_pages(search, first), async |mut pages| {
            let rows = pages.next().await?;
            Ok::<_, Error>(rows.map(|rows| (stream::iter(rows.into_iter().map(Ok)), pages)))
        });
        pages.try_flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_sent_by_the_name_of_its_page() {
        let search = OrderSearch::all()
            .company("C")
            .user("EK1")
            .email("meera@example.com")
            .brand("Tea")
            .category("Food")
            .amount_from(1.into())
            .amount_to(2.into())
            .created_from("a")
            .created_to("b")
            .aggregator("REWARD_STORE")
            .aggregator_order("O")
            .aggregator_product("P")
            .aggregator_discount(1..=2)
            .enkash_discount(3..=4)
            .direction("ASC");
        let request = types::OrderSearchRequest::try_from(search.wire()).unwrap();
        let expected = serde_json::json!({
            "companyId": "C", "ekUserId": "EK1", "email": "meera@example.com", "brand": ["Tea"], "category": ["Food"],
            "amountFrom": 1, "amountTo": 2, "createdOnFrom": "a", "createdOnTo": "b", "aggregator": "REWARD_STORE",
            "aggregatorOrderId": "O", "aggregatorProductId": "P", "aggregatorDiscountFrom": 1, "aggregatorDiscountTo": 2,
            "enkashDiscountFrom": 3, "enkashDiscountTo": 4, "direction": "ASC"
        });
        assert_eq!(serde_json::to_value(request).unwrap(), expected);
    }
}
