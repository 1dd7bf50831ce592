use super::*;
use crate::allocations_file::BulkFileRow;

/// All rows of a file of one kind.
fn rows_of<R: FileRow>(bytes: &[u8], limits: Limits) -> Result<Vec<R>, CappedList<Diagnostic>> {
    let file = AllocationFile::<R, _>::new(bytes, limits).unwrap();
    file.into_rows().map_err(|error| match error {
        ReadError::Wrong(mistakes) => mistakes,
        ReadError::Unreadable(error) => panic!("{error}"),
    })
}

/// As a file of allocations.
fn rows(bytes: &[u8]) -> Result<Vec<AllocationRow>, CappedList<Diagnostic>> {
    rows_of(bytes, Limits::WHOLE)
}

const HEADER: &str = "title,name,email,mobile,gender,amount,reference\n";
const GOOD: &str = "Ms,Asha,asha@example.com,9000000004,F,250.50,R1\n";

fn diagnostics(bytes: impl AsRef<[u8]>) -> Vec<String> {
    match rows(bytes.as_ref()) {
        Ok(rows) => panic!("{} rows and no diagnostic", rows.len()),
        Err(diagnostics) => diagnostics
            .items
            .iter()
            .map(|diagnostic| diagnostic.in_file(Path::new("x.csv")))
            .collect(),
    }
}

/// A file whose second row is given, on line 3.
fn third_line(row: &str) -> Vec<String> {
    diagnostics(format!("{HEADER}{GOOD}{row}\n"))
}

/// Such a value is another one than was meant, or the file was cut.
#[test]
fn a_value_whose_quotes_are_not_whole_is_a_mistake() {
    for (row, place) in [
        (
            "Ms,B,b@example.com,9000000005,F,\"10\"00.00,R2",
            "x.csv:3:6: something stands behind the quote",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1,\"R2\"17",
            "x.csv:3:7: something stands behind the quote",
        ),
    ] {
        let found = third_line(row);
        assert!(found.len() == 1 && found[0].starts_with(place), "{found:?}");
    }
    for cut in ["F,\"10", "F,1,\"R2"] {
        let found = diagnostics(format!("{HEADER}{GOOD}Ms,B,b@example.com,9000000005,{cut}"));
        assert!(
            found.len() == 1 && found[0].contains("the file ends within a value in quotes"),
            "{found:?}"
        );
    }
    let found = diagnostics(HEADER.replace("title", "\"title\"x"));
    assert!(
        found[0].starts_with("x.csv:1:1: something stands behind the quote"),
        "{found:?}"
    );
}

#[test]
fn each_kind_of_bad_value_is_found_with_its_place() {
    for (row, expected) in [
        ("Ms,,b@example.com,9000000005,F,1,R2", "x.csv:3:2: name is empty"),
        ("Ms,  ,b@example.com,9000000005,F,1,R2", "x.csv:3:2: name is empty"),
        ("Ms,B,,9000000005,F,1,R2", "x.csv:3:3: email is empty"),
        (
            "Dr,B,b@example.com,9000000005,F,1,R2",
            "x.csv:3:1: title is not Mr, Mrs or Ms",
        ),
        (
            ",B,b@example.com,9000000005,F,1,R2",
            "x.csv:3:1: title is not Mr, Mrs or Ms",
        ),
        (
            "Ms,B,b@example.com,9000000005,X,1,R2",
            "x.csv:3:5: gender is not M, F, Male or Female",
        ),
        (
            "Ms,B,b@example.com,900000005,F,1,R2",
            "x.csv:3:4: mobile is not 10 digits (9 found)",
        ),
        (
            "Ms,B,b@example.com,,F,1,R2",
            "x.csv:3:4: mobile is not 10 digits (0 found)",
        ),
        (
            "Ms,B,b@example.com,+919000000005,F,1,R2",
            "x.csv:3:4: mobile is not 10 digits (12 found, and other characters)",
        ),
        (
            "Ms,B,b@example.com,90000 00005,F,1,R2",
            "x.csv:3:4: mobile is not 10 digits (10 found, and other characters)",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,0,R2",
            "x.csv:3:6: amount \"0\" is not more than 0",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,0.00,R2",
            "x.csv:3:6: amount \"0.00\" is not more than 0",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,-4,R2",
            "x.csv:3:6: amount \"-4\" is not more than 0",
        ),
        ("Ms,B,b@example.com,9000000005,F,,R2", "x.csv:3:6: amount is empty"),
        (
            "Ms,B,b@example.com,9000000005,F,1e3,R2",
            "x.csv:3:6: amount \"1e3\" is not a number such as 250.50",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,ten,R2",
            "x.csv:3:6: amount is not a number such as 250.50",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1.005,R2",
            "x.csv:3:6: amount \"1.005\" has more than two decimals",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1.000,R2",
            "x.csv:3:6: amount \"1.000\" has more than two decimals",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,12345678901234.56,R2",
            "x.csv:3:6: amount has more than 15 digits",
        ),
        ("Ms,B,b@example.com,9000000005,F,1,", "x.csv:3:7: reference is empty"),
        (
            "Ms,B,b@example.com,9000000005,F,1,R 2",
            "x.csv:3:7: reference has white space or a control character",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1,R1",
            "x.csv:3:7: reference \"R1\" stands on line 2 already",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1",
            "x.csv:3:7: the row has 6 columns, the header has 7",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1,R2,x",
            "x.csv:3:8: the row has 8 columns, the header has 7",
        ),
        (",,,,,,", "x.csv:3:1: the row is empty: take the line out"),
        (
            "Ms,B\0,b@example.com,9000000005,F,1,R2",
            "x.csv:3:2: name has a NUL byte",
        ),
        (
            "Ms,B,b@example.com,9000000005,F,1,R2\0",
            "x.csv:3:7: reference has a NUL byte",
        ),
        (
            "Ms,\"B\nC\",b@example.com,9000000005,F,1,R2",
            "x.csv:3:2: name has a line break or another control character",
        ),
    ] {
        assert_eq!(third_line(row), [expected], "{row}");
    }
}

#[test]
fn all_findings_of_all_rows_come_at_once_from_top_to_bottom() {
    let file = format!("{HEADER}Dr,,x,1,?,-4,R1\n{GOOD}Ms,B,b@example.com,9000000005,F,0,R9\n");
    let places: Vec<_> = match rows(file.as_bytes()) {
        Err(diagnostics) => diagnostics
            .items
            .iter()
            .map(|diagnostic| (diagnostic.line, diagnostic.column.unwrap()))
            .collect(),
        Ok(_) => panic!("bad rows"),
    };
    assert_eq!(places, [(2, 1), (2, 2), (2, 4), (2, 5), (2, 6), (3, 7), (4, 6)]);
}

#[test]
fn lines_are_those_of_an_editor() {
    let bad = "Ms,B,b@example.com,9000000005,F,-4,R2";
    for (before, line) in [
        ("", 2),
        ("\n\n", 4),
        ("\r\n", 3),
        ("Ms,\"A\nB\r\nC\",a@example.com,9000000004,F,1,R1\n", 5),
        ("Ms,\"A \"\"x\"\"\",a@example.com,9000000004,F,1,R1\n", 3),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let ended = |text: &str| text.replace("\r\n", "\n").replace('\n', end);
            let file = format!("{}{}{bad}{end}", ended(HEADER), ended(before));
            let last = diagnostics(&file).pop();
            assert_eq!(
                last,
                Some(format!("x.csv:{line}:6: amount \"-4\" is not more than 0")),
                "{before:?} with {end:?}"
            );
        }
    }
}

#[test]
fn mark_line_ends_and_order_of_columns_do_not_matter() {
    let shuffled =
        "\u{feff}reference,amount,gender,mobile,email,name,title\r\nR1,250.50,F,9000000004,a@example.com,Asha,Ms\r\n";
    let read = rows(shuffled.as_bytes()).unwrap();
    let row = &read[0];
    assert_eq!(
        (row.line, row.reference.as_str(), row.amount.to_string()),
        (2, "R1", "250.5".to_owned())
    );
    assert_eq!(
        (row.person.name.expose(), row.person.mobile.expose()),
        ("Asha", "9000000004")
    );
    assert_eq!(
        diagnostics(shuffled.replace("250.50", "-1").replace("9000000004", "9")),
        [
            "x.csv:2:2: amount \"-1\" is not more than 0",
            "x.csv:2:4: mobile is not 10 digits (1 found)"
        ]
    );
    // A row without a line end is a row.
    assert_eq!(rows(format!("{HEADER}{GOOD}").trim_end().as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_header_that_is_wrong_is_found() {
    let documented = "title,name,email,mobile,gender,amount,reference";
    let header = |line: &str| diagnostics(format!("{line}\n{GOOD}"));
    assert_eq!(
        header("title,name,email,mobile,gender,amuont,reference"),
        [
            format!("x.csv:1:6: this column is none of {documented}"),
            "x.csv:1:8: column amount is missing".to_owned()
        ]
    );
    assert_eq!(
        diagnostics("title,name,email,mobile,gender,amount\nMs,,a@example.com,9,F,1\n"),
        [
            "x.csv:1:7: column reference is missing",
            "x.csv:2:2: name is empty",
            "x.csv:2:4: mobile is not 10 digits (1 found)"
        ]
    );
    assert_eq!(
        diagnostics("title,name,email,mobile,gender,amount,reference,name\nMs,A,a@example.com,9000000004,F,1,R,A\n"),
        ["x.csv:1:8: column name stands twice, first at 2"]
    );
    let none = format!("x.csv:1:1: the first line is not the header {documented}");
    assert_eq!(diagnostics(GOOD), [none]);
    assert_eq!(
        diagnostics("title;name;email;mobile;gender;amount;reference\n"),
        [format!(
            "x.csv:1:1: fields are separated by semicolons: use commas, and the header {documented}"
        )]
    );
}

#[test]
fn a_file_without_rows_is_found() {
    for empty in ["", "\u{feff}", "\n\r\n\n"] {
        assert_eq!(diagnostics(empty), ["x.csv:1:1: the file is empty"], "{empty:?}");
    }
    assert_eq!(diagnostics(HEADER), ["x.csv:2:1: there is no row below the header"]);
    assert_eq!(
        diagnostics(format!("\n{HEADER}\n\n")),
        ["x.csv:3:1: there is no row below the header"]
    );
}

#[test]
fn bytes_that_are_no_utf_8_are_found() {
    let mut bytes = format!("{HEADER}{GOOD}Ms,").into_bytes();
    bytes.extend_from_slice(b"Ren\xe9,r@example.com,9000000005,F,-1,R2\n");
    assert_eq!(
        diagnostics(&bytes),
        [
            "x.csv:3:2: name is not UTF-8",
            "x.csv:3:6: amount \"-1\" is not more than 0"
        ]
    );
    let utf_16: Vec<u8> = "\u{feff}title".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        diagnostics(utf_16),
        ["x.csv:1:1: the file is UTF-16: save it as CSV in UTF-8"]
    );
}

#[test]
fn an_open_quote_takes_no_row_away_in_silence() {
    let row = |name: &str, reference: &str| format!("Ms,{name},a@example.com,9000000004,F,1,{reference}\n");
    let file = format!("{HEADER}{}{}{}", row("A", "R1"), row("\"B", "R2"), row("C", "R3"));
    assert_eq!(
        diagnostics(file),
        [
            "x.csv:3:2: the file ends within a value in quotes: it was cut, or a quote that is left open takes in the lines after it"
        ]
    );
    // In the last column the number of columns is right.
    let file = format!("{HEADER}{}{}{}", row("A", "R1"), row("B", "\"R2"), row("C", "R3"));
    assert_eq!(
        diagnostics(file),
        [
            "x.csv:3:7: the file ends within a value in quotes: it was cut, or a quote that is left open takes in the lines after it"
        ]
    );
}

#[test]
fn no_finding_repeats_a_persons_data() {
    // Two columns changed places, and a file has no header at all.
    let secrets = ["Meera Rao", "meera@example.com", "9000000077"];
    for row in [
        "Meera Rao,Ms,9000000077,meera@example.com,Meera Rao,meera@example.com,Meera Rao",
        "meera@example.com,,,Meera Rao,9000000077,Meera Rao,meera@example.com 9000000077",
        "Ms,Meera Rao,meera@example.com,9000000077",
    ] {
        for text in [third_line(row), diagnostics(format!("{row}\n"))].concat() {
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        }
    }
}

#[test]
fn a_bulk_file_has_no_gender_and_may_have_remarks() {
    let bulk = |text: &str| rows_of::<BulkFileRow>(text.as_bytes(), Limits::WHOLE);
    let plain = "title,name,email,mobile,amount,reference\nMs,Asha,a@example.com,9000000004,250.50,R1\n";
    let read = bulk(plain).unwrap();
    assert_eq!((read[0].line, &read[0].row.remarks), (2, &None));
    let remarked = "remarks,title,name,email,mobile,amount,reference\n\
                    Q3,Ms,Asha,a@example.com,9000000004,250.50,R1\n,Ms,Asha,a@example.com,9000000004,1,R2\n";
    let read = bulk(remarked).unwrap();
    assert_eq!(
        (read[0].row.remarks.as_deref(), &read[1].row.remarks),
        (Some("Q3"), &None)
    );

    let wrong = bulk(&format!("{HEADER}{GOOD}")).unwrap_err();
    assert_eq!(
        wrong.items[0].in_file(Path::new("x.csv")),
        "x.csv:1:5: this column is none of title,name,email,mobile,amount,reference[,remarks]"
    );
}

/// Each is read within the memory of one row, which a test of the binary measures.
#[test]
fn a_row_without_an_end_is_named_where_it_begins() {
    let long = "x".repeat(16 * 1024);
    for row in [
        long.clone(),
        format!("\"{long}"),
        "\"\"\"".repeat(16 * 1024),
        ",".repeat(32 * 1024),
    ] {
        let expected = "the row that begins here is longer than 16 KiB: most likely a quote is left open";
        let row = format!("Ms,{row}");
        assert_eq!(third_line(&row), [format!("x.csv:3:1: {expected}")]);
        // What is wrong above it is told as well, and nothing of what comes after.
        let found = diagnostics(format!("{HEADER}{}\n{row}\n,\n", GOOD.replace("250.50", "0")));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].ends_with(expected), "{found:?}");
        assert_eq!(
            diagnostics(format!("\n{row}\n{GOOD}")),
            [format!("x.csv:2:1: {expected}")]
        );
    }
}

#[test]
fn blank_lines_belong_to_no_row() {
    let blank = "\r\n\n".repeat(100_000);
    let file = format!("{blank}{HEADER}{blank}{GOOD}{blank}");
    assert_eq!(rows(file.as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_header_of_many_columns_is_one_finding() {
    assert_eq!(
        diagnostics(format!("{}{HEADER}{GOOD}", "x,".repeat(58))),
        ["x.csv:1:1: the header has 65 columns: it is title,name,email,mobile,gender,amount,reference"]
    );
    assert_eq!(diagnostics(format!("{}{HEADER}{GOOD}", "x,".repeat(57))).len(), 58);
}

#[test]
fn a_field_has_a_length() {
    let row = |name: usize| format!("Ms,{},b@example.com,9000000005,F,1,R2", "x".repeat(name));
    assert_eq!(third_line(&row(1025)), ["x.csv:3:2: name is longer than 1024 bytes"]);
    assert_eq!(
        rows(format!("{HEADER}{GOOD}{}", row(1024)).as_bytes()).unwrap().len(),
        2
    );
}

#[test]
fn of_many_findings_the_first_are_kept_and_all_are_counted() {
    let file = format!("{HEADER}{}", ",,,,,x\n".repeat(1_000));
    let found = rows(file.as_bytes()).unwrap_err();
    assert_eq!((found.items.len(), found.count()), (100, 1_000));
    assert_eq!(found.items[99].line, 101);
}

#[test]
fn a_file_has_a_number_of_rows() {
    let row = |number: usize| format!("Ms,A,a@example.com,9000000004,F,1,R{number}\n");
    let file = |count: usize| HEADER.to_owned() + &(0..count).map(row).collect::<String>();
    let three = Limits {
        max_rows: 3,
        ..Limits::WHOLE
    };
    let rows = |count| rows_of::<AllocationRow>(file(count).as_bytes(), three);
    assert_eq!(rows(3).unwrap().len(), 3);
    let wrong = rows(5).unwrap_err();
    let [diagnostic] = &wrong.items[..] else {
        panic!("{wrong:?}")
    };
    assert_eq!(
        diagnostic.in_file(Path::new("x.csv")),
        "x.csv:5:1: there are more than 3 rows: split the file"
    );
}
