//! Tokens that the issuer did not make, or not for us, or not for now.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::users;

use super::provider::{AUDIENCE, Pair, Provider};

on_both_databases! {
    fifty_forged_tokens_are_nobodys,
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

async fn fifty_forged_tokens_are_nobodys(database: DatabaseKind) {
    let (rsa, ec, ed, strange, p384) =
        (Pair::rsa(), Pair::p256(), Pair::ed(), Pair::ed(), Pair::p384());
    let of_encryption = with(&ed.jwk("enc"), "use", json!("enc"));
    let for_es256 = with(&ec.jwk("for-es256"), "alg", json!("ES256"));
    let keys = [
        rsa.jwk("rsa"),
        ec.jwk("ec"),
        ed.jwk("ed"),
        of_encryption,
        for_es256,
        with(&p384.jwk("p384"), "crv", json!("P-256")),
        json!({ "kty": "oct", "kid": "oct", "k": STANDARD.encode("secret") }),
    ];
    let provider = Provider::start(&keys).await;
    let world = provider.world(database).await;
    let claims = provider.claims(&world);
    let now = claims["iat"].as_i64().unwrap();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid, "typ": "JWT" });
    let (by_rsa, elliptic, edwards) = (
        rsa.signed(&header("RS256", "rsa"), &claims),
        ec.signed(&header("ES256", "ec"), &claims),
        ed.signed(&header("EdDSA", "ed"), &claims),
    );
    for good in [&by_rsa, &elliptic, &edwards] {
        assert_eq!(world.try_token(good).await, "ok");
    }
    let n_users = users::list(world.store(), None, 100).await.unwrap().items.len();

    let hs256 = |kid: &str, secret: &[u8]| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&header("HS256", kid)), part(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let unsigned = |alg: &str| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&header(alg, "ed")), part(&claims))
    };
    let by_header =
        |name: &str, value: Value| ed.signed(&with(&header("EdDSA", "ed"), name, value), &claims);
    let by_claim =
        |name: &str, value: Value| ed.signed(&header("EdDSA", "ed"), &with(&claims, name, value));
    let lacking = |name: &str| ed.signed(&header("EdDSA", "ed"), &without(&claims, name));
    let by_text = |claims: &str| ed.signed_text(&header("EdDSA", "ed").to_string(), claims);
    let parts: Vec<&str> = edwards.split('.').collect();
    let of_rsa: Vec<&str> = by_rsa.split('.').collect();
    let twice = |name: &str, value: &str| {
        let text = claims.to_string();
        format!("{},\"{name}\":{value}}}", &text[..text.len() - 1])
    };
    let strangers_jwk = strange.jwk("ed");
    let by_stranger = |name: &str, value: Value| {
        strange.signed(&with(&header("EdDSA", "ed"), name, value), &claims)
    };
    let forged = [
        // Not signed, or with what everybody knows.
        unsigned("none"),
        unsigned("None"),
        unsigned("NONE"),
        unsigned("EdDSA"),
        unsigned(""),
        hs256("rsa", &rsa.public()),
        hs256("rsa", STANDARD.encode(rsa.public()).as_bytes()),
        hs256("ed", &ed.public()),
        hs256("oct", b"secret"),
        hs256("ed", b""),
        // By others, or another key than the named one.
        strange.signed(&header("EdDSA", "ed"), &claims),
        strange.signed(&header("EdDSA", "strange"), &claims),
        by_stranger("jku", json!("http://127.0.0.1:1/keys")),
        by_stranger("x5u", json!("http://127.0.0.1:1/chain")),
        by_stranger("jwk", strangers_jwk),
        by_stranger("x5c", json!(["MIIB"])),
        ed.signed(&header("EdDSA", "ec"), &claims),
        ed.signed(&header("EdDSA", "rsa"), &claims),
        ed.signed(&header("EdDSA", "unknown"), &claims),
        ed.signed(&header("EdDSA", "../../../dev/null"), &claims),
        ed.signed(&header("EdDSA", "enc"), &claims),
        by_header("kid", json!(7)),
        by_header("kid", json!(null)),
        by_header("kid", json!(["ed"])),
        // By another algorithm.
        ed.signed(&header("ES256", "ed"), &claims),
        ec.signed(&header("EdDSA", "ec"), &claims),
        ec.signed(&header("ES384", "ec"), &claims),
        ec.signed(&header("RS256", "for-es256"), &claims),
        p384.signed(&header("ES256", "p384"), &claims),
        p384.signed(&header("ES384", "p384"), &claims),
        rsa.signed(&header("PS256", "rsa"), &claims),
        rsa.signed(&header("RS512", "rsa"), &claims),
        by_header("alg", json!("eddsa")),
        by_header("alg", json!(["EdDSA"])),
        // For something else.
        by_header("crit", json!(["exp"])),
        by_header("typ", json!("logout+jwt")),
        by_header("typ", json!(7)),
        // For others, by others, for another time.
        by_claim("aud", json!("another")),
        by_claim("aud", json!(["another"])),
        by_claim("aud", json!([AUDIENCE, "another"])),
        by_claim("aud", json!({ AUDIENCE: true })),
        lacking("aud"),
        by_claim("iss", json!("https://id.example.org")),
        by_claim("iss", json!(format!("{}/", provider.issuer()))),
        by_claim("iss", json!("consort")),
        lacking("iss"),
        by_claim("exp", json!(now - 60)),
        by_claim("exp", json!("never")),
        by_claim("exp", json!((now + 600).to_string())),
        by_claim("exp", json!(null)),
        lacking("exp"),
        by_claim("nbf", json!(now + 61)),
        by_claim("nbf", json!("now")),
        by_claim("iat", json!(now + 61)),
        by_claim("sub", json!("")),
        by_claim("sub", json!(7)),
        by_claim("sub", json!("a\nb")),
        lacking("sub"),
        // Of two readings.
        by_text(&twice("exp", &(now + 1_000_000).to_string())),
        by_text(&twice("sub", "\"operator\"")),
        by_text(&twice("aud", "\"consort\"")),
        ed.signed_text("{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"ed\"}", &claims.to_string()),
        by_text("[]"),
        by_text(&format!("{claims}x")),
        by_text(&"[".repeat(5000)),
        // Cut, swapped, spoilt.
        format!("{}.{}", parts[0], parts[1]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[1], parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], of_rsa[1], of_rsa[2]),
        format!("{}.{}.{}", of_rsa[0], parts[1], parts[2]),
        format!("{edwards}."),
        format!("{edwards}.{}", parts[2]),
        format!("{edwards}="),
        format!("{}.{}.{}", parts[0], parts[1], &parts[2][..80]),
        format!(
            "{}.{}.{}",
            parts[0],
            URL_SAFE_NO_PAD.encode(with(&claims, "sub", json!("x")).to_string()),
            parts[2]
        ),
        format!("{}.{}.{}", parts[0], "A".repeat(1 << 20), parts[2]),
        by_claim("padding", json!("x".repeat(20_000))),
        "..".to_owned(),
    ];
    // As `docs/security.md` says.
    assert_eq!(forged.len(), 78);
    let nobody = world.get("/v1/tracks", "x").await;
    for (place, token) in forged.iter().enumerate() {
        let answer = world.get("/v1/tracks", token).await;
        assert_eq!(answer.status, 401, "{place}: {}", &token[..token.len().min(400)]);
        assert_eq!((&answer.body, &answer.headers), (&nobody.body, &nobody.headers), "{place}");
    }
    for good in [&by_rsa, &elliptic, &edwards] {
        assert_eq!(world.try_token(good).await, "ok");
    }
    // Nobody was made of any of them.
    assert_eq!(users::list(world.store(), None, 100).await.unwrap().items.len(), n_users);
}
