//! What the end of a child means.

use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use rustix::process::Signal;

use super::{EXIT_MEMORY, EXIT_SETUP, Failure, Line};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The child says what is wrong with the recording, or the model. Trying again gives the same.
    #[error("{}: {}", .0.code, .0.detail)]
    Media(Failure),
    /// The recording needs more than it may have. Trying again gives the same.
    #[error("the analysis reached its limit of {0}")]
    ResourceLimit(Resource),
    /// The child died and nobody knows why.
    #[error("the analysis died: {ending}")]
    Crash {
        /// Signal, status or broken promise.
        ending: String,
        /// Last words on standard error.
        log: String,
    },
    /// The caller asked for the end.
    #[error("the analysis was cancelled")]
    Cancelled,
    /// The child could not be started, could not limit itself or could not read. Not the recording's fault.
    #[error("the analysis could not be run")]
    Io(#[source] io::Error),
}

impl ChildError {
    /// Stable code of the error.
    pub fn code(&self) -> &str {
        match self {
            Self::Media(failure) => &failure.code,
            Self::ResourceLimit(_) => "resource_limit",
            Self::Crash { .. } => "crash",
            Self::Cancelled => "cancelled",
            Self::Io(_) => "io",
        }
    }
}

/// What a child can run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Heap or address space.
    Memory,
    /// Time of the processor.
    Cpu,
    /// Time on the clock.
    Time,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Cpu => "CPU time",
            Self::Time => "time",
        })
    }
}

/// How a child ended by itself.
#[derive(Debug)]
pub(super) struct Death {
    /// As the system says.
    pub(super) status: ExitStatus,
    /// CPU time that it had used, when it could be read.
    pub(super) cpu_s: Option<f64>,
}

/// Turns the end of a child into a result. `last` is the last whole line that it said.
pub(super) fn explain(
    death: &Death,
    max_cpu_s: u64,
    last: Option<Line>,
    log: String,
) -> Result<Line, ChildError> {
    let ending = if let Some(signal) = death.status.signal() {
        if signal == Signal::XCPU.as_raw()
            || signal == Signal::KILL.as_raw() && used_up(death, max_cpu_s)
        {
            return Err(ChildError::ResourceLimit(Resource::Cpu));
        }
        format!("signal {signal}")
    } else {
        let code = death.status.code().and_then(|code| u8::try_from(code).ok());
        match (code, last) {
            (Some(0), Some(Line::Error(failure))) if failure.code == "io" => {
                return Err(ChildError::Io(io::Error::other(failure.detail)));
            }
            (Some(0), Some(Line::Error(failure))) => return Err(ChildError::Media(failure)),
            (Some(0), Some(Line::Progress(_)) | None) => "status 0".into(),
            (Some(0), Some(line)) => return Ok(line),
            (Some(EXIT_MEMORY), _) => return Err(ChildError::ResourceLimit(Resource::Memory)),
            (Some(EXIT_SETUP), _) => return Err(ChildError::Io(io::Error::other(log))),
            (Some(code), _) => format!("status {code}"),
            (None, _) => death.status.to_string(),
        }
    };
    Err(ChildError::Crash { ending, log })
}

/// The hard CPU limit kills with the same signal as everybody else; the time that was used tells.
#[expect(clippy::cast_precision_loss, reason = "seconds of CPU time are far below 2^52")]
fn used_up(death: &Death, max_cpu_s: u64) -> bool {
    death.cpu_s.is_some_and(|cpu_s| cpu_s >= max_cpu_s as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wait status as the kernel encodes it: the code in the second byte, or the signal in the first.
    fn ended(raw: i32, cpu_s: Option<f64>, last: Option<Line>) -> String {
        let death = Death { status: ExitStatus::from_raw(raw), cpu_s };
        match explain(&death, 10, last, "log".into()) {
            Ok(_) => "ok".into(),
            Err(ChildError::Io(error)) => format!("io {error}"),
            Err(ChildError::Crash { ending, log }) => format!("crash {ending} {log}"),
            Err(error) => format!("{} {error}", error.code()),
        }
    }

    fn error(code: &str) -> Line {
        Line::Error(Failure { code: code.into(), detail: "d".into() })
    }

    #[test]
    fn every_ending_has_one_meaning() {
        let memory = "resource_limit the analysis reached its limit of memory";
        let cpu = "resource_limit the analysis reached its limit of CPU time";
        assert_eq!(ended(0, None, Some(error("bad_media"))), "bad_media bad_media: d");
        assert_eq!(ended(0, None, Some(error("io"))), "io d");
        assert_eq!(ended(86 << 8, None, None), memory);
        assert_eq!(ended(86 << 8, None, Some(Line::Progress(0.5))), memory);
        assert_eq!(ended(87 << 8, None, None), "io log");
        assert_eq!(ended(24, None, None), cpu);
        assert_eq!(ended(9, Some(11.9), None), cpu);
        assert_eq!(ended(9, Some(9.9), None), "crash signal 9 log");
        assert_eq!(ended(9, None, None), "crash signal 9 log");
        assert_eq!(ended(11, Some(99.0), None), "crash signal 11 log");
        assert_eq!(ended(6 | 0x80, None, None), "crash signal 6 log");
        assert_eq!(ended(101 << 8, None, None), "crash status 101 log");
    }

    #[test]
    fn a_status_without_its_last_line_is_a_crash() {
        assert_eq!(ended(0, None, None), "crash status 0 log");
        assert_eq!(ended(0, None, Some(Line::Progress(1.0))), "crash status 0 log");
        assert_eq!(ended(1 << 8, None, Some(error("bad_media"))), "crash status 1 log");
        assert_eq!(ended(11, None, Some(error("bad_media"))), "crash signal 11 log");
    }
}
