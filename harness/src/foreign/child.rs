//! A child process that is spoken to in batches. It is written to and read from
//! on threads of their own: a writer that also reads sticks as soon as both
//! pipes are full.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// What became of a child.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// It could not be started.
    #[error("`{command}` could not be started: {why}")]
    Start {
        /// The program.
        command: String,
        /// What the system says.
        why: String,
    },
    /// It ended before it had answered.
    #[error("it ended before it had answered ({status}){said}")]
    Ended {
        /// Its exit status, in words.
        status: String,
        /// The last line that it printed to standard error, if any.
        said: String,
    },
    /// It did not answer in time.
    #[error("it gave no answer within {} s{said}", deadline.as_secs())]
    Silent {
        /// How long was waited.
        deadline: Duration,
        /// The last line that it printed to standard error, if any.
        said: String,
    },
    /// It wrote without end.
    #[error("it wrote {bytes} bytes without an end of its answer")]
    Flood {
        /// How much it wrote.
        bytes: usize,
    },
    /// It takes more memory than it may.
    #[error("it takes {needed} bytes of memory, {allowed} allowed")]
    Memory {
        /// What it takes, resident.
        needed: u64,
        /// What it may take.
        allowed: u64,
    },
}

/// An answer longer than this has no end.
const FLOOD: usize = 16 << 20;
/// So much of standard error is kept.
const KEPT: usize = 64 << 10;
/// A child whose input has ended has this long to go by itself.
const GRACE: Duration = Duration::from_millis(500);

enum Heard {
    Answer(Vec<u8>),
    Flood(usize),
}

/// A running child.
pub(super) struct Child {
    process: process::Child,
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<Heard>,
    said: Arc<Mutex<VecDeque<u8>>>,
    deadline: Duration,
}

impl Child {
    /// Starts a program in a process group of its own.
    pub(super) fn start(command: &[String], deadline: Duration) -> Result<Self, ChildError> {
        let failed = |why: String| ChildError::Start { command: command.join(" "), why };
        let (program, args) =
            command.split_first().ok_or_else(|| failed("no program is named".into()))?;
        let mut process = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|why| failed(why.to_string()))?;
        let (to, lines) = channel::<Vec<u8>>();
        let (tell, from) = sync_channel(2);
        let said = Arc::new(Mutex::new(VecDeque::new()));
        if let Some(mut stdin) = process.stdin.take() {
            thread::spawn(move || {
                // A child that is gone is noticed where its answer is missed.
                for batch in lines {
                    if stdin.write_all(&batch).and_then(|()| stdin.flush()).is_err() {
                        break;
                    }
                }
            });
        }
        if let Some(stdout) = process.stdout.take() {
            thread::spawn(move || listen(stdout, &tell));
        }
        if let Some(stderr) = process.stderr.take() {
            let said = said.clone();
            thread::spawn(move || keep(stderr, &said));
        }
        Ok(Self { process, to: Some(to), from, said, deadline })
    }

    /// Sends a batch on its way.
    pub(super) fn send(&self, batch: Vec<u8>) {
        if let Some(to) = &self.to {
            // As above.
            let _ = to.send(batch);
        }
    }

    /// Waits for the next answer.
    pub(super) fn receive(&mut self) -> Result<Vec<u8>, ChildError> {
        match self.from.recv_timeout(self.deadline) {
            Ok(Heard::Answer(text)) => Ok(text),
            Ok(Heard::Flood(bytes)) => Err(ChildError::Flood { bytes }),
            Err(RecvTimeoutError::Timeout) => {
                Err(ChildError::Silent { deadline: self.deadline, said: self.last_words() })
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.wait(GRACE).map_or_else(
                    || "its standard output is closed".to_owned(),
                    |status| status.to_string(),
                );
                Err(ChildError::Ended { status, said: self.last_words() })
            }
        }
    }

    /// Where the system tells, refuses more resident memory than this.
    pub(super) fn check_memory(&self, allowed: u64) -> Result<(), ChildError> {
        let path = format!("/proc/{}/statm", self.process.id());
        let pages = std::fs::read_to_string(path).ok().and_then(|text| {
            text.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok())
        });
        let page = rustix::param::page_size() as u64;
        match pages.map(|pages| pages.saturating_mul(page)) {
            Some(needed) if needed > allowed => Err(ChildError::Memory { needed, allowed }),
            _ => Ok(()),
        }
    }

    /// The last line on standard error, as a clause.
    fn last_words(&self) -> String {
        // The line may still be on its way from a child that has just ended.
        thread::sleep(Duration::from_millis(20));
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = said.iter().copied().collect();
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let last = lines.rfind(|line| !line.trim_ascii().is_empty());
        last.map_or_else(String::new, |line| {
            format!("; it said `{}`", super::protocol::quote(line))
        })
    }

    fn wait(&mut self, patience: Duration) -> Option<process::ExitStatus> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            if start.elapsed() >= patience {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it and all it started, at once.
    pub(super) fn kill(&mut self) {
        self.to = None;
        let group = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may be gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    /// Its input ends, and so should it; where it does not, it is killed. None
    /// stays behind, as a zombie or otherwise.
    fn drop(&mut self) {
        if self.to.take().is_some() && self.wait(GRACE).is_some() {
            return;
        }
        self.kill();
    }
}

/// Cuts what the child writes into answers.
fn listen(mut stdout: impl Read, tell: &SyncSender<Heard>) {
    let mut heard: Vec<u8> = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(read @ 1..) = stdout.read(&mut buffer) else { return };
        let mut seen = heard.len().saturating_sub(1);
        heard.extend_from_slice(&buffer[..read]);
        while let Some(end) = end_of_answer(&heard, seen) {
            let rest = heard.split_off(end);
            let mut answer = std::mem::replace(&mut heard, rest);
            answer.pop();
            if tell.send(Heard::Answer(answer)).is_err() {
                return;
            }
            seen = 0;
        }
        if heard.len() > FLOOD {
            let _ = tell.send(Heard::Flood(heard.len()));
            return;
        }
    }
}

/// Where the first answer ends, behind its empty line.
fn end_of_answer(heard: &[u8], seen: usize) -> Option<usize> {
    if heard.first() == Some(&b'\n') {
        return Some(1);
    }
    let at = heard[seen..].windows(2).position(|pair| pair == b"\n\n")?;
    Some(seen + at + 2)
}

/// Keeps the end of what the child says.
fn keep(mut stderr: impl Read, said: &Mutex<VecDeque<u8>>) {
    let mut buffer = vec![0; 4 << 10];
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(&buffer[..read]);
        let over = said.len().saturating_sub(KEPT);
        said.drain(..over);
    }
}
