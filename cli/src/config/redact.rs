//! Keeping secrets out of what is printed.

use serde_path_to_error::Error;
use toml::{Table, Value};

/// Keys whose values are secret as a whole.
const SECRET_KEYS: [&str; 4] = ["access_key", "secret_key", "password", "token"];

const MASK: &str = "********";

/// A copy in which secrets are masked: whole values by key, and the password of any URL.
pub(crate) fn redacted(table: &Table) -> Table {
    table.iter().map(|(key, value)| (key.clone(), redacted_value(key, value))).collect()
}

fn redacted_value(key: &str, value: &Value) -> Value {
    match value {
        Value::Table(inner) => Value::Table(redacted(inner)),
        Value::String(_) if is_secret(key) => Value::String(MASK.to_owned()),
        Value::String(text) => Value::String(without_password(text)),
        other => other.clone(),
    }
}

fn is_secret(key: &str) -> bool {
    SECRET_KEYS.contains(&key)
}

/// `scheme://user:password@host` with the password masked.
fn without_password(text: &str) -> String {
    let masked = || {
        let (scheme, rest) = text.split_once("://")?;
        let authority_end = rest.find('/').unwrap_or(rest.len());
        let at = rest[..authority_end].rfind('@')?;
        let (user, _) = rest[..at].split_once(':')?;
        Some(format!("{scheme}://{user}:{MASK}{}", &rest[at..]))
    };
    masked().unwrap_or_else(|| text.to_owned())
}

/// The key and what is wrong with it. The text of an error may hold the value: not for a secret.
pub(super) fn explain(error: &Error<toml::de::Error>) -> String {
    let path = error.path().to_string();
    let key = path.rsplit('.').next().unwrap_or_default();
    if is_secret(key) || key == "url" {
        return format!("{path}: must be text");
    }
    let message = error.inner().message();
    // serde reports an unknown key at its table: the name is in the message.
    match message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        Some((name, rest)) if path.is_empty() || path == "." => {
            format!("{name}: unknown key{rest}")
        }
        Some((name, rest)) if path.ends_with(name) => format!("{path}: unknown key{rest}"),
        Some((name, rest)) => format!("{path}.{name}: unknown key{rest}"),
        None => format!("{path}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_only_the_password_of_a_url() {
        assert_eq!(without_password("postgres://a:b@h/d"), "postgres://a:********@h/d");
        assert_eq!(without_password("postgres://a:b@c@h:1/d"), "postgres://a:********@h:1/d");
        assert_eq!(without_password("postgres://a@h/d"), "postgres://a@h/d");
        assert_eq!(without_password("sqlite:data/consort.db"), "sqlite:data/consort.db");
    }

    #[test]
    fn masks_secrets_in_nested_tables() {
        let table: Table = "[s3]\nsecret_key = 'x'\nbucket = 'y'".parse().unwrap();
        let expected: Table = "[s3]\nsecret_key = '********'\nbucket = 'y'".parse().unwrap();
        assert_eq!(redacted(&table), expected);
    }
}
