//! What jobs took: on the jobs, in the figures and in the metrics, of a process that does none of the work.

use fixtures::Clip;
use serde_json::Value;

use crate::service::{Service, Shape};

/// Figures and metrics are sums of whole microseconds.
const ROUNDING_S: f64 = 1e-6;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Each job of a kind, read by itself.
async fn jobs(service: &Service, kind: &str) -> Vec<Value> {
    let list = service.json(&format!("/v1/jobs?kind={kind}")).await;
    let mut jobs = Vec::new();
    for job in list["items"].as_array().unwrap() {
        let id = job["id"].as_str().unwrap();
        jobs.push(service.json(&format!("/v1/jobs/{id}")).await);
    }
    jobs
}

/// The value of a series; 0 where there is nothing to say.
fn metric<'a>(text: &'a str, name: &str) -> &'a str {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or("0")
}

fn assert_filled(job: &Value, clip: &Clip) {
    assert_eq!(job["state"], "succeeded", "{job}");
    assert_eq!(job["attempts"], 1, "{job}");
    let usage = &job["usage"];
    let n_bytes = std::fs::metadata(clip.path()).unwrap().len();
    assert_eq!(usage["n_bytes"].as_u64(), Some(n_bytes), "{job}");
    assert!(number(&usage["cpu_s"]) > 0.0 && number(&usage["run_s"]) > 0.0, "{job}");
    assert!(number(&usage["wait_s"]) >= 0.0, "{job}");
    let audio_s = number(&usage["audio_s"]);
    // Codecs add up to some frames of silence.
    assert!((audio_s - clip.truth.duration_s).abs() < 0.2, "{job}");
    let factor = number(&usage["run_s"]) / audio_s;
    assert!((number(&usage["real_time_factor"]) - factor).abs() < 1e-9, "{job}");
    for stage in ["fetch", "decode", "analysis", "write"] {
        assert!(number(&usage["stages"][stage]["wall_s"]) > 0.0, "{stage} of {job}");
    }
    for stage in ["models", "matching"] {
        assert!(usage["stages"][stage].is_null(), "{stage} of {job}");
    }
}

/// Figures and metrics of a kind, beside the sums of its jobs.
async fn assert_added_up(service: &Service, metrics: &str, kind: &str, jobs: &[Value]) {
    let path = format!("/v1/analytics/throughput?kind={kind}");
    let figures = service.json(&path).await["totals"][0].take();
    assert_eq!(figures["n_succeeded"].as_u64(), u64::try_from(jobs.len()).ok(), "{figures}");
    for name in ["n_failed", "n_dead", "n_cancelled"] {
        assert_eq!(figures[name], 0, "{figures}");
    }
    let n_bytes: u64 = jobs.iter().map(|job| job["usage"]["n_bytes"].as_u64().unwrap()).sum();
    assert_eq!(figures["n_bytes"], n_bytes, "{figures}");
    let sum = |name: &str| -> f64 {
        jobs.iter().map(|job| job["usage"][name].as_f64().unwrap_or(0.0)).sum()
    };
    for name in ["run_s", "cpu_s", "audio_s"] {
        assert!((number(&figures[name]) - sum(name)).abs() < ROUNDING_S, "{name} of {figures}");
    }

    let n = jobs.len().to_string();
    let ended = format!(r#"consort_jobs_ended_total{{kind="{kind}",outcome="succeeded",code=""}}"#);
    assert_eq!(metric(metrics, &ended), n, "{metrics}");
    let of_kind = |name: &str| metric(metrics, &format!(r#"{name}{{kind="{kind}"}}"#));
    assert_eq!(of_kind("consort_job_wait_seconds_count"), n, "{metrics}");
    assert_eq!(of_kind("consort_job_run_seconds_count"), n, "{metrics}");
    assert_eq!(of_kind("consort_job_read_bytes_total"), n_bytes.to_string(), "{metrics}");
    for (series, name) in [
        ("consort_job_run_seconds_sum", "run_s"),
        ("consort_job_cpu_seconds_total", "cpu_s"),
        ("consort_job_audio_seconds_total", "audio_s"),
    ] {
        let value: f64 = of_kind(series).parse().unwrap();
        assert!((value - sum(name)).abs() < ROUNDING_S, "{series} is {value}: {jobs:?}");
    }
}

#[tokio::test]
async fn jobs_figures_and_metrics_agree() {
    for shape in [Shape::embedded(), Shape::production().await] {
        let service = Service::start(&shape, &["--no-worker"]).await;
        let _worker = shape.worker();
        let clips = &fixtures::clips()[..2];
        let mut tracks = Vec::new();
        for clip in clips {
            tracks.push(service.upload_file(&clip.path()).await);
        }
        service.until_final(&tracks).await;

        let (analyses, matchings) =
            (jobs(&service, "analyze_track").await, jobs(&service, "match_track").await);
        assert_eq!((analyses.len(), matchings.len()), (2, 2));
        for (clip, track) in clips.iter().zip(&tracks) {
            let job = analyses.iter().find(|job| job["track_id"] == track.as_str());
            assert_filled(job.expect("each recording is analysed once"), clip);
        }
        let metrics = service.get("/metrics").send().await.unwrap().text().await.unwrap();
        assert_added_up(&service, &metrics, "analyze_track", &analyses).await;
        assert_added_up(&service, &metrics, "match_track", &matchings).await;
        assert_eq!(metric(&metrics, r#"consort_jobs{state="queued"}"#), "0", "{metrics}");
        assert_eq!(metric(&metrics, r#"consort_jobs{state="running"}"#), "0", "{metrics}");
        assert_eq!(metric(&metrics, "consort_database_up"), "1", "{metrics}");
    }
}
