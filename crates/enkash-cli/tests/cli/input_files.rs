//! Whatever stands where a file is named: named pipes that nobody writes to, folders, devices, and the pipes of a shell, which
//! are read as files are.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{CommandResult, TemporaryFile, TemporaryFolder, enkash, file_of};

/// Runs it for so long at most: what hangs ends with 124.
fn ended_in_time(command: &Command) -> CommandResult {
    let mut timed = Command::new("timeout");
    timed.arg("60").arg(command.get_program()).args(command.get_args());
    timed
        .current_dir(command.get_current_dir().unwrap())
        .stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => timed.env(name, value),
            None => timed.env_remove(name),
        };
    }
    timed.output().unwrap().into()
}

/// Every way of naming a file, by what stands there.
fn commands(path: &Path, folder: &TemporaryFolder) -> Vec<Command> {
    let path_text = path.to_str().unwrap();
    let mut commands: Vec<_> = [
        &["--sandbox", "allocate", "--file", path_text][..],
        &["--sandbox", "incentives", "allocate", "--file", path_text],
        &["--sandbox", "bulk", "--mode", "new-only", "--yes", "--file", path_text],
        &["settle", "--file", path_text],
        &["--sandbox", "catalog", "--body", path_text],
        &[
            "--sandbox",
            "order",
            "undocumented",
            "--reference",
            "R1",
            "--yes",
            "--body",
            path_text,
        ],
        &["sandbox", "--seed", path_text],
        &["sandbox", "--faults", path_text],
    ]
    .map(enkash)
    .into();
    let mut profiles = enkash(&["--profile", "hrms", "account"]);
    profiles.env("ENKASH_CONFIG", path);
    commands.push(profiles);
    for setting in ["password_file", "policy_overlay"] {
        let profile = format!(
            "[profile.hrms]\nbase_url = \"http://127.0.0.1:9\"\npartner_id = \"P\"\nclient_id = \"C\"\nusername = \"U\"\n\
             company_id = \"C\"\ncard_account_id = \"A\"\n{setting} = {path_text:?}\n"
        );
        let mut command = enkash(&["--profile", "hrms", "account"]);
        command.env("ENKASH_CONFIG", folder.write(&format!("{setting}.toml"), &profile));
        command.env("ENKASH_CLIENT_SECRET", "secret");
        if setting != "password_file" {
            command.env("ENKASH_PASSWORD", "password");
        }
        commands.push(command);
    }
    commands
}

#[test]
fn what_is_no_file_is_refused_by_every_command_and_hangs_none() {
    let folder = TemporaryFolder::new();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, what) in [
        (pipe.as_path(), "it is a named pipe, not a file"),
        (folder.path(), "it is a folder, not a file"),
        (Path::new("/dev/zero"), "it is a device, not a file"),
    ] {
        for command in commands(path, &folder) {
            let ended = ended_in_time(&command);
            assert_eq!(ended.code, Some(2), "{command:?}: {ended:?}");
            assert!(ended.stderr.contains(what), "{command:?}: {}", ended.stderr);
        }
    }
}

/// Runs a line of bash, in which `enkash` is the binary.
fn in_a_shell(line: &str) -> CommandResult {
    let binary = enkash(&[]);
    let mut shell = Command::new("bash");
    shell.args(["-c", &line.replace("enkash", binary.get_program().to_str().unwrap())]);
    shell.env("ENKASH_CONFIG", "/dev/null").stdin(Stdio::null());
    shell.output().unwrap().into()
}

#[test]
fn the_pipes_of_a_shell_are_read_as_files_are() {
    let file = TemporaryFile::new(file_of(3));
    let path = file.path();
    for line in [
        format!("enkash --sandbox allocate --file <(cat {path})"),
        format!("cat {path} | enkash --sandbox allocate --file /dev/stdin"),
        format!("enkash --sandbox allocate --file /dev/stdin < {path}"),
        format!("enkash --sandbox allocate --file /dev/fd/3 3< {path}"),
    ] {
        let ended = in_a_shell(&line);
        assert_eq!(ended.code, Some(0), "{line}: {ended:?}");
        assert!(
            ended.stdout.contains("3 rows: 3 done; 0.03 allocated"),
            "{line}: {}",
            ended.stdout
        );
    }
    let ended = in_a_shell("enkash --sandbox catalog --body <(echo '{}')");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let ended = in_a_shell("enkash settle --file <(echo '{}')");
    assert!(ended.stderr.contains(":1: operation is not one of"), "{ended:?}");
}

#[test]
fn a_pipe_without_an_end_is_read_up_to_the_limit() {
    let ended = in_a_shell("yes | enkash --sandbox bulk --mode new-only --file /dev/stdin");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("it is larger than 64 MiB"), "{}", ended.stderr);
    // What is no file is copied first, up to a limit: an import keeps others from the ledger.
    for endless in ["yes", "yes | tr -d '\\n'"] {
        let ended = in_a_shell(&format!("{endless} | enkash --sandbox allocate --file /dev/stdin"));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stderr.contains("a pipe brings at most 256 MiB"),
            "{}",
            ended.stderr
        );
    }
    let ended = in_a_shell("yes | enkash settle -");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("it is larger than 16 KiB"), "{}", ended.stderr);
}

#[test]
fn an_empty_device_is_an_empty_file() {
    let mut command = enkash(&["--sandbox", "allocate", "--file", "/dev/null"]);
    let ended: CommandResult = command.output().unwrap().into();
    assert!(
        ended.stderr.starts_with("/dev/null:1:1: the file is empty"),
        "{ended:?}"
    );
}

/// A ticket on standard input needs no file at all.
#[test]
fn a_ticket_on_standard_input_is_read_to_its_end() {
    let mut child = enkash(&["settle", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"operation\":\"x\"}").unwrap();
    let ended: CommandResult = child.wait_with_output().unwrap().into();
    assert!(ended.stderr.contains("operation is not one of"), "{ended:?}");
}
