//! The OpenAPI document.

use serde_json::Value;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    self, ContentBuilder, HttpMethod, Ref, RefOr, ResponseBuilder, path::Operation,
};
use utoipa::{Modify, OpenApi};

use crate::events::EventBody;
use crate::problem::Problem;
use crate::{spotify, subsonic, tracks};

/// Name of the schema of reports, and beginning of the names of its parts.
const REPORT: &str = "Report";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Consort",
        description = "Listens to recordings and says what goes together. Every `/v1` path but those to get one needs a bearer token, \
            that of a session (`POST /v1/auth/login`) or that of a program (`consort admin token`); the lock of each operation names the scope. Errors are RFC 9457 \
            problems, whose `code` is stable and explained under `/problems/{code}`; Spotify's and OpenSubsonic's paths answer errors as those do.",
    ),
    tags(
        (name = "tracks", description = "Recordings, their reports, bytes and matches"),
        (name = "uploads", description = "Recordings that come in pieces, and go on where they broke off"),
        (name = "matches", description = "What goes together, and why"),
        (name = "playlists", description = "Lists made to order; nothing is stored"),
        (name = "profiles", description = "People, who goes with whom, and what they said to that"),
        (name = "jobs", description = "What the workers do"),
        (name = "runs", description = "Batch re-scorings of your catalogue"),
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

/// The whole document: paths, the errors that any of them may answer, what is described without utoipa, and the schema of reports.
pub(crate) fn finished(document: openapi::OpenApi) -> Value {
    let document = with_common_errors(document);
    let mut document = serde_json::to_value(document).expect("the document is plain data");
    subsonic::describe(&mut document);
    tracks::describe_formats(&mut document);
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

/// Adds to each operation the errors that any of them may answer.
fn with_common_errors(mut document: openapi::OpenApi) -> openapi::OpenApi {
    const ANYWHERE: [(&str, &str); 2] = [("500", "`internal`"), ("503", "`unavailable`")];
    const WITH_TOKEN: [(&str, &str); 2] =
        [("401", "`unauthorized`"), ("403", "`missing_scope`, `password_change_required`")];
    for (path, item) in &mut document.paths.paths {
        let failure = if spotify::speaks_at(path) { refusal } else { problem };
        for (_, operation) in operations(item) {
            let needs_token = scopes(operation).is_some();
            let with_token = WITH_TOKEN.into_iter().filter(|_| needs_token);
            for (status, description) in ANYWHERE.into_iter().chain(with_token) {
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_owned()).or_insert_with(|| failure(description));
            }
        }
    }
    document
}

fn problem(description: &str) -> RefOr<openapi::Response> {
    response(description, "application/problem+json", "Problem")
}

fn refusal(description: &str) -> RefOr<openapi::Response> {
    response(description, "application/json", "SpotifyError")
}

fn response(description: &str, kind: &str, schema: &str) -> RefOr<openapi::Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    RefOr::T(ResponseBuilder::new().description(description).content(kind, content).build())
}

fn operations(item: &mut openapi::PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Head, &mut item.head),
        (HttpMethod::Options, &mut item.options),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
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
