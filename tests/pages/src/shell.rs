//! A shell that runs the commands of one page.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::Step;

pub(crate) struct Shell<'a> {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    port: Option<(&'a str, String)>,
}

const END: &str = "__the command has ended__";

impl<'a> Shell<'a> {
    pub(crate) fn start(mut command: Command, port: Option<(&'a str, u16)>) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut shell = Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            port: port.map(|(shown, free)| (shown, free.to_string())),
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
        let line = line.trim_end_matches('\n');
        (length > 0).then(|| match &self.port {
            Some((shown, free)) => line.replace(free, shown),
            None => line.to_owned(),
        })
    }

    /// What the command prints. One in the background prints as much as is expected of it.
    pub(crate) fn run(&mut self, step: &Step) -> Vec<String> {
        let command = match &self.port {
            Some((shown, free)) => step.command.replace(shown, free),
            None => step.command.clone(),
        };
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

impl Drop for Shell<'_> {
    fn drop(&mut self) {
        // What runs in the background ends with the page, also where the test fails.
        let _ = writeln!(self.stdin, "kill $(jobs -p) 2>/dev/null; wait; exit");
        let _ = self.child.wait();
    }
}
