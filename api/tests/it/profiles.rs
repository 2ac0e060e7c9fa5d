//! People: profiles, offers, answers and connections, and what is never told.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use store::profiles::{
    NewProfileMatch, ProfileScored, StoredTaste, complete_profile_match, get as profile_of,
};
use store::tokens::Scope;
use store::{JobKind, TrackId, UserId, events, jobs, users};

use crate::app::{Answer, App, token};
use crate::form::Form;
use crate::shown::shown;

/// Somebody with a token.
struct Person {
    id: UserId,
    token: String,
}

impl Person {
    async fn new(app: &App, name: &str) -> Self {
        let id = users::create(&app.store, name).await.unwrap().id;
        Self { id, token: token(&app.store, id, &[Scope::Admin]).await }
    }

    async fn send(&self, app: &App, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        app.send(request.body(body).unwrap()).await
    }

    async fn get(&self, app: &App, path: &str) -> Answer {
        self.send(app, "GET", path, None).await
    }

    async fn put(&self, app: &App, profile: Value) -> Answer {
        self.send(app, "PUT", "/v1/profiles/me", Some(profile)).await
    }

    async fn answers(&self, app: &App, other: &Self, answer: &str) -> Answer {
        let path = format!("/v1/profiles/me/answers/{}", other.id);
        self.send(app, "PUT", &path, Some(json!({ "answer": answer }))).await
    }

    /// The people who are offered, as ids.
    async fn offered(&self, app: &App) -> Vec<String> {
        let page = self.get(app, "/v1/profiles/me/matches").await.json();
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["profile"]["id"].as_str().unwrap().to_owned()).collect()
    }

    /// A track that is analysed.
    async fn track(&self, app: &App, visibility: &str) -> TrackId {
        let bytes = format!("{} {visibility}", self.id);
        let form = Form::new()
            .text("title", &format!("secret of {visibility}"))
            .text("visibility", visibility)
            .file("a.wav", "audio/wav", bytes.as_bytes());
        let request = Request::builder()
            .method("POST")
            .uri("/v1/tracks")
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", form.content_type());
        let answer = app.send(request.body(Body::from(form.into_bytes())).unwrap()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        assert_eq!(answer.json()["track"]["visibility"], visibility);
        let id = answer.json()["track"]["id"].as_str().unwrap().parse().unwrap();
        app.finish(id).await;
        id
    }
}

/// Does what a worker does for the profile of `one`: a match with `other`, and the tracks that are most alike.
async fn matched(app: &App, one: &Person, other: &Person, closest: Option<(TrackId, TrackId)>) {
    let lease = loop {
        let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
        if lease.job.kind == JobKind::MatchProfile && lease.job.owner_id == one.id {
            break lease;
        }
    };
    let view = |who: &str| {
        json!({
            "reason": format!("For {who}."), "parts": [], "fits": [], "affinity_theirs": null,
            "affinity_yours": null, "raise": [],
        })
    };
    let scored = ProfileScored {
        revision: profile_of(&app.store, one.id).await.unwrap().unwrap().revision,
        epoch: i64::MAX,
        taste: StoredTaste::default(),
        n_heads: 10,
        matches: vec![NewProfileMatch {
            other_id: other.id,
            score: 0.75,
            view: view("one"),
            other_view: view("other"),
            closest,
            descriptor_version: matching::DESCRIPTOR_VERSION,
            weights_version: matching::people::PEOPLE_WEIGHTS_VERSION,
        }],
    };
    assert!(complete_profile_match(&app.store, &lease, scored).await.unwrap());
}

/// Two discoverable people who are matched.
async fn two(app: &App) -> (Person, Person) {
    let (ana, ben) = (Person::new(app, "ana").await, Person::new(app, "ben").await);
    for (person, name) in [(&ana, "Ana"), (&ben, "Ben")] {
        let profile = json!({
            "name": name, "discoverable": true, "tags": { "plays": ["drums"], "dislikes": ["polka"] },
            "place": { "latitude_deg": 52.5163, "longitude_deg": 13.3777, "radius_km": 50 },
        });
        assert_eq!(person.put(app, profile).await.status, StatusCode::OK);
    }
    matched(app, &ana, &ben, None).await;
    (ana, ben)
}

#[tokio::test]
async fn everybody_has_a_profile_that_is_nobody_elses() {
    let app = App::start().await;
    let ana = Person::new(&app, "ana").await;
    let answer = ana.get(&app, "/v1/profiles/me").await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, "\"v1\""));
    assert_eq!(answer.json()["discoverable"], false);
    assert_eq!(answer.json()["id"], ana.id.to_string());
    let path = format!("/v1/profiles/{}", ana.id);
    assert_eq!(ana.get(&app, &path).await.status, StatusCode::OK);
    assert_eq!(app.get(&path).await.code(), "not_found");
}

#[tokio::test]
async fn a_profile_is_replaced_as_a_whole_and_guarded() {
    let app = App::start().await;
    let ana = Person::new(&app, "ana").await;
    let full = json!({
        "name": " Ana ",
        "discoverable": true,
        "tags": {
            "plays": ["Drums", "drums"], "seeks": ["Bass"], "genres": ["Dub", " hard  bop "],
            "influences": ["Max Roach"], "dislikes": ["Polka"],
        },
        "place": { "latitude_deg": 52.5163, "longitude_deg": 13.3777, "radius_km": 50, "rule": "hard" },
        "availability": { "slots": ["sat_evening", "mon_morning"] },
    });
    let answer = ana.put(&app, full).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, "\"v2\""));
    insta::assert_json_snapshot!("own_profile", shown(answer.json()));
    assert_eq!(ana.get(&app, "/v1/profiles/me").await.json(), answer.json());

    let others = app.get(&format!("/v1/profiles/{}", ana.id)).await.json();
    insta::assert_json_snapshot!("visible_profile", shown(others));

    let stale = Request::builder()
        .method("PUT")
        .uri("/v1/profiles/me")
        .header("authorization", format!("Bearer {}", ana.token))
        .header("content-type", "application/json")
        .header("if-match", "\"v1\"");
    let stale = app.send(stale.body(Body::from("{}")).unwrap()).await;
    assert_eq!(stale.code(), "version_mismatch");
    let empty = ana.put(&app, json!({})).await.json();
    assert_eq!((&empty["name"], &empty["place"]), (&Value::Null, &Value::Null));
    assert_eq!(empty["tags"]["plays"], json!([]));
}

#[tokio::test]
async fn what_a_profile_may_not_hold_is_refused() {
    let app = App::start().await;
    let ana = Person::new(&app, "ana").await;
    let many: Vec<String> = (0..65).map(|n| n.to_string()).collect();
    let place = |latitude_deg: f64, radius_km: f64| json!({ "place": { "latitude_deg": latitude_deg, "longitude_deg": 0, "radius_km": radius_km } });
    for body in [
        json!({ "owner_id": "x" }),
        json!({ "name": "x".repeat(1025) }),
        json!({ "name": "a\u{0}b" }),
        json!({ "tags": { "plays": many } }),
        json!({ "tags": { "plays": ["x".repeat(101)] } }),
        json!({ "tags": { "plays": ["a,b"] } }),
        json!({ "tags": { "likes": [] } }),
        json!({ "tags": { "plays": [1] } }),
        place(91.0, 10.0),
        place(0.0, 0.0),
        place(0.0, -1.0),
        place(0.0, 20_001.0),
        json!({ "place": { "latitude_deg": 0 } }),
        json!({ "place": { "latitude_deg": 0, "longitude_deg": 0, "radius_km": 1, "rule": "must" } }),
        json!({ "availability": { "slots": [] } }),
        json!({ "availability": { "slots": ["never"] } }),
    ] {
        let answer = ana.put(&app, body.clone()).await;
        assert_eq!(answer.code(), "invalid_field", "{body}");
    }
    assert_eq!(ana.get(&app, "/v1/profiles/me").await.json()["version"], 1);

    let id = app.track(b"x").await;
    for body in [
        json!({ "visibility": "public" }),
        json!({ "weight": -1 }),
        json!({ "weight": 11 }),
        json!({ "weight": "much" }),
    ] {
        let request = app.request("PATCH", &format!("/v1/tracks/{id}"));
        let request = request.header("content-type", "application/json");
        let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.code(), "invalid_field", "{body}");
    }
    let form = Form::new().text("visibility", "public").file("a.wav", "audio/wav", b"y");
    assert_eq!(app.upload(form).await.code(), "invalid_field");
}

#[tokio::test]
async fn matches_are_read_from_both_sides() {
    let app = App::start().await;
    let (ana, ben) = two(&app).await;
    assert_eq!(ana.offered(&app).await, [ben.id.to_string()]);
    assert_eq!(ben.offered(&app).await, [ana.id.to_string()]);
    let page = ana.get(&app, "/v1/profiles/me/matches").await.json();
    assert_eq!(page["items"][0]["why"]["reason"], "For one.");
    let text = page.to_string();
    assert!(!text.contains("polka") && !text.contains("52.5") && !text.contains("13.4"), "{text}");
    insta::assert_json_snapshot!("people_matches", shown(page));
    let page = ben.get(&app, "/v1/profiles/me/matches").await.json();
    assert_eq!(page["items"][0]["why"]["reason"], "For other.");
    for query in ["after=x", "limit=0", "purpose=mix"] {
        let answer = ana.get(&app, &format!("/v1/profiles/me/matches?{query}")).await;
        assert!(answer.status.is_client_error(), "{query}");
    }
}

#[tokio::test]
async fn matches_come_page_by_page() {
    let app = App::start().await;
    let ana = Person::new(&app, "ana").await;
    ana.put(&app, json!({ "discoverable": true })).await;
    let mut others = Vec::new();
    for n in 0..5 {
        let other = Person::new(&app, &format!("{n}")).await;
        other.put(&app, json!({ "discoverable": true })).await;
        matched(&app, &other, &ana, None).await;
        others.push(other.id.to_string());
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/profiles/me/matches?limit=2".to_owned());
    loop {
        let page = ana.get(&app, &path).await.json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["profile"]["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/profiles/me/matches?limit=2&after={next}");
    }
    assert_eq!(seen, others);
}

#[tokio::test]
async fn who_does_not_take_part_is_not_offered() {
    let app = App::start().await;
    let (ana, ben) = two(&app).await;
    ben.put(&app, json!({ "name": "Ben" })).await;
    assert!(ana.offered(&app).await.is_empty() && ben.offered(&app).await.is_empty());
    assert_eq!(ana.get(&app, &format!("/v1/profiles/{}", ben.id)).await.code(), "not_found");
    assert_eq!(ana.answers(&app, &ben, "accept").await.code(), "not_found");
}

#[tokio::test]
async fn two_yeses_make_one_connection() {
    let app = App::start().await;
    let (ana, ben) = two(&app).await;
    let first = ana.answers(&app, &ben, "accept").await;
    assert_eq!((first.status, &first.json()["connected"]), (StatusCode::OK, &json!(false)));
    // Answered, so not offered any more; but the other still is asked.
    assert!(ana.offered(&app).await.is_empty());
    assert_eq!(ben.offered(&app).await.len(), 1);
    let second = ben.answers(&app, &ana, "accept").await;
    assert_eq!(second.json()["connected"], true);
    // Once more changes nothing.
    assert_eq!(ben.answers(&app, &ana, "accept").await.json()["connected"], true);
    for (person, other) in [(&ana, &ben), (&ben, &ana)] {
        let made: Vec<_> = events::after(&app.store, person.id, 0, 100)
            .await
            .unwrap()
            .into_iter()
            .filter(|event| event.kind == "connection.made")
            .collect();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].data, json!({ "profile_id": other.id }));
        let page = person.get(&app, "/v1/profiles/me/connections").await.json();
        assert_eq!(page["items"][0]["profile"]["id"], other.id.to_string());
        assert_eq!(page["next"], Value::Null);
        assert!(person.offered(&app).await.is_empty());
    }
    // Connected people know each other whether they still take part or not.
    ben.put(&app, json!({ "name": "Ben" })).await;
    assert_eq!(ana.get(&app, &format!("/v1/profiles/{}", ben.id)).await.json()["name"], "Ben");
    // A no ends it.
    assert_eq!(ana.answers(&app, &ben, "decline").await.json()["connected"], false);
    let page = ben.get(&app, "/v1/profiles/me/connections").await.json();
    assert_eq!(page["items"], json!([]));
    assert_eq!(ana.get(&app, &format!("/v1/profiles/{}", ben.id)).await.code(), "not_found");
}

#[tokio::test]
async fn a_no_hides_both_and_says_nothing() {
    let app = App::start().await;
    let (ana, ben) = two(&app).await;
    let before = events::last_seq(&app.store, ben.id).await.unwrap();
    ana.answers(&app, &ben, "decline").await;
    assert!(ana.offered(&app).await.is_empty() && ben.offered(&app).await.is_empty());
    assert_eq!(events::last_seq(&app.store, ben.id).await.unwrap(), before);
    // The one who was declined finds nothing there; the other may think again.
    assert_eq!(ben.answers(&app, &ana, "accept").await.code(), "not_found");
    assert_eq!(ana.answers(&app, &ben, "accept").await.status, StatusCode::OK);
}

#[tokio::test]
async fn later_comes_back_after_a_while() {
    for (later_days, n_offered) in [(30, 0), (0, 1)] {
        let config = api::Config { later_days, ..api::Config::default() };
        let app = App::with(config).await;
        let (ana, ben) = two(&app).await;
        ana.answers(&app, &ben, "later").await;
        assert_eq!(ana.offered(&app).await.len(), n_offered, "{later_days}");
        assert_eq!(ben.offered(&app).await.len(), 1);
    }
}

#[tokio::test]
async fn nobody_answers_themselves_or_nobody() {
    let app = App::start().await;
    let (ana, _) = two(&app).await;
    assert_eq!(ana.answers(&app, &ana, "accept").await.code(), "not_found");
    let path = "/v1/profiles/me/answers/0000000000000000000000";
    let answer = ana.send(&app, "PUT", path, Some(json!({ "answer": "accept" }))).await;
    assert_eq!(answer.code(), "not_found");
    for body in [json!({}), json!({ "answer": "perhaps" }), json!({ "answer": "accept", "x": 1 })] {
        assert_eq!(ana.send(&app, "PUT", path, Some(body)).await.code(), "invalid_field");
    }
}

#[tokio::test]
async fn private_tracks_are_never_named() {
    let app = App::start().await;
    let (ana, ben) = (Person::new(&app, "ana").await, Person::new(&app, "ben").await);
    let mut tracks = Vec::new();
    for person in [&ana, &ben] {
        person.put(&app, json!({ "discoverable": true })).await;
        tracks.push((person.track(&app, "listed").await, person.track(&app, "private").await));
    }
    // Even if a worker had named a private track, nobody would see it.
    matched(&app, &ana, &ben, Some((tracks[0].0, tracks[1].1))).await;
    let leaked = ana.get(&app, "/v1/profiles/me/matches").await.json();
    assert_eq!(leaked["items"][0]["other_track"], Value::Null);
    assert_eq!(leaked["items"][0]["own_track"]["id"], tracks[0].0.to_string());
    assert!(!leaked.to_string().contains("secret of private"), "{leaked}");

    matched(&app, &ben, &ana, Some((tracks[1].0, tracks[0].0))).await;
    let named = ana.get(&app, "/v1/profiles/me/matches").await.json();
    assert_eq!(named["items"][0]["other_track"]["id"], tracks[1].0.to_string());
    assert_eq!(named["items"][0]["other_track"]["title"], "secret of listed");
    // Unlisted, it is gone at once.
    let path = format!("/v1/tracks/{}", tracks[1].0);
    let patched = ben.send(&app, "PATCH", &path, Some(json!({ "visibility": "private" }))).await;
    assert_eq!(patched.json()["visibility"], "private");
    let hidden = ana.get(&app, "/v1/profiles/me/matches").await.json();
    assert_eq!(hidden["items"][0]["other_track"], Value::Null);
    assert!(!hidden.to_string().contains("secret of listed\",\"id"), "{hidden}");
    assert_eq!(ana.get(&app, &path).await.code(), "not_found");
}
