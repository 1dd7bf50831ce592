use super::*;

fn ticket(reference: &str) -> Ticket {
    let text = format!(
        r#"{{"operation":"createOrder","reference":"{reference}","intended_at":"2026-11-23T09:00:00Z",
                "product":"P","denomination":100,"quantity":1}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn references(tickets: &UnsettledTickets) -> Vec<String> {
    let text = tickets.read().unwrap();
    let read =
        |line| serde_json::from_str::<Ticket>(line).map_or_else(|_| line.to_owned(), |t| t.reference.to_string());
    text.lines().map(read).collect()
}

fn fresh() -> (tempfile::TempDir, UnsettledTickets) {
    let folder = tempfile::tempdir().unwrap();
    let tickets = UnsettledTickets::in_folder(folder.path());
    (folder, tickets)
}

#[test]
fn tickets_stay_until_they_are_known_and_what_is_not_ours_stays() {
    let (folder, tickets) = fresh();
    tickets.replace(&[], &[ticket("A"), ticket("B")]).unwrap();
    tickets.replace(&[ticket("A")], &[ticket("C")]).unwrap();
    assert_eq!(references(&tickets), ["B", "C"]);
    fs::write(tickets.path(), format!("garbage\n{}\n", as_json(&ticket("B")).unwrap())).unwrap();
    tickets.remove(&[ticket("B"), ticket("X")]).unwrap();
    assert_eq!(references(&tickets), ["garbage"]);
    fs::write(tickets.path(), "").unwrap();
    tickets.replace(&[], &[ticket("D")]).unwrap();
    tickets.remove(&[ticket("D")]).unwrap();
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["tickets.jsonl.lock"]);
}

#[test]
fn none_is_lost_where_many_write_at_once() {
    let (_folder, tickets) = fresh();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let tickets = &tickets;
            scope.spawn(move || {
                for number in 0..5 {
                    let (kept, passing) = (format!("K{writer}-{number}"), format!("P{writer}-{number}"));
                    tickets.replace(&[], &[ticket(&kept), ticket(&passing)]).unwrap();
                    tickets.remove(&[ticket(&passing)]).unwrap();
                }
            });
        }
    });
    let mut found = references(&tickets);
    found.sort();
    let all: Vec<_> = (0..8)
        .flat_map(|writer| (0..5).map(move |number| format!("K{writer}-{number}")))
        .collect();
    assert_eq!(found, all);
}

#[test]
fn a_full_file_takes_nothing_more_and_loses_nothing() {
    let (_folder, tickets) = fresh();
    let line = as_json(&ticket("A")).unwrap();
    let many = format!("{line}\n").repeat(MAX_BYTES as usize / (line.len() + 1));
    fs::write(tickets.path(), &many).unwrap();
    assert_eq!(
        tickets.replace(&[], &[ticket("B")]).unwrap_err().kind(),
        io::ErrorKind::FileTooLarge
    );
    assert_eq!(fs::read_to_string(tickets.path()).unwrap(), many);
    tickets.remove(&[ticket("A")]).unwrap();
    tickets.replace(&[], &[ticket("B")]).unwrap();
    assert_eq!(references(&tickets), ["B"]);
}

#[cfg(unix)]
#[test]
fn only_a_regular_file_is_read_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, tickets) = fresh();
    tickets.replace(&[], &[ticket("A")]).unwrap();
    for path in [tickets.path().to_owned(), tickets.beside(".lock")] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::remove_file(tickets.path()).unwrap();
    std::os::unix::fs::symlink("/dev/zero", tickets.path()).unwrap();
    assert!(tickets.replace(&[], &[ticket("A")]).is_err());
}
