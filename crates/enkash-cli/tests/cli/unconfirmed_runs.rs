//! A run that nobody confirmed: a signal at the question takes it away, and what is left by a process that was killed there is not
//! sent without a question.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use crate::{
    interrupts::is_hang_up_ignored,
    runs::FileRun,
    support::{CommandResult, Running, file_of},
};

/// The command on a terminal of its own, at its question.
struct AtQuestion {
    running: Running,
    terminal: BufReader<std::process::ChildStdout>,
    id: String,
}

impl AtQuestion {
    fn start(run: &FileRun, arguments: &[&str]) -> Self {
        let asked = run.live.command(arguments);
        let words = asked.get_args().map(|word| format!("'{}'", word.to_str().unwrap()));
        let words: Vec<_> = words.collect();
        let command = format!(
            "echo id=$$; exec '{}' {}",
            asked.get_program().to_str().unwrap(),
            words.join(" ")
        );
        let mut script = Command::new("script");
        script
            .args(["-q", "-e", "-c", &command, "/dev/null"])
            .current_dir(asked.get_current_dir().unwrap())
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped());
        for (name, value) in asked.get_envs() {
            match value {
                Some(value) => script.env(name, value),
                None => script.env_remove(name),
            };
        }
        let mut running = Running::start(script);
        let mut terminal = BufReader::new(running.child().stdout.take().unwrap());
        let mut line = String::new();
        terminal.read_line(&mut line).unwrap();
        let id = line.trim().strip_prefix("id=").unwrap().to_owned();
        let mut shown = Vec::new();
        while !shown.ends_with(b"Type yes: ") {
            let mut byte = [0];
            let read = terminal.read(&mut byte).unwrap();
            assert_eq!(read, 1, "{}", String::from_utf8_lossy(&shown));
            shown.push(byte[0]);
        }
        Self { running, terminal, id }
    }

    fn child(&mut self) -> &mut Child {
        self.running.child()
    }

    fn signal(self, name: &str) -> CommandResult {
        let kill = Command::new("kill").args(["-s", name, &self.id]).status();
        assert!(kill.unwrap().success());
        self.read_to_end()
    }

    fn answer(mut self, answer: &[u8]) -> CommandResult {
        let mut keys = self.child().stdin.take().unwrap();
        keys.write_all(answer).unwrap();
        // The end of the keys would be one of the answer.
        let ended = self.read_to_end();
        drop(keys);
        ended
    }

    fn read_to_end(mut self) -> CommandResult {
        let mut shown = String::new();
        self.terminal.read_to_string(&mut shown).unwrap();
        let mut ended = self.running.ended();
        ended.stdout = shown;
        ended
    }
}

fn is_nothing_left(run: &FileRun) {
    assert_eq!(run.live.json(&["run", "list"]).len(), 0);
    assert_eq!(run.live.json(&["history"]).len(), 0);
    assert_eq!(run.live.allocations(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_at_the_question_is_a_no_and_leaves_no_run() {
    let run = FileRun::of(2).await;
    let ask = ["allocate", "--file", run.path()];
    for signal in ["INT", "TERM", "QUIT", "HUP"] {
        if signal == "HUP" && is_hang_up_ignored() {
            continue;
        }
        let ended = AtQuestion::start(&run, &ask).signal(signal);
        assert_eq!(ended.code, Some(130), "{signal}: {ended:?}");
        assert!(ended.stdout.contains("nothing was sent"), "{signal}: {ended:?}");
        is_nothing_left(&run);
    }
    // As somebody types it.
    let ended = AtQuestion::start(&run, &ask).answer(b"\x03");
    assert_eq!(ended.code, Some(130), "{ended:?}");
    is_nothing_left(&run);
    let ended = AtQuestion::start(&run, &ask).answer(b"no\n");
    assert_eq!(ended.code, Some(6), "{ended:?}");
    is_nothing_left(&run);
    let ended = AtQuestion::start(&run, &ask).answer(b"yes\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_confirmed_is_not_sent_without_a_question() {
    let run = FileRun::of(2).await;
    let live = &run.live;
    let ask = ["allocate", "--file", run.path()];
    AtQuestion::start(&run, &ask).signal("KILL");
    assert_eq!(run.listed()["state"], "planned");
    for resume in [
        &["run", "resume", "--yes"][..],
        &["run", "resume"],
        &["run", "resume", "1", "--yes"],
        &["run", "resume", "1"],
    ] {
        let ended = live.run(resume);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
        let said = "nobody has confirmed run 1 of file.csv: nothing was sent. enkash run cancel 1 takes it away;";
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    // Nor does a file that was corrected lead to it, or a single call.
    let corrected = live.folder.write("corrected.csv", &file_of(2).replace("0.01", "9.01"));
    let ended = live.run(&["allocate", "--yes", "--file", corrected.to_str().unwrap()]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let said = "Nobody has confirmed run 1: enkash run cancel 1 takes it away;";
    assert!(
        ended.stderr.contains(said) && !ended.stderr.contains("pays nobody twice"),
        "{}",
        ended.stderr
    );
    assert_eq!(live.allocations(), 0);

    // Who is asked may want it, or not.
    let ended = AtQuestion::start(&run, &["run", "resume", "1"]).answer(b"no\n");
    assert_eq!(ended.code, Some(6), "{ended:?}");
    is_nothing_left(&run);
    AtQuestion::start(&run, &ask).signal("KILL");
    let ended = AtQuestion::start(&run, &ask).answer(b"no\n");
    assert_eq!(ended.code, Some(6), "{ended:?}");
    is_nothing_left(&run);
    AtQuestion::start(&run, &ask).signal("KILL");
    let ended = AtQuestion::start(&run, &["run", "resume", "3"]).answer(b"yes\n");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    run.is_paid_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_confirmed_hides_no_other_from_whoever_goes_on() {
    use enkash_sandbox::{Fault, FaultRule, Operation, When};

    let run = FileRun::of(2).await;
    let lost = FaultRule::on(Operation::CreateAllocatePoints, Fault::Reset(When::After)).nth(1);
    run.live.sandbox.add_fault(lost);
    assert_eq!(run.pay(&[]).code, Some(4));
    let other = file_of(1).replace("REF", "OTHER").replace(",90000", ",91000");
    let other = run.live.folder.write("other.csv", &other);
    AtQuestion::start(&run, &["allocate", "--file", other.to_str().unwrap()]).signal("KILL");
    assert_eq!(run.live.run(&["run", "resume", "--yes"]).code, Some(0));
    run.is_paid_once();
    assert_eq!(run.listed()["state"], "planned");
    // The same command again, with a yes, is a yes to this very file.
    let paid = run.live.run(&["allocate", "--yes", "--file", other.to_str().unwrap()]);
    assert_eq!(paid.code, Some(0), "{paid:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nobody_can_take_are_not_handed_out_and_leave_no_run() {
    let run = FileRun::of(2).await;
    let ended = run.pay(&["--workers"]);
    assert!([Some(2), Some(6)].contains(&ended.code), "{ended:?}");
    is_nothing_left(&run);
}
