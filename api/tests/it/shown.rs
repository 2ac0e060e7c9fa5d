//! JSON as snapshots show it: what differs from run to run has a name instead.

use serde_json::Value;

/// Times that something took.
const MEASURED: [&str; 3] = ["run_s", "wait_s", "wall_s"];

/// The value with ids, times, hashes of requests and what was measured named.
pub(crate) fn shown(mut value: Value) -> Value {
    name(&mut value);
    value
}

fn name(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(name) = stand_in(text) {
                *text = name.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(name),
        Value::Object(fields) => {
            for (field, value) in fields {
                if MEASURED.contains(&field.as_str()) && value.is_number() {
                    *value = Value::String("[seconds]".to_owned());
                }
                name(value);
            }
        }
        _ => {}
    }
}

fn stand_in(text: &str) -> Option<&'static str> {
    let alphanumeric = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_time = text.len() > 19 && text.ends_with('Z') && text.as_bytes()[10] == b'T';
    match text.len() {
        22 if alphanumeric => Some("[id]"),
        32 if alphanumeric => Some("[request]"),
        _ if is_time => Some("[time]"),
        _ => None,
    }
}
