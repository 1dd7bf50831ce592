use super::{Entry, Pointer, Position, scan};

fn entry(text: &str, pointer: &str) -> Option<Entry> {
    scan(text).entries.get(&Pointer::from_valid(pointer)).copied()
}

#[test]
fn keys_and_values_have_lines_and_columns() {
    let text = "a: 1\nb:\n  - x: 1\n  - {y: 2}\n";
    let at = |line, column| Position { line, column };
    assert_eq!(
        entry(text, "/a"),
        Some(Entry {
            key: at(1, 1),
            value: at(1, 4)
        })
    );
    assert_eq!(
        entry(text, "/b"),
        Some(Entry {
            key: at(2, 1),
            value: at(3, 3)
        })
    );
    assert_eq!(
        entry(text, "/b/0/x"),
        Some(Entry {
            key: at(3, 5),
            value: at(3, 8)
        })
    );
    assert_eq!(
        entry(text, "/b/1/y"),
        Some(Entry {
            key: at(4, 6),
            value: at(4, 9)
        })
    );
}

#[test]
fn both_lines_of_a_duplicate_are_named() {
    let found = scan("a:\n  x: 1\n  y: 2\n  x: 3\nb: {z: 1, z: 2}\n");
    let messages: Vec<_> = found.diagnostics.iter().map(|p| (p.line, p.message.as_str())).collect();
    assert_eq!(
        messages,
        [
            (4, "a.x is defined twice (first at line 2)"),
            (5, "b.z is defined twice (first at line 5)")
        ]
    );
}

#[test]
fn a_key_that_is_a_list_is_a_problem_and_what_follows_keeps_its_place() {
    let found = scan("? [a, b]\n: 1\nc: 2\n");
    assert_eq!(found.diagnostics.len(), 1);
    assert_eq!(found.entries[&Pointer::from_valid("/c")].key.line, 3);
}

#[test]
fn a_second_document_is_a_problem() {
    assert_eq!(scan("a: 1\n---\nb: 2\n").diagnostics[0].line, 2);
}
