use super::*;

#[test]
fn cells_are_aligned_and_never_cut() {
    let columns = vec![
        Column::new("id", false),
        Column::new("amount", true),
        Column::new("name", false),
    ];
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let lines = Table::render(
        columns.clone(),
        &[row(["A1", "1.00", "आशा"]), row(["LONGID", "12345678.90", ""])],
        Some(25),
    );
    assert_eq!(
        lines,
        [
            "id           amount  name",
            "A1             1.00  आशा",
            "LONGID  12345678.90"
        ]
    );
    let narrow = Table::new(columns, None);
    assert_eq!(
        narrow.row(&row(["LONGID", "12345678.90", "B"])),
        ["LONGID  12345678.90  B"]
    );
}

#[test]
fn a_narrow_terminal_shows_every_value_whole() {
    let columns = vec![
        Column::new("id", false),
        Column::new("amount", true),
        Column::new("", false),
    ];
    let rows = [
        ["EKC04AZHXP", "12345678.90", ""].map(str::to_owned).to_vec(),
        ["EKC0000000", "1.00", "refused"].map(str::to_owned).to_vec(),
    ];
    let lines = Table::render(columns, &rows, Some(20));
    assert_eq!(
        lines,
        [
            "id      EKC04AZHXP",
            "amount  12345678.90",
            "",
            "id      EKC0000000",
            "amount  1.00",
            "        refused",
            ""
        ]
    );
}

#[test]
fn a_value_that_is_not_there_is_left_out() {
    let pairs = [
        ("a", Some("1".to_owned())),
        ("long", None),
        ("b", Some("x\ny".to_owned())),
    ];
    assert_eq!(key_value_lines(&pairs), ["a  1", r"b  x\u000ay"]);
}
