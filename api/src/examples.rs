//! Examples in the OpenAPI document: every body has one, made of the examples of its fields, and so has every parameter.
//!
//! What a field has no example for follows from its type and its bounds, so that each example is valid against its own schema.

use serde_json::{Map, Value, json};

use crate::problem::{Code, Problem};

/// Schemas within schemas that are followed; ours are not half as deep.
const MAX_DEPTH: usize = 32;
/// What an id looks like.
const ID: &str = "000Xh3fYk0lqkD1vW8tB2m";
/// That of something else.
const OTHER_ID: &str = "000Xh3fYk0lqkD1vW8tB2n";
/// That of the four letters "test".
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// The methods of operations.
const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// Gives each parameter and each body of each operation an example.
pub(crate) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].take();
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for item in paths {
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            add_to_parameters(operation, &schemas);
            if let Some(body) = operation.get_mut("requestBody") {
                add_to_contents(body, &schemas, "");
            }
            let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
            for response in responses.into_iter().flat_map(|it| it.values_mut()) {
                let description = response["description"].as_str().unwrap_or_default().to_owned();
                add_to_contents(response, &schemas, &description);
            }
        }
    }
    document["components"]["schemas"] = schemas;
}

fn add_to_parameters(operation: &mut Value, schemas: &Value) {
    let name_of_operation = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if parameter.get("example").is_some() {
            continue;
        }
        let name = parameter["name"].as_str().unwrap_or_default();
        let schema = &parameter["schema"];
        let example = parameter_of(&name_of_operation, name)
            .or_else(|| schema.get("default").cloned())
            .unwrap_or_else(|| of(schema, schemas, name, 0));
        parameter["example"] = example;
    }
}

/// What a parameter of this name says, where more is meant than its type tells.
fn parameter_of(operation: &str, name: &str) -> Option<Value> {
    Some(match (operation, name) {
        ("admin.audit.list" | "admin.audit.verify" | "events.list", "after")
        | (_, "Last-Event-ID" | "Upload-Offset") => json!(0),
        // A score and an id.
        ("profiles.matches", "after") => json!(format!("3fe6b851eb851eb8{ID}")),
        (_, "after" | "a" | "actor" | "subject" | "user") => json!(ID),
        (_, "b" | "endSongId") => json!(OTHER_ID),
        (_, "action") => json!("login.failed"),
        (_, "code") => json!("crashed"),
        (_, "limit") => json!(50),
        (_, "from") => json!("2026-01-01"),
        (_, "to") => json!("2026-01-31"),
        (_, "since") => json!("2026-01-01T00:00:00Z"),
        (_, "before") => json!("2026-02-01T00:00:00Z"),
        (_, "Accept") => json!("text/html"),
        (_, "Idempotency-Key") => json!("8e03978e-40d5-43e8-bc93-6894a57f9324"),
        (_, "If-Match") => json!("\"v1\""),
        ("tracks.report", "If-None-Match") => json!("\"a1\""),
        (_, "If-None-Match" | "If-Range") => json!(format!("\"{SHA256}\"")),
        (_, "Range") => json!("bytes=0-1023"),
        (_, "Tus-Resumable") => json!("1.0.0"),
        // That of the four letters "test".
        (_, "Upload-Checksum") => json!("sha256 n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="),
        (_, "Upload-Length") => json!(73_400_320),
        (_, "Upload-Metadata") => {
            json!("filename cGFwZXItYm9hdHMuZmxhYw==,title UGFwZXIgQm9hdHM=")
        }
        (_, "X-HTTP-Method-Override") => json!("PATCH"),
        _ => return None,
    })
}

fn add_to_contents(body: &mut Value, schemas: &Value, description: &str) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    for (media_type, content) in contents.into_iter().flatten() {
        if content.get("example").is_some() || content.get("examples").is_some() {
            continue;
        }
        let example = match media_type.as_str() {
            "application/problem+json" => problem(description),
            _ => of(&content["schema"], schemas, "", 0),
        };
        content["example"] = example;
    }
}

/// The first code that the description of an answer names.
fn problem(description: &str) -> Value {
    let code = description.split('`').find_map(Code::find);
    let Some(code) = code else { return Value::Null };
    let detail = format!("{} (this time)", code.title);
    json!(Problem::new(code, detail, "0198f2c1a5d37d0e9d3c4b6a7f801122"))
}

/// An example of a schema; `name` is that of the field that holds it.
fn of(schema: &Value, schemas: &Value, name: &str, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    let of = |schema: &Value, name: &str| of(schema, schemas, name, depth + 1);
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    if let Some(target) = schema["$ref"].as_str() {
        let name_of_schema = target.rsplit('/').next().unwrap_or_default();
        return of(&schemas[name_of_schema], name);
    }
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    if says_why_not(name) && allows_null(schema) {
        return Value::Null;
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let choice = choices.iter().find(|choice| !is_null(choice));
            return choice.map_or(Value::Null, |choice| of(choice, name));
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let objects = parts.iter().map(|part| of(part, name));
        let fields =
            objects.filter_map(|it| if let Value::Object(it) = it { Some(it) } else { None });
        return Value::Object(fields.flatten().collect());
    }
    match kind(schema) {
        "object" => object(schema, of),
        "array" => {
            let n_least = schema["minItems"].as_u64().and_then(|n| usize::try_from(n).ok());
            Value::Array(vec![of(&schema["items"], name); n_least.unwrap_or(1).max(1)])
        }
        // A text that is JSON, such as the data of an event.
        "string" if schema.get("contentSchema").is_some() => {
            json!(of(&schema["contentSchema"], name).to_string())
        }
        "string" => text(schema, name),
        "integer" => json!(integer(schema)),
        "number" => json!(number(schema, name)),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

/// Where a value is known there is no reason why it is not, and an example shows a value that is known.
fn says_why_not(name: &str) -> bool {
    name == "error" || name == "reason" || name.ends_with("_reason")
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}

fn allows_null(schema: &Value) -> bool {
    let of_types = schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
    let choices = ["oneOf", "anyOf"].into_iter().filter_map(|choice| schema[choice].as_array());
    of_types || choices.flatten().any(is_null)
}

/// The type of a schema that may also be null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn object(schema: &Value, of: impl Fn(&Value, &str) -> Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    Value::Object(
        properties.map(|(name, schema)| (name.clone(), of(schema, name))).collect::<Map<_, _>>(),
    )
}

fn text(schema: &Value, name: &str) -> Value {
    if name.ends_with("sha256") || name.ends_with("hash") {
        return json!(SHA256);
    }
    match schema["format"].as_str() {
        Some("date-time") => return json!("2026-01-02T03:04:05Z"),
        Some("binary") => return json!("(bytes)"),
        _ => {}
    }
    let n_least = schema["minLength"].as_u64().unwrap_or(0);
    match n_least {
        22 => json!(ID),
        64 => json!(SHA256),
        0..=4 => json!(word(name)),
        _ => json!("text".repeat(usize::try_from(n_least.div_ceil(4)).unwrap_or(1))),
    }
}

/// What a short text of this name says.
fn word(name: &str) -> &'static str {
    match name {
        "artist" => "Dora Lindqvist",
        "title" => "Paper Boats",
        "album" => "Harbour Lights",
        "username" | "login" => "dora",
        "file_name" => "paper-boats.flac",
        "content_type" => "audio/flac",
        "container" | "codec" => "flac",
        "camelot" => "8A",
        "open_key" => "1m",
        "trace_id" => "0af7651916cd43dd8448eb211c80319c",
        "id" | "next" | "track" => ID,
        _ if name.ends_with("_id") => ID,
        _ => "text",
    }
}

/// One, or the bound that it breaks.
fn integer(schema: &Value) -> i64 {
    let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
    1_i64.max(least).min(most)
}

/// A number that its unit suggests, or the bound that it breaks.
fn number(schema: &Value, name: &str) -> f64 {
    let unit = name.rsplit('_').next().unwrap_or_default();
    let wanted: f64 = match unit {
        "bpm" | "dj" => 120.0,
        "hz" => 440.0,
        "s" => 12.5,
        "db" | "lufs" | "dbfs" | "dbtp" => -14.0,
        _ => 0.5,
    };
    let least = schema["minimum"].as_f64().unwrap_or(f64::MIN);
    let most = schema["maximum"].as_f64().unwrap_or(f64::MAX);
    wanted.max(least).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &Value, expected: &Value) {
        let schemas = json!({ "Id": { "type": "string", "minLength": 22, "maxLength": 22 } });
        assert_eq!(&of(schema, &schemas, "", 0), expected, "{schema}");
    }

    #[test]
    fn examples_of_fields_come_before_what_their_type_says() {
        check(&json!({ "type": "string", "example": "Take Five" }), &json!("Take Five"));
        check(&json!({ "type": ["string", "null"] }), &json!("text"));
        check(&json!({ "$ref": "#/components/schemas/Id" }), &json!("000Xh3fYk0lqkD1vW8tB2m"));
        check(&json!({ "oneOf": [{ "type": "null" }, { "const": "major" }] }), &json!("major"));
        check(&json!({ "type": "integer", "minimum": 7 }), &json!(7));
        check(&json!({ "type": "number", "maximum": -3.0 }), &json!(-3.0));
        check(&json!({ "type": "array", "items": { "type": "boolean" } }), &json!([true]));
        let object = json!({ "type": "object", "properties": {
            "value": { "type": ["number", "null"] },
            "reason": { "oneOf": [{ "const": "silence" }, { "type": "null" }] },
        }});
        check(&object, &json!({ "value": 0.5, "reason": null }));
        check(
            &json!({ "allOf": [object, { "type": "object", "properties": { "b": { "type": "boolean" } } }] }),
            &json!({ "value": 0.5, "reason": null, "b": true }),
        );
    }

    #[test]
    fn a_problem_is_that_of_the_first_code() {
        let example = problem("`not_found`, `missing_scope`");
        assert_eq!((&example["code"], &example["status"]), (&json!("not_found"), &json!(404)));
    }
}
