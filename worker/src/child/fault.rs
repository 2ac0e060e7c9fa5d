//! Misbehaviour on demand: how the tests see crashes, hangs and bombs without a file that causes them.
//!
//! Compiled only with debug assertions: a release build has neither the setting nor the code.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Failure;

/// A misbehaviour and the recording that triggers it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What the child does.
    pub kind: Misbehaviour,
    /// Only for the recording with this SHA-256; for every recording when absent.
    pub sha256: Option<String>,
}

impl Fault {
    /// The misbehaviour that is due for the recording with this hash.
    pub(super) fn due(&self, sha256: Option<&str>) -> Option<Misbehaviour> {
        (self.sha256.is_none() || self.sha256.as_deref() == sha256).then_some(self.kind)
    }
}

/// What the child does instead of, or before, reading its recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// Ends itself with SIGABRT.
    Crash,
    /// Does nothing, for ever.
    Hang,
    /// Waits half a second, then goes on as usual.
    Pause,
    /// Asks for memory until there is none.
    Allocate,
    /// Uses the processor, for ever.
    Burn,
    /// Panics.
    Panic,
    /// Writes to its standard output without end.
    Flood,
    /// Tries to leave the sandbox, and says in an error's detail how each attempt ended.
    Escape,
}

impl Misbehaviour {
    /// Does it. Returns only from [`Misbehaviour::Pause`] and [`Misbehaviour::Escape`].
    pub(super) fn act(self) -> Option<Failure> {
        match self {
            Self::Crash => std::process::abort(),
            Self::Hang => loop {
                thread::park();
            },
            Self::Pause => {
                thread::sleep(Duration::from_millis(500));
                None
            }
            Self::Allocate => {
                let mut hoard: Vec<Vec<u8>> = Vec::new();
                loop {
                    hoard.push(vec![1; 1 << 20]);
                }
            }
            Self::Burn => loop {
                std::hint::black_box(0);
            },
            Self::Panic => panic!("a test asked for this panic"),
            Self::Flood => {
                use std::io::Write as _;
                let block = vec![b'x'; 1 << 16];
                while std::io::stdout().write_all(&block).is_ok() {}
                None
            }
            Self::Escape => Some(escape()),
        }
    }
}

fn escape() -> Failure {
    let attempts = [
        ("read", File::open("/etc/passwd").map(drop)),
        ("list", fs::read_dir("/").map(drop)),
        ("write", fs::write("/tmp/consort-escape", b"x")),
        ("execute", Command::new("/bin/true").status().map(drop)),
        ("connect", TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], 9))).map(drop)),
    ];
    let detail: Vec<String> = attempts
        .into_iter()
        .map(|(name, result)| match result {
            Ok(()) => format!("{name}=allowed"),
            Err(error) => format!("{name}={:?}", error.kind()),
        })
        .collect();
    Failure { code: "escape".into(), detail: detail.join(" ") }
}
