//! Every example of the help runs, in a shell.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

use crate::{
    help::{commands, examples, help_of},
    live_calls::ALLOCATE_ARGS,
    profiles::profile_of,
    support::{
        CommandResult, Running, TemporaryFolder, enkash, file_of, fresh_folder, permit, settings, settings_of_user,
    },
};

/// Where the examples of live calls go: a sandbox, by the environment and by the profile that the examples name.
struct ExampleSandbox {
    sandbox: Sandbox,
    folder: TemporaryFolder,
}

impl ExampleSandbox {
    async fn start() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let folder = TemporaryFolder::new();
        let profile = profile_of(sandbox.credentials(), &folder);
        let paths = "[profile.hrms.paths]\nsearchCatalog = \"POST /api/v0/sandbox/search-catalog\"\n\
                     getProductDetails = \"GET /api/v0/sandbox/products/{id}\"\n";
        let careful = "[profile.careful.approvals]\n\"0.01\" = 1\n";
        folder.write("config.toml", &format!("{profile}{paths}{careful}"));
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        std::os::unix::fs::symlink(examples.canonicalize().unwrap(), folder.path().join("examples")).unwrap();
        let live = Self { sandbox, folder };
        live.make_templates().await;
        live
    }

    fn environment(&self, command: &mut Command, state: &Path, is_by_profile: bool) {
        command
            .env("ENKASH_CONFIG", self.folder.path().join("config.toml"))
            .env("ENKASH_STATE_DIR", state);
        if !is_by_profile {
            command.envs(settings_of_user(&self.sandbox));
            command.envs(settings(self.sandbox.credentials()));
        }
    }

    /// Runs the line of an example in a shell, in a folder that has the examples.
    fn run(&self, example: &str) -> CommandResult {
        let binary = enkash(&[]);
        let path = std::env::var("PATH").unwrap();
        let folder = Path::new(binary.get_program()).parent().unwrap();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", example])
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for (name, value) in binary.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.env("PATH", format!("{}:{path}", folder.display()));
        self.environment(&mut shell, &self.state_for(example), example.contains("--profile hrms"));
        shell.output().unwrap().into()
    }

    /// Records until it is stopped, on any port.
    fn records(&self, arguments: &[&str]) {
        let file = self.folder.path().join("calls.har");
        let file = file.to_str().unwrap();
        let arguments = arguments.iter().map(|argument| match *argument {
            "4010" => "0",
            "calls.har" => file,
            other => other,
        });
        let mut command = enkash(&arguments.collect::<Vec<_>>());
        self.environment(&mut command, &self.folder.path().join("state"), false);
        serves_until_stopped(command);
    }

    /// The state that an example speaks of: its own copy, so that none changes what the next one finds.
    fn state_for(&self, example: &str) -> PathBuf {
        let words: Vec<_> = example.split_whitespace().collect();
        let template = match words[1..] {
            ["run", "approve", ..] => "waiting",
            ["run" | "history" | "settle" | "reconcile", ..] => "paused",
            _ => return self.folder.path().join("state"),
        };
        let copy = fresh_folder();
        fs::create_dir_all(&copy).unwrap();
        permit(&copy, 0o700);
        for file in fs::read_dir(self.folder.path().join(template)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
        copy
    }

    /// Runs 1 and 2 are finished. Run 3 is paused, with a row that is unknown and rows that were not sent, or waits for an
    /// approval; and a single call is unknown.
    async fn make_templates(&self) {
        let points = Operation::CreateAllocatePoints;
        for (template, profile) in [("paused", &[][..]), ("waiting", &["--profile", "careful"])] {
            let state = self.folder.path().join(template);
            let run = |arguments: &[&str]| {
                let mut command = enkash(arguments);
                self.environment(&mut command, &state, false);
                command.output().unwrap().status.code()
            };
            for number in 1..=3 {
                let rows = file_of(if number == 3 { 14 } else { 1 }).replace("REF", &format!("RUN{number}-"));
                let rows = rows.replace(",0.01,", &format!(",{number}.00,"));
                let path = self.folder.write(&format!("run-{number}.csv"), &rows);
                let path = path.to_str().unwrap();
                let pay = [
                    "allocate",
                    "--file",
                    path,
                    "--yes",
                    "--keep-going",
                    "--concurrency",
                    "1",
                ];
                if number == 3 {
                    let lost = FaultRule::on(points, Fault::Reset(When::After)).nth(1);
                    let gone = Fault::Refused(Duration::from_secs(3600));
                    self.sandbox.add_fault(lost);
                    self.sandbox.add_fault(FaultRule::on(points, gone).nth(2));
                    let paused = if profile.is_empty() { 4 } else { 6 };
                    assert_eq!(run(&[&pay, profile].concat()), Some(paused), "{template}");
                    self.sandbox.clear_faults();
                    self.sandbox.accept_connections().await;
                } else {
                    assert_eq!(run(&pay), Some(0), "{template}");
                }
            }
            self.sandbox.add_fault(FaultRule::on(points, Fault::Reset(When::After)));
            let single = [
                &["allocate"],
                &ALLOCATE_ARGS[..],
                &["--reference", "BONUS-2026-0042", "--yes"],
            ]
            .concat();
            assert_eq!(run(&single), Some(4));
            self.sandbox.clear_faults();
        }
    }
}

/// The file that an example writes in place of standard output.
fn written_file(example: &str) -> Option<&str> {
    let to = || {
        let is_export = example.starts_with("enkash run export");
        is_export.then(|| example.split_once(" --to ")).flatten()
    };
    let (_, file) = example.split_once(" > ").or_else(to)?;
    file.split_whitespace().next()
}

/// Serves until it is stopped, on any port.
pub(crate) fn serves(arguments: &[&str]) {
    let folder = TemporaryFolder::new();
    let state = folder.path().join("sandbox.state");
    let arguments = arguments.iter().map(|argument| match *argument {
        "4010" => "0",
        "sandbox.state" => state.to_str().unwrap(),
        other => other,
    });
    serves_until_stopped(enkash(&arguments.collect::<Vec<_>>()));
}

fn serves_until_stopped(command: Command) {
    let told = format!("{command:?}");
    let mut running = Running::start(command);
    let mut line = String::new();
    let mut stdout = BufReader::new(running.child().stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with('{'), "{told}: {line}");
    running.interrupt();
    assert_eq!(running.ended().code, Some(0), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_runs() {
    let live = ExampleSandbox::start().await;
    // What is steered is no other example's.
    let steered = Sandbox::start().await.unwrap();
    let (mut ran, mut failed) = (BTreeSet::new(), Vec::new());
    for command in commands() {
        let examples = examples(&help_of(&command));
        assert!(!examples.is_empty(), "{command:?}");
        for example in examples {
            let arguments: Vec<_> = example.split_whitespace().collect();
            assert_eq!(arguments[0], "enkash", "{example}");
            if !ran.insert(example.clone()) {
                continue;
            }
            let is_sandbox = arguments[1] == "sandbox";
            if is_sandbox && arguments.get(2).is_none_or(|word| word.starts_with('-')) {
                serves(&arguments[1..]);
                continue;
            }
            if arguments.contains(&"record") {
                live.records(&arguments[1..]);
                continue;
            }
            let mut ended = if is_sandbox {
                let example = example.replace(" --url http://127.0.0.1:4010", "");
                live.run(&format!("{example} --url {}", steered.url()))
            } else {
                live.run(&example)
            };
            // Nobody is at a terminal to say yes.
            if ended.code == Some(2) && ended.stderr.contains("Add --yes") {
                let written = written_file(&example).map(|name| live.folder.path().join(name));
                let _ = written.map(fs::remove_file);
                ended = live.run(&format!("{example} --yes"));
            }
            let written = written_file(&example).map(|name| fs::read_to_string(live.folder.path().join(name)));
            let is_told = match written {
                Some(text) => text.is_ok_and(|text| !text.is_empty()),
                None => !ended.stdout.is_empty(),
            };
            // The code is that of the run, in which one row is unknown.
            let is_report = arguments[1] == "reconcile" || arguments[1..].starts_with(&["run", "report"]);
            let is_of_run = is_report && ended.code == Some(4);
            // Whoever began it is the one who runs this.
            let is_own = example == "enkash run approve 3" && ended.stderr.contains("another person must approve it");
            // The ids of a live example are not this sandbox's, and it says so.
            let is_of_elsewhere =
                arguments[1] != "--sandbox" && ended.code == Some(3) && ended.stderr.contains("not found");
            // The ledger here is a file, which no other machine has.
            let is_of_workers = ended.code == Some(6) && ended.stderr.contains("Build it with --features worker")
                || ended.code == Some(2) && ended.stderr.contains("handing rows out needs PostgreSQL");
            if !is_of_elsewhere && !is_own && !is_of_workers && !((ended.code == Some(0) || is_of_run) && is_told) {
                failed.push(format!("{example}: {ended:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(ran.len() > 35, "{ran:?}");
}
