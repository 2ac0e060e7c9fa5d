//! The methods in the OpenAPI document.

use serde_json::{Map, Value, json};

use super::answer::VERSION;
use super::methods::{Access, METHODS, Method, Parameter};

/// Adds the paths and the schema of their answers.
pub(crate) fn describe(document: &mut Value) {
    for method in METHODS {
        let path = format!("/rest/{}", method.name);
        document["paths"][path] = json!({
            "get": operation(method, By::Query),
            "post": operation(method, By::Form),
        });
    }
    let schemas = &mut document["components"]["schemas"];
    schemas["SubsonicAnswer"] = envelope();
    schemas["SonicMatch"] = sonic_match();
}

/// Where the parameters are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Query,
    Form,
}

fn operation(method: &Method, by: By) -> Value {
    let id = match by {
        By::Query => format!("rest.{}", method.name),
        By::Form => format!("rest.{}.form", method.name),
    };
    let mut operation = json!({
        "tags": ["opensubsonic"],
        "summary": method.summary,
        "description": "The name with `.view` at its end is the same. What was asked wrongly is answered with 200, `failed` and a code.",
        "operationId": id,
        "responses": responses(),
    });
    if let Access::Key(scopes, _) = method.access {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        operation["security"] = json!([{ "api_key": scopes }]);
    }
    match by {
        By::Query => operation["parameters"] = in_query(method.parameters),
        By::Form => operation["requestBody"] = in_form(method.parameters),
    }
    operation
}

/// The parameter that says how the answer is written.
fn form_of_answer() -> Value {
    json!({ "type": "string", "enum": ["xml", "json"], "default": "xml" })
}

fn schema(parameter: &Parameter) -> Value {
    match parameter.count {
        None => json!({ "type": "string", "minLength": 22, "maxLength": 22 }),
        Some((unless_told, _)) => {
            json!({ "type": "integer", "minimum": 1, "default": unless_told })
        }
    }
}

fn in_query(parameters: &[Parameter]) -> Value {
    let parameter = |it: &Parameter| {
        json!({
            "name": it.name, "in": "query", "description": it.description,
            "required": it.count.is_none(), "schema": schema(it),
        })
    };
    let form = json!({ "name": "f", "in": "query", "description": "How the answer is written", "required": false, "schema": form_of_answer() });
    parameters.iter().map(parameter).chain([form]).collect()
}

fn in_form(parameters: &[Parameter]) -> Value {
    let mut properties: Map<String, Value> =
        parameters.iter().map(|it| (it.name.to_owned(), schema(it))).collect();
    properties.insert("f".to_owned(), form_of_answer());
    let required: Vec<_> =
        parameters.iter().filter(|it| it.count.is_none()).map(|it| it.name).collect();
    let schema = json!({ "type": "object", "properties": properties, "required": &required });
    let content = json!({ "application/x-www-form-urlencoded": { "schema": schema } });
    json!({ "required": !required.is_empty(), "content": content })
}

fn responses() -> Value {
    let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    json!({
        "200": {
            "description": "The answer, or why there is none",
            "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/SubsonicAnswer" } },
                "application/xml": { "schema": { "type": "string" } },
            },
        },
        "429": { "description": "`rate_limited`", "content": problem },
        "500": { "description": "`internal`", "content": problem },
        "503": { "description": "`unavailable`", "content": problem },
    })
}

fn envelope() -> Value {
    let root = json!({
        "type": "object",
        "required": ["status", "version", "type", "serverVersion", "openSubsonic"],
        "properties": {
            "status": { "type": "string", "enum": ["ok", "failed"] },
            "version": { "type": "string", "description": "Version of the Subsonic API", "example": VERSION },
            "type": { "type": "string", "description": "`consort`" },
            "serverVersion": { "type": "string" },
            "openSubsonic": { "type": "boolean" },
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {
                        "type": "integer", "enum": [0, 10, 41, 42, 43, 44, 50, 70],
                        "description": "0 something else, 10 a parameter is missing, 41 to 43 another way to log in, 44 not a good key, 50 the key does not allow it, 70 not found",
                    },
                    "message": { "type": "string", "description": "For people" },
                },
            },
            "openSubsonicExtensions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "versions"],
                    "properties": {
                        "name": { "type": "string" },
                        "versions": { "type": "array", "items": { "type": "integer" } },
                    },
                },
            },
            "tokenInfo": {
                "type": "object",
                "required": ["username"],
                "properties": { "username": { "type": "string" } },
            },
            "sonicMatch": {
                "type": "array",
                "items": { "$ref": "#/components/schemas/SonicMatch" },
            },
        },
    });
    json!({
        "description": "The envelope of every answer",
        "type": "object",
        "required": ["subsonic-response"],
        "properties": { "subsonic-response": root },
    })
}

fn sonic_match() -> Value {
    json!({
        "description": "A track that sounds like another",
        "type": "object",
        "required": ["entry", "similarity"],
        "properties": {
            "similarity": {
                "type": "number", "minimum": 0, "maximum": 1,
                "description": "1 is the same recording, one half a typical pair; of a path the likeness to its first track",
            },
            "entry": {
                "type": "object",
                "description": "The track; what is not known of it is left out",
                "required": ["id", "isDir", "title"],
                "properties": {
                    "id": { "type": "string" },
                    "isDir": { "type": "boolean", "description": "`false`" },
                    "isVideo": { "type": "boolean", "description": "`false`" },
                    "type": { "type": "string", "description": "`music`" },
                    "mediaType": { "type": "string", "description": "`song`" },
                    "title": { "type": "string" },
                    "artist": { "type": "string" },
                    "album": { "type": "string" },
                    "track": { "type": "integer" },
                    "isrc": { "type": "array", "items": { "type": "string" } },
                    "musicBrainzId": { "type": "string", "description": "Empty when unknown" },
                    "size": { "type": "integer", "description": "Bytes" },
                    "contentType": { "type": "string" },
                    "suffix": { "type": "string" },
                    "duration": { "type": "integer", "description": "Seconds" },
                    "bpm": { "type": "integer", "description": "0 when unknown" },
                    "created": { "type": "string", "format": "date-time" },
                },
            },
        },
    })
}
