//! Every mutation that the generator can make, each labelled here, by hand, with what it means. Nothing under test is asked. A
//! mutation that could be read either way does not stand here.

use enkash_sandbox::faults::{Mutation, Position};

use crate::outcome::tests::response_mutations::{
    baseline::{Baseline, Kind},
    calls::Call,
};

/// What a mutation means for the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The response says what it said before, in a documented way.
    Harmless,
    /// The response is no documented success any more.
    Spoiling,
    /// Spoiling: the one code is that of a documented refusal.
    RefusalCode,
    /// Spoiling: the payload no longer shows that the call happened.
    HidesPayload,
    /// Spoiling: the message no longer does.
    HidesMessage,
}

/// Mutations that belong together.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) label: Label,
    pub(super) mutations: Vec<Mutation>,
}

fn entry(label: Label, mutations: impl IntoIterator<Item = Mutation>) -> Entry {
    let mutations = mutations.into_iter().collect();
    Entry { label, mutations }
}

fn spoiling(mutation: Mutation) -> Entry {
    entry(Label::Spoiling, [mutation])
}

/// A value stands in another place. Nothing is left in the first, also where another mutation put it there twice.
fn elsewhere(at: &str, to: &str) -> Entry {
    entry(Label::Spoiling, [Mutation::copy(at, to), Mutation::drop(at)])
}

/// Every mutation of a baseline.
pub(super) fn entries(baseline: &Baseline) -> Vec<Entry> {
    let mut entries = harmless(baseline);
    entries.extend(STATUSES.map(|status| spoiling(Mutation::Status(status))));
    entries.extend(codes(baseline));
    entries.extend(duplicate_keys(baseline));
    entries.extend(bytes_around());
    entries.extend(mixed_envelopes(baseline));
    match baseline.kind {
        Kind::Success => {
            entries.extend(lost_evidence(baseline));
            entries.extend(lost_echo(baseline));
            entries.extend(lost_rows(baseline));
            entries.extend(contradictions(baseline));
        }
        Kind::Refusal => entries.extend(success_codes(baseline)),
        Kind::DuplicateReference => entries.extend(duplicate_reference_texts(baseline)),
    }
    entries
}

/// The whole list of what changes nothing.
fn harmless(baseline: &Baseline) -> Vec<Entry> {
    let (code, message) = (baseline.code, baseline.message);
    let (other_code, other_message) = other_envelope(baseline);
    let mut harmless = vec![
        // White space.
        vec![Mutation::Append(" \r\n\t".to_owned())],
        vec![Mutation::Prepend("\n  ".to_owned())],
        // Another order.
        vec![Mutation::shift(code, code)],
        vec![Mutation::shift("payload", "payload")],
        // The two documented envelopes.
        vec![
            Mutation::rename(code, other_code),
            Mutation::rename(message, other_message),
        ],
    ];
    if baseline.kind == Kind::Success && !matches!(baseline.call, Call::Coins | Call::Bulk) {
        // A field that nobody knows. Beside the list of a bulk response it may speak of rows that failed.
        harmless.push(vec![Mutation::set("payload.nickName", "\"Ravi\"")]);
    }
    if baseline.kind == Kind::Success && baseline.call.has_echo() {
        harmless.push(vec![Mutation::drop("payload.token")]);
        let echo = "payload.pgReferenceNumber";
        harmless.push(vec![Mutation::shift(echo, echo)]);
    }
    harmless
        .into_iter()
        .map(|mutations| entry(Label::Harmless, mutations))
        .collect()
}

/// The names of the envelope that the baseline has not.
fn other_envelope(baseline: &Baseline) -> (&'static str, &'static str) {
    match baseline.code {
        "code" => ("response_code", "response_message"),
        _ => ("code", "message"),
    }
}

const STATUSES: [u16; 39] = [
    201, 202, 203, 205, 206, 207, 208, 226, 299, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408,
    409, 410, 412, 418, 422, 423, 424, 425, 429, 451, 500, 501, 502, 503, 504, 599,
];

/// What may stand where a code should, and is no documented one.
const UNDOCUMENTED_CODES: &str = r#"
    -1 2 10 99 100 200 201 202 204 206 299 302 400 401 403 404 409 412 422 429 500 502 503 504
    0.0 -0 0e0 -0.0e-5 1e-400 -1e-999 1.0 1.0e0 0.5 1.5 200.0 2e2 20E1 2.00e+2 1e300 18446744073709551616 00 +0 .0 0x0 NaN
    "00" "0.0" "-0" "+0" "0x0" "0,0" "\u0660" "0\u0000" "01" "1.0" "200" "200.0" "2e2" "401" "409" "500"
    "SUCCESS" "success" "OK" "COMPLETED" "QUEUED" "TXN_SUCCESS" "PENDING" "PROCESSING" "ACCEPTED" "FAILURE" "FAILED" "E42"
    "null" "true" "" "zero" null true false {} [] [0] [1] {"code":0}
"#;
/// The same, with white space inside.
const UNDOCUMENTED_TEXTS: [&str; 6] = ["\" 0\"", "\"0 \"", "\" 1\"", "\"0 OK\"", "\"200 OK\"", "\"HTTP 200\""];

fn codes(baseline: &Baseline) -> Vec<Entry> {
    let code = baseline.code;
    let undocumented = UNDOCUMENTED_CODES.split_ascii_whitespace().chain(UNDOCUMENTED_TEXTS);
    let mut entries: Vec<_> = undocumented.map(|raw| spoiling(Mutation::set(code, raw))).collect();
    entries.push(spoiling(Mutation::drop(code)));
    entries.push(spoiling(Mutation::list(code)));
    entries.push(entry(Label::Spoiling, [Mutation::text(code), Mutation::text(code)]));
    for name in [
        "Code",
        "CODE",
        "statusCode",
        "status",
        "responseCode",
        "Response_Code",
        "errorCode",
        "code ",
        "co\u{0}de",
    ] {
        entries.push(spoiling(Mutation::rename(code, name)));
    }
    entries.push(elsewhere(code, "payload.code"));
    entries
}

/// Keys that stand twice, also with the same value: whoever wins, nobody promised it.
fn duplicate_keys(baseline: &Baseline) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut double = |at: &str, raws: &[&str]| {
        for position in [Position::Before, Position::After] {
            let (same_value, at) = (None, at.to_owned());
            entries.push(spoiling(Mutation::Double {
                at: at.clone(),
                raw: same_value,
                position,
            }));
            let others = raws.iter().map(|raw| Mutation::double(&at, *raw, position));
            entries.extend(others.map(spoiling));
        }
    };
    let codes = ["0", "\"0\"", "1", "\"1\"", "200", "\"SUCCESS\"", "null", "{}"];
    double(baseline.code, &codes);
    double(baseline.message, &["\"Success\"", "\"FAILURE\"", "null"]);
    double(
        "payload",
        &["{}", "null", "\"Success\"", "{\"pgReferenceNumber\":\"OTHER\"}"],
    );
    if baseline.kind != Kind::Success {
        return entries;
    }
    match baseline.call {
        Call::Give | Call::GiveToCard | Call::Take => {
            double("payload.pgReferenceNumber", &["\"OTHER\"", "null", "1"]);
            double("payload.enKashCardId", &["\"EKC0OTHERS\""]);
        }
        Call::Order | Call::UndocumentedOrder => {
            double("payload.partnerOrderReferenceId", &["\"OTHER\"", "null"]);
            double("payload.orderStatus", &["\"FAILED\""]);
            double("payload.totalQuantity", &["1"]);
        }
        Call::Bulk => {
            double(ROWS, &["[]", "null"]);
            double(&format!("{ROWS}.*.mobile"), &["\"9000009999\""]);
            double(&format!("{ROWS}.*.loadAmount"), &["1"]);
        }
        Call::Coins => {}
    }
    entries
}

/// The list of successes of a bulk response.
const ROWS: &str = "payload.successBulkEnKashCardCreateDTOs";

/// The list of failures that the sandbox has beside it.
const FAILURES: &str = "payload.failedBulkEnKashCardCreateDTOs";

/// Bytes before and after, and the whole body as something else.
fn bytes_around() -> Vec<Entry> {
    let after = [
        "{}",
        " {}",
        "\n{\"code\":1}",
        "x",
        "\0",
        ",",
        "]",
        "}",
        "</html>",
        "0",
        "null",
        "\u{feff}",
        "// ok",
    ];
    let before = [
        "\u{feff}",
        ")]}',\n",
        "x",
        "{}",
        "[",
        "<!-- -->",
        "\0",
        "HTTP/1.1 200 OK\r\n\r\n",
    ];
    let after = after.map(|text| spoiling(Mutation::Append(text.to_owned())));
    let before = before.map(|text| spoiling(Mutation::Prepend(text.to_owned())));
    let mut entries: Vec<_> = after.into_iter().chain(before).collect();
    for name in ["data", "payload", "result", "response", "code"] {
        let wrapped = [
            Mutation::Prepend(format!("{{\"{name}\":")),
            Mutation::Append("}".to_owned()),
        ];
        entries.push(entry(Label::Spoiling, wrapped));
    }
    entries.push(spoiling(Mutation::list("")));
    entries.push(spoiling(Mutation::text("")));
    for raw in ["null", "true", "0", "\"Success\"", "{}", "[]"] {
        entries.push(spoiling(Mutation::set("", raw)));
    }
    entries
}

/// A second envelope beside the first, signs of failure, and the envelope of a sibling product.
fn mixed_envelopes(baseline: &Baseline) -> Vec<Entry> {
    let (other_code, other_message) = other_envelope(baseline);
    let mut entries = Vec::new();
    let codes = [
        "200",
        "\"200\"",
        "409",
        "500",
        "\"SUCCESS\"",
        "\"FAILURE\"",
        "\"\"",
        "true",
        "{}",
        "[0]",
    ];
    entries.extend(codes.map(|raw| spoiling(Mutation::set(other_code, raw))));
    if baseline.kind == Kind::Success {
        entries.extend(["1", "\"1\""].map(|raw| spoiling(Mutation::set(other_code, raw))));
    }
    for raw in [
        "\"FAILURE\"",
        "\"Failure\"",
        "\"FAILED\"",
        "\"QUEUED\"",
        "\"Request is in progress\"",
    ] {
        entries.push(entry(Label::HidesMessage, [Mutation::set(baseline.message, raw)]));
        entries.push(spoiling(Mutation::set(other_message, raw)));
    }
    for raw in ["{\"message\":\"no\"}", "\"no\"", "[]", "{}", "true", "false", "0"] {
        entries.push(spoiling(Mutation::set("errorResponse", raw)));
    }
    // Fields that no page has, and that say no by their name or value.
    for (name, raw) in [
        ("error", "\"no\""),
        ("errors", "[\"no\"]"),
        ("errorCode", "\"E42\""),
        ("success", "false"),
        ("status", "\"FAILED\""),
        ("status", "\"QUEUED\""),
        ("statusCode", "500"),
        ("result", "\"FAILED\""),
    ] {
        entries.push(spoiling(Mutation::set(name, raw)));
    }
    for (code, message, error) in [
        ("200", "\"SUCCESS\"", "null"),
        ("200", "\"FAILURE\"", "null"),
        ("200", "\"SUCCESS\"", "{\"message\":\"no\"}"),
        ("422", "\"FAILURE\"", "{\"message\":\"no\"}"),
        ("\"400\"", "\"FAILURE\"", "null"),
    ] {
        let sibling = [
            Mutation::drop(baseline.code),
            Mutation::drop(baseline.message),
            Mutation::set("errorResponse", error),
            Mutation::set("response_code", code),
            Mutation::set("response_message", message),
        ];
        entries.push(entry(Label::Spoiling, sibling));
    }
    entries
}

/// Of a success: the code turns into that of a refusal, and what else shows the success gets lost.
fn lost_evidence(baseline: &Baseline) -> Vec<Entry> {
    let mut entries: Vec<_> = ["1", "\"1\""]
        .map(|raw| entry(Label::RefusalCode, [Mutation::set(baseline.code, raw)]))
        .into();
    let plain = "\"Insufficient balance in card account\"";
    entries.push(entry(Label::HidesMessage, [Mutation::set(baseline.message, plain)]));
    entries.push(entry(Label::HidesPayload, [Mutation::drop("payload")]));
    for raw in [
        "null",
        "[]",
        "\"\"",
        "true",
        "0",
        plain,
        "\"Order placed\"",
        "\"Success\"",
    ] {
        entries.push(entry(Label::HidesPayload, [Mutation::set("payload", raw)]));
    }
    if baseline.call != Call::Coins {
        entries.push(spoiling(Mutation::text("payload")));
    }
    entries.push(spoiling(Mutation::list("payload")));
    for name in ["Payload", "data", "payload "] {
        entries.push(spoiling(Mutation::rename("payload", name)));
    }
    entries
}

/// Of a success whose page promises to repeat the reference: it is another one, or stands elsewhere.
fn lost_echo(baseline: &Baseline) -> Vec<Entry> {
    if !baseline.call.has_echo() {
        return Vec::new();
    }
    let (at, reference) = ("payload.pgReferenceNumber", &baseline.reference);
    let others = [
        "OTHER".to_owned(),
        reference.to_lowercase(),
        format!(" {reference}"),
        format!("{reference} "),
        format!("{reference}\\u0000"),
        format!("{reference}0"),
        reference[1..].to_owned(),
        String::new(),
    ];
    let mut entries: Vec<_> = others
        .iter()
        .map(|other| spoiling(Mutation::set(at, format!("\"{other}\""))))
        .collect();
    entries.extend(["null", "1", "true", "[]", "{}"].map(|raw| spoiling(Mutation::set(at, raw))));
    entries.push(entry(Label::HidesPayload, [Mutation::set("payload", "{}")]));
    entries.push(spoiling(Mutation::drop(at)));
    entries.push(spoiling(Mutation::list(at)));
    entries.push(elsewhere(at, "pgReferenceNumber"));
    for name in [
        "pgReferenceNum",
        "uniqueReferenceNumber",
        "PgReferenceNumber",
        "reference",
    ] {
        entries.push(spoiling(Mutation::rename(at, name)));
    }
    entries
}

/// Of a bulk success: the list no longer names the rows.
fn lost_rows(baseline: &Baseline) -> Vec<Entry> {
    if baseline.call != Call::Bulk {
        return Vec::new();
    }
    let (mobile, amount) = (format!("{ROWS}.*.mobile"), format!("{ROWS}.*.loadAmount"));
    [
        Mutation::drop(ROWS),
        Mutation::rename(ROWS, "failedBulkEnKashCardCreateDTOs"),
        Mutation::rename(ROWS, "successBulkEnkashCardCreateDTOs"),
        Mutation::set(ROWS, "null"),
        Mutation::set(ROWS, "[]"),
        Mutation::text(ROWS),
        Mutation::list(ROWS),
        Mutation::drop(&mobile),
        Mutation::drop(&amount),
        Mutation::set(&mobile, "\"9000009999\""),
        Mutation::set(&mobile, "9000005001.5"),
        Mutation::set(&amount, "10.51"),
        Mutation::set(&amount, "1e300"),
        Mutation::set(&amount, "null"),
        Mutation::copy(ROWS, FAILURES),
        Mutation::set(FAILURES, "[{}]"),
        Mutation::set("payload.nickName", "\"Ravi\""),
        Mutation::set("payload.successCount", "0"),
        Mutation::set("payload.failedCount", "2"),
        Mutation::set("payload.failureCount", "1"),
        Mutation::set("payload.totalCount", "3"),
        Mutation::set(format!("{ROWS}.*.failureReason"), "\"card is blocked\""),
    ]
    .map(spoiling)
    .into()
}

/// What a success repeats of the call, and is not what was asked for.
fn contradictions(baseline: &Baseline) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut set = |at: &str, raws: &[&str]| {
        entries.extend(raws.iter().map(|raw| spoiling(Mutation::set(at, *raw))));
    };
    let states = [
        "\"FAILED\"",
        "\"REVERSED\"",
        "\"REJECTED\"",
        "\"QUEUED\"",
        "\"PENDING\"",
        "false",
        "0",
        "{}",
    ];
    if baseline.call != Call::Coins {
        set("payload.code", &["1", "\"1\"", "500"]);
        set("payload.response_code", &["1"]);
        set("payload.errorResponse", &["{}", "\"no\""]);
        set("payload.response_message", &["\"FAILURE\""]);
    }
    match baseline.call {
        Call::Give | Call::GiveToCard | Call::Take => {
            let is_taken = baseline.call == Call::Take;
            let other = if is_taken { "\"CR\"" } else { "\"DR\"" };
            let other_kind = if is_taken {
                "\"ALLOCATE_POINT\""
            } else {
                "\"UNALLOCATE_POINT\""
            };
            set(
                "payload.loadAmount",
                &["10.51", "1050", "\"10.51\"", "0", "-10.5", "1e300", "\"ten\""],
            );
            set("payload.principalAmount", &["10.51", "1050"]);
            set("payload.transactionType", &[other]);
            set("payload.cardTransactionType", &[other]);
            set("payload.type", &[other_kind, "\"REVERSAL\""]);
            set("payload.status", &states);
            set("payload.cardAccountId", &["\"CA0OTHERS\""]);
        }
        Call::Order => {
            set("payload.totalQuantity", &["1", "3", "\"1\"", "0", "2.5"]);
            set("payload.totalAmount", &["250", "501", "\"250\"", "1e300"]);
            set("payload.partnerOrderReferenceId", &["\"OTHER\"", "\"\"", "1"]);
            set("payload.orderReferenceId", &["\"OTHER\""]);
            set("payload.productCatalogId", &["\"PC0OTHERS\""]);
        }
        Call::UndocumentedOrder | Call::Bulk | Call::Coins => {}
    }
    if baseline.call.is_order() {
        set("payload.orderStatus", &states);
        set("payload.paymentStatus", &states);
    }
    let copied = match baseline.call {
        Call::Coins => return entries,
        Call::Bulk => "successBulkEnKashCardCreateDTOs",
        call if call.has_echo() => "pgReferenceNumber",
        _ => "orderStatus",
    };
    let misspelt = [
        Mutation::copy("payload", "paylod"),
        Mutation::set(format!("paylod.{copied}"), "\"OTHER\""),
    ];
    entries.push(entry(Label::Spoiling, misspelt));
    entries
}

/// Of a refusal: its code turns into that of a success.
fn success_codes(baseline: &Baseline) -> Vec<Entry> {
    let (other_code, _) = other_envelope(baseline);
    let mut entries = vec![
        spoiling(Mutation::set(baseline.code, "0")),
        spoiling(Mutation::set(baseline.code, "\"0\"")),
        spoiling(Mutation::set(other_code, "0")),
    ];
    entries.push(entry(Label::HidesPayload, [Mutation::drop("payload")]));
    entries.push(entry(Label::HidesPayload, [Mutation::set("payload", "null")]));
    entries
}

/// Of a refusal that speaks of the reference: other words for the same.
fn duplicate_reference_texts(baseline: &Baseline) -> Vec<Entry> {
    let texts = [
        "Transaction ID already exists",
        "TRANSACTION ID ALREADY EXISTS",
        "Duplicate reference",
        "duplicate uniqueReferenceNumber",
        "DUPLICATE_TRANSACTION",
        "Request already processed",
        "This reference was already processed.",
        "uniqueReferenceNumber exists",
        "uniqueReferenceNumber must be unique",
        "Order with this id was placed before",
        "Points were credited earlier",
        "Your request is under review",
        "Request is under validation",
        "Request id not available",
        "This request is not the first",
        "More than two request for this id",
    ];
    let mut entries: Vec<_> = texts
        .iter()
        .map(|text| {
            let raw = format!("\"{text}\"");
            let both = [
                Mutation::set(baseline.message, raw.clone()),
                Mutation::set("payload", raw),
            ];
            entry(Label::Spoiling, both)
        })
        .collect();
    entries.push(entry(Label::HidesPayload, [Mutation::drop("payload")]));
    entries.push(entry(Label::HidesPayload, [Mutation::set("payload", "null")]));
    entries.push(entry(Label::HidesMessage, [Mutation::drop(baseline.message)]));
    entries
}
