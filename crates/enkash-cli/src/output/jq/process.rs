//! The process that runs the expression: it gives itself limits, then answers line by line. It holds nothing but the expression and
//! the JSON that is to be printed.

use std::{
    io::{BufRead, Write},
    process::{self, ExitCode},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{MAX_SECONDS, Reply, TIME_IS_UP, evaluation::Expression};

/// When the line that is being worked on has taken too long.
static DEADLINE: Mutex<Option<Instant>> = Mutex::new(None);

fn deadline() -> MutexGuard<'static, Option<Instant>> {
    DEADLINE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads an expression, then lines of JSON, until standard input ends.
pub(crate) fn serve() -> ExitCode {
    limit_resources();
    thread::spawn(end_in_time);
    let mut lines = std::io::stdin().lock().lines();
    let mut next = || Some(lines.next()?.ok()).flatten();
    let Some(source) = next().and_then(|line| serde_json::from_str::<String>(&line).ok()) else {
        return ExitCode::FAILURE;
    };
    let mut output = std::io::stdout().lock();
    let mut say = |reply: &Reply| {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        output.write_all(&line)?;
        output.flush()
    };
    begin();
    let expression = match Expression::parse(&source) {
        Ok(expression) => expression,
        Err(problem) => {
            let _ = say(&Reply::Failed(problem));
            return ExitCode::FAILURE;
        }
    };
    // Nobody reads any more where it cannot be said.
    let mut served = say(&Reply::Ready);
    while served.is_ok() {
        *deadline() = None;
        let Some(line) = next() else { break };
        begin();
        served = expression.run(&line, &mut say);
    }
    ExitCode::SUCCESS
}

fn begin() {
    *deadline() = Some(Instant::now() + Duration::from_secs(MAX_SECONDS));
}

/// Ends the process when a line takes too long, also where the one who asked is gone.
fn end_in_time() {
    loop {
        thread::sleep(Duration::from_millis(50));
        let is_late = deadline().is_some_and(|deadline| deadline < Instant::now());
        if is_late {
            process::exit(TIME_IS_UP);
        }
    }
}

/// Where the system has such limits. A core dump would hold what the API says of people.
fn limit_resources() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let most = |bytes| Rlimit {
            current: Some(bytes),
            maximum: Some(bytes),
        };
        let _ = setrlimit(Resource::As, most(super::MAX_MEMORY));
        let _ = setrlimit(Resource::Core, most(0));
    }
}
