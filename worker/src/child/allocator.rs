//! A global allocator with a cap.
//!
//! An address-space limit alone makes `malloc` fail, and Rust answers that with an abort that looks like
//! any other crash. The cap is below that limit and leaves with an exit code of its own, so that a file
//! that asks for gigabytes is told from a file that crashes the decoder.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_int;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Exit code of a child that asked for more memory than it may have.
pub const EXIT_MEMORY: u8 = 86;

/// Cap in bytes; 0 while nothing is counted.
static CAP: AtomicI64 = AtomicI64::new(0);
/// Bytes held since the cap was set. Memory from before may be given back after, hence signed.
static HELD: AtomicI64 = AtomicI64::new(0);

/// The system allocator until [`CappedAllocator::arm`]; from then on it counts, and ends the process with
/// [`EXIT_MEMORY`] when more than the cap is held or the system has no more.
///
/// The binary makes it its `#[global_allocator]`. Processes that never arm it pay one load an allocation.
#[derive(Debug, Default, Clone, Copy)]
pub struct CappedAllocator;

impl CappedAllocator {
    /// The allocator, not armed.
    pub const fn new() -> Self {
        Self
    }

    /// Starts to count, from zero. Does nothing in a program with another global allocator.
    pub fn arm(max_bytes: u64) {
        HELD.store(0, Relaxed);
        CAP.store(i64::try_from(max_bytes).unwrap_or(i64::MAX).max(1), Relaxed);
    }
}

/// Ends the process unless `n_bytes` more stay below the cap.
fn take(n_bytes: usize) {
    let cap = CAP.load(Relaxed);
    if cap == 0 {
        return;
    }
    // A layout is at most `isize::MAX` bytes, so the addition stays far from overflow.
    let n_bytes = i64::try_from(n_bytes).unwrap_or(i64::MAX);
    if HELD.fetch_add(n_bytes, Relaxed).saturating_add(n_bytes) > cap {
        leave();
    }
}

fn give_back(n_bytes: usize) {
    if CAP.load(Relaxed) != 0 {
        HELD.fetch_sub(i64::try_from(n_bytes).unwrap_or(i64::MAX), Relaxed);
    }
}

/// Ends a counted process whose system has no memory left; elsewhere null goes on to the caller.
fn checked(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() && CAP.load(Relaxed) != 0 {
        leave();
    }
    pointer
}

#[expect(unsafe_code, reason = "`_exit` runs no handlers; an allocator must not run any")]
fn leave() -> ! {
    // SAFETY: the C library's `_exit` takes any status and touches nothing of this process.
    unsafe extern "C" {
        safe fn _exit(status: c_int) -> !;
    }
    _exit(c_int::from(EXIT_MEMORY))
}

#[expect(
    unsafe_code,
    reason = "a global allocator is an unsafe trait; it only counts and forwards"
)]
// SAFETY: every method forwards to `System` with the arguments it was given and returns what `System`
// returned; counting touches atomics only, allocates nothing and does not unwind.
unsafe impl GlobalAlloc for CappedAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`, which is `System`'s.
        checked(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is `System`'s.
        checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: `pointer` came from `System` through this allocator with the same layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        take(new_size);
        give_back(layout.size());
        // SAFETY: `pointer` came from `System` through this allocator; the caller keeps the rest.
        checked(unsafe { System.realloc(pointer, layout, new_size) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test, because the counters are the process' own. The test binary has another global allocator,
    // so nothing but this test counts.
    #[test]
    fn counts_from_arming_on_and_gives_back_what_was_taken() {
        take(1 << 40);
        assert_eq!(HELD.load(Relaxed), 0, "nothing is counted before arming");
        CappedAllocator::arm(1 << 20);
        take(1 << 20);
        give_back(1 << 19);
        take(1 << 19);
        assert_eq!(HELD.load(Relaxed), 1 << 20, "exactly the cap is allowed");
        give_back(1 << 20);
        give_back(100);
        assert_eq!(HELD.load(Relaxed), -100, "memory from before arming may come back");
        let layout = Layout::from_size_align(4096, 8).unwrap();
        #[expect(unsafe_code, reason = "calls the allocator as the runtime does")]
        // SAFETY: the layouts match, and each pointer is used once after it was given.
        unsafe {
            let first = CappedAllocator.alloc_zeroed(layout);
            assert_eq!(HELD.load(Relaxed), 3996);
            let second = CappedAllocator.realloc(first, layout, 8192);
            assert_eq!(HELD.load(Relaxed), 8092);
            CappedAllocator.dealloc(second, Layout::from_size_align(8192, 8).unwrap());
        }
        assert_eq!(HELD.load(Relaxed), -100);
        CAP.store(0, Relaxed);
    }
}
