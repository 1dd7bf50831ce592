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
            Next::Record => found.push((records.line(), records.record().fields().map(<[u8]>::to_vec).collect())),
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
