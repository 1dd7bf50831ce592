use proptest::prelude::*;

use super::*;

/// The records, each with its line, as the csv crate splits a text that is in memory, and as an editor counts.
fn expected(bytes: &[u8]) -> Vec<(u64, Vec<Vec<u8>>)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mark = if bytes.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    reader
        .byte_records()
        .map(|record| {
            let record = record.unwrap();
            let after = usize::try_from(record.position().unwrap().byte()).unwrap().max(mark);
            let blank = bytes[after..].iter().take_while(|byte| is_line_end(byte)).count();
            let before = String::from_utf8_lossy(&bytes[..after + blank]).replace("\r\n", "\n");
            let line = 1 + before.matches(['\r', '\n']).count() as u64;
            (line, record.iter().map(<[u8]>::to_vec).collect())
        })
        .collect()
}

fn read_in_pieces(bytes: &[u8], piece: usize) -> Vec<(u64, Vec<Vec<u8>>)> {
    let mut records = Records::new(Source::new(bytes, u64::MAX, piece)).unwrap();
    let mut found = Vec::new();
    loop {
        match records.read().unwrap() {
            Next::Record | Next::BadQuote(_) => {
                found.push((records.line(), records.record().fields().map(<[u8]>::to_vec).collect()))
            }
            Next::End => return found,
            Next::TooLong => panic!("a row of {} bytes is too long", bytes.len()),
        }
    }
}

/// What decides where records, fields and lines end.
const PARTS: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b",",
    b"\"",
    b"a",
    b"\0",
    b"\xff",
    BYTE_ORDER_MARK,
    b",b,",
    b"\"c\n\",d",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn records_and_lines_do_not_depend_on_how_a_file_is_read(
        parts in proptest::collection::vec(
            prop::sample::select(PARTS),
            0..60,
        ),
        has_mark: bool,
        piece in 3_usize..20,
    ) {
        let mark = if has_mark { BYTE_ORDER_MARK } else { b"" };
        let bytes = [mark, &parts.concat()].concat();
        prop_assert_eq!(read_in_pieces(&bytes, piece), expected(&bytes));
    }
}

#[test]
fn a_row_of_just_the_limit_is_read_and_one_byte_more_is_too_long() {
    let with_length = |length: usize| {
        let mut bytes = b"\n\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', length - 3));
        bytes.extend(b",y\n");
        bytes
    };
    let read = |bytes: Vec<u8>| {
        let mut records = Records::new(Source::new(&bytes[..], u64::MAX, 1_000)).unwrap();
        let next = records.read().unwrap();
        (matches!(next, Next::Record), records.line())
    };
    assert_eq!(read(with_length(MAX_ROW_BYTES)), (true, 3));
    assert_eq!(read(with_length(MAX_ROW_BYTES + 1)), (false, 3));
    // As much of commas, which take no room themselves.
    assert_eq!(read(vec![b','; MAX_ROW_BYTES - 1]), (true, 1));
    assert_eq!(read(vec![b','; MAX_ROW_BYTES]), (false, 1));
}

#[test]
fn quotes_that_are_not_whole_are_named_with_their_value() {
    use QuoteMistake::{AfterEnd, LeftOpen};
    for (text, expected) in [
        ("a,b\n", None),
        ("\"a\",\"b\"\r\n", None),
        ("\"a\"\"b\",\"\"\n", None),
        ("\"a\",\"b,\n\"", None),
        // A quote within a value that has none around it is a part of the value.
        ("10\"00,b\n", None),
        ("\"10\"00.00,b\n", Some(AfterEnd(1))),
        ("a,\"10\" \n", Some(AfterEnd(2))),
        ("a,\"10\"\"0\"0,\"x\"\n", Some(AfterEnd(2))),
        ("a,\"10", Some(LeftOpen(2))),
        ("a,b,\"", Some(LeftOpen(3))),
        ("\"a\"b,\"c", Some(AfterEnd(1))),
        ("a,\"10\n\n", Some(LeftOpen(2))),
    ] {
        for piece in [3, 100] {
            let mut records = Records::new(Source::new(text.as_bytes(), u64::MAX, piece)).unwrap();
            let found = match records.read().unwrap() {
                Next::Record => None,
                Next::BadQuote(mistake) => Some(mistake),
                _ => panic!("{text:?} has a record"),
            };
            assert_eq!(found, expected, "{text:?} in pieces of {piece}");
        }
    }
}

#[test]
fn a_mistake_in_quotes_is_that_of_its_own_record() {
    let mut records = Records::new(Source::new(&b"\"a\"b,c\nx,y\n"[..], u64::MAX, 5)).unwrap();
    assert!(matches!(records.read().unwrap(), Next::BadQuote(_)));
    assert!(matches!(records.read().unwrap(), Next::Record));
}
