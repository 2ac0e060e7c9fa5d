//! Limits of requests over HTTP. The rates are one a minute, so that what a test counts does not depend on how long it takes; that they are
//! exact in the long run is proved beside the limiter, on a clock of its own.

use api::{ClientHeader, Config, Proxies, Rate, RateLimitConfig, State};
use axum::Router;
use axum::http::Method;
use reqwest::RequestBuilder;
use serde_json::json;
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{Role, Scope};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::app::{Answer, token};
use crate::live::Live;
use crate::world::{PASSWORD, Session, World, request, send};

on_both_databases! {
    each_token_has_a_limit_of_its_own,
    the_sessions_of_a_user_share_one,
    a_stream_counts_once,
    an_address_is_limited_before_it_is_known_who_asks,
    who_is_no_proxy_says_what_it_likes_without_effect,
    behind_a_proxy_each_client_has_its_own,
    logins_have_a_limit_of_their_own,
}

const OFF: RateLimitConfig =
    RateLimitConfig { token: Rate::OFF, address: Rate::OFF, login: Rate::OFF };

fn once_a_minute(burst: u32) -> Rate {
    Rate { per_min: 1, burst }
}

fn limits(rate_limit: RateLimitConfig) -> Config {
    Config { rate_limit, ..Config::default() }
}

/// The API within the process, with this limit for tokens.
fn limited(test: &TestStore, burst: u32) -> Router {
    let config = limits(RateLimitConfig { token: once_a_minute(burst), ..OFF });
    api::router(State::new(test.store.clone(), config, CancellationToken::new()))
}

async fn get(router: &Router, token: &str) -> Answer {
    send(router, request(Method::GET, "/v1/tracks", Some(token), None)).await
}

async fn each_token_has_a_limit_of_its_own(database: DatabaseKind) {
    let test = TestStore::new(database, BlobKind::Local).await;
    let router = limited(&test, 20);
    let one = token(&test.store, test.owner, &[Scope::TracksRead]).await;
    let other = token(&test.store, test.owner, &[Scope::TracksRead]).await;
    for n_left in (0..20).rev() {
        let answer = get(&router, &one).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"token\";q=20;w=1200");
        let limit = answer.header("ratelimit");
        assert!(limit.starts_with(&format!("\"token\";r={n_left};t=")), "{limit}");
        assert_eq!(answer.header("retry-after"), "");
    }
    for _ in 0..5 {
        let refused = get(&router, &one).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "rate_limited"));
        let wait_s: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait_s), "{wait_s}");
        assert_eq!(refused.header("ratelimit"), format!("\"token\";r=0;t={wait_s}"));
        assert_eq!(refused.header("ratelimit-policy"), "\"token\";q=20;w=1200");
    }
    assert_eq!(get(&router, &other).await.status, 200);
    // Who is nobody has no token to count by.
    assert_eq!(get(&router, "x").await.status, 401);
    let metrics = send(&router, request(Method::GET, "/metrics", None, None)).await;
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    assert!(metrics.contains("consort_rate_limited_total{limit=\"token\"} "), "{metrics}");
}

async fn the_sessions_of_a_user_share_one(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    world.user("ben", Role::User).await;
    let (first, second) = (world.login("ana", PASSWORD).await, world.login("ana", PASSWORD).await);
    let ben = world.login("ben", PASSWORD).await;
    let router = limited(&world.test, 4);
    for Session { access, .. } in [&first, &second, &first, &second] {
        assert_eq!(get(&router, access).await.status, 200);
    }
    assert_eq!(get(&router, &first.access).await.code(), "rate_limited");
    assert_eq!(get(&router, &second.access).await.code(), "rate_limited");
    assert_eq!(get(&router, &ben.access).await.status, 200);
}

async fn a_stream_counts_once(database: DatabaseKind) {
    let test = TestStore::new(database, BlobKind::Local).await;
    let router = limited(&test, 3);
    let token = token(&test.store, test.owner, &[Scope::EventsRead, Scope::TracksRead]).await;
    let stream = request(Method::GET, "/v1/events", Some(&token), None);
    let stream = router.clone().oneshot(stream).await.unwrap();
    assert_eq!(stream.status(), 200);
    assert!(stream.headers()["ratelimit"].to_str().unwrap().starts_with("\"token\";r=2;"));
    assert_eq!(get(&router, &token).await.status, 200);
    assert_eq!(get(&router, &token).await.status, 200);
    assert_eq!(get(&router, &token).await.status, 429);
    drop(stream);
}

/// The status, and what the limit says.
async fn standing(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let limit = answer.headers().get("ratelimit").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), limit.unwrap_or_default())
}

async fn an_address_is_limited_before_it_is_known_who_asks(database: DatabaseKind) {
    let config = limits(RateLimitConfig { address: once_a_minute(5), ..OFF });
    let server = Live::start(database, config).await;
    let good = token(&server.test.store, server.test.owner, &[Scope::TracksRead]).await;
    for (n_left, path) in
        ["/v1/tracks", "/nowhere", "/openapi.json", "/v1/auth/me", "/docs/"].iter().enumerate()
    {
        let (status, limit) = standing(server.get(path)).await;
        assert_ne!(status, 429, "{path}");
        assert!(limit.starts_with(&format!("\"address\";r={};", 4 - n_left)), "{path}: {limit}");
    }
    for path in ["/v1/tracks", "/nowhere", "/openapi.json"] {
        assert_eq!(standing(server.get(path).bearer_auth(&good)).await.0, 429, "{path}");
    }
    // What asks whether the service is well must be answered.
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(standing(server.get(path)).await, (200, String::new()), "{path}");
    }
    server.stop().await;
}

async fn who_is_no_proxy_says_what_it_likes_without_effect(database: DatabaseKind) {
    let config = limits(RateLimitConfig { address: once_a_minute(5), ..OFF });
    let server = Live::start(database, config).await;
    let spoofed = |n: u32| {
        let address = format!("198.51.100.{n}");
        let request = server.get("/v1/tracks").header("x-forwarded-for", &address);
        request.header("forwarded", format!("for={address}")).header("x-real-ip", address)
    };
    for n in 0..5 {
        assert_eq!(standing(spoofed(n)).await.0, 401);
    }
    assert_eq!(standing(spoofed(5)).await.0, 429);
    server.stop().await;
}

async fn behind_a_proxy_each_client_has_its_own(database: DatabaseKind) {
    for client_header in [ClientHeader::XForwardedFor, ClientHeader::Forwarded] {
        let trusted = vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let rate_limit = RateLimitConfig { address: once_a_minute(5), ..OFF };
        let proxies = Proxies { trusted, client_header };
        let server = Live::start(database, Config { proxies, ..limits(rate_limit) }).await;
        // As a proxy behind another one adds it to what the client made up.
        let from = |n: u32, client: &str| {
            let request = server.get("/v1/tracks");
            match client_header {
                ClientHeader::XForwardedFor => request
                    .header("x-forwarded-for", format!("198.51.100.{n}, {client}, 10.0.0.9"))
                    .header("forwarded", format!("for=198.51.100.{n}")),
                ClientHeader::Forwarded => request
                    .header("forwarded", format!("for=198.51.100.{n}"))
                    .header("forwarded", format!("for=\"[{client}]\";proto=https, for=10.0.0.9"))
                    .header("x-forwarded-for", format!("198.51.100.{n}")),
            }
        };
        // One network of IPv6 is one client.
        for n in 0..5 {
            assert_eq!(standing(from(n, &format!("2001:db8:0:1::{n}"))).await.0, 401);
        }
        assert_eq!(standing(from(5, "2001:db8:0:1:ffff::5")).await.0, 429);
        assert_eq!(standing(from(6, "2001:db8:0:2::1")).await.0, 401);
        if client_header == ClientHeader::XForwardedFor {
            for n in 0..5 {
                assert_eq!(standing(from(n, "203.0.113.7")).await.0, 401);
            }
            assert_eq!(standing(from(6, "203.0.113.7")).await.0, 429);
            assert_eq!(standing(from(6, "203.0.113.8")).await.0, 401);
        }
        server.stop().await;
    }
}

async fn logins_have_a_limit_of_their_own(database: DatabaseKind) {
    let login = once_a_minute(3);
    let server = Live::start(database, limits(RateLimitConfig { login, ..OFF })).await;
    let good = token(&server.test.store, server.test.owner, &[Scope::TracksRead]).await;
    let guess = |path: &str| server.post(path).json(&json!({ "login": "ana", "password": "x" }));
    let (status, limit) = standing(guess("/v1/auth/login")).await;
    assert_eq!(status, 401);
    assert!(limit.starts_with("\"login\";r=2;"), "{limit}");
    // Closed registrations count too: the answer must not depend on it.
    assert_ne!(standing(guess("/v1/auth/register")).await.0, 429);
    assert_eq!(standing(guess("/v1/auth/login")).await.0, 401);
    for path in ["/v1/auth/login", "/v1/auth/register"] {
        assert_eq!(standing(guess(path)).await.0, 429, "{path}");
    }
    // Going on and asking with what one has are no guesses.
    let refresh = server.post("/v1/auth/refresh").json(&json!({ "refresh_token": "x" }));
    assert_eq!(standing(refresh).await.0, 401);
    assert_eq!(standing(server.get("/v1/tracks").bearer_auth(&good)).await.0, 200);
    server.stop().await;
}
