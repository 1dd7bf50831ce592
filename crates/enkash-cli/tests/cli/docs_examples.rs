//! The tour and the guide: their `console` blocks run in a real shell, in the order of the page, and what comes out is what
//! the page says. `[..]` stands for anything within a line, a line of `...` for any lines.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use enkash_sandbox::{FaultRule, Sandbox};

use crate::{
    help::serves,
    support::{TemporaryFolder, settings},
};

/// The port that the pages name; each run takes a free one in its place.
const PORT: &str = "4010";

/// One command of a page, and what the page says that it prints.
struct Step {
    command: String,
    expected: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_console = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), is_console) {
            (Some(kind), false) => is_console = kind == "console",
            (Some(_), true) => is_console = false,
            (None, false) => {}
            (None, true) => match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step {
                    command: command.to_owned(),
                    expected: Vec::new(),
                }),
                (None, Some(step)) if step.command.ends_with('\\') && step.expected.is_empty() => {
                    step.command.truncate(step.command.len() - 1);
                    step.command.push_str(line.trim_start());
                }
                (None, Some(step)) => step.expected.push(line.to_owned()),
                (None, None) => panic!("a console block begins with `$ `, not with {line:?}"),
            },
        }
    }
    steps
}

/// A shell that runs the commands of one page.
struct Shell {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    port: String,
}

const END: &str = "__the command has ended__";

impl Shell {
    fn start(folder: &Path, settings: &[(&'static str, String)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_enkash"));
        let path = std::env::var("PATH").unwrap();
        // A page that waits for what never comes must not hold the tests.
        let mut command = Command::new("timeout");
        command
            .args(["120", "bash", "--norc", "--noprofile"])
            .current_dir(folder)
            .env_clear()
            .env("PATH", format!("{}:{path}", binary.parent().unwrap().display()))
            .env("HOME", folder)
            .env("ENKASH_STATE_DIR", folder.join("state"))
            .env("ENKASH_CONFIG", folder.join("profiles.toml"))
            .envs(settings.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut shell = Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            port: port.to_string(),
        };
        shell.send("exec 2>&1");
        shell
    }

    fn send(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.stdout.read_line(&mut line).unwrap();
        (length > 0).then(|| line.trim_end_matches('\n').replace(&self.port, PORT))
    }

    /// What the command prints. One in the background prints as much as is expected of it.
    fn run(&mut self, step: &Step) -> Vec<String> {
        let command = step.command.replace(PORT, &self.port);
        if command.ends_with('&') {
            self.send(&command);
            return (0..step.expected.len()).map_while(|_| self.line()).collect();
        }
        // `$?` of the next command is that of this one.
        self.send(&format!("{command}\n__status=$?; echo; echo '{END}'; (exit $__status)"));
        let mut printed = Vec::new();
        while let Some(line) = self.line().filter(|line| line != END) {
            printed.push(line);
        }
        if printed.last().is_some_and(String::is_empty) {
            printed.pop();
        }
        printed
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // What runs in the background ends with the page, also where the test fails.
        let _ = writeln!(self.stdin, "kill $(jobs -p) 2>/dev/null; wait; exit");
        let _ = self.child.wait();
    }
}

fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn all_fit(expected: &[String], printed: &[String]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((pattern, more)), _) if pattern == "..." => {
            (0..=printed.len()).any(|skipped| all_fit(more, &printed[skipped..]))
        }
        (Some((pattern, more)), Some((line, rest))) => fits(pattern, line.trim_end()) && all_fit(more, rest),
        _ => false,
    }
}

fn check(page: &str, settings: &[(&'static str, String)]) -> usize {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(repository.join("docs").join(page)).unwrap();
    let folder = TemporaryFolder::new();
    std::os::unix::fs::symlink(
        repository.join("examples").canonicalize().unwrap(),
        folder.path().join("examples"),
    )
    .unwrap();
    let steps = steps(&text);
    let mut shell = Shell::start(folder.path(), settings);
    for step in &steps {
        let printed = shell.run(step);
        assert!(
            all_fit(&step.expected, &printed),
            "docs/{page}: {}\n--- the page says\n{}\n--- it prints\n{}",
            step.command,
            step.expected.join("\n"),
            printed.join("\n")
        );
    }
    steps.len()
}

#[test]
fn the_tour_is_what_happens() {
    // It brings its own settings.
    assert_eq!(check("tour.md", &[]), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_is_what_happens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide");
    let mut ran = 0;
    for page in fs::read_dir(folder).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        // Live calls of a page go to a sandbox of its own.
        let sandbox = Sandbox::start().await.unwrap();
        ran += check(&format!("guide/{name}"), &settings(sandbox.credentials()));
    }
    assert!(ran > 0);
}

#[test]
fn the_command_of_the_compose_file_serves() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/docker-compose.md");
    let page = fs::read_to_string(page).unwrap();
    let command = page
        .lines()
        .find_map(|line| line.trim().strip_prefix("command: "))
        .unwrap();
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    let arguments: Vec<_> = command
        .iter()
        .map(|word| if word == PORT { "0" } else { word })
        .collect();
    assert_eq!(arguments[0], "enkash");
    serves(&arguments[1..]);
}

#[test]
fn the_faults_of_the_page_on_testing_are_rules() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/testing.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rules) = page.split_once("```yaml\n").unwrap();
    let rules: String = rules
        .lines()
        .take_while(|line| line.trim() != "```")
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect();
    assert_eq!(FaultRule::list_from_yaml(&rules).unwrap().len(), 3, "{rules}");
}

#[test]
fn a_line_fits_only_what_the_page_says() {
    assert!(fits("card  [..]", "card  EKC04AZHXP") && fits("a[..]c[..]", "abcd") && fits("same", "same"));
    assert!(!fits("same", "same!") && !fits("a[..]c", "abd") && !fits("card  [..]", "x"));
    let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
    assert!(all_fit(&lines(&["a", "...", "z"]), &lines(&["a", "b", "c", "z"])));
    assert!(!all_fit(&lines(&["a", "..."]), &lines(&["b"])) && !all_fit(&lines(&["a"]), &lines(&["a", "b"])));
}
