//! Redemption: the cart, the catalogue and orders, with a person's own token or the partner's.

use std::{collections::BTreeSet, num::NonZeroU32};

use enkash::{
    Credentials, Enkash, OperationId, Outcome,
    redemption::{CartLineInput, OrderPage, OrderSearch, Redemption, VoucherOrder},
    spec::{Method, PathTemplate},
    token::MemoryLedger,
};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::fixture::{Fixture, builder, reference};

const BOOKS: &str = "PC0SANDBOXBOOKS1";

fn user(sandbox: &Sandbox, password: Option<&str>) -> Credentials {
    let to = sandbox.credentials_of("9000000901").unwrap();
    Credentials::new(
        to.client_id.as_str(),
        to.client_secret.as_str(),
        to.username.as_str(),
        password.unwrap_or(&to.password),
    )
}

fn of_user(fixture: &Fixture) -> Redemption {
    fixture.enkash.redemption(user(&fixture.sandbox, None)).unwrap()
}

fn order(quantity: i64, name: &str) -> VoucherOrder {
    VoucherOrder::new(BOOKS, 100, quantity, reference(name)).unwrap()
}

#[tokio::test]
async fn a_cart_is_the_persons_whose_token_it_is() {
    let fixture = Fixture::start().await;
    let redemption = of_user(&fixture);
    assert_eq!(redemption.cart().await.unwrap().value().len(), 0);

    let items = [CartLineInput::new("PCN0SANDBOXBK0100", 2)];
    let cart = redemption.add_to_cart(&BOOKS.into(), &items).await.unwrap();
    assert_eq!(cart.value()[0].items[0].quantity, Some(2));
    assert_eq!(cart.value()[0].amount, Some("196".parse().unwrap()));
    assert!(!cart.value()[0].available.is_empty() && cart.value()[0].user.is_some());

    let row = cart.value()[0].id.unwrap();
    let changed = redemption
        .update_cart(row, &[CartLineInput::new("PCN0SANDBOXBK0100", 5)])
        .await
        .unwrap();
    assert_eq!(changed.value()[0].quantity, Some(5));

    assert_eq!(
        fixture
            .enkash
            .redemption_as_partner()
            .cart()
            .await
            .unwrap()
            .value()
            .len(),
        0
    );
    // One login of each: the two kinds of token never mix.
    assert_eq!(fixture.sandbox.calls(Operation::IssueToken), 2);
    assert!(
        redemption
            .add_to_cart(&BOOKS.into(), &[])
            .await
            .unwrap_err()
            .is_invalid_input()
    );
}

#[tokio::test]
async fn a_persons_wrong_password_stops_nobody_else() {
    let sandbox = Sandbox::start().await.unwrap();
    let enkash = builder(&sandbox)
        .strike_ledger(MemoryLedger::default())
        .build()
        .unwrap();
    let fixture = Fixture { sandbox, enkash };
    let wrong = fixture
        .enkash
        .redemption(user(&fixture.sandbox, Some("wrong")))
        .unwrap();
    let error = wrong.cart().await.unwrap_err();
    assert!(error.is_credentials_rejected() && error.is_account_at_risk());
    assert!(wrong.order(order(1, "ORDER1")).await.as_str() == "not sent");

    assert!(of_user(&fixture).token().await.is_ok());
    assert!(fixture.enkash.token().await.is_ok());
    assert!(!fixture.sandbox.is_locked("9000000901"));
}

#[tokio::test]
async fn a_change_of_the_cart_is_never_repeated_by_itself() {
    let fixture = Fixture::start().await;
    fixture
        .sandbox
        .add_fault(FaultRule::on(Operation::AddToCart, Fault::ServerError(When::After)));
    let redemption = of_user(&fixture);
    let items = [CartLineInput::new("PCN0SANDBOXBK0100", 2)];
    let error = redemption.add_to_cart(&BOOKS.into(), &items).await.unwrap_err();
    assert!(error.was_sent());
    assert_eq!(fixture.sandbox.calls(Operation::AddToCart), 1);
    assert_eq!(redemption.cart().await.unwrap().value()[0].quantity, Some(2));
}

#[tokio::test]
async fn an_order_gives_vouchers_whose_codes_are_secrets() {
    let fixture = Fixture::start().await;
    let redemption = of_user(&fixture);
    let product = redemption.product(&BOOKS.into()).await.unwrap();
    assert_eq!(product.value().brand.as_deref(), Some("Paper Moon Books"));
    assert_eq!(product.value().denominations[0].price, Some("98".parse().unwrap()));

    let Outcome::Done(done) = redemption.order(order(2, "ORDER1")).await else {
        panic!("not done");
    };
    let id = done.value().order_id().unwrap();
    assert_eq!(done.value().order().unwrap().vouchers.len(), 2);

    let read = redemption.order_info("ORDER1").await.unwrap();
    assert_eq!(read.value().id.as_ref(), Some(&id));
    assert!(read.value().is_finished());
    assert_eq!(
        (read.value().total, read.value().paid),
        ("200".parse().ok(), "196".parse().ok())
    );
    let by_post = redemption.order_info_by_post(id.as_str()).await.unwrap();
    let voucher = &by_post.value().vouchers[0];
    let (code, pin) = (voucher.code.clone().unwrap(), voucher.pin.clone().unwrap());
    let shown = format!("{read:?} {by_post:?} {done:?}");
    assert!(!shown.contains(code.expose()) && !shown.contains(&format!("\"{}\"", pin.expose())));
    assert!(redemption.order_info("ORDER2").await.unwrap_err().is_refused());
}

#[test]
fn an_order_of_nothing_cannot_be_made() {
    for (denomination, quantity) in [(0, 1), (100, -1)] {
        let order = VoucherOrder::new(BOOKS, denomination, quantity, reference("ORDER1"));
        assert!(order.unwrap_err().is_invalid_input());
    }
}

#[tokio::test]
async fn orders_come_page_by_page_or_as_a_stream() {
    let fixture = Fixture::start().await;
    let redemption = of_user(&fixture);
    for number in 0..7 {
        assert_eq!(
            redemption.order(order(1, &format!("ORDER{number}"))).await.as_str(),
            "done"
        );
    }
    let three = OrderPage::first(NonZeroU32::new(3).unwrap());
    let page = redemption.orders(OrderSearch::all(), three.next()).await.unwrap();
    assert_eq!(page.value().rows().unwrap().len(), 3);
    assert_eq!(page.value().orders().unwrap().len(), 3);
    assert_eq!(page.total_count(), Some(7));

    let before = fixture.sandbox.calls(Operation::SearchOrders);
    let orders: Vec<Value> = redemption
        .order_stream(OrderSearch::all(), three)
        .try_collect()
        .await
        .unwrap();
    let references: BTreeSet<_> = orders
        .iter()
        .filter_map(|row| row["partnerOrderReferenceId"].as_str())
        .collect();
    assert_eq!((orders.len(), references.len()), (7, 7));
    assert_eq!(fixture.sandbox.calls(Operation::SearchOrders) - before, 3);

    let none = OrderSearch::all().brand("No Such Brand");
    let orders: Vec<Value> = redemption.order_stream(none, three).try_collect().await.unwrap();
    assert_eq!(orders, Vec::<Value>::new());
}

#[tokio::test]
async fn what_has_no_path_says_so_and_works_with_one() {
    let fixture = Fixture::start().await;
    let redemption = fixture.enkash.redemption_as_partner();
    let errors = [
        redemption.search_catalogue(json!({})).await.unwrap_err(),
        redemption.product_details().await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_unknown_path() && !error.was_sent(), "{error}");
    }
    let Outcome::NotSent(error) = redemption.undocumented_order(json!({}), reference("ORDER1")).await else {
        panic!("sent");
    };
    assert!(error.is_unknown_path());

    let stated = fixture.sandbox.stated_paths();
    let template = |operation: Operation| {
        let (method, path) = &stated[&operation];
        let method: Method = method.parse().unwrap();
        PathTemplate::new(method, path).unwrap()
    };
    let details = template(Operation::GetProductDetails);
    let details = match stated[&Operation::GetProductDetails].1.contains('{') {
        true => details.fill("productCatalogId", BOOKS).unwrap(),
        false => details,
    };
    let enkash: Enkash = builder(&fixture.sandbox)
        .path(OperationId::SearchCatalog, template(Operation::SearchCatalog))
        .path(OperationId::GetProductDetails, details)
        .path(
            OperationId::CreateOrderLowerCase,
            template(Operation::CreateOrderLowerCase),
        )
        .build()
        .unwrap();
    let redemption = enkash.redemption_as_partner();
    let found = redemption.search_catalogue(json!({})).await.unwrap();
    assert!(
        found
            .value()
            .products()
            .unwrap()
            .iter()
            .any(|product| product.id == Some(BOOKS.into())),
        "{}",
        found.value().json()
    );

    let body = json!({"productCatalogId": BOOKS, "denomination": 100, "quantity": 1, "orderReferenceId": "ORDER1"});
    let outcome = redemption.undocumented_order(body, reference("ORDER1")).await;
    assert_eq!(outcome.as_str(), "done", "{outcome:?}");
}
