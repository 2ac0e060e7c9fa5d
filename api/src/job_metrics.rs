//! Metrics of jobs, from what their endings have added up in the database.
//!
//! Not from the recorder of the process: workers may run elsewhere, where nobody reads metrics, and what a process counts begins anew with it.
//! Every process gives the same numbers, which are those of `/v1/analytics`.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use store::JobKind;
use store::analytics::{Ever, Histogram, Measure, Tally, Waiting};
use store::jobs::Outcome;
use time::OffsetDateTime;

use crate::jobs::cost;

/// Bounds of the buckets of times, as powers of two of a millisecond: 16 ms, 128 ms, 1 s, 8 s, a minute, 9 minutes, 70 minutes.
const POWERS: [u32; 7] = [4, 7, 10, 13, 16, 19, 22];

/// Text of Prometheus, version 0.0.4.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A line; labels are words of ours, which need no escapes.
    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// The metrics of what ended and of what there is to do at `now`.
pub(crate) fn text(ever: &Ever, queue: &BTreeMap<JobKind, Waiting>, now: OffsetDateTime) -> String {
    let mut text = Text::default();
    endings(&mut text, &ever.tallies);
    taken(&mut text, &ever.tallies);
    for (measure, name, help) in [
        (
            Measure::Wait,
            "consort_job_wait_seconds",
            "From when a job was queued to its first start, of those that ended",
        ),
        (
            Measure::Run,
            "consort_job_run_seconds",
            "While workers held a job, all attempts together, of those that ended",
        ),
    ] {
        text.family(name, "histogram", help);
        for ((kind, of), times) in &ever.times {
            if *of == measure {
                histogram(&mut text, name, kind.as_str(), times);
            }
        }
    }
    backlog(&mut text, queue, now);
    text.0
}

fn endings(text: &mut Text, tallies: &[Tally]) {
    let name = "consort_jobs_ended_total";
    text.family(name, "counter", "Jobs that ended, by kind, outcome and code");
    for it in tallies.iter().filter(|it| is_final(it.outcome)) {
        let (kind, outcome) = (it.kind.as_str(), it.outcome.as_str());
        text.line(name, &[("kind", kind), ("outcome", outcome), ("code", &it.code)], it.n);
    }
    let name = "consort_job_retries_total";
    text.family(
        name,
        "counter",
        "Attempts that failed and are followed by another, by kind and code",
    );
    for it in tallies.iter().filter(|it| it.outcome == Outcome::Retried) {
        text.line(name, &[("kind", it.kind.as_str()), ("code", &it.code)], it.n);
    }
}

fn is_final(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Retried | Outcome::Released)
}

fn taken(text: &mut Text, tallies: &[Tally]) {
    type Sum = fn(&Tally) -> u64;
    type Unit = fn(u64) -> f64;
    let families: [(&str, &str, Sum, Unit); 4] = [
        ("consort_job_cpu_seconds_total", "CPU time of jobs, by kind", |it| it.cpu_us, seconds),
        (
            "consort_job_read_bytes_total",
            "Bytes of recordings that jobs read, by kind",
            |it| it.n_bytes,
            whole,
        ),
        (
            "consort_job_audio_seconds_total",
            "Sound that jobs analysed, by kind",
            |it| it.audio_us,
            seconds,
        ),
        (
            "consort_job_cost_total",
            "What the CPU time of jobs cost, by kind",
            |it| it.cost_nanos,
            cost,
        ),
    ];
    for (name, help, of, unit) in families {
        text.family(name, "counter", help);
        let mut sums: BTreeMap<JobKind, u64> = BTreeMap::new();
        for tally in tallies {
            *sums.entry(tally.kind).or_default() += of(tally);
        }
        for (kind, sum) in sums.into_iter().filter(|(_, sum)| *sum > 0) {
            text.line(name, &[("kind", kind.as_str())], unit(sum));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of centuries are below 2^52")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus counts in floating-point numbers")]
fn whole(n: u64) -> f64 {
    n as f64
}

fn histogram(text: &mut Text, name: &str, kind: &str, times: &Histogram) {
    let bucket = format!("{name}_bucket");
    for power in POWERS {
        let le = (f64::from(1_u32 << power) / 1e3).to_string();
        text.line(&bucket, &[("kind", kind), ("le", &le)], times.n_within_ms(power));
    }
    text.line(&bucket, &[("kind", kind), ("le", "+Inf")], times.n());
    text.line(&format!("{name}_sum"), &[("kind", kind)], times.sum_s());
    text.line(&format!("{name}_count"), &[("kind", kind)], times.n());
}

fn backlog(text: &mut Text, queue: &BTreeMap<JobKind, Waiting>, now: OffsetDateTime) {
    let name = "consort_queue_jobs";
    text.family(name, "gauge", "Jobs that have not ended, by kind and state");
    for (kind, waiting) in queue {
        let states = [
            ("due", waiting.n_due),
            ("delayed", waiting.n_delayed),
            ("running", waiting.n_running),
        ];
        for (state, n) in states {
            text.line(name, &[("kind", kind.as_str()), ("state", state)], n);
        }
    }
    let age_s = |first_due_at: Option<OffsetDateTime>| {
        first_due_at.map_or(0.0, |due| (now - due).as_seconds_f64()).max(0.0)
    };
    let name = "consort_queue_age_seconds";
    text.family(name, "gauge", "How long the oldest due job has waited for a worker, by kind");
    for (kind, waiting) in queue {
        text.line(name, &[("kind", kind.as_str())], age_s(waiting.first_due_at));
    }
    let name = "consort_jobs";
    text.family(name, "gauge", "Jobs that have not ended, by state");
    let sum = |of: fn(&Waiting) -> u64| queue.values().map(of).sum::<u64>();
    text.line(name, &[("state", "queued")], sum(|it| it.n_due + it.n_delayed));
    text.line(name, &[("state", "running")], sum(|it| it.n_running));
    let name = "consort_oldest_due_job_age_seconds";
    text.family(name, "gauge", "How long the oldest due job has waited for a worker");
    text.line(name, &[], age_s(queue.values().filter_map(|it| it.first_due_at).min()));
}

#[cfg(test)]
mod tests {
    use store::jobs::CODES;

    use super::*;

    fn tally(kind: JobKind, outcome: Outcome, code: &str) -> Tally {
        let code = code.to_owned();
        let (n, run_us, cpu_us, n_bytes, audio_us, cost_nanos) =
            (3, 2_500_000, 1_250_000, 4096, 60_000_000, 7);
        Tally { kind, outcome, code, n, run_us, cpu_us, n_bytes, audio_us, cost_nanos }
    }

    #[test]
    fn writes_what_prometheus_reads() {
        let mut ever = Ever {
            tallies: vec![tally(JobKind::AnalyzeTrack, Outcome::Failed, "bad_media")],
            ..Ever::default()
        };
        ever.times.insert((JobKind::AnalyzeTrack, Measure::Wait), Histogram::default());
        let waiting = Waiting { n_due: 2, n_delayed: 1, ..Waiting::default() };
        let queue = BTreeMap::from([(JobKind::MatchTrack, waiting)]);
        let text = text(&ever, &queue, OffsetDateTime::UNIX_EPOCH);
        for line in [
            "# TYPE consort_jobs_ended_total counter",
            r#"consort_jobs_ended_total{kind="analyze_track",outcome="failed",code="bad_media"} 3"#,
            r#"consort_job_cpu_seconds_total{kind="analyze_track"} 1.25"#,
            r#"consort_job_read_bytes_total{kind="analyze_track"} 4096"#,
            r#"consort_job_wait_seconds_bucket{kind="analyze_track",le="0.016"} 0"#,
            r#"consort_job_wait_seconds_bucket{kind="analyze_track",le="4194.304"} 0"#,
            r#"consort_job_wait_seconds_count{kind="analyze_track"} 0"#,
            r#"consort_queue_jobs{kind="match_track",state="due"} 2"#,
            r#"consort_queue_age_seconds{kind="match_track"} 0"#,
            r#"consort_jobs{state="queued"} 3"#,
            r#"consort_jobs{state="running"} 0"#,
            "consort_oldest_due_job_age_seconds 0",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("consort_job_retries_total{"));
    }

    const DOCS: &str = include_str!("../../docs/monitoring.md");

    #[test]
    fn there_are_no_more_series_than_words_for_them() {
        let (mut ever, mut queue) = (Ever::default(), BTreeMap::new());
        for kind in JobKind::ALL.iter().copied() {
            for outcome in Outcome::ALL.iter().copied() {
                let codes: &[&str] = match outcome {
                    Outcome::Failed | Outcome::Dead | Outcome::Retried => CODES,
                    Outcome::Succeeded | Outcome::Cancelled | Outcome::Released => &[""],
                };
                ever.tallies.extend(codes.iter().map(|code| tally(kind, outcome, code)));
            }
            for measure in Measure::ALL.iter().copied() {
                ever.times.insert((kind, measure), Histogram::default());
            }
            queue.insert(kind, Waiting::default());
        }
        let text = text(&ever, &queue, OffsetDateTime::UNIX_EPOCH);
        let n_series = text.lines().filter(|line| !line.starts_with('#')).count();
        // Succeeded and cancelled, failed and dead and tried again for each reason, what was taken, two histograms, the queue.
        let of_histogram = POWERS.len() + ["+Inf", "sum", "count"].len();
        let of_kind = 2 + 3 * CODES.len() + 4 + Measure::ALL.len() * of_histogram + 4;
        let most = JobKind::ALL.len() * of_kind + 3;
        assert_eq!(n_series, most);
        let told = format!("{most} series at most");
        assert!(DOCS.contains(&told), "docs/monitoring.md does not say: {told}");
    }

    #[test]
    fn every_code_is_explained() {
        for code in CODES {
            assert!(DOCS.contains(&format!("`{code}`")), "{code} is not in docs/monitoring.md");
        }
    }
}
