//! What an API server may answer and the sandbox never does: orders that are not finished, and lists that do not page.

use std::num::NonZeroU32;

use futures_util::TryStreamExt;

use super::*;
use crate::{
    outcome::Outcome,
    tests::support::{ScriptStep, ScriptedSender, builder},
};

fn redemption(script: &ScriptedSender) -> Redemption {
    builder()
        .build_with_sender(script.clone())
        .unwrap()
        .redemption_as_partner()
}

#[tokio::test(start_paused = true)]
async fn a_yes_that_names_an_unfinished_state_is_pending() {
    for (answer, word) in [
        (r#"{"response_code":0}"#, "unknown"),
        (
            r#"{"response_code":0,"payload":{"orderId":"OR1","orderStatus":"SUCCESS"}}"#,
            "done",
        ),
        (
            r#"{"response_code":0,"payload":{"orderId":"OR1","orderStatus":"PROCESSING"}}"#,
            "pending",
        ),
        (
            r#"{"response_code":0,"paylod":{"orderStatus":"SUCCESS","paymentStatus":"PENDING"}}"#,
            "pending",
        ),
        (
            r#"{"response_code":"1","payload":{"orderStatus":"PROCESSING"}}"#,
            "unknown",
        ),
    ] {
        let redemption = redemption(&ScriptedSender::always(ScriptStep::Answer(200, answer)));
        let order = VoucherOrder::new("PC7513531244A681", 100, 1, "ORDER1".parse().unwrap()).unwrap();
        let outcome = redemption.order(order).await;
        assert_eq!(outcome.as_str(), word, "{answer}");
        if let Outcome::Pending(pending) = outcome {
            assert_eq!(pending.ticket.reference.as_str(), "ORDER1");
            let response = pending.response();
            assert_eq!((response.status().as_u16(), response.attempts().len()), (200, 1));
            assert!(response.raw().is_object(), "{answer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_does_not_page_ends_the_stream_with_an_error() {
    let two = OrderPage::first(NonZeroU32::new(2).unwrap());
    for (answer, rows) in [
        // The same rows again and again: it does not look at the offset.
        (
            r#"{"response_code":0,"payload":{"data":[{"orderId":"1"},{"orderId":"2"}]}}"#,
            2,
        ),
        // No list where lists of this server stand: not the same as an empty one.
        (r#"{"response_code":0,"payload":{"orders":[]}}"#, 0),
    ] {
        let redemption = redemption(&ScriptedSender::always(ScriptStep::Answer(200, answer)));
        let mut stream = Box::pin(redemption.order_stream(OrderSearch::all(), two));
        for _ in 0..rows {
            assert!(stream.try_next().await.unwrap().is_some());
        }
        assert!(stream.try_next().await.is_err(), "{answer}");
        assert!(stream.try_next().await.unwrap().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_never_finished_settles_as_pending() {
    let read = r#"{"response_code":"0","paylod":{"orderId":"OR1","orderStatus":"PROCESSING","paymentStatus":"SUCCESS",
        "partnerOrderReferenceId":"ORDER1","totalQuantity":1,"totalAmount":100}}"#;
    let redemption = redemption(&ScriptedSender::always(ScriptStep::Answer(200, read)));
    let order = VoucherOrder::new("PC7513531244A681", 100, 1, "ORDER1".parse().unwrap()).unwrap();
    let ticket = redemption.ticket(&order);
    assert_eq!(redemption.settle(ticket).await.as_str(), "pending");
}

#[tokio::test(start_paused = true)]
async fn a_portal_that_gives_fewer_rows_than_asked_for_is_asked_for_the_rest() {
    let ten = OrderPage::first(NonZeroU32::new(10).unwrap());
    let page = |rows| ScriptStep::Answer(200, rows);
    let (two, one) = (
        page(r#"{"response_code":0,"payload":{"recordsCount":3,"data":[{"orderId":"1"},{"orderId":"2"}]}}"#),
        page(r#"{"response_code":0,"payload":{"recordsCount":3,"data":[{"orderId":"3"}]}}"#),
    );
    let none = page(r#"{"response_code":0,"payload":{"recordsCount":3,"data":[]}}"#);
    let whole = redemption(&ScriptedSender::new([two.clone(), one]));
    let orders: Vec<_> = whole.order_stream(OrderSearch::all(), ten).try_collect().await.unwrap();
    assert_eq!(orders.len(), 3);
    // The rest never comes: not the same as a list that ended, however often it is asked for.
    let cut = redemption(&ScriptedSender::new([two.clone(), none.clone()]));
    let orders: Result<Vec<_>, _> = cut.order_stream(OrderSearch::all(), ten).try_collect().await;
    assert!(orders.is_err());
    let cut = redemption(&ScriptedSender::new([two, none.clone(), none]));
    let mut pages = cut.order_pages(OrderSearch::all(), ten);
    assert_eq!(pages.next().await.unwrap().map(|rows| rows.len()), Some(2));
    assert!(pages.next().await.is_err());
    assert!(pages.next().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_begins_again_ends_with_an_error() {
    let two = OrderPage::first(NonZeroU32::new(2).unwrap());
    let page = |rows| ScriptStep::Answer(200, rows);
    let first = page(r#"{"response_code":0,"payload":{"data":[{"orderId":"1"},{"orderId":"2"}]}}"#);
    let second = page(r#"{"response_code":0,"payload":{"data":[{"orderId":"3"},{"orderId":"4"}]}}"#);
    let redemption = redemption(&ScriptedSender::new([first.clone(), second, first]));
    let mut pages = redemption.order_pages(OrderSearch::all(), two);
    assert!(pages.next().await.unwrap().is_some());
    assert!(pages.next().await.unwrap().is_some());
    assert!(pages.next().await.is_err());
}

/// A count may be that of the page: where it is reached by a full page, the next one is asked for.
#[tokio::test(start_paused = true)]
async fn a_count_of_the_page_hides_no_row_and_proves_nothing() {
    let two = OrderPage::first(NonZeroU32::new(2).unwrap());
    let page = |rows| ScriptStep::Answer(200, rows);
    let redemption = redemption(&ScriptedSender::new([
        page(r#"{"response_code":0,"payload":{"recordsCount":2,"data":[{"orderId":"1"},{"orderId":"2"}]}}"#),
        page(r#"{"response_code":0,"payload":{"recordsCount":1,"data":[{"orderId":"3"}]}}"#),
    ]));
    let mut pages = redemption.order_pages(OrderSearch::all(), two);
    let mut rows = 0;
    while let Some(page) = pages.next().await.unwrap() {
        rows += page.len();
    }
    assert_eq!((rows, pages.is_counted()), (3, false));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_nobody_counted_is_not_known_to_be_whole() {
    let ten = OrderPage::first(NonZeroU32::new(10).unwrap());
    for (answer, is_counted) in [
        (r#"{"response_code":0,"payload":{"data":[{"orderId":"1"}]}}"#, false),
        (r#"{"response_code":0,"payload":{"data":[]}}"#, false),
        (
            r#"{"response_code":0,"payload":{"recordsCount":1,"data":[{"orderId":"1"}]}}"#,
            true,
        ),
    ] {
        let redemption = redemption(&ScriptedSender::always(ScriptStep::Answer(200, answer)));
        let mut pages = redemption.order_pages(OrderSearch::all(), ten);
        while pages.next().await.unwrap().is_some() {}
        assert_eq!(pages.is_counted(), is_counted, "{answer}");
        assert!(!format!("{pages:?}").contains("orderId"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_our_reference_lets_the_other_form_of_the_page_speak() {
    let without =
        r#"{"response_code":"0","paylod":{"orderId":"OR1","orderStatus":"SUCCESS","paymentStatus":"SUCCESS"}}"#;
    let with = r#"{"response_code":"0","paylod":{"orderId":"OR1","orderStatus":"SUCCESS","paymentStatus":"SUCCESS",
        "partnerOrderReferenceId":"ORDER1","totalQuantity":1,"totalAmount":100}}"#;
    let redemption = redemption(&ScriptedSender::new([
        ScriptStep::Answer(200, without),
        ScriptStep::Answer(200, with),
    ]));
    let order = VoucherOrder::new("PC7513531244A681", 100, 1, "ORDER1".parse().unwrap()).unwrap();
    let ticket = redemption.ticket(&order);
    let Outcome::Done(settled) = redemption.settle(ticket).within(std::time::Duration::ZERO).await else {
        panic!("not done");
    };
    assert_eq!(settled.proof.operation, enkash_api::OperationId::FetchOrderInfoByPost);
}

#[test]
fn an_order_is_written_without_the_codes_of_its_vouchers() {
    let voucher = Voucher {
        code: Some("1234".into()),
        pin: None,
        expires: Some("2027-01-01".to_owned()),
    };
    let written = serde_json::to_value(voucher).unwrap();
    let expected = serde_json::json!({"code": "[redacted]", "pin": null, "expires": "2027-01-01"});
    assert_eq!(written, expected);
}
