//! The parent's side: start a child, listen to it, say how it went.

use std::fs::File;
use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::ending::{Death, explain};
use super::process::Process;
use super::{ChildError, Line, Outcome, Request, Resource};
use crate::config::ChildConfig;

/// All that a child may say. A report of 3.5 hours is below 1 MB.
const MAX_OUTPUT_BYTES: u64 = 16 << 20;

/// What is kept of standard error.
const LOG_BYTES: usize = 4096;

/// An opened recording.
#[derive(Debug)]
pub struct Media {
    /// The bytes: a regular file.
    pub file: File,
    /// Extension of its name, a hint for the decoder.
    pub extension: Option<String>,
    /// SHA-256 of its bytes in hex, when it is known already.
    pub sha256: Option<String>,
}

/// Analyses `media` in a child process.
///
/// `progress` gets values that rise from 0 to 1. When this returns the child is gone; when the future is
/// dropped, or this process ends in whatever way, the child is killed.
///
/// # Errors
///
/// [`ChildError`]; see `docs/worker.md` for which ending means what.
pub async fn run(
    media: Media,
    config: &ChildConfig,
    mut progress: impl FnMut(f64),
    cancel: &CancellationToken,
) -> Result<Outcome, ChildError> {
    if cancel.is_cancelled() {
        return Err(ChildError::Cancelled);
    }
    let Process { hold, mut end, stdout, stderr } =
        Process::start(command(media, config)?).await.map_err(ChildError::Io)?;
    let talk = async {
        let heard = listen(stdout, &mut progress).await;
        if !matches!(&heard, Ok(heard) if heard.broken.is_none()) {
            hold.kill();
        }
        heard
    };

    // The child may say its last word and stay; so the limits hold until it has ended.
    let stop = tokio::select! {
        (heard, log, death) = async {
            let (heard, log) = tokio::join!(talk, last_words(stderr));
            (heard, log, end.wait().await)
        } => {
            let (heard, death) = (heard.map_err(ChildError::Io)?, death.map_err(ChildError::Io)?);
            return conclude(heard, &death, config, log);
        }
        () = cancel.cancelled() => ChildError::Cancelled,
        () = sleep(Duration::from_secs(config.max_wall_s)) => {
            ChildError::ResourceLimit(Resource::Time)
        }
    };
    hold.kill();
    end.wait().await.map_err(ChildError::Io)?;
    Err(stop)
}

fn command(media: Media, config: &ChildConfig) -> Result<Command, ChildError> {
    let request = Request {
        parent_pid: std::process::id(),
        extension: media.extension,
        #[cfg(debug_assertions)]
        fault: config.fault.as_ref().and_then(|fault| fault.due(media.sha256.as_deref())),
        sha256: media.sha256,
        max_memory_bytes: config.max_memory_bytes,
        max_cpu_s: config.max_cpu_s,
        nice: config.nice,
        n_threads: config.n_threads,
        limits: config.limits.clone(),
    };
    let request = serde_json::to_string(&request).map_err(|error| ChildError::Io(error.into()))?;
    let mut command = Command::new(&config.program.path);
    command
        .args(&config.program.arguments)
        .arg(request)
        .env_clear()
        .current_dir("/")
        .stdin(media.file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

/// What a child said.
#[derive(Debug, Default)]
struct Heard {
    last: Option<Line>,
    /// It broke the protocol: too much, or not a line that we know.
    broken: Option<&'static str>,
}

fn conclude(
    heard: Heard,
    death: &Death,
    config: &ChildConfig,
    log: String,
) -> Result<Outcome, ChildError> {
    match (explain(death, config.max_cpu_s, heard.last, log.clone()), heard.broken) {
        (Ok(_), Some(broken)) => Err(ChildError::Crash { ending: broken.into(), log }),
        (Err(ChildError::Crash { .. }), Some(broken)) => {
            Err(ChildError::Crash { ending: broken.into(), log })
        }
        (result, _) => result,
    }
}

/// Reads lines until the end, or until the child breaks the protocol.
async fn listen(
    stdout: Option<impl AsyncRead + Unpin>,
    progress: &mut impl FnMut(f64),
) -> io::Result<Heard> {
    let mut heard = Heard::default();
    let Some(stdout) = stdout else { return Ok(heard) };
    let mut lines = BufReader::new(stdout.take(MAX_OUTPUT_BYTES));
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await? == 0 {
            return Ok(heard);
        }
        if !line.ends_with(b"\n") && lines.get_ref().limit() == 0 {
            heard.broken = Some("it said more than 16 MiB");
            return Ok(heard);
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Progress(share)) if share.is_finite() => progress(share.clamp(0.0, 1.0)),
            Ok(last) => heard.last = Some(last),
            // A line that was cut off by a death is explained by the death.
            Err(_) if !line.ends_with(b"\n") => return Ok(heard),
            Err(_) => {
                heard.broken = Some("it said something that is not ours");
                return Ok(heard);
            }
        }
    }
}

/// The end of what the child wrote to standard error.
async fn last_words(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let (mut tail, mut block) = (Vec::new(), [0; 1024]);
    while let Ok(n) = stderr.read(&mut block).await
        && n > 0
    {
        tail.extend_from_slice(&block[..n]);
        let n_over = tail.len().saturating_sub(LOG_BYTES);
        tail.drain(..n_over);
    }
    String::from_utf8_lossy(&tail).trim().to_owned()
}
