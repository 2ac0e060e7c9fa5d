//! Reports of recordings that nobody should upload: a number is finite or `null`, and `null` has a reason.

use dsp::{Analysis, Analyzer};
use fixtures::{clicks, noise, silence, sine};
use report::Report;
use serde_json::Value;

use crate::samples::source;

const RATE_HZ: u32 = 44_100;
const SECOND: usize = RATE_HZ as usize;

fn analyze(rate_hz: u32, n_channels: u32, samples: &[f32]) -> Analysis {
    let mut analyzer = Analyzer::new(rate_hz, n_channels).unwrap();
    analyzer.push(samples).unwrap();
    analyzer.finish()
}

/// One of each, with its name.
fn inputs() -> Vec<(&'static str, Analysis)> {
    let tone = sine(440.0, RATE_HZ, 8 * SECOND);
    let mut click = silence(8 * SECOND);
    click[4 * SECOND] = 1.0;
    let mut half_noise = clicks(120.0, RATE_HZ, 8.0);
    half_noise[4 * SECOND..].copy_from_slice(&noise(2, 4 * SECOND));
    let inverted: Vec<f32> = tone.iter().flat_map(|x| [*x, -x]).collect();
    let mut broken = tone.clone();
    broken[1_000..9_000].fill(f32::NAN);
    broken[20_000..21_000].fill(f32::NEG_INFINITY);
    let clipped: Vec<f32> = tone.iter().map(|x| (9.0 * x).clamp(-1.0, 1.0)).collect();
    let huge: Vec<f32> = noise(3, 4 * SECOND).iter().map(|x| x * f32::MAX).collect();
    let surround = noise(4, 6 * 4 * 192_000);
    vec![
        ("nothing", analyze(RATE_HZ, 2, &[])),
        ("silence", analyze(RATE_HZ, 2, &silence(8 * SECOND))),
        ("constant", analyze(RATE_HZ, 1, &vec![0.5; 8 * SECOND])),
        ("noise", analyze(RATE_HZ, 1, &noise(1, 8 * SECOND))),
        ("one click", analyze(RATE_HZ, 1, &click)),
        ("a fifth of a second", analyze(RATE_HZ, 1, &tone[..SECOND / 5])),
        ("one sample", analyze(RATE_HZ, 1, &[1.0])),
        ("two seconds", analyze(RATE_HZ, 1, &tone[..2 * SECOND])),
        ("telephone", analyze(8_000, 1, &clicks(100.0, 8_000, 8.0))),
        ("studio", analyze(192_000, 6, &surround)),
        ("clipped", analyze(RATE_HZ, 1, &clipped)),
        ("inverted", analyze(RATE_HZ, 2, &inverted)),
        ("not numbers", analyze(RATE_HZ, 1, &broken)),
        ("all not numbers", analyze(RATE_HZ, 2, &vec![f32::NAN; 8 * SECOND])),
        ("huge", analyze(RATE_HZ, 1, &huge)),
        ("half noise", analyze(RATE_HZ, 1, &half_noise)),
        ("tone", analyze(RATE_HZ, 1, &tone)),
    ]
}

/// Whether a value of this object or of one around it says why.
fn walk(name: &str, path: &str, value: &Value, has_reason: bool) {
    match value {
        Value::Object(fields) => {
            let says_why = |(key, value): (&String, &Value)| is_reason(key) && !value.is_null();
            let has_reason = has_reason || fields.iter().any(says_why);
            for (key, value) in fields {
                assert!(
                    !value.is_null() || is_reason(key) || has_reason,
                    "{name}: {path}.{key} is null without a reason"
                );
                walk(name, &format!("{path}.{key}"), value, has_reason);
            }
        }
        Value::Array(items) => {
            for item in items {
                assert!(!item.is_null(), "{name}: {path} has a hole");
                walk(name, path, item, has_reason);
            }
        }
        // JSON has no NaN and no infinity: they would have been written as `null`.
        Value::Number(number) => assert!(number.as_f64().is_some_and(f64::is_finite), "{name}"),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn is_reason(key: &str) -> bool {
    key.ends_with("reason")
}

#[test]
fn every_null_has_a_reason() {
    for (name, analysis) in inputs() {
        let mut report = Report::new(&analysis, source());
        // Whoever decoded fills it in.
        report.signal.pcm_hash = Some("0".repeat(64));
        walk(name, "report", &serde_json::to_value(&report).unwrap(), false);
        assert_eq!(Report::from_json(&report.to_json()).unwrap(), report, "{name}");
    }
}
