//! What the child takes from itself before it reads a byte.

use std::fs::File;
use std::io;

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{self, Resource, Rlimit, Signal};

use super::{CappedAllocator, Request, Sandbox};

/// Descriptors: three of standard I/O, the copy of standard input, `/proc/self/status`, Landlock's own,
/// and a few for the C library.
const MAX_OPEN_FILES: u64 = 16;

/// From the soft limit (SIGXCPU) to the hard one (SIGKILL), for a child that ignores the first.
const CPU_GRACE_S: u64 = 2;

/// Program text, stacks, fragmentation: what the address space holds besides the counted heap.
const ADDRESS_SPACE_SLACK_BYTES: u64 = 512 << 20;

/// What is left to a confined process.
#[derive(Debug)]
pub(super) struct Confined {
    /// How much Landlock could do.
    pub(super) sandbox: Sandbox,
    /// `/proc/self/status`, opened while files could still be opened.
    pub(super) status: Option<File>,
}

/// Limits this process for good.
///
/// # Errors
///
/// The parent is gone, or a limit that every Linux has could not be set. Landlock is best effort.
pub(super) fn confine(request: &Request) -> io::Result<Confined> {
    die_with(request.parent_pid)?;
    // Being nice is a favour, not a limit: a container may forbid it.
    let _ = process::nice(i32::from(request.nice));

    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Nofile, MAX_OPEN_FILES, MAX_OPEN_FILES)?;
    limit(Resource::Cpu, request.max_cpu_s, request.max_cpu_s + CPU_GRACE_S)?;
    // A backstop for what the counting allocator does not see; its own exit code comes first.
    let n_bytes = request
        .max_memory_bytes
        .saturating_add(request.max_memory_bytes / 2)
        .saturating_add(ADDRESS_SPACE_SLACK_BYTES);
    limit(Resource::As, n_bytes, n_bytes)?;

    rustix::thread::set_no_new_privs(true)?;
    let status = File::open("/proc/self/status").ok();
    let sandbox = shut_away().unwrap_or(Sandbox::None);
    // Threads inherit what was taken away so far; limits are the whole process'.
    start_threads(request.n_threads)?;
    // No process and no thread more (root is exempt: the kernel's rule).
    limit(Resource::Nproc, 0, 0)?;
    CappedAllocator::arm(request.max_memory_bytes);
    Ok(Confined { sandbox, status })
}

/// Asks the kernel for SIGKILL when the parent ends, and leaves if it has already ended.
fn die_with(parent_pid: u32) -> io::Result<()> {
    process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let parent = process::getppid().map(|pid| pid.as_raw_nonzero().get());
    if parent.and_then(|pid| u32::try_from(pid).ok()) == Some(parent_pid) {
        Ok(())
    } else {
        Err(io::Error::other("the parent process is gone"))
    }
}

/// Starts the threads that share the work on a recording: this one and the rest of `n_threads`. Once in a process.
///
/// # Errors
///
/// The threads could not be started, or have been before.
pub fn start_threads(n_threads: usize) -> io::Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads.max(1)).use_current_thread();
    pool.build_global().map_err(io::Error::other)
}

/// Lowers a limit; never asks for more than the process already has.
fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let now = process::getrlimit(resource);
    let hard = now.maximum.map_or(hard, |maximum| maximum.min(hard));
    let soft = soft.min(hard);
    Ok(process::setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) })?)
}

/// Denies every file, TCP, abstract sockets and signals to other processes, as far as the kernel can.
fn shut_away() -> Result<Sandbox, RulesetError> {
    // The last version that this asks for anything of: Linux 6.12.
    let abi = ABI::V6;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Sandbox::Full,
        RulesetStatus::PartiallyEnforced => Sandbox::Partial,
        RulesetStatus::NotEnforced => Sandbox::None,
    })
}
