//! How the parent takes what a child may do, with the shell in the place of the child.

use std::io::{Seek as _, Write as _};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use worker::child::{self, ChildError, Media, Resource};
use worker::{ChildConfig, Program};

use crate::world::tick;

/// Settings under which the child is `sh -c script`; the request is its `$0`.
fn shell(script: &str) -> ChildConfig {
    let arguments = vec!["-c".into(), script.into()];
    let program = Program { path: "/bin/sh".into(), arguments };
    ChildConfig { program, max_wall_s: 60, ..ChildConfig::default() }
}

fn media(bytes: &[u8]) -> Media {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    Media { file, extension: Some("wav".into()), sha256: Some("00".into()) }
}

async fn run(config: &ChildConfig) -> ChildError {
    child::run(media(b"sound"), config, |_| {}, &CancellationToken::new()).await.unwrap_err()
}

async fn crash(script: &str) -> (String, String) {
    match run(&shell(script)).await {
        ChildError::Crash { ending, log } => (ending, log),
        other => panic!("{other:?}"),
    }
}

/// Whether a process exists, a zombie included.
fn exists(pid: &str) -> bool {
    std::path::Path::new("/proc").join(pid.trim()).exists()
}

#[tokio::test]
async fn the_child_says_what_is_wrong_with_the_recording() {
    let script =
        r#"echo '{"progress":0.5}'; echo '{"error":{"code":"empty","detail":"no sound"}}'"#;
    let (mut shares, cancel) = (Vec::new(), CancellationToken::new());
    let result = child::run(media(b""), &shell(script), |share| shares.push(share), &cancel).await;
    assert_eq!(result.unwrap_err().to_string(), "empty: no sound");
    assert_eq!(shares, [0.5]);
}

#[tokio::test]
async fn the_child_gets_the_file_the_request_and_no_environment() {
    let script = r#"read -r line; echo "$line|$0|$(env | grep -c =)" >&2; exit 3"#;
    let (ending, log) = crash(script).await;
    assert_eq!(ending, "status 3");
    // `read` meets the end of the file without a newline; the shell itself sets PWD and such.
    let (line, rest) = log.split_once('|').unwrap();
    assert_eq!(line, "sound");
    assert!(rest.contains(&format!(r#""parent_pid":{}"#, std::process::id())), "{rest}");
    assert!(!rest.contains("CARGO"), "{rest}");
}

#[tokio::test]
async fn limits_of_memory_cpu_and_time_are_told_apart() {
    let check = |error: ChildError, wanted: Resource| match error {
        ChildError::ResourceLimit(resource) => assert_eq!(resource, wanted),
        other => panic!("{other:?}"),
    };
    check(run(&shell("exit 86")).await, Resource::Memory);
    check(run(&shell("ulimit -S -t 1; while :; do :; done")).await, Resource::Cpu);
    // SIGXCPU is ignored, as a program may: the kernel then kills, and the time that was used tells.
    let stubborn = "trap '' XCPU; ulimit -S -t 1; ulimit -H -t 2; while :; do :; done";
    check(run(&ChildConfig { max_cpu_s: 1, ..shell(stubborn) }).await, Resource::Cpu);
    check(run(&ChildConfig { max_wall_s: 1, ..shell("exec sleep 100") }).await, Resource::Time);
}

#[tokio::test]
async fn an_unexplained_death_is_a_crash_with_its_last_words() {
    assert_eq!(crash("echo why >&2; kill -SEGV $$").await, ("signal 11".into(), "why".into()));
    assert_eq!(crash("kill -KILL $$").await, ("signal 9".into(), String::new()));
    assert_eq!(crash("exit 101").await.0, "status 101");
    assert_eq!(crash("exit 0").await.0, "status 0");
    assert_eq!(crash(r#"printf '{"progr'; kill -KILL $$"#).await.0, "signal 9");
    let (_, log) =
        crash("i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done >&2; exit 1").await;
    assert!(log.ends_with("2999") && log.len() <= 4096, "the end of the log is kept");
}

#[tokio::test]
async fn a_child_that_breaks_the_protocol_is_ended() {
    let check = async |script: &str, wanted: &str| {
        let start = Instant::now();
        assert_eq!(crash(script).await.0, wanted);
        assert!(start.elapsed() < Duration::from_secs(50), "not by the limit of time");
    };
    check("echo hello; exec sleep 100", "it said something that is not ours").await;
    check("exec cat /dev/zero", "it said more than 16 MiB").await;
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_an_io_error() {
    let program = Program { path: "/nonexistent".into(), arguments: Vec::new() };
    let error = run(&ChildConfig { program, ..ChildConfig::default() }).await;
    assert!(matches!(error, ChildError::Io(_)), "{error:?}");
    assert!(matches!(run(&shell("echo no limits >&2; exit 87")).await, ChildError::Io(_)));
}

/// A child that reports its own process id and that of a child of its own, then stays.
const FAMILY: &str = r#"sleep 100 & echo "$$ $!" > "$FILE"; echo '{"progress":0.1}'; wait"#;

#[tokio::test]
async fn cancelling_leaves_no_process_behind() {
    let pids = tempfile::NamedTempFile::new().unwrap();
    let config = shell(&FAMILY.replace("$FILE", pids.path().to_str().unwrap()));
    let cancel = CancellationToken::new();
    let result = child::run(media(b""), &config, |_| cancel.cancel(), &cancel).await;
    assert!(matches!(result, Err(ChildError::Cancelled)));
    let pids = std::fs::read_to_string(pids.path()).unwrap();
    let (parent, grandchild) = pids.split_once(' ').unwrap();
    assert!(!exists(parent), "killed and reaped");
    // The grandchild is reaped by whoever adopted it, which may take a moment.
    gone(grandchild).await;
}

#[tokio::test]
async fn dropping_the_future_leaves_no_process_behind() {
    let pids = tempfile::NamedTempFile::new().unwrap();
    let config = shell(&FAMILY.replace("$FILE", pids.path().to_str().unwrap()));
    let started = tokio::sync::Notify::new();
    let cancel = CancellationToken::new();
    tokio::select! {
        _ = child::run(media(b""), &config, |_| started.notify_one(), &cancel) => panic!("it stays"),
        () = started.notified() => {}
    }
    let pids = std::fs::read_to_string(pids.path()).unwrap();
    for pid in pids.split(' ') {
        gone(pid).await;
    }
}

#[tokio::test]
async fn a_token_that_is_already_cancelled_starts_nothing() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    let result = child::run(media(b""), &shell("exit 0"), |_| {}, &cancel).await;
    assert!(matches!(result, Err(ChildError::Cancelled)));
}

/// Waits until a process is gone or waits for its reaper only.
async fn gone(pid: &str) {
    // Less than it would take to end by itself.
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut tick = tick();
    let is_there = || {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        exists(pid) && !stat.contains(") Z ")
    };
    while is_there() {
        assert!(Instant::now() < deadline, "process {pid} stays");
        tick.tick().await;
    }
}
