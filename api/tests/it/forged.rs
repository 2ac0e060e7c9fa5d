//! Tokens that nobody issued.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::{Role, SessionId, signing_keys};

use crate::world::{PASSWORD, World};

on_both_databases! {
    forty_forged_tokens_are_nobodys,
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn pair() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()
}

fn signed(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let input = format!("{}.{}", encoded(header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

fn with(value: &Value, name: &str, new: Value) -> Value {
    let mut value = value.clone();
    value[name] = new;
    value
}

fn without(value: &Value, name: &str) -> Value {
    let mut value = value.clone();
    value.as_object_mut().unwrap().remove(name);
    value
}

async fn forty_forged_tokens_are_nobodys(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::Admin).await;
    let good = world.login("ana", PASSWORD).await.access;
    let parts: Vec<&str> = good.split('.').collect();
    let read = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (header, claims) = (read(parts[0]), read(parts[1]));
    // A key whose private half the test has: what is signed by it is refused for what it says, not for its signature.
    let (ours, stranger) = (pair(), pair());
    let public = ours.public_key().as_ref().to_vec();
    let day = Duration::from_hours(24);
    let key = signing_keys::publish(world.store(), public.clone(), day).await.unwrap();
    let own = with(&header, "kid", json!(key.id));
    assert_eq!(world.try_token(&signed(&ours, &own, &claims)).await, "ok");
    let soon_over = signing_keys::publish(world.store(), public, Duration::ZERO).await.unwrap();
    let of_old = with(&header, "kid", json!(soon_over.id));

    let now = claims["iat"].as_i64().unwrap();
    let by_header = |name: &str, value: Value| signed(&ours, &with(&own, name, value), &claims);
    let by_claim = |name: &str, value: Value| signed(&ours, &own, &with(&claims, name, value));
    let hs256 = |secret: &[u8]| {
        let header = with(&own, "alg", json!("HS256"));
        let input = format!("{}.{}", encoded(&header), encoded(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let unsigned = |alg: &str| {
        let header = with(&own, "alg", json!(alg));
        format!("{}.{}.", encoded(&header), encoded(&claims))
    };
    let forged = [
        unsigned("none"),
        unsigned("None"),
        unsigned("NONE"),
        unsigned("EdDSA"),
        hs256(key.public_key.as_slice()),
        hs256(URL_SAFE_NO_PAD.encode(&key.public_key).as_bytes()),
        hs256(b""),
        by_header("alg", json!("ES256")),
        by_header("alg", json!("RS256")),
        by_header("alg", json!("ed25519")),
        by_header("typ", json!("JWT")),
        by_header("kid", json!("../../../../dev/null")),
        by_header("kid", json!("' union select 1 --")),
        by_header("kid", json!("0000000000000000000000")),
        by_header("kid", json!(null)),
        by_header("jku", json!("http://127.0.0.1:1/keys")),
        by_header("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" })),
        by_header("crit", json!(["exp"])),
        signed(&ours, &of_old, &claims),
        signed(&ours, &without(&own, "kid"), &claims),
        signed(&stranger, &own, &claims),
        signed(&ours, &header, &claims),
        by_claim("exp", json!("never")),
        by_claim("exp", json!(format!("{}", now + 600))),
        by_claim("exp", json!(1.0e12)),
        by_claim("exp", json!(now)),
        by_claim("exp", json!(-1)),
        signed(&ours, &own, &without(&claims, "exp")),
        by_claim("nbf", json!(now + 3600)),
        by_claim("nbf", json!("never")),
        signed(&ours, &own, &without(&claims, "nbf")),
        by_claim("aud", json!("another-api")),
        by_claim("aud", json!(["consort-api", "another-api"])),
        by_claim("iss", json!("https://consort.example.org")),
        signed(&ours, &own, &without(&claims, "iss")),
        by_claim("sid", json!(SessionId::from_u128(1))),
        by_claim("role", json!("admin")),
        format!("{}.{}.{}", parts[0], encoded(&with(&claims, "sub", json!("x"))), parts[2]),
        format!("{good}."),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}=", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][..80]),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{}.{}.{}", parts[0], "A".repeat(1 << 20), parts[2]),
    ];
    // As `docs/security.md` says.
    assert_eq!(forged.len(), 45);
    let nobody = world.get("/v1/tracks", "x").await;
    for (place, token) in forged.iter().enumerate() {
        let answer = world.get("/v1/tracks", token).await;
        assert_eq!(answer.status, 401, "{place}: {}", &token[..token.len().min(400)]);
        assert_eq!((&answer.body, &answer.headers), (&nobody.body, &nobody.headers), "{place}");
    }
    assert_eq!(world.try_token(&good).await, "ok");
}
