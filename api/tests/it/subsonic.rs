//! OpenSubsonic, as music players use it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::tracks::TrackPatch;
use store::{Scope, TrackId, tracks};

use crate::app::{Answer, App};

on_both_databases! {
    similar_tracks_are_those_of_a_search,
    a_path_has_the_likeness_to_its_first_track,
    a_key_is_the_only_way_in,
    wrong_requests_have_the_protocols_codes,
    an_entry_says_what_is_known,
    a_form_does_as_well_as_a_query,
}

const NOBODY: &str = "0000000000000000000000";

async fn open(app: &App, path: &str) -> Answer {
    app.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await
}

/// What a method answers in JSON, without the envelope's own fields, which are looked at here.
async fn call(app: &App, method: &str, query: &str) -> Value {
    let answer = open(app, &format!("/rest/{method}?f=json&v=1.16.1&c=test&{query}")).await;
    opened(&answer)
}

fn opened(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut body = answer.json()["subsonic-response"].take();
    let fields = body.as_object_mut().unwrap();
    let status = if fields.contains_key("error") { "failed" } else { "ok" };
    for (name, value) in [
        ("status", json!(status)),
        ("version", json!("1.16.1")),
        ("type", json!("consort")),
        ("serverVersion", json!("0.1.0")),
        ("openSubsonic", json!(true)),
    ] {
        assert_eq!(fields.remove(name), Some(value), "{name}");
    }
    body
}

/// The code of a refusal.
async fn code(app: &App, method: &str, query: &str) -> u64 {
    let body = call(app, method, query).await;
    assert!(body["error"]["message"].is_string(), "{body}");
    body["error"]["code"].as_u64().unwrap()
}

/// Tracks with different tones; the last has the same sound as the first in another file.
async fn catalogue(app: &App) -> Vec<TrackId> {
    let mut tracks = Vec::new();
    for (number, pitch_hz) in [220.0, 261.6, 329.6, 440.0, 880.0, 220.0].into_iter().enumerate() {
        tracks.push(app.analyzed(format!("file {number}").as_bytes(), pitch_hz).await);
    }
    tracks
}

fn ids(body: &Value) -> Vec<&str> {
    let matches = body["sonicMatch"].as_array().unwrap();
    matches.iter().map(|it| it["entry"]["id"].as_str().unwrap()).collect()
}

async fn similar_tracks_are_those_of_a_search(database: DatabaseKind) {
    let app = App::on(database).await;
    let tracks = catalogue(&app).await;
    let (key, first) = (&app.token, tracks[0]);
    let found = call(&app, "getSonicSimilarTracks", &format!("apiKey={key}&id={first}")).await;
    let search = json!({ "track": first, "limit": 10 }).to_string();
    let search = app.post_json("/v1/search", &search).await.json();
    let searched = search["items"].as_array().unwrap();
    // The copy is left out.
    assert_eq!((searched.len(), found["sonicMatch"].as_array().unwrap().len()), (4, 4));
    for (given, item) in found["sonicMatch"].as_array().unwrap().iter().zip(searched) {
        assert_eq!(given["entry"]["id"], item["track"]["id"]);
        assert_eq!(given["similarity"], item["score"]);
    }
    let two = format!("apiKey={key}&id={first}&count=2");
    let two = call(&app, "getSonicSimilarTracks.view", &two).await;
    assert_eq!(ids(&two), ids(&found)[..2]);

    let alone = app.analyzed(b"alone", 600.0).await;
    let stranger = app.foreign_token().await;
    let foreign = format!("apiKey={stranger}&id={alone}");
    assert_eq!(code(&app, "getSonicSimilarTracks", &foreign).await, 70);
}

async fn a_path_has_the_likeness_to_its_first_track(database: DatabaseKind) {
    let app = App::on(database).await;
    let tracks = catalogue(&app).await;
    let (key, from, to) = (&app.token, tracks[0].to_string(), tracks[4].to_string());
    let query = format!("apiKey={key}&startSongId={from}&endSongId={to}&count=4");
    let path = call(&app, "findSonicPath", &query).await;
    let stops = ids(&path);
    assert_eq!((stops.len(), stops[0], stops[3]), (4, from.as_str(), to.as_str()));
    let ours = json!({ "from": from, "to": to, "length": 4, "purpose": "alike" });
    let ours = app.post_json("/v1/playlists/path", &ours.to_string()).await.json();
    for (stop, item) in stops.iter().zip(ours["items"].as_array().unwrap()) {
        assert_eq!(item["track"]["id"], *stop);
    }
    assert_eq!(path["sonicMatch"][0]["similarity"], 1.0);
    for (stop, given) in stops.iter().zip(path["sonicMatch"].as_array().unwrap()) {
        let compared = app.get(&format!("/v1/compare?a={from}&b={stop}")).await.json();
        assert_eq!(given["similarity"], compared["score"], "{stop}");
    }
    // A count is a bound: there may be fewer.
    let query = format!("apiKey={key}&startSongId={from}&endSongId={to}&count=500");
    assert_eq!(ids(&call(&app, "findSonicPath", &query).await).len(), 5);
}

async fn a_key_is_the_only_way_in(database: DatabaseKind) {
    let app = App::on(database).await;
    let key = &app.token;
    assert_eq!(call(&app, "ping", &format!("apiKey={key}")).await, json!({}));
    let whose = call(&app, "tokenInfo", &format!("apiKey={key}")).await;
    assert_eq!(whose, json!({ "tokenInfo": { "username": "operator" } }));
    for (query, expected) in [
        (String::new(), 10),
        ("u=ana".to_owned(), 10),
        ("u=ana&p=secret".to_owned(), 42),
        ("u=ana&p=enc:736573616d65".to_owned(), 42),
        ("u=ana&t=26719a1196d2a940705a59634eb18eab&s=c19b2d".to_owned(), 41),
        (format!("apiKey={key}&u=ana"), 43),
        (format!("apiKey={key}&p=secret"), 43),
        (format!("apiKey={key}&t=x&s=y"), 43),
        (format!("apiKey={key}&apiKey={key}"), 43),
        ("apiKey=".to_owned(), 44),
        ("apiKey=null".to_owned(), 44),
        (format!("apiKey={key}x"), 44),
        (format!("apiKey=Bearer%20{key}"), 44),
    ] {
        assert_eq!(code(&app, "ping", &query).await, expected, "{query}");
    }
    // What opens everything else does not open this.
    let request = app.request("GET", "/rest/ping?f=json").body(Body::empty()).unwrap();
    assert_eq!(opened(&app.send(request).await)["error"]["code"], 10);
    let reader = app.token_with(&[Scope::MatchesRead]).await;
    let query = format!("apiKey={reader}&id={NOBODY}");
    assert_eq!(code(&app, "getSonicSimilarTracks", &query).await, 50);
    // Whoever wants to know what there is need not come in.
    let extensions = call(&app, "getOpenSubsonicExtensions", "").await;
    let expected = ["apiKeyAuthentication", "formPost", "sonicSimilarity"]
        .map(|name| json!({ "name": name, "versions": [1] }));
    assert_eq!(extensions, json!({ "openSubsonicExtensions": expected }));
    assert_eq!(open(&app, "/rest/getAlbumList2?f=json").await.code(), "not_found");
}

async fn wrong_requests_have_the_protocols_codes(database: DatabaseKind) {
    let app = App::on(database).await;
    let one = app.analyzed(b"one", 440.0).await;
    let waiting = app.track(b"waiting").await;
    let key = format!("apiKey={}", app.token);
    for (query, expected) in [
        (String::new(), 10),
        ("count=3".to_owned(), 10),
        ("id=".to_owned(), 70),
        ("id=x".to_owned(), 70),
        (format!("id={NOBODY}"), 70),
        (format!("id={waiting}"), 70),
        (format!("id={one}&count=0"), 0),
        (format!("id={one}&count=-1"), 0),
        (format!("id={one}&count=many"), 0),
    ] {
        let query = format!("{key}&{query}");
        assert_eq!(code(&app, "getSonicSimilarTracks", &query).await, expected, "{query}");
    }
    for (query, expected) in [
        (format!("startSongId={one}"), 10),
        (format!("endSongId={one}"), 10),
        (format!("startSongId={one}&endSongId={NOBODY}"), 70),
        (format!("startSongId={one}&endSongId={waiting}"), 70),
        (format!("startSongId={one}&endSongId={one}"), 0),
        (format!("startSongId={one}&endSongId={waiting}&count=1"), 0),
    ] {
        let query = format!("{key}&{query}");
        assert_eq!(code(&app, "findSonicPath", &query).await, expected, "{query}");
    }
    // A fault of ours is one, and in the log.
    app.store.close().await;
    assert_eq!(open(&app, &format!("/rest/ping?{key}")).await.code(), "unavailable");
}

async fn an_entry_says_what_is_known(database: DatabaseKind) {
    let app = App::on(database).await;
    let (one, two) = (app.analyzed(b"one", 440.0).await, app.analyzed(b"two", 660.0).await);
    let patch = TrackPatch { artist: Some(Some("Ana".to_owned())), ..TrackPatch::default() };
    tracks::update(&app.store, app.owner, two, patch).await.unwrap();
    let query = format!("apiKey={}&id={one}", app.token);
    let found = call(&app, "getSonicSimilarTracks", &query).await;
    let mut entry = found["sonicMatch"][0]["entry"].clone();
    let created = entry.as_object_mut().unwrap().remove("created").unwrap();
    assert_eq!(created, app.get(&format!("/v1/tracks/{two}")).await.json()["created_at"]);
    let expected = json!({
        "id": two, "isDir": false, "isVideo": false, "type": "music", "mediaType": "song",
        "title": "From the file", "artist": "Ana", "isrc": [], "musicBrainzId": "",
        "size": 3, "contentType": "audio/wav", "suffix": "wav", "duration": 8, "bpm": 120,
    });
    assert_eq!(entry, expected);

    // The same as XML, with what XML makes hard.
    let title = "]]> \"Rock & <Roll>\" 'n’ 音楽 &amp; \u{1f3b5}";
    let patch = TrackPatch { title: Some(Some(title.to_owned())), ..TrackPatch::default() };
    tracks::update(&app.store, app.owner, two, patch).await.unwrap();
    let answer = open(&app, &format!("/rest/getSonicSimilarTracks?{query}")).await;
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    let xml = String::from_utf8(answer.body.to_vec()).unwrap();
    let attributes = attributes(&xml, "entry");
    assert_eq!(attributes["title"], title);
    for (name, value) in expected.as_object().unwrap() {
        match value {
            Value::String(text) if name != "title" => assert_eq!(attributes[name], *text),
            Value::Bool(_) | Value::Number(_) => assert_eq!(attributes[name], value.to_string()),
            _ => {}
        }
    }
    let root = self::attributes(&xml, "subsonic-response");
    assert_eq!(
        (root["status"].as_str(), root["xmlns"].as_str()),
        (Some("ok"), Some("http://subsonic.org/restapi"))
    );
    let similarity = self::attributes(&xml, "sonicMatch");
    // serde_json reads numbers to the last digit but one.
    let written: f64 = similarity["similarity"].as_str().unwrap().parse().unwrap();
    let expected = found["sonicMatch"][0]["similarity"].as_f64().unwrap();
    assert!((written - expected).abs() < 1e-12, "{written} {expected}");
}

/// The attributes of the first element with a name, as a reader of XML sees them.
fn attributes(xml: &str, name: &str) -> Value {
    let mut reader = Reader::from_str(xml);
    loop {
        let tag = match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == name.as_bytes() => tag,
            Event::Eof => panic!("no {name} in {xml}"),
            _ => continue,
        };
        let attribute = |it: quick_xml::events::attributes::Attribute<'_>| {
            let value = it
                .decoded_and_normalized_value(quick_xml::XmlVersion::Explicit1_0, reader.decoder());
            let name = String::from_utf8(it.key.as_ref().to_vec()).unwrap();
            (name, Value::from(value.unwrap().into_owned()))
        };
        return tag.attributes().map(|it| attribute(it.unwrap())).collect();
    }
}

async fn a_form_does_as_well_as_a_query(database: DatabaseKind) {
    let app = App::on(database).await;
    let (one, two) = (app.analyzed(b"one", 440.0).await, app.analyzed(b"two", 660.0).await);
    let key = &app.token;
    let post = async |path: &str, kind: &str, body: String| {
        let request = Request::builder().method("POST").uri(path).header("content-type", kind);
        app.send(request.body(Body::from(body)).unwrap()).await
    };
    let form = "application/x-www-form-urlencoded";
    let body = format!("f=json&apiKey={key}&id={one}");
    let answer = post("/rest/getSonicSimilarTracks", form, body.clone()).await;
    assert_eq!(ids(&opened(&answer)), [two.to_string()]);
    let kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    let answer = post("/rest/getSonicSimilarTracks.view", kind, body.clone()).await;
    assert_eq!(ids(&opened(&answer)), [two.to_string()]);
    // Both together.
    let path = format!("/rest/getSonicSimilarTracks?f=json&id={one}");
    let answer = post(&path, form, format!("apiKey={key}")).await;
    assert_eq!(ids(&opened(&answer)), [two.to_string()]);
    let answer = post(&format!("/rest/ping?f=json&apiKey={key}"), form, "u=ana".to_owned()).await;
    assert_eq!(opened(&answer)["error"]["code"], 43);
    // What is said of the body of a `GET` is of no interest.
    let request = Request::builder().uri(format!("/rest/ping?f=json&apiKey={key}"));
    let request = request.header("content-type", form).body(Body::empty()).unwrap();
    assert_eq!(opened(&app.send(request).await), json!({}));
    // Another body is not looked at.
    let answer = post("/rest/ping?f=json", "text/plain", body).await;
    assert_eq!(opened(&answer)["error"]["code"], 10);
    let long = format!("apiKey={key}&c={}", "x".repeat(64 << 10));
    let answer = post("/rest/ping?f=json", form, long).await;
    assert_eq!(opened(&answer)["error"]["code"], 0);
}

#[tokio::test]
async fn an_error_is_xml_unless_told() {
    let app = App::start().await;
    let answer = open(&app, "/rest/ping").await;
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    let xml = String::from_utf8(answer.body.to_vec()).unwrap();
    let expected = json!({ "code": "10", "message": "the parameter apiKey is missing" });
    assert_eq!(attributes(&xml, "error"), expected);
    assert_eq!(attributes(&xml, "subsonic-response")["status"], "failed");
}
