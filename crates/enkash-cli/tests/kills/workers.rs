//! A run that is handed out to three workers, its ledger in PostgreSQL: one of them at random is killed, asked to stop, or
//! paused while others take its rows, and goes on later. Often the run is handed out again meanwhile, so that two workers have
//! the same rows.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    command::{Process, Waited},
    plan::{Blow, MACHINES, Mishap, Moment, Way},
    round::{Round, spin},
};

/// A run that nobody disturbs any more is over after it was handed out so many times: each stop rule may end it.
const MAX_HAND_OUTS: usize = 60;
/// Without a row for so long, the workers wait for something: the chunk of one that is gone.
const IDLE: Duration = Duration::from_millis(1500);
/// Between two looks at the workers.
const LOOK: Duration = Duration::from_millis(1);

/// The workers, one for each machine.
struct Workers<'a, 'b> {
    round: &'a mut Round<'b>,
    workers: [Option<Worker>; MACHINES],
    /// Rows that were told by those that have ended.
    told_before: usize,
}

struct Worker {
    process: Process,
    /// It is paused until all workers have told so many rows, or are idle; then it goes on, or is killed.
    pause: Option<Pause>,
}

#[derive(Clone, Copy)]
struct Pause {
    until: usize,
    goes_on: bool,
    moment: Moment,
}

/// Everything that happens until the run is over.
pub(crate) fn mishaps(round: &mut Round<'_>) -> Result<(), String> {
    let plan = round.plan;
    let mut workers = Workers {
        round,
        workers: [const { None }; MACHINES],
        told_before: 0,
    };
    for (number, mishap) in plan.mishaps.iter().enumerate() {
        // At first there is nothing to work on.
        if (number == 0 || matches!(mishap.way, Way::File)) && workers.hand_out()? {
            return workers.end();
        }
        workers.meet(mishap)?;
    }
    for _ in 0..MAX_HAND_OUTS {
        if workers.hand_out()? {
            return workers.end();
        }
        workers.start()?;
        workers.wait_for_rows(usize::MAX)?;
    }
    Err(format!(
        "the run is not over after it was handed out {MAX_HAND_OUTS} times"
    ))
}

impl Workers<'_, '_> {
    /// Hands out what is left. Says whether nothing is, because the run is over.
    fn hand_out(&mut self) -> Result<bool, String> {
        let process = self.round.start(Way::HandOut, 0);
        let ended = self.round.collect(process, 0, false)?;
        let summary = ended.summary.as_ref();
        Ok(summary.is_some_and(|summary| summary["state"] == "finished"))
    }

    /// Starts those that are gone.
    fn start(&mut self) -> Result<(), String> {
        self.look()?;
        for (machine, worker) in self.workers.iter_mut().enumerate() {
            if worker.is_none() {
                let process = self.round.start(Way::Work, machine);
                *worker = Some(Worker { process, pause: None });
            }
        }
        Ok(())
    }

    /// How many rows they have told.
    fn told(&self) -> usize {
        let rows = self.workers.iter().flatten().map(|worker| worker.process.rows());
        self.told_before + rows.sum::<usize>()
    }

    /// Reads what they told, and collects those that have ended. Says whether anything came.
    fn look(&mut self) -> Result<bool, String> {
        let mut came = false;
        for machine in 0..MACHINES {
            while let Some(worker) = &mut self.workers[machine] {
                match worker.process.wait(Duration::ZERO)? {
                    Waited::Line => came = true,
                    Waited::Time => break,
                    Waited::Closed => self.collect(machine)?,
                }
            }
        }
        Ok(came)
    }

    fn collect(&mut self, machine: usize) -> Result<(), String> {
        if let Some(worker) = self.workers[machine].take() {
            let ended = self.round.collect(worker.process, machine, false)?;
            self.told_before += ended.told.len();
        }
        Ok(())
    }

    /// Waits until they have told so many rows together, have ended, or wait for something themselves.
    fn wait_for_rows(&mut self, rows: usize) -> Result<(), String> {
        let mut last = Instant::now();
        while self.told() < rows && self.workers.iter().any(Option::is_some) && last.elapsed() < IDLE {
            match self.look()? {
                true => last = Instant::now(),
                false => thread::sleep(LOOK),
            }
            self.end_pauses(false)?;
        }
        if self.told() < rows {
            self.end_pauses(true)?;
        }
        Ok(())
    }

    /// Lets those that were paused long enough, or all, go on, or kills them.
    fn end_pauses(&mut self, all: bool) -> Result<(), String> {
        let told = self.told();
        for machine in 0..MACHINES {
            let Some(worker) = &mut self.workers[machine] else {
                continue;
            };
            let Some(pause) = worker.pause.take_if(|pause| all || told >= pause.until) else {
                continue;
            };
            match pause.goes_on {
                true => worker.process.signal(Signal::CONT),
                false => self.kill(machine, pause.moment)?,
            }
        }
        Ok(())
    }

    fn kill(&mut self, machine: usize, moment: Moment) -> Result<(), String> {
        if let Some(worker) = &mut self.workers[machine]
            && worker.process.kill()
        {
            self.round.figures.killed(moment);
        }
        self.collect(machine)
    }

    fn meet(&mut self, mishap: &Mishap) -> Result<(), String> {
        self.start()?;
        if let Moment::Rows(rows) = mishap.moment {
            self.wait_for_rows(self.told() + rows)?;
        }
        spin(mishap.delay);
        let told = self.told();
        let Some(worker) = &mut self.workers[mishap.machine] else {
            return Ok(());
        };
        match &mishap.blow {
            Blow::Kill => self.kill(mishap.machine, mishap.moment)?,
            Blow::Ask { signals, between } => {
                self.round.figures.asked_to_stop += 1;
                for signal in signals {
                    worker.process.signal(*signal);
                    spin(*between);
                }
            }
            Blow::Pause { goes_on_for } => {
                self.round.figures.paused += 1;
                worker.process.signal(Signal::STOP);
                worker.pause = Some(Pause {
                    until: told + goes_on_for.unwrap_or(self.round.plan.rows / 10),
                    goes_on: goes_on_for.is_some(),
                    moment: mishap.moment,
                });
            }
        }
        Ok(())
    }

    /// The run is over: all of them see that and end.
    fn end(mut self) -> Result<(), String> {
        self.end_pauses(true)?;
        (0..MACHINES).try_for_each(|machine| self.collect(machine))
    }
}
