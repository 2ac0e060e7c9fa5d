//! One child process and the thread that owns it.
//!
//! `PR_SET_PDEATHSIG` fires when the *thread* that started the child ends, not its process. A tokio
//! thread may end at any time, so each child gets a thread of its own, which starts it and lives until
//! the child is reaped. That thread also makes sure that no zombie stays when the future that asked for
//! the child is dropped. It sleeps in `waitid` and costs a stack of a few pages.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::net::unix::pipe;
use tokio::sync::oneshot;

use super::ending::Death;

/// The thread calls a few system calls and formats nothing.
const STACK_BYTES: usize = 256 << 10;

static N_ALIVE: AtomicUsize = AtomicUsize::new(0);

/// Children of this process that are not yet reaped.
pub fn n_alive() -> usize {
    N_ALIVE.load(SeqCst)
}

/// A child that runs.
#[derive(Debug)]
pub(super) struct Process {
    /// Its number, for people: it may be another's once this one is reaped.
    pub(super) id: u32,
    /// Keeps it alive.
    pub(super) hold: Hold,
    /// Resolves when it is reaped.
    pub(super) end: End,
    /// Its standard output.
    pub(super) stdout: Option<pipe::Receiver>,
    /// Its standard error.
    pub(super) stderr: Option<pipe::Receiver>,
}

impl Process {
    /// Starts `command`, whose standard output and error must be piped.
    pub(super) async fn start(mut command: Command) -> io::Result<Self> {
        // A group of its own: Ctrl-C at the terminal is for the parent, who then decides; and what a
        // child has started can be killed with it.
        command.process_group(0);
        let hold = Hold::default();
        let (started, is_started) = oneshot::channel();
        let (ended, end) = oneshot::channel();
        let state = Arc::clone(&hold.0);
        thread::Builder::new()
            .name("child-watch".into())
            .stack_size(STACK_BYTES)
            .spawn(move || watch(command, &state, started, ended))?;
        let pipes = is_started.await.map_err(io::Error::other)??;
        Ok(Self {
            id: pipes.id,
            hold,
            end: End(end),
            stdout: pipes.stdout.map(pipe::Receiver::from_owned_fd).transpose()?,
            stderr: pipes.stderr.map(pipe::Receiver::from_owned_fd).transpose()?,
        })
    }
}

/// The end of a child.
#[derive(Debug)]
pub(super) struct End(oneshot::Receiver<io::Result<Death>>);

impl End {
    /// Waits until the child is reaped. To be asked until it has answered once.
    pub(super) async fn wait(&mut self) -> io::Result<Death> {
        (&mut self.0).await.map_err(io::Error::other)?
    }
}

/// The right to kill a child, with everything that it started; dropping it does.
#[derive(Debug, Default)]
pub(super) struct Hold(Arc<Mutex<State>>);

/// A child is in here from its start until just before it is reaped, so that a signal can never reach a
/// stranger who got the same process id.
#[derive(Debug, Default)]
struct State {
    child: Option<Child>,
    is_abandoned: bool,
}

impl Hold {
    /// Kills the child; it still has to end.
    pub(super) fn kill(&self) {
        let mut state = lock(&self.0);
        state.is_abandoned = true;
        if let Some(child) = &state.child {
            kill_group(child);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Pipes {
    /// Of the child at their other end.
    id: u32,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
}

/// The life of the thread: start, wait, reap.
fn watch(
    mut command: Command,
    state: &Mutex<State>,
    started: oneshot::Sender<io::Result<Pipes>>,
    end: oneshot::Sender<io::Result<Death>>,
) {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    // The command holds the parent's copy of the media.
    drop(command);
    N_ALIVE.fetch_add(1, SeqCst);
    metrics::gauge!("consort_children_alive").increment(1.0);
    let id = pid(&child);
    let pipes = Pipes {
        id: child.id(),
        stdout: child.stdout.take().map(OwnedFd::from),
        stderr: child.stderr.take().map(OwnedFd::from),
    };
    {
        let mut state = lock(state);
        if state.is_abandoned {
            kill_group(&child);
        }
        state.child = Some(child);
    }
    let _ = started.send(Ok(pipes));

    // The child stays a zombie until `wait` below, so its id and its statistics stay its own.
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(id), options), Err(Errno::INTR)) {}
    let cpu_s = cpu_s(id);
    let status = {
        let mut state = lock(state);
        let mut child = state.child.take().expect("only this thread takes the child out");
        kill_group(&child);
        child.wait()
    };
    N_ALIVE.fetch_sub(1, SeqCst);
    metrics::gauge!("consort_children_alive").decrement(1.0);
    let _ = end.send(status.map(|status| Death { status, cpu_s }));
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

fn kill_group(child: &Child) {
    // Fails only when nobody is left in the group.
    let _ = kill_process_group(pid(child), Signal::KILL);
}

/// User and system time of a process, from `/proc`; works for zombies.
fn cpu_s(id: Pid) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero())).ok()?;
    // The second field is the program's name in brackets and may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut ticks = fields.split(' ').skip(11).map(str::parse::<u64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    #[expect(clippy::cast_precision_loss, reason = "ticks of CPU time are far below 2^52")]
    let seconds = (user + system) as f64 / rustix::param::clock_ticks_per_second() as f64;
    Some(seconds)
}
