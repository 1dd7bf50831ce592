use proptest::prelude::*;

use super::*;
use crate::output::{Format, Output};

fn read(lines: &[String]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .from_reader(std::io::Cursor::new(format!("a,b,c\n{}\n", lines.join("\n"))));
    reader
        .records()
        .map(|record| {
            record
                .unwrap()
                .iter()
                .map(|field| unescape_formula(field).to_owned())
                .collect()
        })
        .collect()
}

/// What a spreadsheet makes of a line: the fields, without their quotes.
fn as_imported(line: &str) -> Vec<String> {
    let file = format!("a,b,c\n{line}\n");
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let record = reader.records().next().unwrap().unwrap();
    record.iter().map(str::to_owned).collect()
}

fn text() -> impl Strategy<Value = String> {
    let dangerous = prop::sample::select(vec![
        "=", "+", "-", "@", "\t", "\r", "\n", "'", "''", " ", "＝", "\u{feff}", "\"", ",",
    ]);
    (prop::collection::vec(dangerous, 0..3), ".{0,12}").prop_map(|(before, after)| before.concat() + &after)
}

proptest! {
    #[test]
    fn what_is_written_reads_back_unchanged_and_runs_nowhere(
        rows in prop::collection::vec(prop::collection::vec(text(), 3), 1..4)
    ) {
        let (mut output, shown) = Output::captured(Format::Csv);
        for row in &rows {
            let cells: Vec<_> = row.iter().map(|text| Cell::Text(text.clone())).collect();
            output.record(&cells).unwrap();
        }
        let written: Vec<_> = shown.results().lines().map(str::to_owned).collect();
        prop_assert_eq!(written.len(), rows.len());
        for line in &written {
            for field in as_imported(line) {
                prop_assert!(!begins_a_formula(&field), "{field:?}");
                prop_assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{field:?}");
            }
        }
        // Unchanged but for what would steer a terminal.
        let seen = |row: &Vec<String>| row.iter().map(|text| escape_controls(text).into_owned()).collect::<Vec<_>>();
        prop_assert_eq!(read(&written), rows.iter().map(seen).collect::<Vec<_>>());
    }

    #[test]
    fn amounts_stay_numbers(amount in "-?[0-9]{1,12}(\\.[0-9]{2,4})?") {
        prop_assert_eq!(record(&[Cell::Number(amount.clone())]).unwrap(), amount);
    }
}

#[test]
fn only_what_would_run_is_changed() {
    for (text, written) in [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("-REF", "'-REF"),
        ("'Tilde", "'Tilde"),
        ("Meera", "Meera"),
        ("a,b", "\"a,b\""),
        (" =1", "' =1"),
    ] {
        assert_eq!(record(&[Cell::Text(text.to_owned())]).unwrap(), written);
    }
    // In a column of numbers as well.
    assert_eq!(
        record(&[Cell::Number("-1-1".to_owned()), Cell::Missing]).unwrap(),
        "'-1-1,"
    );
    assert_eq!(record(&[Cell::Number("≈0.12".to_owned())]).unwrap(), "≈0.12");
}
