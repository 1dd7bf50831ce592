//! Redemption: the catalogue, the cart and its arithmetic, orders with vouchers, and who sees and pays what.

mod client;

use client::{ACCOUNT, CART, Client, HOLDER, ORDER, assert_error, assert_failure, assert_sound};
use enkash_sandbox::{
    Operation, Sandbox, Switches,
    switches::{CartAdd, DuplicateReference},
};
use serde_json::{Value, json};

const BOOKS: &str = "PC0SANDBOXBOOKS1";
const HUNDRED: &str = "PCN0SANDBOXBK0100";
const FIVE_HUNDRED: &str = "PCN0SANDBOXBK0500";
const TEA: &str = "PC0SANDBOXTEA001";

fn order(product: &str, denomination: i64, quantity: i64, reference: &str) -> Value {
    json!({
        "productCatalogId": product, "denomination": denomination, "quantity": quantity, "orderReferenceId": reference,
    })
}

#[tokio::test]
async fn a_product_is_shown_with_its_denominations() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::holder(&sandbox).await;
    let (status, body) = client.get(&format!("/api/v0/partner/search-config/{BOOKS}")).await;
    assert_eq!(status, 200);
    let product = &body["payload"];
    assert_eq!(
        (&product["brand"], &product["aggregator"]),
        (&json!("Paper Moon Books"), &json!("REWARD_STORE"))
    );
    let config = &product["configResponses"][1];
    let expected = json!({
        "productConfigId": FIVE_HUNDRED, "mrp": 500, "sellRate": 490, "enkashDiscount": 2, "maxQuantity": 5,
        "customAmountEnabled": false,
    });
    assert_eq!(config, &expected);
    assert_error(
        &client.get("/api/v0/partner/search-config/PC0").await,
        404,
        "Product not found",
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn operations_of_unknown_path_are_served_where_the_sandbox_says() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let stated = sandbox.stated_paths();
    let (method, path) = &stated[&Operation::SearchCatalog];
    assert_eq!(method, "POST");
    let (_, body) = client.post(path, &json!({})).await;
    assert_eq!(body["payload"]["data"][1]["productCatalogId"], TEA);
    let (_, body) = client.post(path, &json!({ "brand": ["Paper Moon Books"] })).await;
    assert_eq!(body["payload"]["recordsCount"], 1);

    let (method, path) = &stated[&Operation::GetProductDetails];
    assert_eq!(method, "GET");
    let (_, body) = client.get(&path.replace("{productCatalogId}", BOOKS)).await;
    assert_eq!(body["payload"]["productCatalogId"], BOOKS);

    let (_, path) = &stated[&Operation::CreateOrderLowerCase];
    let (_, body) = client.post(path, &order(BOOKS, 100, 1, "LOWER")).await;
    assert_eq!(body["payload"]["partnerOrderReferenceId"], "LOWER");
    assert_error(
        &client.post(path, &json!({})).await,
        400,
        "orderReferenceId: is required",
    );
    assert_eq!(stated.len(), 3);
    assert_eq!(
        client.get("/-unknown-/getProductDetails").await.0,
        404,
        "the artificial path is not served"
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_cart_has_the_documented_arithmetic_and_belongs_to_its_user() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::holder(&sandbox).await;
    assert_eq!(client.get(CART).await.1["payload"], json!([]));
    let add = json!({ "productCatalogId": BOOKS, "items": { HUNDRED: { "quantity": 2, "description": "" } } });
    let (_, body) = client.post(CART, &add).await;
    let id = body["payload"][0]["id"].clone();
    // The numbers of the documentation's own example.
    let (_, body) = client
        .patch(
            CART,
            &json!({ "cartId": id, "items": { FIVE_HUNDRED: { "quantity": 1 } } }),
        )
        .await;
    let row = &body["payload"][0];
    assert_eq!(row["id"], id);
    let hundred = json!({
        "productConfigId": HUNDRED, "mrp": 100, "sellRate": 98, "enkashDiscount": 2, "savings": 4, "quantity": 2, "total": 196,
    });
    assert_eq!(
        row["items"][HUNDRED], hundred,
        "an item that the update does not name stays"
    );
    assert_eq!(row["items"][FIVE_HUNDRED]["savings"], 10);
    assert_eq!(
        ["totalQuantity", "totalAmount", "totalSavings"].map(|name| row[name].clone()),
        [3, 686, 14].map(|n| json!(n))
    );
    assert_eq!(row["productConfigs"].as_array().unwrap().len(), 2);
    assert_eq!(client.get(CART).await.1, body);

    let partner = Client::partner(&sandbox).await;
    assert_eq!(partner.get(CART).await.1["payload"], json!([]));
    assert_failure(
        &partner.patch(CART, &json!({ "cartId": id, "items": {} })).await,
        "Cart not found",
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn quantities_are_added_set_removed_and_bounded() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::holder(&sandbox).await;
    let add = |quantity: i64| json!({ "productCatalogId": BOOKS, "items": { HUNDRED: { "quantity": quantity } } });
    let quantity = |reply: &client::Reply| reply.1["payload"][0]["items"][HUNDRED]["quantity"].clone();
    assert_eq!(quantity(&client.post(CART, &add(2)).await), 2);
    assert_eq!(quantity(&client.post(CART, &add(2)).await), 4, "adding adds up");
    assert_failure(
        &client.post(CART, &add(2)).await,
        "Quantity is more than the maximum of 5",
    );
    sandbox.set_switches(Switches::new().cart_add(CartAdd::Replace));
    let reply = client.post(CART, &add(3)).await;
    assert_eq!(quantity(&reply), 3, "or replaces, by its switch");
    let id = &reply.1["payload"][0]["id"];
    let set = |quantity: i64| json!({ "cartId": id, "items": { HUNDRED: { "quantity": quantity } } });
    assert_eq!(quantity(&client.patch(CART, &set(1)).await), 1, "an update sets");
    assert_failure(
        &client.patch(CART, &set(6)).await,
        "Quantity is more than the maximum of 5",
    );
    assert_error(&client.patch(CART, &set(-1)).await, 422, "quantity");
    assert_eq!(
        client.patch(CART, &set(0)).await.1["payload"],
        json!([]),
        "0 takes it out"
    );
    let unknown = json!({ "productCatalogId": BOOKS, "items": { "PCN0": { "quantity": 1 } } });
    assert_failure(&client.post(CART, &unknown).await, "Product config not found");
    assert_failure(
        &client
            .post(CART, &json!({ "productCatalogId": "PC0", "items": {} }))
            .await,
        "Product not found",
    );
    assert_eq!(client.get("/api/v0/cart?product=FLOWERS").await.1["payload"], json!([]));
    assert_error(&client.get("/api/v0/cart").await, 400, "product: is required");
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_card_holder_pays_from_the_card_and_gets_vouchers() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::holder(&sandbox).await;
    let (_, body) = client.post(ORDER, &order(BOOKS, 500, 3, "ORD1")).await;
    let made = &body["payload"];
    assert_eq!(
        (&made["orderStatus"], &made["paymentStatus"]),
        (&json!("SUCCESS"), &json!("SUCCESS"))
    );
    assert_eq!(
        ["totalAmount", "orderAmount", "paidAmount"].map(|name| made[name].clone()),
        [1_500, 1_470, 1_470].map(|n| json!(n))
    );
    let vouchers = made["voucherDetailsList"].as_array().unwrap();
    assert_eq!(vouchers.len(), 3);
    assert_eq!(
        (
            vouchers[0]["cardNumber"].as_str().unwrap().len(),
            vouchers[0]["pin"].as_str().unwrap().len()
        ),
        (16, 4)
    );
    assert_eq!(
        vouchers[0]["expiryDate"].as_str().unwrap().len(),
        "2025-12-31T23:59:59".len()
    );
    assert_eq!(sandbox.card_balance(HOLDER), Some("1030.50".parse().unwrap()));
    assert_eq!(sandbox.debits("ORD1"), 1);
    assert_failure(
        &client.post(ORDER, &order(BOOKS, 500, 3, "ORD2")).await,
        "Insufficient balance in card account",
    );
    assert_eq!(sandbox.debits("ORD2"), 0);

    let (_, by_get) = client.get("/api/v0/partner/fetch-order-details/ORD1").await;
    assert_eq!(
        (&by_get["response_code"], &by_get["paylod"]),
        (&json!("0"), made),
        "spelled as on the page"
    );
    let (_, by_post) = client
        .post("/api/v0/order/orderDetails", &json!({ "orderId": made["orderId"] }))
        .await;
    assert_eq!(by_post, by_get);
    assert_error(
        &client.get("/api/v0/partner/fetch-order-details/ORD9").await,
        404,
        "Order not found",
    );
    let missing = client
        .post("/api/v0/order/orderDetails", &json!({ "orderId": "ORD9" }))
        .await;
    assert_failure(&missing, "Order not found");

    let partner = Client::partner(&sandbox).await;
    let (_, body) = partner.post(ACCOUNT, &partner.account()).await;
    assert_eq!(body["payload"]["totalRedemptionPoint"], 1_470);
    assert_eq!(body["payload"]["currentMonthRedemptionPoint"], 1_470);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let cases = [
        (order("PC0", 100, 1, "A"), "Product not found"),
        (order(BOOKS, 123, 1, "A"), "Denomination not found"),
        (order(BOOKS, 100, 6, "A"), "Quantity is more than the maximum of 5"),
    ];
    for (body, words) in cases {
        assert_failure(&client.post(ORDER, &body).await, words);
    }
    assert_error(&client.post(ORDER, &order(BOOKS, 100, 0, "A")).await, 422, "quantity");
    assert_error(
        &client.post(ORDER, &order(BOOKS, -100, 1, "A")).await,
        422,
        "denomination",
    );
    assert_error(
        &client.post(ORDER, &json!({ "quantity": 1 })).await,
        400,
        "orderReferenceId: is required",
    );
    // A product with a free amount takes any.
    let (_, body) = client.post(ORDER, &order(TEA, 123, 1, "FREE")).await;
    assert_eq!(body["payload"]["paidAmount"], 123);
    assert_eq!(
        sandbox.account_balance(),
        (1_000_000 - 123).into(),
        "the partner pays from the account"
    );
    assert_sound(&sandbox);
}

#[tokio::test]
async fn an_order_reference_that_comes_twice_does_what_the_switch_says() {
    for (switch, orders) in [
        (DuplicateReference::CreditAgain, 2),
        (DuplicateReference::Refuse, 1),
        (DuplicateReference::ReplayFirst, 1),
        (DuplicateReference::SuccessWithoutCredit, 1),
    ] {
        let switches = Switches::new().duplicate_reference(switch);
        let sandbox = Sandbox::builder().switches(switches).start().await.unwrap();
        let client = Client::partner(&sandbox).await;
        let first = client.post(ORDER, &order(BOOKS, 100, 1, "SAME")).await.1;
        let second = client.post(ORDER, &order(BOOKS, 100, 1, "SAME")).await;
        match switch {
            DuplicateReference::Refuse => assert_failure(&second, "Transaction ID already exists."),
            DuplicateReference::ReplayFirst => assert_eq!(second.1, first),
            _ => assert_ne!(second.1["payload"]["orderId"], first["payload"]["orderId"]),
        }
        assert_eq!(sandbox.debits("SAME"), orders, "{switch}");
        assert_sound(&sandbox);
    }
}

#[tokio::test]
async fn orders_are_found_page_by_page_by_those_who_may_see_them() {
    let sandbox = Sandbox::start().await.unwrap();
    let partner = Client::partner(&sandbox).await;
    let holder = Client::holder(&sandbox).await;
    for number in 0..3 {
        partner.post(ORDER, &order(TEA, 250, 1, &format!("P{number}"))).await;
    }
    holder.post(ORDER, &order(BOOKS, 100, 1, "H0")).await;
    let find = async |client: &Client, paging: &str, filter: Value| {
        let (status, body) = client
            .post(&format!("/api/v0/partner/search-order?{paging}"), &filter)
            .await;
        assert_eq!(status, 200, "{body}");
        let rows = body["payload"]["data"].as_array().unwrap().clone();
        let references: Vec<_> = rows
            .iter()
            .map(|row| row["partnerOrderReferenceId"].as_str().unwrap().to_owned())
            .collect();
        (body["payload"]["recordsCount"].as_u64().unwrap(), references)
    };
    assert_eq!(
        find(&partner, "limit=2&offset=0", json!({})).await,
        (4, vec!["H0".into(), "P2".into()])
    );
    assert_eq!(
        find(&partner, "limit=2&offset=3", json!({})).await,
        (4, vec!["P0".into()])
    );
    let ascending = json!({ "direction": "ASC", "brand": ["Two Leaves Tea"], "amountFrom": 250, "email": "" });
    assert_eq!(
        find(&partner, "limit=1&offset=1", ascending).await,
        (3, vec!["P1".into()])
    );
    assert_eq!(
        find(&partner, "limit=9&offset=0", json!({ "enkashDiscountFrom": 1 }))
            .await
            .0,
        1
    );
    assert_eq!(
        find(&partner, "limit=9&offset=0", json!({ "email": "ravi@example.com" }))
            .await
            .0,
        1
    );
    assert_eq!(
        find(&holder, "limit=9&offset=0", json!({})).await,
        (1, vec!["H0".into()])
    );
    assert_error(
        &holder.get("/api/v0/partner/fetch-order-details/P0").await,
        404,
        "Order not found",
    );
    let wrong = partner
        .post("/api/v0/partner/search-order?limit=x&offset=0", &json!({}))
        .await;
    assert_error(&wrong, 422, "limit");
    assert_sound(&sandbox);
}
