//! Whose tokens are good, for how long, and for what.

use std::time::Duration;

use api::OidcConfig;
use futures::future::join_all;
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::{Role, users};

use super::provider::{Pair, Provider, world};

on_both_databases! {
    a_user_is_made_when_first_seen_and_is_no_administrator,
    each_algorithm_that_is_configured_is_understood,
    the_keys_are_where_the_issuer_says,
    a_new_key_is_found_and_an_old_one_goes,
    old_keys_are_good_while_the_issuer_is_away,
    the_issuer_is_not_asked_for_every_stranger,
    where_users_are_not_made_only_known_ones_come_in,
}

const MINUTE: Duration = Duration::from_mins(1);

fn header(alg: &str, kid: &str) -> Value {
    json!({ "alg": alg, "kid": kid, "typ": "JWT" })
}

async fn a_user_is_made_when_first_seen_and_is_no_administrator(database: DatabaseKind) {
    let pair = Pair::ed();
    let provider = Provider::start(&[pair.jwk("a")]).await;
    let world = provider.world(database).await;
    let claims = provider.claims(&world);
    let token = pair.signed(&header("EdDSA", "a"), &claims);
    // At once, as the first page of an application would.
    let (first, again) =
        tokio::join!(world.get("/v1/auth/me", &token), world.get("/v1/auth/me", &token));
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200), "{:?}", first.body);
    let (first, again) = (first.json(), again.json());
    assert_eq!(first["user"]["id"], again["user"]["id"]);
    assert_eq!((&first["user"]["name"], &first["user"]["role"]), (&json!("Ana"), &json!("user")));
    assert_eq!((&first["credential"], &first["user"]["login"]), (&json!("foreign"), &Value::Null));
    // Whatever the token says of roles and scopes.
    assert!(!first["scopes"].as_array().unwrap().contains(&json!("admin")));
    assert_eq!(world.get("/v1/admin/users", &token).await.code(), "admin_needed");
    assert_eq!(world.try_token(&token).await, "ok");
    let logout = world.send("POST".parse().unwrap(), "/v1/auth/logout", Some(&token), None).await;
    assert_eq!(logout.code(), "session_needed");

    // Another subject is another user, also with the same name; another name is the same user.
    let mut other = claims.clone();
    other["sub"] = json!("77");
    let other = world.get("/v1/auth/me", &pair.signed(&header("EdDSA", "a"), &other)).await.json();
    assert_ne!(other["user"]["id"], first["user"]["id"]);
    let mut renamed = claims.clone();
    renamed["name"] = json!("Ana Lima");
    let renamed = pair.signed(&header("EdDSA", "a"), &renamed);
    assert_eq!(world.get("/v1/auth/me", &renamed).await.json(), first);
    // An administrator here may make one of them.
    let id = first["user"]["id"].as_str().unwrap().parse().unwrap();
    users::set_role(world.store(), id, Role::Admin).await.unwrap();
    assert_eq!(world.get("/v1/admin/users", &token).await.status, 200);
    assert_eq!(provider.n_asked(), 1);

    world.advance(Duration::from_secs(659));
    assert_eq!(world.try_token(&token).await, "ok");
    world.advance(Duration::from_secs(1));
    assert_eq!(world.try_token(&token).await, "unauthorized");
}

async fn each_algorithm_that_is_configured_is_understood(database: DatabaseKind) {
    let pairs = [
        ("RS256", Pair::rsa()),
        ("PS256", Pair::pss()),
        ("ES256", Pair::p256()),
        ("ES384", Pair::p384()),
        ("EdDSA", Pair::ed()),
    ];
    let jwks: Vec<Value> = pairs.iter().map(|(alg, pair)| pair.jwk(alg)).collect();
    let provider = Provider::start(&jwks).await;
    let world = provider.world(database).await;
    let claims = provider.claims(&world);
    for (alg, pair) in &pairs {
        let expected = if *alg == "ES384" { "unauthorized" } else { "ok" };
        let token = pair.signed(&header(alg, alg), &claims);
        assert_eq!(world.try_token(&token).await, expected, "{alg}");
        // A key that is the only one of its kind needs no name.
        let nameless = pair.signed(&json!({ "alg": alg, "typ": "at+jwt" }), &claims);
        let is_only = !alg.ends_with("S256") || *alg == "ES256";
        let expected = if is_only { expected } else { "unauthorized" };
        assert_eq!(world.try_token(&nameless).await, expected, "{alg} without kid");
    }
}

async fn the_keys_are_where_the_issuer_says(database: DatabaseKind) {
    let pair = Pair::p256();
    let provider = Provider::start(&[pair.jwk("a")]).await;
    let config = OidcConfig { jwks_url: None, ..provider.config() };
    let world = world(database, config.clone()).await;
    let token = pair.signed(&header("ES256", "a"), &provider.claims(&world));
    assert_eq!((world.try_token(&token).await.as_str(), provider.n_asked()), ("ok", 2));

    // Who calls itself something else is somebody else; and nobody leads us away from encryption.
    for found in [
        json!({ "issuer": "https://other.example.org", "jwks_uri": format!("{}/keys", provider.issuer()) }),
        json!({ "issuer": provider.issuer(), "jwks_uri": "http://192.0.2.1/keys" }),
        json!({ "issuer": provider.issuer(), "jwks_uri": "file:///etc/passwd" }),
        json!({ "issuer": provider.issuer() }),
        json!([]),
    ] {
        provider.say("/.well-known/openid-configuration", found.clone());
        let world = super::provider::world(database, config.clone()).await;
        assert_eq!(world.try_token(&token).await, "unauthorized", "{found}");
    }
}

async fn a_new_key_is_found_and_an_old_one_goes(database: DatabaseKind) {
    let (old, new) = (Pair::ed(), Pair::p256());
    let provider = Provider::start(&[old.jwk("old")]).await;
    let world = provider.world(database).await;
    let by_old = || old.signed(&header("EdDSA", "old"), &provider.claims(&world));
    let by_new = || new.signed(&header("ES256", "new"), &provider.claims(&world));
    assert_eq!(world.try_token(&by_old()).await, "ok");
    world.advance(MINUTE);
    provider.publish(&[old.jwk("old"), new.jwk("new")]);
    assert_eq!((world.try_token(&by_new()).await.as_str(), provider.n_asked()), ("ok", 2));
    assert_eq!((world.try_token(&by_old()).await.as_str(), provider.n_asked()), ("ok", 2));
    // What is no longer published is good for an hour at most.
    provider.publish(&[new.jwk("new")]);
    world.advance(30 * MINUTE);
    assert_eq!((world.try_token(&by_old()).await.as_str(), provider.n_asked()), ("ok", 2));
    world.advance(30 * MINUTE);
    assert_eq!((world.try_token(&by_new()).await.as_str(), provider.n_asked()), ("ok", 3));
    assert_eq!(world.try_token(&by_old()).await, "unauthorized");
}

async fn old_keys_are_good_while_the_issuer_is_away(database: DatabaseKind) {
    let pair = Pair::ed();
    let provider = Provider::start(&[pair.jwk("a")]).await;
    let world = provider.world(database).await;
    let token = || pair.signed(&header("EdDSA", "a"), &provider.claims(&world));
    assert_eq!(world.try_token(&token()).await, "ok");
    provider.fail(true);
    for _ in 0..23 {
        world.advance(60 * MINUTE);
        assert_eq!(world.try_token(&token()).await, "ok");
        assert_eq!(world.try_token(&token()).await, "ok");
    }
    assert_eq!(provider.n_asked(), 24);
    world.advance(60 * MINUTE);
    assert_eq!(world.try_token(&token()).await, "unauthorized");
    provider.fail(false);
    world.advance(MINUTE);
    assert_eq!(world.try_token(&token()).await, "ok");
}

async fn the_issuer_is_not_asked_for_every_stranger(database: DatabaseKind) {
    let pair = Pair::ed();
    let provider = Provider::start(&[pair.jwk("a")]).await;
    let world = provider.world(database).await;
    let strange =
        |n: usize| pair.signed(&header("EdDSA", &format!("unknown {n}")), &provider.claims(&world));
    for n_asked in 1..=3 {
        let tokens: Vec<String> = (0..50).map(strange).collect();
        let answers = join_all(tokens.iter().map(|token| world.try_token(token))).await;
        assert!(answers.iter().all(|answer| answer == "unauthorized"));
        assert_eq!(provider.n_asked(), n_asked);
        world.advance(Duration::from_secs(30));
    }
    // Nobody is asked for tokens that are not for us, or not for now.
    let mut other = provider.claims(&world);
    other["aud"] = json!("another");
    assert_eq!(world.try_token(&pair.signed(&header("EdDSA", "b"), &other)).await, "unauthorized");
    assert_eq!(provider.n_asked(), 3);
}

async fn where_users_are_not_made_only_known_ones_come_in(database: DatabaseKind) {
    let pair = Pair::ed();
    let provider = Provider::start(&[pair.jwk("a")]).await;
    let closed = OidcConfig { create_users: false, ..provider.config() };
    let world = world(database, closed).await;
    let token = pair.signed(&header("EdDSA", "a"), &provider.claims(&world));
    assert_eq!(world.try_token(&token).await, "unauthorized");
    store::foreign_identities::resolve(world.store(), &provider.issuer(), "8a1f", "Ana")
        .await
        .unwrap();
    assert_eq!(world.try_token(&token).await, "ok");
}
