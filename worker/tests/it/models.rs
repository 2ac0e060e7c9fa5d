//! How the parent takes what a child with a model may do, with the shell in the place of the child.

use std::path::Path;

use report::{ModelCard, ModelKind, ModelReason, Report};
use store::{JobState, events};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use worker::child::{self, ChildError, Line, Media, Outcome};
use worker::{ChildConfig, ModelRefused, Models, ModelsConfig, Program};

use crate::world::{World, good_line, on_both_databases};

on_both_databases!(models_are_a_step_of_their_own);

/// A script that meets the limit of time.
const SLEEP: &str = "exec sleep 100";

fn card(name: &str) -> ModelCard {
    ModelCard {
        name: name.into(),
        version: "1".into(),
        kind: ModelKind::Regression,
        onnx_sha256: "00".repeat(32),
        manifest_sha256: "11".repeat(32),
        matching: None,
    }
}

/// A folder in which each name has its two files, both empty.
fn folder(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        for extension in ["toml", "onnx"] {
            std::fs::write(folder.path().join(format!("{name}.{extension}")), b"").unwrap();
        }
    }
    std::fs::write(folder.path().join("README.md"), b"Passed over.").unwrap();
    folder
}

/// Settings under which the child checks models by `check`, runs them by `run` and analyses well.
fn config(dir: &Path, check: &str, run: &str) -> ChildConfig {
    let good = dir.join("good.json");
    std::fs::write(&good, good_line()).unwrap();
    let script = format!(
        r#"case "$0" in *check_model*) {check} ;; *run_model*) {run} ;; *) cat '{}' ;; esac"#,
        good.display()
    );
    let program = Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
    // Only a script that sleeps is to meet the limit of time, however busy the machine.
    let max_wall_s = if [check, run].contains(&SLEEP) { 3 } else { 60 };
    let models = ModelsConfig { dir: dir.into(), max_wall_s, ..ModelsConfig::default() };
    ChildConfig { program, models, max_wall_s: 60, ..ChildConfig::default() }
}

fn say(line: &Line) -> String {
    format!("echo '{}'", serde_json::to_string(line).unwrap())
}

fn checked(name: &str) -> String {
    say(&Line::Checked(Box::new(card(name))))
}

async fn outcome(run: &str) -> Result<Outcome, ChildError> {
    let folder = folder(&["mood"]);
    let mut config = config(folder.path(), &checked("mood"), run);
    config.models.models = Models::load(&config).await.unwrap();
    let media = Media { file: tempfile::tempfile().unwrap(), extension: None, sha256: None };
    child::run(media, &config, |_| (), &CancellationToken::new()).await
}

async fn reason(run: &str) -> Option<ModelReason> {
    let report: Report = outcome(run).await.unwrap().report;
    let [model] = report.models.as_slice() else { panic!("one model") };
    assert_eq!(model.card, card("mood"));
    assert!(report.tempo.bpm.is_some(), "the analysis is whole");
    model.reason
}

#[tokio::test]
async fn the_end_of_a_model_is_a_reason_and_never_an_error() {
    assert_eq!(reason("exit 86").await, Some(ModelReason::MemoryLimit));
    assert_eq!(reason("kill -SEGV $$").await, Some(ModelReason::Crashed));
    assert_eq!(reason("exit 101").await, Some(ModelReason::Crashed));
    assert_eq!(reason("echo hello").await, Some(ModelReason::Crashed));
    assert_eq!(reason(&checked("mood")).await, Some(ModelReason::Crashed), "not what was asked");
    assert_eq!(reason("ulimit -S -t 1; while :; do :; done").await, Some(ModelReason::CpuLimit));
    assert_eq!(reason(SLEEP).await, Some(ModelReason::TimeLimit));
    let torn = r#"echo '{"error":{"code":"bad_media","detail":"torn"}}'"#;
    assert_eq!(reason(torn).await, Some(ModelReason::Failed));
}

#[tokio::test]
async fn what_is_not_the_models_fault_is_an_error_that_is_tried_again() {
    let changed = r#"echo '{"error":{"code":"io","detail":"it has changed"}}'"#;
    assert!(matches!(outcome(changed).await, Err(ChildError::Io(_))));
    assert!(matches!(outcome("exit 87").await, Err(ChildError::Io(_))));
}

async fn models_are_a_step_of_their_own(mut world: World) {
    let folder = folder(&["mood"]);
    let mut child = config(folder.path(), &checked("mood"), "exit 86");
    child.models.models = Models::load(&child).await.unwrap();
    world.config.child = child;
    let running = world.start();
    let (_, job) = world.upload("sound").await;
    assert_eq!(world.ended(job.id).await.state, JobState::Succeeded);
    running.stop().await;
    let events = events::after(&world.store, world.owner, 0, 1000).await.unwrap();
    let steps: Vec<_> = events.iter().filter_map(|event| event.data["step"].as_str()).collect();
    assert_eq!(steps, ["analysis", "models", "write"]);
}

#[tokio::test]
async fn progress_rises_over_analysis_and_models() {
    let folder = folder(&["a", "b"]);
    let name = r#"case "$0" in *a.toml*) NAME ;; *) OTHER ;; esac"#;
    let check = name.replace("NAME", &checked("a")).replace("OTHER", &checked("b"));
    let mut config = config(folder.path(), &check, r#"echo '{"progress":0.5}'; exit 86"#);
    config.models.models = Models::load(&config).await.unwrap();
    let names: Vec<&str> =
        config.models.models.as_slice().iter().map(|m| m.card().name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let media = Media { file: tempfile::tempfile().unwrap(), extension: None, sha256: None };
    let mut shares = Vec::new();
    child::run(media, &config, |share| shares.push(share), &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(shares, [0.5, 2.5 / 3.0]);
}

async fn refusal(names: &[&str], check: &str) -> ModelRefused {
    let folder = folder(names);
    Models::load(&config(folder.path(), check, "exit 1")).await.unwrap_err()
}

#[tokio::test]
async fn a_check_that_ends_badly_is_a_refusal_with_a_code() {
    let check = async |script: &str, code: &str| {
        let refused = refusal(&["mood"], script).await;
        assert_eq!(refused.code, code, "{refused}");
        assert!(refused.file.ends_with("mood.toml"), "{refused}");
    };
    check(r#"echo '{"error":{"code":"not_onnx","detail":"it is a text"}}'"#, "not_onnx").await;
    check("exit 86", "memory_limit").await;
    check("ulimit -S -t 1; while :; do :; done", "cpu_limit").await;
    check(SLEEP, "time_limit").await;
    check("kill -SEGV $$", "crashed").await;
    check("exit 87", "io").await;
    assert_eq!(refusal(&["a", "b"], &checked("same")).await.code, "duplicate_name");
    let many: Vec<String> = (0..17).map(|i| format!("model{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(refusal(&many, "exit 1").await.code, "too_many");
}

#[tokio::test]
async fn no_folder_is_no_models() {
    let none = Models::load(&ChildConfig::default()).await.unwrap();
    assert!(none.as_slice().is_empty());
}
