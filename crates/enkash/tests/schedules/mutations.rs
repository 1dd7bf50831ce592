//! What schedules do to responses. No list here turns what did not happen into a documented success, or what happened into a
//! documented refusal, alone or with the others: nobody could hold a client to the truth then.

use enkash_sandbox::{Fault, When, faults::Mutations};

/// Of any call that moves value, whatever it answers: with each of these, no response is a documented success. Schedules play
/// them with an effect and without one.
pub(crate) const SPOILING: &[&str] = &[
    // Statuses.
    r#"[{"status": 202}]"#,
    r#"[{"status": 206}]"#,
    r#"[{"status": 400}]"#,
    r#"[{"status": 409}]"#,
    r#"[{"status": 422}]"#,
    // Codes.
    r#"[{"set": {"at": "code", "raw": "1"}}, {"set": {"at": "response_code", "raw": "1"}}]"#,
    r#"[{"set": {"at": "code", "raw": "2e2"}}, {"set": {"at": "response_code", "raw": "\"200 OK\""}}]"#,
    r#"[{"set": {"at": "code", "raw": "0.0"}}, {"set": {"at": "response_code", "raw": "\"00\""}}]"#,
    r#"[{"set": {"at": "code", "raw": "\"QUEUED\""}}]"#,
    r#"[{"set": {"at": "response_code", "raw": "\"TXN_SUCCESS\""}}]"#,
    r#"[{"set": {"at": "code", "raw": "409"}}, {"drop": "response_code"}]"#,
    r#"[{"drop": "code"}, {"drop": "response_code"}]"#,
    // Keys that stand twice.
    r#"[{"double": {"at": "code", "raw": "1"}}, {"double": {"at": "response_code", "raw": "1"}}]"#,
    r#"[{"double": {"at": "code", "raw": "1", "position": "before"}},
        {"double": {"at": "response_code", "raw": "1", "position": "before"}}]"#,
    r#"[{"double": {"at": "payload", "raw": "{}", "position": "before"}}]"#,
    r#"[{"double": {"at": "message", "raw": "\"FAILURE\"", "position": "before"}},
        {"double": {"at": "response_message", "raw": "\"FAILURE\"", "position": "before"}}]"#,
    // Bytes around it.
    r#"[{"append": "{}"}]"#,
    r#"[{"append": "\n{\"code\":1}"}]"#,
    r#"[{"prepend": "\ufeff"}]"#,
    r#"[{"list": ""}]"#,
    // Signs of failure and of another product.
    r#"[{"set": {"at": "errorResponse", "raw": "{\"message\":\"no\"}"}}]"#,
    r#"[{"set": {"at": "success", "raw": "false"}}]"#,
    r#"[{"set": {"at": "status", "raw": "\"FAILED\""}}]"#,
    r#"[{"set": {"at": "message", "raw": "\"FAILURE\""}}]"#,
    r#"[{"set": {"at": "response_message", "raw": "\"QUEUED\""}}]"#,
    // The payload.
    r#"[{"text": "payload"}]"#,
    r#"[{"copy": {"at": "payload", "to": "paylod"}}, {"text": "paylod"}]"#,
];

/// Of any call that moves value: each looks like a refusal and is none that is documented. Played one by one, because two
/// together could be one.
pub(crate) const LIKE_REFUSALS: &[&str] = &[
    r#"[{"set": {"at": "code", "raw": "409"}}, {"drop": "response_code"}, {"drop": "payload"},
        {"set": {"at": "message", "raw": "\"Insufficient balance\""}}, {"drop": "response_message"}]"#,
    r#"[{"set": {"at": "code", "raw": "1"}}, {"drop": "response_code"}, {"set": {"at": "payload", "raw": "{\"orderId\":\"OR1\"}"}},
        {"set": {"at": "message", "raw": "\"Insufficient balance\""}}, {"drop": "response_message"}]"#,
    r#"[{"set": {"at": "code", "raw": "1"}}, {"drop": "response_code"}, {"drop": "payload"},
        {"set": {"at": "message", "raw": "\"Reference was seen\""}}, {"drop": "response_message"}]"#,
];

/// Of the responses to bulk requests. Each leaves rows unknown that happened.
pub(crate) const OF_BULK: &[&str] = &[
    r#"[{"drop": "payload.successBulkEnKashCardCreateDTOs"}]"#,
    r#"[{"set": {"at": "payload.successBulkEnKashCardCreateDTOs.*.loadAmount", "raw": "123.45"}}]"#,
    r#"[{"set": {"at": "payload.successBulkEnKashCardCreateDTOs.*.mobile", "raw": "\"9000009999\""}}]"#,
];

/// Of allocations: with each of these the response contradicts the call, whether it took effect or not.
pub(crate) const OF_ALLOCATIONS: &[&str] = &[
    r#"[{"set": {"at": "payload.pgReferenceNumber", "raw": "\"OTHER\""}}]"#,
    r#"[{"drop": "payload.pgReferenceNumber"}]"#,
    r#"[{"set": {"at": "payload.loadAmount", "raw": "123.45"}}]"#,
    r#"[{"set": {"at": "payload.transactionType", "raw": "\"SALE\""}}]"#,
    r#"[{"set": {"at": "payload.type", "raw": "\"REVERSAL\""}}]"#,
    r#"[{"set": {"at": "payload.status", "raw": "\"FAILED\""}}]"#,
    r#"[{"set": {"at": "payload.cardAccountId", "raw": "\"CA0OTHERS\""}}]"#,
    r#"[{"set": {"at": "payload.code", "raw": "1"}}]"#,
];

/// Of orders, in the same way.
pub(crate) const OF_ORDERS: &[&str] = &[
    r#"[{"set": {"at": "payload.orderStatus", "raw": "\"FAILED\""}}]"#,
    r#"[{"set": {"at": "payload.paymentStatus", "raw": "false"}}]"#,
    r#"[{"set": {"at": "payload.totalQuantity", "raw": "9"}}]"#,
    r#"[{"set": {"at": "payload.totalAmount", "raw": "123.45"}}]"#,
    r#"[{"set": {"at": "payload.partnerOrderReferenceId", "raw": "\"OTHER\""}}]"#,
    r#"[{"set": {"at": "payload", "raw": "\"Success\""}}]"#,
];

/// Of the look-ups.
pub(crate) const OF_LOOKUPS: &[&str] = &[
    r#"[{"status": 206}]"#,
    r#"[{"append": "x"}]"#,
    r#"[{"set": {"at": "code", "raw": "1"}}]"#,
    r#"[{"text": "payload"}]"#,
    r#"[{"drop": "payload"}, {"drop": "paylod"}]"#,
    // Entries that failed, were undone, or are of another time, card or amount.
    r#"[{"set": {"at": "payload.data.*.status", "raw": "\"FAILED\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.status", "raw": "true"}}]"#,
    r#"[{"double": {"at": "payload.data.*.status", "raw": "\"REVERSED\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.type", "raw": "\"REVERSAL\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.txnDate", "raw": "\"2020-01-01T00:00:00.000Z\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.createdOn", "raw": "\"2099-01-01T00:00:00.000Z\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.modifiedOn", "raw": "\"2020-01-01T00:00:00.000Z\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.enkashCardId", "raw": "\"EKC0OTHERS\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.enKashCardId", "raw": "\"EKC0OTHERS\""}}]"#,
    r#"[{"set": {"at": "payload.data.*.principalAmount", "raw": "123.45"}}]"#,
    r#"[{"set": {"at": "payload.data.*.mobile", "raw": "\"9000009999\""}}]"#,
    // Lists of which there is more, or less, than they say.
    r#"[{"set": {"at": "payload.recordsCount", "raw": "28"}}]"#,
    r#"[{"set": {"at": "payload.totalPages", "raw": "3"}}]"#,
    r#"[{"set": {"at": "payload.data", "raw": "[]"}}]"#,
    r#"[{"drop": "payload.recordsCount"}]"#,
    r#"[{"copy": {"at": "payload.data.0", "to": "payload.data.-"}}]"#,
    // Orders.
    r#"[{"copy": {"at": "paylod", "to": "payload"}}, {"set": {"at": "payload.totalQuantity", "raw": "9"}}]"#,
    r#"[{"set": {"at": "paylod.partnerOrderReferenceId", "raw": "\"OTHER\""}}]"#,
    r#"[{"set": {"at": "paylod.orderStatus", "raw": "\"FAILED\""}}]"#,
    r#"[{"set": {"at": "paylod.paymentStatus", "raw": "\"REVERSED\""}}]"#,
    r#"[{"set": {"at": "paylod.totalAmount", "raw": "123.45"}}]"#,
    r#"[{"rename": {"at": "paylod", "to": "payload"}}]"#,
];

pub(crate) fn fault(mutations: &str, when: When) -> Fault {
    let mutations: Mutations = serde_json::from_str(mutations).unwrap();
    Fault::MutatedResponse(mutations, when)
}

/// What is wrong with a record that no transaction stands behind: it would be the caller's but for this. It stands on the
/// person's card and is of now, so it stops a proof also where the movement that it contradicts is there.
pub(crate) const CONTRADICTIONS: &[&str] = &[
    r#"{"status": "FAILED"}"#,
    r#"{"status": "REVERSED"}"#,
    r#"{"status": "PENDING"}"#,
    r#"{"status": false}"#,
    r#"{"type": "REVERSAL"}"#,
    r#"{"type": "REFUND"}"#,
    r#"{"principalAmount": 123.45}"#,
    r#"{"principalAmount": "much"}"#,
    r#"{"cardTransactionType": "TOPUP"}"#,
    r#"{"isReversed": true}"#,
    r#"{"reversedOn": "2026-11-24T00:00:00.000Z"}"#,
    r#"{"createdOn": "2020-01-01T00:00:00.000Z"}"#,
    r#"{"modifiedOn": "2020-01-01T00:00:00.000Z"}"#,
    r#"{"txnDate": null, "createdOn": null}"#,
    r#"{"txnDate": "2099-01-01T00:00:00.000Z", "createdOn": "2099-01-01T00:00:00.000Z"}"#,
    r#"{"cardAccountId": "CA0OTHERS"}"#,
    r#"{"companyId": "CEK0OTHERS"}"#,
];

/// The same of a record that is somebody else's, of another time, or of a reference that is nearly the caller's.
pub(crate) const OTHERS: &[&str] = &[
    r#"{"txnDate": "2020-01-01T00:00:00.000Z", "createdOn": "2020-01-01T00:00:00.000Z"}"#,
    r#"{"enkashCardId": "EKC0OTHERS"}"#,
    r#"{"enKashCardId": "EKC0OTHERS"}"#,
    r#"{"enkashCardId": null}"#,
    r#"{"mobile": "9000009999"}"#,
    r#"{"userId": "EK0OTHERS"}"#,
    r#"{"pgReferenceNumber": "give0"}"#,
    r#"{"pgReferenceNumber": "GIVE0 "}"#,
];

/// Records that look like the caller's, or hide what is wrong with them, each in a response that proves nothing.
pub(crate) const HIDDEN_RECORDS: &[(&str, &str)] = &[
    ("{}", r#"[{"status": 202}]"#),
    ("{}", r#"[{"status": 206}]"#),
    ("{}", r#"[{"drop": "code"}]"#),
    ("{}", r#"[{"set": {"at": "code", "raw": "200"}}]"#),
    ("{}", r#"[{"set": {"at": "response_code", "raw": "1"}}]"#),
    (
        "{}",
        r#"[{"double": {"at": "code", "raw": "1", "position": "before"}}]"#,
    ),
    ("{}", r#"[{"set": {"at": "message", "raw": "\"FAILURE\""}}]"#),
    ("{}", r#"[{"set": {"at": "errorResponse", "raw": "{}"}}]"#),
    (
        "{}",
        r#"[{"copy": {"at": "payload", "to": "paylod"}}, {"set": {"at": "paylod.recordsCount", "raw": "9"}}]"#,
    ),
    ("{}", r#"[{"append": "x"}]"#),
    // There is more than it shows, or may be.
    ("{}", r#"[{"set": {"at": "payload.recordsCount", "raw": "28"}}]"#),
    ("{}", r#"[{"set": {"at": "payload.totalPages", "raw": "3"}}]"#),
    ("{}", r#"[{"set": {"at": "hasMore", "raw": "true"}}]"#),
    // Whoever wins.
    (
        r#"{"status": "FAILED"}"#,
        r#"[{"double": {"at": "payload.data.*.status", "raw": "\"CREATED\""}}]"#,
    ),
    (
        r#"{"status": "FAILED"}"#,
        r#"[{"double": {"at": "payload.data.*.status", "raw": "\"CREATED\"", "position": "before"}}]"#,
    ),
    (
        r#"{"type": "REVERSAL"}"#,
        r#"[{"double": {"at": "payload.data.*.type", "raw": "\"ALLOCATE_POINT\""}}]"#,
    ),
];

/// What a look-up shows of an order that happened, for one of two vouchers under the same reference that did not.
pub(crate) const OTHER_ORDERS: &[&str] = &[
    r#"[{"set": {"at": "paylod.totalQuantity", "raw": "2"}}]"#,
    r#"[{"set": {"at": "paylod.totalAmount", "raw": "200"}}]"#,
    r#"[{"set": {"at": "paylod.totalQuantity", "raw": "2"}}, {"set": {"at": "paylod.totalAmount", "raw": "\"much\""}}]"#,
    r#"[{"set": {"at": "paylod.totalQuantity", "raw": "2"}}, {"drop": "paylod.totalAmount"}]"#,
    r#"[{"set": {"at": "paylod.totalAmount", "raw": "200"}}, {"drop": "paylod.totalQuantity"}]"#,
    r#"[{"copy": {"at": "paylod", "to": "payload"}}, {"set": {"at": "payload.totalQuantity", "raw": "2"}},
        {"set": {"at": "payload.totalAmount", "raw": "200"}}]"#,
    r#"[{"set": {"at": "paylod.totalQuantity", "raw": "2"}}, {"set": {"at": "paylod.totalAmount", "raw": "200"}},
        {"set": {"at": "response_code", "raw": "\"200\""}}]"#,
    r#"[{"double": {"at": "paylod.totalQuantity", "raw": "2"}}, {"double": {"at": "paylod.totalAmount", "raw": "200"}}]"#,
    r#"[{"set": {"at": "paylod.totalQuantity", "raw": "2"}}, {"set": {"at": "paylod.totalAmount", "raw": "200"}},
        {"set": {"at": "paylod.paymentStatus", "raw": "true"}}]"#,
];
