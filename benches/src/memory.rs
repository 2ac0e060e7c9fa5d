//! Memory of a process, from `/proc`.

use anyhow::{Context as _, Result};

/// Resident memory of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resident {
    /// `VmHWM`: the most that was ever resident.
    pub peak_bytes: u64,
}

/// Resident memory of process `pid`.
///
/// # Errors
///
/// When there is no such process, or the system has no `/proc`.
pub fn resident(pid: u32) -> Result<Resident> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    parsed(&status).with_context(|| format!("{path} has no VmHWM"))
}

fn parsed(status: &str) -> Option<Resident> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Resident { peak_bytes: kibibytes * 1024 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_line_as_the_kernel_writes_it() {
        let status = "Name:\tconsort\nVmPeak:\t  999 kB\nVmHWM:\t   12345 kB\nVmRSS:\t  1 kB\n";
        assert_eq!(parsed(status), Some(Resident { peak_bytes: 12_345 * 1024 }));
        assert_eq!(parsed("VmRSS:\t1 kB\n"), None);
    }

    #[test]
    fn knows_this_process() {
        assert!(resident(std::process::id()).unwrap().peak_bytes > 100_000);
    }
}
