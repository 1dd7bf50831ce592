//! Files with mistakes, through the binary: all of them shown with their place, on standard error, before
//! anything is sent. What each kind of mistake is called stands in the tests of the reader.

use crate::support::{TemporaryFile, file_of, run};

const HEADER: &str = "title,name,email,mobile,gender,amount,reference";

fn refused(content: impl AsRef<[u8]>) -> Vec<String> {
    let file = TemporaryFile::new(content);
    let ended = run(&["--sandbox", "allocate", "--file", file.path()]);
    // Not even the balance was asked for.
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    ended
        .stderr
        .replace(file.path(), "x.csv")
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_mistake_is_shown_with_its_place_and_nothing_is_sent() {
    let lines = refused(format!(
        "{HEADER}\n\
         Ms,Meera,meera@example.com,9000000001,F,250.50,R1\n\
         Ms,,meera@example.com,900000001,F,-4,R1\n\
         Ms,\"Two\nlines\",two@example.com,9000000002,F,1.005,R 2\n\
         Dr,Ravi,ravi@example.com,9000000003,X,zero,R3\n\
         Mr,Ravi,ravi@example.com\n\
         Mr,Ravi,ravi@example.com,9000000003,M,1,R1\n\
         Ms,Meera,meera@example.com,9000000001,F,250.5,R9\n"
    ));
    assert_eq!(
        lines,
        [
            "x.csv:3:2: name is empty",
            "x.csv:3:4: mobile is not 10 digits (9 found)",
            "x.csv:3:6: amount \"-4\" is not more than 0",
            "x.csv:4:2: name has a line break or another control character",
            "x.csv:4:6: amount \"1.005\" has more than two decimals",
            "x.csv:4:7: reference has white space or a control character",
            "x.csv:6:1: title is not Mr, Mrs or Ms",
            "x.csv:6:5: gender is not M, F, Male or Female",
            "x.csv:6:6: amount is not a number such as 250.50",
            "x.csv:7:4: the row has 3 columns, the header has 7",
            "x.csv:8:7: the reference stands on line 2 already",
            "x.csv:9:4: the same mobile number and amount stand on line 2",
            "enkash: 12 mistakes in x.csv: nothing was sent",
        ]
    );
}

#[test]
fn files_without_rows_are_refused() {
    assert_eq!(refused("")[0], "x.csv:1:1: the file is empty");
    assert_eq!(
        refused(format!("{HEADER}\r\n"))[0],
        "x.csv:2:1: there is no row below the header"
    );
    let missing = run(&["--sandbox", "allocate", "--file", "no-such-file.csv"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.starts_with("enkash: no-such-file.csv cannot be read: "),
        "{}",
        missing.stderr
    );
}

#[test]
fn a_mark_at_the_start_and_windows_line_ends_are_fine() {
    let file = TemporaryFile::new(format!("\u{feff}{}", file_of(3).replace('\n', "\r\n")));
    let ended = run(&["--sandbox", "allocate", "--file", file.path()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("3 rows: 3 done; 0.03 allocated"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_large_file_is_checked_to_its_last_row() {
    let mut content = file_of(20_000);
    content.push_str("Mr,Last,last@example.com,9000099999,M,0,REF7\nMr,Last,last@example.com,9000099999,M,1,REF7\n");
    assert_eq!(
        refused(content),
        [
            "x.csv:20002:6: amount \"0\" is not more than 0",
            "x.csv:20003:7: the reference stands on line 9 already",
            "enkash: 2 mistakes in x.csv: nothing was sent",
        ]
    );
}

/// A name may hold what would steer a terminal in the eyes of its owner; no output must pass it on.
#[test]
fn text_of_the_file_does_not_steer_the_terminal() {
    let file = TemporaryFile::new(file_of(1).replace("Person 0", "P\u{202e}0"));
    for (format, shown) in [
        ("table", r"P\u202e0    0.01  done"),
        ("json", r#""person":"P\u202e0""#),
        ("csv", r",P\u202e0,0.01,done,"),
    ] {
        let ended = run(&["--sandbox", "allocate", "--file", file.path(), "--output", format]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            ended.stdout.contains(shown) && !ended.stdout.contains('\u{202e}'),
            "{}",
            ended.stdout
        );
    }
}
