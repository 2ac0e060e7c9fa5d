//! The OpenAPI document.

use axum::http::Method;
use serde_json::{Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder, path::Operation};
use utoipa::{Modify, OpenApi};

use crate::events::EventBody;
use crate::problem::{self, Code, Problem};
use crate::rate_limit::FREE_PATHS;
use crate::{examples, maintenance, spotify, subsonic, tracks};

/// Name of the schema of reports, and beginning of the names of its parts.
const REPORT: &str = "Report";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Consort",
        description = "Listens to recordings and says what goes together. Every `/v1` path but those to get one needs a bearer token, \
            that of a session (`POST /v1/auth/login`) or that of a program (`consort admin token`); the lock of each operation names the scope. Errors are RFC 9457 \
            problems, whose `code` is stable and explained under `/problems/{code}`; a method that a path does not know is `method_not_allowed`. \
            Too many requests of one caller are `rate_limited`; `RateLimit` and `RateLimit-Policy` say how many are left. \
            Spotify's and OpenSubsonic's paths answer errors as those do.",
    ),
    tags(
        (name = "tracks", description = "Recordings, their reports, bytes and matches"),
        (name = "uploads", description = "Recordings that come in pieces, and go on where they broke off"),
        (name = "imports", description = "Recordings that the service fetches itself; off unless configured"),
        (name = "matches", description = "What goes together, and why"),
        (name = "playlists", description = "Lists made to order; nothing is stored"),
        (name = "profiles", description = "People, who goes with whom, and what they said to that"),
        (name = "jobs", description = "What the workers do"),
        (name = "runs", description = "Batch re-scorings of your catalogue"),
        (name = "analytics", description = "How much was done, how long it took and what failed"),
        (name = "events", description = "What happens, as it happens"),
        (name = "auth", description = "Coming in with a name and a password, and leaving"),
        (name = "admin", description = "What concerns all users, for administrators"),
        (name = "spotify", description = "What Spotify's clients ask for, answered in its shape"),
        (name = "opensubsonic", description = "What music players ask for: the extension `sonicSimilarity` of OpenSubsonic"),
        (name = "service", description = "The service itself; no token needed"),
    ),
    components(schemas(Problem, EventBody)),
    modifiers(&Token),
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description =
            Some("From `POST /v1/auth/login`, or made with `consort admin token`".to_owned());
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let mut key = ApiKeyValue::new("apiKey");
        key.description = Some("A token of a program, in the query or in the form".to_owned());
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Query(key)));
    }
}

/// The document before any path is known.
pub(crate) fn head() -> openapi::OpenApi {
    Document::openapi()
}

/// The whole document: paths, the errors and headers that any of them may answer, what is described without utoipa, and the schema of reports.
pub(crate) fn finished(document: openapi::OpenApi) -> Value {
    let document = with_common_errors(document);
    let mut document = serde_json::to_value(document).expect("the document is plain data");
    subsonic::describe(&mut document);
    tracks::describe_formats(&mut document);
    add_headers(&mut document);
    let mut report = report::schema();
    point_at_components(&mut report);
    list_choices(&mut report);
    let schemas = &mut document["components"]["schemas"];
    if let Some(Value::Object(definitions)) =
        report.as_object_mut().and_then(|it| it.remove("$defs"))
    {
        for (name, definition) in definitions {
            schemas[REPORT.to_owned() + &name] = definition;
        }
    }
    if let Some(report) = report.as_object_mut() {
        report.remove("$schema");
    }
    schemas[REPORT] = report;
    examples::add(&mut document);
    document
}

/// Makes references within the schema of reports point to where its definitions are here.
fn point_at_components(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                let moved = match (name.as_str(), value.as_str()) {
                    ("$ref", Some(target)) => target
                        .strip_prefix("#/$defs/")
                        .map(|name| format!("#/components/schemas/{REPORT}{name}")),
                    _ => None,
                };
                match moved {
                    Some(target) => *value = Value::String(target),
                    None => point_at_components(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_at_components),
        _ => {}
    }
}

/// Turns a choice of constants, each with its description, into a list of them with one description: generators of clients make a type of that.
fn list_choices(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some((names, meanings)) = fields.get("oneOf").and_then(choices) {
                let before = fields.get("description").and_then(Value::as_str).unwrap_or_default();
                let description = format!("{before}\n\n{meanings}");
                fields.remove("oneOf");
                fields.insert("description".to_owned(), description.trim().into());
                fields.insert("type".to_owned(), "string".into());
                fields.insert("enum".to_owned(), names.into());
            }
            fields.values_mut().for_each(list_choices);
        }
        Value::Array(items) => items.iter_mut().for_each(list_choices),
        _ => {}
    }
}

/// The constants of a choice and what each of them means; `None` where something else may be chosen.
fn choices(options: &Value) -> Option<(Vec<Value>, String)> {
    let (mut names, mut meanings) = (Vec::new(), Vec::new());
    for option in options.as_array()? {
        let name = option.get("const")?.as_str()?;
        let meaning = option.get("description").and_then(Value::as_str).unwrap_or_default();
        meanings.push(format!("- `{name}`: {meaning}\n"));
        names.push(name.into());
    }
    Some((names, meanings.concat()))
}

/// Adds to each operation the errors that any of its kind may answer.
fn with_common_errors(mut document: openapi::OpenApi) -> openapi::OpenApi {
    const ANYWHERE: [&Code; 2] = [&problem::INTERNAL, &problem::UNAVAILABLE];
    const WITH_SCOPE: [&Code; 2] = [&problem::MISSING_SCOPE, &problem::PASSWORD_CHANGE_REQUIRED];
    const WITH_BODY: [&Code; 1] = [&problem::REQUEST_TIMEOUT];
    for (path, item) in &mut document.paths.paths {
        let is_spotifys = spotify::speaks_at(path);
        for (method, operation) in operations(item) {
            let mut codes = ANYWHERE.to_vec();
            if !FREE_PATHS.contains(&path.as_str()) {
                codes.push(&problem::RATE_LIMITED);
            }
            if maintenance::stops(&method, path) {
                codes.push(&problem::MAINTENANCE);
            }
            if let Some(scopes) = scopes(operation) {
                codes.push(&problem::UNAUTHORIZED);
                if !scopes.contains("[]") {
                    codes.extend(WITH_SCOPE);
                }
            }
            if operation.request_body.is_some() {
                codes.extend(WITH_BODY);
            }
            for code in codes {
                if is_spotifys {
                    may_refuse(operation, code);
                } else {
                    may_answer(operation, code);
                }
            }
        }
    }
    document
}

/// Adds a code to the answers of an operation, unless it is named there already.
fn may_answer(operation: &mut Operation, code: &Code) {
    let name = format!("`{}`", code.code);
    let responses = &mut operation.responses.responses;
    match responses.get_mut(&code.status.to_string()) {
        Some(RefOr::T(response)) if !response.description.contains(&name) => {
            response.description = format!("{}, {name}", response.description);
        }
        Some(_) => {}
        None => {
            responses.insert(code.status.to_string(), problem(&name));
        }
    }
}

/// The same where errors are Spotify's, which have no codes.
fn may_refuse(operation: &mut Operation, code: &Code) {
    let responses = &mut operation.responses.responses;
    let refusal = || answer(code.title, "application/json", "SpotifyError");
    responses.entry(code.status.to_string()).or_insert_with(refusal);
}

fn problem(description: &str) -> RefOr<openapi::Response> {
    answer(description, "application/problem+json", "Problem")
}

fn answer(description: &str, kind: &str, schema: &str) -> RefOr<openapi::Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    RefOr::T(ResponseBuilder::new().description(description).content(kind, content).build())
}

/// The headers that do not hang on the operation, by name.
fn headers() -> Value {
    json!({
        "Idempotent-Replayed": {
            "description": "On an answer that was given before to the same `Idempotency-Key`",
            "schema": { "type": "string", "enum": ["true"] },
            "example": "true",
        },
        "RateLimit": {
            "description": "For each limit that counts the request: how many are left (`r`), and in how many seconds all of them are again (`t`)",
            "schema": { "type": "string" },
            "example": "\"token\";r=997;t=1, \"address\";r=1999;t=1",
        },
        "RateLimit-Policy": {
            "description": "For each limit that counts the request: how many (`q`) fit into how many seconds (`w`) after a rest",
            "schema": { "type": "string" },
            "example": "\"token\";q=1000;w=2, \"address\";q=2000;w=2",
        },
        "Retry-After": {
            "description": "In how many seconds to try again",
            "schema": { "type": "integer", "minimum": 0 },
            "example": 2,
        },
        "WWW-Authenticate": {
            "description": "How to come in",
            "required": true,
            "schema": { "type": "string" },
            "example": "Bearer realm=\"consort\"",
        },
        "X-Request-Id": {
            "description": "Names the request, in the log as well: what the client called it, or an id made for it",
            "required": true,
            "schema": { "type": "string" },
            "example": "0198f2c1a5d37d0e9d3c4b6a7f801122",
        },
    })
}

/// Adds to each answer the headers that do not hang on the operation.
fn add_headers(document: &mut Value) {
    document["components"]["headers"] = headers();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        let is_free = FREE_PATHS.contains(&path.as_str());
        for operation in item.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
            let takes_key = operation["parameters"]
                .as_array()
                .is_some_and(|it| it.iter().any(|it| it["name"] == "Idempotency-Key"));
            let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
            for (status, response) in responses.into_iter().flatten() {
                let mut names = vec!["X-Request-Id"];
                if !is_free {
                    names.extend(["RateLimit", "RateLimit-Policy"]);
                }
                if status == "401" {
                    names.push("WWW-Authenticate");
                }
                if status == "429" || status == "503" || is_over_soon(response) {
                    names.push("Retry-After");
                }
                if takes_key && status.starts_with('2') {
                    names.push("Idempotent-Replayed");
                }
                for name in names {
                    response["headers"][name] =
                        json!({ "$ref": format!("#/components/headers/{name}") });
                }
            }
        }
    }
}

/// Whether an answer names a conflict that passes by itself.
fn is_over_soon(response: &Value) -> bool {
    const CONFLICTS: [&Code; 3] =
        [&problem::TRACK_NOT_ANALYZED, &problem::IDEMPOTENCY_KEY_IN_USE, &problem::UPLOAD_BUSY];
    let description = response["description"].as_str().unwrap_or_default();
    CONFLICTS.iter().any(|code| description.contains(&format!("`{}`", code.code)))
}

fn operations(item: &mut openapi::PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, &mut item.get),
        (Method::HEAD, &mut item.head),
        (Method::OPTIONS, &mut item.options),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The scopes that an operation demands; `None` if it needs no token.
fn scopes(operation: &Operation) -> Option<String> {
    let security = operation.security.as_ref()?;
    let json = serde_json::to_string(security).ok()?;
    json.contains("token").then_some(json)
}
