//! Files that are made to take much memory.

use std::{fs, io::Write, path::Path};

use crate::{
    measure::{MOST, measured},
    support::{CommandResult, TemporaryFolder, enkash},
};

/// A file with a start, and one piece again and again.
fn write(path: &Path, start: &str, piece: &str, length: usize) {
    let mut file = fs::File::create(path).unwrap();
    file.write_all(start.as_bytes()).unwrap();
    let block = piece.repeat(length.min(64 * 1024) / piece.len());
    for _ in 0..length / block.len() {
        file.write_all(block.as_bytes()).unwrap();
    }
}

/// What the command says to such a file, and that it stayed within its memory. Nothing of these may be sent.
fn refused(arguments: &[&str], start: &str, piece: &str, length: usize) -> CommandResult {
    refused_within(MOST, arguments, start, piece, length)
}

fn refused_within(most: u64, arguments: &[&str], start: &str, piece: &str, length: usize) -> CommandResult {
    let folder = TemporaryFolder::new();
    let path = folder.path().join("file");
    write(&path, start, piece, length);
    let mut command = enkash(arguments);
    command.arg(&path);
    let (ended, peak) = measured(command);
    assert!(peak < most, "{} MB for {arguments:?} {piece:?}", peak / 1_000_000);
    assert_eq!(ended.code, Some(2), "{arguments:?} {piece:?}: {}", ended.stderr);
    assert!(
        ended.stderr.lines().count() < 110 && ended.stderr.len() < 20_000,
        "{}",
        ended.stderr
    );
    ended
}

const HEADER: &str = "title,name,email,mobile,gender,amount,reference\n";
const GOOD: &str = "Ms,A,a@example.com,9000000004,F,1,R\n";

#[test]
fn a_file_of_allocations_takes_little_memory_whatever_it_holds() {
    const COMMAND: [&str; 3] = ["--sandbox", "allocate", "--file"];
    // The program itself takes most of it, with its ledger and a sandbox.
    let folder = TemporaryFolder::new();
    let short = folder.path().join("file");
    write(&short, HEADER, "x\n", 4);
    let mut command = enkash(&COMMAND);
    command.arg(&short);
    let (_, of_the_program) = measured(command);
    for (start, piece, length, said) in [
        ("", "x,", 20_000_000, "the row that begins here is longer than 16 KiB"),
        ("", ",", 20_000_000, "the row that begins here is longer than 16 KiB"),
        ("", "x", 60_000_000, "the row that begins here is longer than 16 KiB"),
        (
            "\"",
            "x\n",
            60_000_000,
            "the row that begins here is longer than 16 KiB",
        ),
        ("\"", "\n", 60_000_000, "the row that begins here is longer than 16 KiB"),
        ("", "title,", 10_000, "the header has 1"),
        (HEADER, "x\n", 1_000_000, " more\n"),
        // The first one is good; the others have its reference.
        (HEADER, GOOD, 1_000_000, " more\n"),
        (HEADER, ",,,,,,\n", 1_000_000, " more\n"),
    ] {
        // A tenth of the longest file.
        let ended = refused_within(of_the_program + 6_000_000, &COMMAND, start, piece, length);
        assert!(ended.stderr.contains(said), "{piece:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("nothing was sent"), "{}", ended.stderr);
    }
}

#[test]
fn a_file_of_tickets_takes_little_memory_whatever_it_holds() {
    let ticket = concat!(
        r#"{"operation":"createAllocatePoints","reference":"R1","intended_at":"2026-11-23T09:00:00Z","company":"C","#,
        r#""account":"A","direction":"credit","amount":250.5,"mobile":"9000000004","card":null}"#,
        "\n"
    );
    for (start, piece, length, said) in [
        ("", "{}\n", 60_000_000, "and 99901 more"),
        (
            "[",
            r#"{"":0},"#,
            60_000_000,
            "it is longer than 16 KiB, and no ticket is",
        ),
        ("", "[", 60_000_000, "it is longer than 16 KiB, and no ticket is"),
        ("", "\n", 60_000_000, "there is no ticket"),
        (
            "",
            ticket,
            60_000_000,
            "there are more than 100000 lines: split the file",
        ),
        ("", "x", 70_000_000, "it is larger than 64 MiB"),
    ] {
        let ended = refused(&["settle", "--file"], start, piece, length);
        assert!(ended.stderr.contains(said), "{piece:?}: {}", ended.stderr);
    }
}

#[test]
fn other_files_take_little_memory_whatever_they_hold() {
    let body = ["--sandbox", "catalog", "--body"];
    assert!(
        refused(&body, "[", r#"{"":0},"#, 1_000_000)
            .stderr
            .contains("it is not JSON")
    );
    assert!(
        refused(&body, "", "x", 60_000_000)
            .stderr
            .contains("it is larger than 1 MiB")
    );
    let seed = ["sandbox", "--seed"];
    assert!(
        refused(&seed, "", "x", 60_000_000)
            .stderr
            .contains("it is larger than 8 MiB")
    );
    let faults = ["sandbox", "--faults"];
    assert!(
        refused(&faults, "", "x", 60_000_000)
            .stderr
            .contains("it is larger than 1 MiB")
    );
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
                g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\ncompanies: *g\n";
    for (start, piece) in [
        ("companies: [", "{},"),
        ("companies: ", "["),
        (bomb, "#"),
        ("", "a: b\n"),
        ("", "- x\n"),
    ] {
        for (command, length) in [(&seed, 8_000_000), (&faults, 1_000_000)] {
            refused(command, start, piece, length);
        }
    }
}

#[test]
fn a_file_of_profiles_takes_little_memory_whatever_it_holds() {
    for (start, piece, length, said) in [
        ("", "x = 1\n", 250_000, "more"),
        ("[profile.hrms]\n", "x = 1\n", 250_000, "duplicate key"),
        ("x = ", "[", 250_000, ""),
        ("x = [", "{},", 250_000, ""),
        ("", "[", 250_000, ""),
        ("", "=\n", 250_000, "more"),
        ("", "x", 60_000_000, "it is larger than 256 KiB"),
    ] {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("config.toml");
        write(&path, start, piece, length);
        let mut command = enkash(&["--profile", "hrms", "account"]);
        command.env("ENKASH_CONFIG", &path);
        let (ended, peak) = measured(command);
        assert!(peak < MOST, "{} MB for {piece:?}", peak / 1_000_000);
        assert_eq!(ended.code, Some(2), "{piece:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(said) && ended.stderr.lines().count() < 110,
            "{piece:?}: {}",
            ended.stderr
        );
    }
}
