//! The parent's side of one child: start it, listen to it, say how it ended.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::ending::{Death, explain};
use super::process::Process;
use super::{ChildError, Line, Request, Resource};
use crate::account::Account;
use crate::config::Program;

/// All that a child may say. A report of 3.5 hours is below 1 MB.
const MAX_OUTPUT_BYTES: u64 = 16 << 20;

/// What is kept of standard error.
const LOG_BYTES: usize = 4096;

/// [`listen_to_child`], as one span of the trace.
pub(super) async fn converse(
    program: &Program,
    request: &Request,
    input: Stdio,
    max_wall_s: u64,
    progress: impl FnMut(f64),
    cancel: &CancellationToken,
) -> Result<Line, ChildError> {
    let span = tracing::info_span!(
        "child",
        otel.name = format!("child.{}", request.task.name()),
        otel.status_code = Empty,
        process.pid = Empty,
        cpu_s = Empty,
        decode.cpu_s = Empty,
        analysis.cpu_s = Empty,
    );
    let last = listen_to_child(program, request, input, max_wall_s, progress, cancel);
    let last = last.instrument(span.clone()).await;
    match &last {
        Ok(Line::Ok(outcome)) => {
            span.record("decode.cpu_s", outcome.stages.decode.cpu_s);
            span.record("analysis.cpu_s", outcome.stages.analysis.cpu_s);
        }
        Ok(_) | Err(ChildError::Cancelled) => {}
        Err(_) => {
            span.record("otel.status_code", "ERROR");
        }
    }
    last
}

/// Starts a child with this request and input, and gives its last line: never [`Line::Progress`] or [`Line::Error`].
///
/// `progress` gets values that rise from 0 to 1. When this returns the child is gone; when the future is
/// dropped, or this process ends in whatever way, the child is killed.
async fn listen_to_child(
    program: &Program,
    request: &Request,
    input: Stdio,
    max_wall_s: u64,
    mut progress: impl FnMut(f64),
    cancel: &CancellationToken,
) -> Result<Line, ChildError> {
    if cancel.is_cancelled() {
        return Err(ChildError::Cancelled);
    }
    let Process { id, hold, mut end, stdout, stderr } =
        Process::start(command(program, request, input)?).await.map_err(ChildError::Io)?;
    // OpenTelemetry has signed integers only.
    Span::current().record("process.pid", i64::from(id));
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
            charge(&death, heard.last.as_ref());
            return conclude(heard, &death, request.max_cpu_s, log);
        }
        () = cancel.cancelled() => ChildError::Cancelled,
        () = sleep(Duration::from_secs(max_wall_s)) => ChildError::ResourceLimit(Resource::Time),
    };
    hold.kill();
    let death = end.wait().await.map_err(ChildError::Io)?;
    charge(&death, None);
    Err(stop)
}

/// Puts what the child used on the account of the job and into its span. The system counts it in ticks of 10 ms; a child that is content knows better.
fn charge(death: &Death, last: Option<&Line>) {
    let said = match last {
        Some(Line::Ok(outcome)) => outcome.stages.total.cpu_s,
        Some(Line::Said(said)) => said.time.cpu_s,
        _ => 0.0,
    };
    let cpu_s = death.cpu_s.unwrap_or(0.0).max(said);
    Span::current().record("cpu_s", cpu_s);
    if let Some(account) = Account::current() {
        account.cpu(Duration::try_from_secs_f64(cpu_s).unwrap_or_default());
    }
}

fn command(program: &Program, request: &Request, input: Stdio) -> Result<Command, ChildError> {
    let request = serde_json::to_string(request).map_err(|error| ChildError::Io(error.into()))?;
    let mut command = Command::new(&program.path);
    command
        .args(&program.arguments)
        .arg(request)
        .env_clear()
        .current_dir("/")
        .stdin(input)
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

fn conclude(heard: Heard, death: &Death, max_cpu_s: u64, log: String) -> Result<Line, ChildError> {
    match (explain(death, max_cpu_s, heard.last, log.clone()), heard.broken) {
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
