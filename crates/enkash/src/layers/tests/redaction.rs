//! Vouchers and card numbers in answers: no form of a response or of an error shows them.

use std::error::Error as _;

use enkash_api::OperationId;

use crate::tests::support::{ScriptStep, ScriptedSender, builder};

const VOUCHER: &str =
    r#"{"response_code":"0","paylod":{"voucherDetailsList":[{"cardNumber":"CANARY-CODE","pin":"CANARY-PIN"}]}}"#;
/// Not of the described form, and kept all the same.
const ODD: &str = r#"{"response_code":"0","paylod":{"voucherDetailsList":[{"cardNumber":["CANARY-CODE"],"pin":7}]}}"#;
const REFUSED: &str = r#"{"response_code":"1","paylod":{"voucherDetailsList":[{"cardNumber":"CANARY-CODE"}]}}"#;
const TORN: &str = r#"{"response_code":"0","paylod":{"voucherDetailsList":[{"cardNumber":"CANARY-CO"#;

#[tokio::test(start_paused = true)]
async fn vouchers_show_in_no_answer_and_in_no_error() {
    for (status, body) in [
        (200, VOUCHER),
        (200, ODD),
        (200, REFUSED),
        (200, TORN),
        (404, VOUCHER),
        (500, VOUCHER),
    ] {
        let enkash = builder()
            .build_with_sender(ScriptedSender::always(ScriptStep::Answer(status, body)))
            .unwrap();
        let read = enkash
            .call(
                OperationId::FetchOrderInfo,
                async |client| {
                    let call = client.fetch_order_info().partner_order_reference_id("ORDER1");
                    call.send().await
                },
                Ok,
            )
            .await;
        assert_eq!(
            read.is_ok(),
            status == 200 && (body == VOUCHER || body == ODD),
            "{status} {body}"
        );
        let mut shown = format!("{read:?} {read:#?}");
        let mut next = read.as_ref().err().and_then(|error| error.source());
        while let Some(error) = next {
            shown.push_str(&format!("{error} {error:?}"));
            next = error.source();
        }
        assert!(!shown.contains("CANARY"), "{shown}");
        if let Ok(answer) = read {
            assert!(
                answer.raw().to_string().contains("CANARY-CODE"),
                "who asks by name gets it"
            );
        }
    }
}
