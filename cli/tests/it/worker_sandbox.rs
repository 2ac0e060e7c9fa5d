//! What a child that turns evil can still do: nothing.

use std::process::Stdio;

use worker::MediaLimits;
use worker::child::{EXIT_SETUP, Line, Misbehaviour, Request, SUBCOMMAND, Task};

use crate::service::consort;

fn request(parent_pid: u32, fault: Option<Misbehaviour>) -> String {
    let request = Request {
        parent_pid,
        extension: None,
        sha256: None,
        max_memory_bytes: 256 << 20,
        max_cpu_s: 60,
        nice: 10,
        n_threads: 2,
        limits: MediaLimits::default(),
        task: Task::Analyze,
        emotion: None,
        fault,
    };
    serde_json::to_string(&request).unwrap()
}

#[tokio::test]
async fn the_child_cannot_reach_files_programs_or_the_network() {
    let output = consort(&[])
        .args([SUBCOMMAND, &request(std::process::id(), Some(Misbehaviour::Escape))])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let Ok(Line::Error(attempts)) = serde_json::from_slice(&output.stdout) else {
        panic!("one line: {output:?}");
    };
    let denied = ["read", "list", "write", "execute", "connect"]
        .map(|what| format!("{what}=PermissionDenied"));
    assert_eq!(attempts.detail, denied.join(" "));
}

#[tokio::test]
async fn a_child_without_its_parent_or_its_request_reads_nothing() {
    let stranger = request(1, None);
    for arguments in
        [vec![], vec!["{}"], vec!["not json"], vec![&stranger], vec![&stranger, &stranger]]
    {
        let output = consort(&[])
            .arg(SUBCOMMAND)
            .args(&arguments)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        assert_eq!(output.status.code(), Some(i32::from(EXIT_SETUP)), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}
