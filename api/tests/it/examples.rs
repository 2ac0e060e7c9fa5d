//! The OpenAPI document as something to build clients from: its examples, names and errors.

use std::collections::{HashMap, HashSet};

use api::CODES;
use serde_json::Value;

/// Keywords that say nothing about which values are valid, or not more than those that are checked.
const ANNOTATIONS: [&str; 11] = [
    "contentMediaType",
    "contentSchema",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "format",
    "pattern",
    "title",
    "propertyNames",
];

/// All operations of the document.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{method} {path}"), operation));
        }
    }
    operations
}

/// Each body of an operation: where it is, and what the document says of it.
fn bodies(operation: &Value) -> Vec<(String, &Value)> {
    let mut holders = vec![("request", &operation["requestBody"])];
    for (status, response) in operation["responses"].as_object().unwrap() {
        holders.push((status, response));
    }
    let mut bodies = Vec::new();
    for (place, holder) in holders {
        for (kind, body) in holder["content"].as_object().into_iter().flatten() {
            bodies.push((format!("{place} {kind}"), body));
        }
    }
    bodies
}

/// What is wrong with a value by its schema: as much of JSON Schema as the document uses, and nothing of it unnoticed.
fn faults(value: &Value, schema: &Value, document: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    let check = |value: &Value, schema: &Value, at: String| faults(value, schema, document, &at);
    for (keyword, rule) in schema.as_object().unwrap() {
        let fault =
            |is_wrong: bool| is_wrong.then(|| format!("{place}: {value} against {keyword} {rule}"));
        let length = value.as_str().map(|text| text.chars().count() as u64);
        match keyword.as_str() {
            keyword if ANNOTATIONS.contains(&keyword) => {}
            "$ref" => {
                let target = document.pointer(rule.as_str().unwrap().strip_prefix('#').unwrap());
                found.extend(check(value, target.unwrap(), place.to_owned()));
            }
            "type" => {
                let is = |kind: &Value| match kind.as_str().unwrap() {
                    "null" => value.is_null(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "string" => value.is_string(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("{other} is no type"),
                };
                let fits = rule.as_array().map_or_else(|| is(rule), |kinds| kinds.iter().any(is));
                found.extend(fault(!fits));
            }
            "const" => found.extend(fault(value != rule)),
            "enum" => found.extend(fault(!rule.as_array().unwrap().contains(value))),
            "oneOf" | "anyOf" => {
                let fits = |choice: &&Value| check(value, choice, place.to_owned()).is_empty();
                let n_fitting = rule.as_array().unwrap().iter().filter(fits).count();
                found.extend(fault(n_fitting == 0 || (keyword == "oneOf" && n_fitting > 1)));
            }
            "allOf" => {
                for part in rule.as_array().unwrap() {
                    found.extend(check(value, part, place.to_owned()));
                }
            }
            "required" => {
                let Some(object) = value.as_object() else { continue };
                let is_missing = |name: &Value| !object.contains_key(name.as_str().unwrap());
                found.extend(fault(rule.as_array().unwrap().iter().any(is_missing)));
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        found.extend(check(value, schema, format!("{place}/{name}")));
                    }
                }
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object();
                for (name, value) in value.as_object().into_iter().flatten() {
                    if known.is_some_and(|known| known.contains_key(name)) {
                        continue;
                    }
                    match rule {
                        Value::Bool(is_allowed) => found.extend(fault(!is_allowed)),
                        schema => found.extend(check(value, schema, format!("{place}/{name}"))),
                    }
                }
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    found.extend(check(item, rule, format!("{place}/items")));
                }
            }
            "minItems" | "maxItems" => {
                let n_items = value.as_array().map(|items| items.len() as u64);
                let is_wrong = n_items.is_some_and(|n| outside(n, keyword, rule));
                found.extend(fault(is_wrong));
            }
            "minLength" | "maxLength" => {
                found.extend(fault(length.is_some_and(|n| outside(n, keyword, rule))));
            }
            "minimum" => found.extend(fault(value.as_f64() < rule.as_f64() && value.is_number())),
            "maximum" => found.extend(fault(value.as_f64() > rule.as_f64())),
            other => panic!("{place}: the keyword {other} is not checked here"),
        }
    }
    found
}

fn outside(n: u64, keyword: &str, rule: &Value) -> bool {
    let bound = rule.as_u64().unwrap();
    if keyword.starts_with("min") { n < bound } else { n > bound }
}

#[test]
fn every_body_has_an_example_that_is_valid() {
    let document = api::openapi();
    let mut n_bodies = 0;
    let mut found = Vec::new();
    for (name, operation) in operations(&document) {
        for (place, body) in bodies(operation) {
            let place = format!("{name} {place}");
            match body.get("example") {
                Some(example) => found.extend(faults(example, &body["schema"], &document, &place)),
                None => found.push(format!("{place} has no example")),
            }
            n_bodies += 1;
        }
    }
    assert_eq!(found, Vec::<String>::new());
    assert!(n_bodies > 200, "{n_bodies}");
}

#[test]
fn every_parameter_has_an_example_that_is_valid() {
    let document = api::openapi();
    let mut n_parameters = 0;
    let mut found = Vec::new();
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{name} {} {}", parameter["in"], parameter["name"]);
            match parameter.get("example") {
                Some(Value::Null) | None => found.push(format!("{place} has no example")),
                Some(it) => found.extend(faults(it, &parameter["schema"], &document, &place)),
            }
            n_parameters += 1;
        }
    }
    assert_eq!(found, Vec::<String>::new());
    assert!(n_parameters > 100, "{n_parameters}");
}

/// The headers of an answer by name, wherever they are described.
fn headers<'a>(response: &'a Value, document: &'a Value) -> HashMap<&'a str, &'a Value> {
    let headers = response["headers"].as_object().into_iter().flatten();
    let described = headers.map(|(name, header)| match header["$ref"].as_str() {
        Some(target) => (name.as_str(), document.pointer(&target[1..]).unwrap()),
        None => (name.as_str(), header),
    });
    described.collect()
}

#[test]
fn every_answer_names_the_headers_that_any_of_its_kind_has() {
    let document = api::openapi();
    let mut found = Vec::new();
    for (place, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        // What asks whether the service is well is never refused.
        let is_free = ["/healthz", "/readyz", "/metrics"].iter().any(|path| place.ends_with(path));
        if responses.contains_key("429") == is_free {
            found.push(format!("{place}: 429"));
        }
        let takes_key = operation["parameters"]
            .as_array()
            .is_some_and(|it| it.iter().any(|it| it["name"] == "Idempotency-Key"));
        for (status, response) in responses {
            let headers = headers(response, &document);
            for (name, is_due) in [
                ("X-Request-Id", true),
                ("RateLimit", !is_free),
                ("RateLimit-Policy", !is_free),
                ("WWW-Authenticate", status == "401"),
                ("Idempotent-Replayed", takes_key && status.starts_with('2')),
            ] {
                if headers.contains_key(name) != is_due {
                    found.push(format!("{place} {status}: {name}"));
                }
            }
            let may_be_repeated = ["429", "503"].contains(&status.as_str());
            if may_be_repeated && !headers.contains_key("Retry-After") {
                found.push(format!("{place} {status}: Retry-After"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
    for (name, header) in document["components"]["headers"].as_object().unwrap() {
        let faults = faults(&header["example"], &header["schema"], &document, name);
        assert_eq!(faults, Vec::<String>::new());
    }
}

#[test]
fn the_example_of_a_report_is_a_report() {
    let document = api::openapi();
    let report = &document["paths"]["/v1/tracks/{id}/report"]["get"]["responses"]["200"];
    let example = report["content"]["application/json"]["example"].to_string();
    report::Report::from_json(&example).unwrap();
}

#[test]
fn operations_have_names_of_their_own() {
    let document = api::openapi();
    let mut names = HashSet::new();
    for (place, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        let is_name = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_');
        assert!(name.bytes().all(is_name), "{place}: {name}");
        assert!(names.insert(name), "{name} twice");
        let summary = operation["summary"].as_str().unwrap();
        assert!(!summary.is_empty(), "{place}");
    }
}

/// Words between backticks in the description of an error.
fn codes_of(response: &Value) -> Vec<&str> {
    response["description"].as_str().unwrap().split('`').skip(1).step_by(2).collect()
}

#[test]
fn each_error_of_an_operation_names_its_codes_and_each_code_is_somewhere() {
    let document = api::openapi();
    let mut named = HashSet::new();
    for (place, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let number: u16 = status.parse().unwrap();
            // Errors in the shapes of others have no codes.
            let is_ours = response["content"].get("application/problem+json").is_some();
            if number < 400 || !is_ours {
                continue;
            }
            let known: Vec<&api::Code> =
                codes_of(response).into_iter().filter_map(api::Code::find).collect();
            assert!(!known.is_empty(), "{place} {status} names no code");
            for code in known {
                assert_eq!(code.status, number, "{place}: {}", code.code);
                named.insert(code.code);
            }
        }
    }
    // What is answered where there is no operation stands in the introduction.
    let introduction = document["info"]["description"].as_str().unwrap();
    let is_missing = |code: &&api::Code| {
        !named.contains(code.code) && !introduction.contains(&format!("`{}`", code.code))
    };
    assert_eq!(CODES.iter().find(is_missing).map(|code| code.code), None);
}
