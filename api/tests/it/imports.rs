//! `/v1/imports`: what is asked for. How it is fetched is tested in `fetch` and in `worker`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use api::{Config, ImportsConfig, QuotaConfig};
use axum::http::Method;
use fetch::{Client, Names, Rules};
use serde_json::{Value, json};
use store::testing::{BlobKind, DatabaseKind};
use store::{JobKind, Role, Scope, imports, jobs};
use tokio::net::{TcpListener, TcpStream};

use crate::app::Answer;
use crate::logs::Log;
use crate::world::{PASSWORD, World};

on_both_databases! {
    an_import_is_a_job,
    imports_are_off_unless_told,
    an_address_that_nothing_is_fetched_from_is_refused,
    ninety_forms_of_addresses_lead_nowhere,
    a_user_may_not_wait_for_more_than_allowed,
    the_address_is_forgotten,
}

/// Addresses by kind, each with its code; `{p}` is a port of this machine.
const FORMS: &str = include_str!("../../../fetch/tests/it/forms.json");

fn config() -> Config {
    let imports = ImportsConfig { enabled: true, max_waiting: 2, ..ImportsConfig::default() };
    Config { imports, ..Config::default() }
}

async fn world(database: DatabaseKind) -> World {
    World::shaped(database, BlobKind::Local, config()).await
}

async fn ask(world: &World, token: &str, body: Value) -> Answer {
    world.send(Method::POST, "/v1/imports", Some(token), Some(body)).await
}

async fn an_import_is_a_job(database: DatabaseKind) {
    let world = world(database).await;
    let token = world.token(&[Scope::TracksWrite, Scope::JobsRead, Scope::JobsWrite]).await;
    let url = "https://music.example/a/Take%20Five.flac?signature=f00dcafe";
    let body =
        json!({ "url": url, "title": " Take Five ", "tags": ["Jazz"], "visibility": "listed" });
    let answer = ask(&world, &token, body).await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    let job = answer.json()["job"].clone();
    assert_eq!((&job["kind"], &job["state"]), (&json!("import_track"), &json!("queued")));
    assert_eq!(job["track_id"], Value::Null);
    let path = answer.header("location").to_owned();
    assert_eq!(world.get(&path, &token).await.json(), job);

    let lease = jobs::claim_import(world.store(), "w").await.unwrap().unwrap();
    assert_eq!(lease.job.kind, JobKind::ImportTrack);
    let import = imports::get(world.store(), lease.job.id).await.unwrap().unwrap();
    assert_eq!((import.url.as_str(), import.owner_id), (url, world.test.owner));
    let words = import.words;
    assert_eq!(words.file_name.as_deref(), Some("Take Five.flac"));
    assert_eq!(
        (words.title.as_deref(), &words.tags),
        (Some("Take Five"), &vec!["jazz".to_owned()])
    );
    assert_eq!(lease.job.trace_id.as_deref().map(str::len), Some(32));
    // Nobody else takes it, and nobody is told the address.
    assert!(jobs::claim(world.store(), "w").await.unwrap().is_none());
    assert!(!String::from_utf8_lossy(&answer.body).contains("music.example"));
    let cancelled = world.send(Method::POST, &format!("{path}/cancel"), Some(&token), None).await;
    assert_eq!(cancelled.status, 202);
    assert!(!Log::of_all_tests().text().contains("f00dcafe"));
}

async fn imports_are_off_unless_told(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::TracksWrite]).await;
    for url in ["https://music.example/a.wav", "http://127.0.0.1/", "x"] {
        let answer = ask(&world, &token, json!({ "url": url })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "imports_off"));
    }
    assert!(jobs::claim_import(world.store(), "w").await.unwrap().is_none());
}

async fn an_address_that_nothing_is_fetched_from_is_refused(database: DatabaseKind) {
    let world = world(database).await;
    let token = world.token(&[Scope::TracksWrite]).await;
    for url in [
        "",
        "music",
        "http://music.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://localhost/",
        "https://169.254.169.254/latest/",
        "https://ana:secret@music.example/",
        "https://music.example:22/",
        "file:///etc/passwd",
    ] {
        let answer = ask(&world, &token, json!({ "url": url })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "url_refused"), "{url}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("url: it must ") || detail.starts_with("url: its "), "{detail}");
    }
    for body in [
        json!({}),
        json!({ "url": null }),
        json!({ "url": ["https://music.example/"] }),
        json!({ "url": "https://music.example/", "title": "a\u{0}b" }),
        json!({ "url": "https://music.example/", "owner_id": "0000000000000000000000" }),
    ] {
        assert_eq!(ask(&world, &token, body.clone()).await.code(), "invalid_field", "{body}");
    }
    assert!(jobs::claim_import(world.store(), "w").await.unwrap().is_none());
}

/// The forms that `fetch` is tested with: whatever leaves nothing but the address itself to refuse is allowed here.
async fn ninety_forms_of_addresses_lead_nowhere(database: DatabaseKind) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let ports = vec![80, 443, port];
    let settings =
        ImportsConfig { enabled: true, allow_http: true, ports, ..ImportsConfig::default() };
    let config = Config { imports: settings.clone(), ..Config::default() };
    let world = World::shaped(database, BlobKind::Local, config).await;
    let token = world.token(&[Scope::TracksWrite]).await;
    let here = Names::by(|_| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) });
    let (rules, client) = (Rules::new(&settings), Client::new(&settings, here));
    let kinds: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(FORMS).unwrap();
    let forms: Vec<(String, String)> = kinds.into_values().flatten().collect();
    assert_eq!(forms.len(), 90);
    for (form, code) in forms {
        let url = form.replace("{p}", &port.to_string());
        let answer = ask(&world, &token, json!({ "url": url })).await;
        if code == "host_not_public" {
            // Where a name leads is found out by the job, which fetches like this.
            assert_eq!(answer.status, 202, "{form}");
            let lease = jobs::claim_import(world.store(), "w").await.unwrap().unwrap();
            let import = imports::get(world.store(), lease.job.id).await.unwrap().unwrap();
            let error = client.get(&import.url, 1000).await.err().unwrap();
            assert_eq!(error.code(), code, "{form}");
        } else {
            assert_eq!((answer.status.as_u16(), &*answer.code()), (422, "url_refused"), "{form}");
            let refusal = rules.check(&url).unwrap_err();
            assert_eq!(refusal.code(), code, "{form}");
            assert_eq!(answer.json()["detail"], format!("url: {refusal}"), "{form}");
        }
    }
    assert!(jobs::claim_import(world.store(), "w").await.unwrap().is_none());
    // Had anybody connected before, they would stand before this one.
    let mine = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    let (_, first) = listener.accept().await.unwrap();
    assert_eq!(first, mine.local_addr().unwrap());
}

async fn a_user_may_not_wait_for_more_than_allowed(database: DatabaseKind) {
    let world = world(database).await;
    let token = world.token(&[Scope::TracksWrite, Scope::JobsWrite]).await;
    let body = || json!({ "url": "https://music.example/a.wav" });
    let first = ask(&world, &token, body()).await;
    assert_eq!(ask(&world, &token, body()).await.status, 202);
    assert_eq!(ask(&world, &token, body()).await.code(), "too_many_imports");
    world.user("ana", Role::User).await;
    let other = world.login("ana", PASSWORD).await.access;
    assert_eq!(ask(&world, &other, body()).await.status, 202);
    let cancel = format!("{}/cancel", first.header("location"));
    assert_eq!(world.send(Method::POST, &cancel, Some(&token), None).await.status, 200);
    assert_eq!(ask(&world, &token, body()).await.status, 202);

    let quota = QuotaConfig { max_tracks: 1, ..QuotaConfig::default() };
    let full = World::shaped(database, BlobKind::Local, Config { quota, ..config() }).await;
    full.test.upload(b"one").await;
    let token = full.token(&[Scope::TracksWrite]).await;
    assert_eq!(ask(&full, &token, body()).await.code(), "quota_exceeded");
}

async fn the_address_is_forgotten(database: DatabaseKind) {
    let world = world(database).await;
    let token = world.token(&[Scope::TracksWrite]).await;
    ask(&world, &token, json!({ "url": "https://music.example/a.wav" })).await;
    let lease = jobs::claim_import(world.store(), "w").await.unwrap().unwrap();
    let id = lease.job.id;
    assert!(jobs::fail(world.store(), &lease, "remote_status", "404").await.unwrap());
    // For a while it can still be tried again.
    jobs::sweep(world.store()).await.unwrap();
    assert!(imports::get(world.store(), id).await.unwrap().is_some());
    world.advance(std::time::Duration::from_hours(25));
    jobs::sweep(world.store()).await.unwrap();
    assert!(imports::get(world.store(), id).await.unwrap().is_none());
}
