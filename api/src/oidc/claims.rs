//! What a token has to say, once its signature is good (RFC 7519, RFC 9068, OpenID Connect Core 3.1.3.7).

use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::config::Config;

/// How far the clocks of two hosts may differ, in seconds.
const LEEWAY_S: f64 = 60.0;
/// Longest name of a user.
const MAX_NAME_BYTES: usize = 255;

/// Whom a token speaks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// The issuer's name for the user, for ever.
    pub(super) id: String,
    /// What to call the user when first seen.
    pub(super) name: String,
}

/// Whom a token speaks for, if it is for us and for now.
pub(super) fn subject(
    claims: &Map<String, Value>,
    config: &Config,
    now: OffsetDateTime,
) -> Option<Subject> {
    let is_from_them = claims.get("iss")?.as_str()? == config.issuer;
    (is_from_them && is_for_us(claims, config)? && is_for_now(claims, now)?).then_some(())?;
    let id = name(claims.get(&config.user_claim)?)?;
    let called = ["name", "preferred_username"].into_iter().find_map(|it| name(claims.get(it)?));
    Some(Subject { name: called.unwrap_or_else(|| id.clone()), id })
}

/// Whether we are meant, and by whom.
fn is_for_us(claims: &Map<String, Value>, config: &Config) -> Option<bool> {
    let audience: Vec<&str> = match claims.get("aud")? {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    if !audience.contains(&config.audience.as_str()) {
        return Some(false);
    }
    let is_known = |party: &str| {
        party == config.audience || config.authorized_parties.iter().any(|known| known == party)
    };
    Some(match claims.get("azp") {
        // What is for others too says at whose wish it was made.
        None => audience.len() == 1 && config.authorized_parties.is_empty(),
        Some(party) if audience.len() > 1 || !config.authorized_parties.is_empty() => {
            is_known(party.as_str()?)
        }
        Some(party) => party.is_string(),
    })
}

/// Whether it is good now. Times that are no numbers are wrong, not absent.
fn is_for_now(claims: &Map<String, Value>, now: OffsetDateTime) -> Option<bool> {
    #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
    let now = now.unix_timestamp() as f64;
    let has_come = |claim: &str| match claims.get(claim) {
        None => Some(true),
        Some(time) => Some(time.as_f64()? <= now + LEEWAY_S),
    };
    let ends = claims.get("exp")?.as_f64()?;
    Some(now < ends + LEEWAY_S && has_come("nbf")? && has_come("iat")?)
}

fn name(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_name = (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    (is_name && text.trim() == text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-04 05:06:07 UTC);

    fn config(parties: &[&str]) -> Config {
        serde_json::from_value(json!({
            "issuer": "https://id.example.org", "audience": "consort", "authorized_parties": parties,
        }))
        .unwrap()
    }

    fn good() -> Value {
        let now = NOW.unix_timestamp();
        json!({ "iss": "https://id.example.org", "aud": "consort", "sub": "ana", "exp": now + 600 })
    }

    fn check(config: &Config, changes: &Value, expected: bool) {
        let mut claims = good();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let found = subject(claims.as_object().unwrap(), config, NOW).is_some();
        assert_eq!(found, expected, "{changes}");
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        let (config, now) = (config(&[]), NOW.unix_timestamp());
        check(&config, &json!({}), true);
        check(&config, &json!({ "exp": now - 59 }), true);
        check(&config, &json!({ "exp": now - 60 }), false);
        for claim in ["nbf", "iat"] {
            check(&config, &json!({ claim: now + 60 }), true);
            check(&config, &json!({ claim: now + 61 }), false);
            check(&config, &json!({ claim: now.to_string() }), false);
            check(&config, &json!({ claim: null }), false);
        }
    }

    #[test]
    fn a_token_for_several_says_at_whose_wish_it_was_made() {
        let (anybody, app) = (config(&[]), config(&["app"]));
        for (audience, party, for_anybody, for_app) in [
            (json!("consort"), json!("app"), true, true),
            (json!("consort"), json!("other"), true, false),
            (json!(["consort"]), json!("other"), true, false),
            (json!(["consort", "wiki"]), json!("consort"), true, true),
            (json!(["consort", "wiki"]), json!("app"), false, true),
            (json!(["consort", "wiki"]), json!("wiki"), false, false),
            (json!(["wiki"]), json!("consort"), false, false),
            (json!(["consort", 7]), json!("consort"), false, false),
            (json!([]), json!("consort"), false, false),
            (json!("consort"), json!(7), false, false),
        ] {
            let claims = json!({ "aud": audience, "azp": party });
            check(&anybody, &claims, for_anybody);
            check(&app, &claims, for_app);
        }
        check(&anybody, &json!({ "aud": ["consort", "wiki"] }), false);
        check(&app, &json!({}), false);
    }

    #[test]
    fn a_user_has_a_name_that_can_be_told() {
        let config = config(&[]);
        for bad in
            [json!(""), json!(" ana"), json!("a\nb"), json!("x".repeat(256)), json!(7), json!(null)]
        {
            check(&config, &json!({ "sub": bad }), false);
        }
        let claims = json!({ "name": "Ana Lima", "preferred_username": "ana" });
        let mut all = good();
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let found = subject(all.as_object().unwrap(), &config, NOW).unwrap();
        assert_eq!(found, Subject { id: "ana".to_owned(), name: "Ana Lima".to_owned() });
    }
}
