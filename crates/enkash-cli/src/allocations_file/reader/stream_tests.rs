//! Files that are read in pieces and in batches: nothing of the result depends on that, and nothing else is in memory.

use std::{cell::Cell, fs, iter, rc::Rc, slice};

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::allocations_file::hash_file;

const HEADER: &str = "title,name,email,mobile,gender,amount,reference\n";

fn row(number: u64) -> String {
    format!("Ms,Asha,a{number}@example.com,9000000004,F,{number}.50,R{number}\n")
}

/// Gives so many bytes at a time, as a pipe does; where it is none, the call was interrupted.
struct Trickle<'a> {
    bytes: &'a [u8],
    lengths: iter::Cycle<slice::Iter<'a, usize>>,
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.lengths.next().copied().unwrap_or(1).min(buffer.len()) {
            0 if !buffer.is_empty() => Err(io::ErrorKind::Interrupted.into()),
            length => self.bytes.read(&mut buffer[..length]),
        }
    }
}

/// Everything that comes of a file.
#[derive(Debug, PartialEq)]
struct Found {
    rows: Vec<String>,
    mistakes: Vec<Diagnostic>,
    count: (usize, u64),
    sha256: String,
}

fn read_in_batches(bytes: impl Read, limits: Limits, max: usize) -> Found {
    let mut file = AllocationFile::<AllocationRow, _>::new(bytes, limits).unwrap();
    let mut rows = Vec::new();
    while let Some(batch) = file.next_batch(max).unwrap() {
        assert!((1..=max).contains(&batch.len()));
        rows.extend(batch.iter().map(|row| {
            let person = &row.person;
            let (name, email, mobile) = (person.name.expose(), person.email.expose(), person.mobile.expose());
            format!("{} {name} {email} {mobile} {} {}", row.line, row.amount, row.reference)
        }));
    }
    let FileSummary {
        mistakes,
        rows: row_count,
        sha256,
    } = file.finish().unwrap();
    Found {
        rows,
        count: (mistakes.count(), row_count),
        mistakes: mistakes.items,
        sha256,
    }
}

fn sha256_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whatever may stand in a file, most of it rows.
fn any_part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => (0_u64..50).prop_map(|number| row(number).into_bytes()),
        4 => (1_u64..50).prop_map(|number| row(number).replace('\n', "\r\n").into_bytes()),
        2 => (1_u64..50).prop_map(|number| row(number).replace("Asha", "\"As\nha\"").into_bytes()),
        2 => (1_u64..50).prop_map(|number| row(number).replace("Ms", "Dr").replace('\n', "\r").into_bytes()),
        4 => prop::sample::select(&[
            "\n", "\r\n", "\r", ",", "\"", "\"\"", "\0", "\u{feff}", ",,,,,,\n", HEADER, "x\n", "'=1", "\u{930}",
        ][..]).prop_map(|part| part.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (0_usize..20_000).prop_map(|length| vec![b'x'; length]),
    ]
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        8 => Just(HEADER.to_owned()),
        1 => Just(format!("\u{feff}{HEADER}")),
        1 => Just(format!("\u{feff}\r\n\n{HEADER}")),
        1 => Just(String::new()),
    ];
    let parts = prop::collection::vec(any_part(), 0..30);
    (start, parts).prop_map(|(start, parts)| [start.into_bytes(), parts.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_a_file_holds_does_not_depend_on_how_it_is_read(
        bytes in any_file(),
        piece in 3_usize..300,
        lengths in prop::collection::vec(0_usize..400, 0..5),
        max in 1_usize..10,
    ) {
        let at_once = read_in_batches(&bytes[..], Limits::RUN, usize::MAX);
        prop_assert_eq!(&at_once.sha256, &sha256_of(&bytes));
        let lengths = [&lengths[..], &[1]].concat();
        let trickle = Trickle { bytes: &bytes, lengths: lengths.iter().cycle() };
        let in_pieces = read_in_batches(trickle, Limits { piece, ..Limits::RUN }, max);
        prop_assert_eq!(&at_once, &in_pieces);
        // Whoever takes the rows of a whole file gets the same ones.
        let limits = Limits { keeps_references: false, ..Limits::WHOLE };
        match AllocationFile::<AllocationRow, _>::new(&bytes[..], limits).unwrap().into_rows() {
            Ok(rows) => prop_assert_eq!((rows.len(), 0), (at_once.rows.len(), at_once.count.0)),
            Err(ReadError::Wrong(mistakes)) => prop_assert_eq!(mistakes.items, at_once.mistakes),
            Err(ReadError::Unreadable(error)) => panic!("{error}"),
        }
    }
}

#[test]
fn a_wrong_row_takes_no_right_one_away_and_hides_no_other_mistake() {
    let wrong = row(2).replace("Ms", "Dr");
    let file = [HEADER, &row(1), &wrong.repeat(300), &row(3)].concat();
    let found = read_in_batches(file.as_bytes(), Limits::RUN, 10);
    assert_eq!(found.rows.len(), 2);
    assert!(found.rows[1].starts_with("303 "), "{:?}", found.rows);
    assert_eq!((found.mistakes.len(), found.count), (100, (300, 302)));
}

#[test]
fn where_no_row_follows_the_rest_is_still_hashed() {
    let endless = format!("{HEADER}{}\"{}", row(1), "x\n".repeat(100_000));
    for (bytes, rows) in [
        (endless.as_bytes(), 1),
        (&b"\xff\xfetitle"[..], 0),
        (b"no,header\n1,2\n", 0),
    ] {
        let found = read_in_batches(bytes, Limits::RUN, 10);
        assert_eq!((found.rows.len(), found.count), (rows, (1, rows as u64)));
        assert_eq!(found.sha256, sha256_of(bytes));
    }
    // Also where nobody asks for the rows: all mistakes are counted then.
    let wrong = format!("{HEADER}{}", "x\n".repeat(500));
    let file = AllocationFile::<AllocationRow, _>::new(wrong.as_bytes(), Limits::RUN).unwrap();
    let summary = file.finish().unwrap();
    assert_eq!((summary.mistakes.count(), summary.rows), (500, 500));
}

#[test]
fn the_references_of_a_run_are_left_to_its_ledger() {
    let file = [HEADER, &row(1), &row(1)].concat();
    let found = read_in_batches(file.as_bytes(), Limits::RUN, 10);
    assert_eq!((found.rows.len(), found.count), (2, (0, 2)));
    let found = read_in_batches(file.as_bytes(), Limits::WHOLE, 10);
    assert_eq!((found.rows.len(), found.count), (1, (1, 2)));
}

#[test]
fn a_run_has_a_number_of_rows_and_of_bytes() {
    assert_eq!((Limits::RUN.max_rows, Limits::RUN.max_bytes), (10_000_000, 4 << 30));
    let file = [HEADER, &row(1), &row(2), &row(3)].concat();
    let limits = Limits {
        max_rows: 2,
        ..Limits::RUN
    };
    let found = read_in_batches(file.as_bytes(), limits, 10);
    assert_eq!((found.rows.len(), found.count), (2, (1, 2)));
    assert_eq!(found.mistakes[0].line, 4);
    assert_eq!(found.mistakes[0].text, "there are more than 2 rows: split the file");

    let length = file.len() as u64;
    for (max_bytes, is_read) in [(length, true), (length - 1, false)] {
        let limits = Limits {
            max_bytes,
            ..Limits::RUN
        };
        let file = AllocationFile::<AllocationRow, _>::new(file.as_bytes(), limits);
        let error = file.and_then(AllocationFile::finish).err();
        assert_eq!(error.is_none(), is_read);
        assert!(error.is_none_or(|error| error.kind() == io::ErrorKind::FileTooLarge));
    }
    let error = input_file::check_length(MAX_RUN + 1, MAX_RUN).unwrap_err().to_string();
    assert!(error.starts_with("it is larger than 4 GiB, "), "{error}");
}

/// Gives rows without an end, and fails where that is wanted.
struct Generator {
    given: Rc<Cell<u64>>,
    number: u64,
    pending: Vec<u8>,
    fails_at: u64,
}

impl Read for Generator {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.pending.is_empty() {
            if self.number == self.fails_at {
                // Once: a source that goes on after it would leave a hole.
                self.number += 1;
                return Err(io::Error::other("the disk is gone"));
            }
            self.pending = row(self.number).into_bytes();
            self.number += 1;
        }
        let length = (&self.pending[..]).read(buffer)?;
        self.pending.drain(..length);
        self.given.set(self.given.get() + length as u64);
        Ok(length)
    }
}

fn generator(fails_at: u64) -> (AllocationFile<AllocationRow, Generator>, Rc<Cell<u64>>) {
    let given = Rc::new(Cell::new(0));
    let generator = Generator {
        given: Rc::clone(&given),
        number: 1,
        pending: HEADER.as_bytes().to_vec(),
        fails_at,
    };
    (AllocationFile::new(generator, Limits::RUN).unwrap(), given)
}

#[test]
fn no_more_is_read_than_the_rows_that_are_asked_for_and_one_piece() {
    let (mut file, given) = generator(u64::MAX);
    let mut taken = HEADER.len() as u64;
    for _ in 0..100 {
        let batch = file.next_batch(500).unwrap().unwrap();
        assert_eq!(batch.len(), 500);
        taken += batch
            .iter()
            .map(|allocation| row(allocation.line - 1).len() as u64)
            .sum::<u64>();
        assert!(given.get() <= taken + PIECE as u64);
    }
}

#[test]
fn a_file_that_fails_has_no_end() {
    let (mut file, _) = generator(5_000);
    let mut rows = 0;
    let error = loop {
        match file.next_batch(500) {
            Ok(batch) => rows += batch.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert_eq!((error.to_string().as_str(), rows % 500), ("the disk is gone", 0));
    assert!(file.next_batch(500).is_err());
    assert!(file.finish().is_err());
}

#[test]
fn a_source_that_ended_is_not_asked_again() {
    // As a terminal does after Ctrl-D.
    struct Terminal(Vec<&'static str>);
    impl Read for Terminal {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.pop().unwrap().as_bytes().read(buffer)
        }
    }
    let typed = "Ms,Asha,a@example.com,9000000004,F,1,R1\n";
    let found = read_in_batches(Terminal(vec!["", typed, HEADER]), Limits::RUN, 10);
    assert_eq!((found.rows.len(), found.count), (1, (0, 1)));
}

#[test]
fn the_hash_of_a_file_is_its_sha_256() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let file = [HEADER, &row(1)].concat();
    fs::write(&path, &file).unwrap();
    let of_run = AllocationFile::<AllocationRow>::open(&path, Limits::RUN)
        .unwrap()
        .finish()
        .unwrap()
        .sha256;
    assert_eq!(of_run, hash_file(&path).unwrap());
    fs::write(&path, "abc").unwrap();
    assert_eq!(
        hash_file(&path).unwrap(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
