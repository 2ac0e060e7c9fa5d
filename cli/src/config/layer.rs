//! Putting one layer of settings over another.

use toml::{Table, Value};

const PREFIX: &str = "CONSORT__";

/// The variables of this process that are ours.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn environment() -> Vec<(String, String)> {
    std::env::vars().filter(|(name, _)| name.starts_with(PREFIX)).collect()
}

/// Merges `over` into `under`, table by table.
///
/// A table whose `kind` changes is another thing: it is replaced whole, so that the settings of the
/// old kind do not linger.
pub(super) fn put_over(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => {
                let is_another_kind =
                    above.get("kind").is_some_and(|kind| below.get("kind") != Some(kind));
                if is_another_kind {
                    *below = above;
                } else {
                    put_over(below, above);
                }
            }
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// `CONSORT__WORKER__CONCURRENCY=2` as `worker.concurrency = 2`.
///
/// The value takes the type that the key has in `known`; a key without one is text, or a truth value.
pub(super) fn from_variables(
    variables: &[(String, String)],
    known: &Table,
) -> Result<Table, String> {
    let mut layer = Table::new();
    for (name, text) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let path: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        let Some((last, parents)) = path.split_last() else { continue };
        let value = typed(text, lookup(known, &path))
            .map_err(|wanted| format!("{}: must be {wanted}", path.join(".")))?;
        let mut table = &mut layer;
        for parent in parents {
            let entry = table.entry(parent.clone()).or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = entry else {
                return Err(format!("{name}: {parent} is a value and a section at once"));
            };
            table = inner;
        }
        table.insert(last.clone(), value);
    }
    Ok(layer)
}

fn lookup<'a>(table: &'a Table, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    match (table.get(first)?, rest) {
        (value, []) => Some(value),
        (Value::Table(inner), rest) => lookup(inner, rest),
        _ => None,
    }
}

fn typed(text: &str, known: Option<&Value>) -> Result<Value, &'static str> {
    match known {
        Some(Value::Integer(_)) => text.parse().map(Value::Integer).map_err(|_| "a whole number"),
        Some(Value::Float(_)) => text.parse().map(Value::Float).map_err(|_| "a number"),
        Some(Value::Boolean(_)) => text.parse().map(Value::Boolean).map_err(|_| "true or false"),
        Some(Value::Array(_)) => Ok(Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Value::String(part.to_owned()))
                .collect(),
        )),
        None if text == "true" || text == "false" => Ok(Value::Boolean(text == "true")),
        _ => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn merges_tables_key_by_key() {
        let mut under = table("[a]\nx = 1\ny = 2");
        put_over(&mut under, table("[a]\ny = 3"));
        assert_eq!(under, table("[a]\nx = 1\ny = 3"));
    }

    #[test]
    fn replaces_a_table_of_another_kind() {
        let mut under = table("[blobs]\nkind = 'local'\npath = 'p'");
        put_over(&mut under, table("[blobs]\nkind = 's3'\nbucket = 'b'"));
        assert_eq!(under, table("[blobs]\nkind = 's3'\nbucket = 'b'"));
    }

    #[test]
    fn keeps_digits_of_a_text_setting_as_text() {
        let variables = [("CONSORT__A__SECRET".to_owned(), "12345".to_owned())];
        assert_eq!(
            from_variables(&variables, &table("[a]\nsecret = ''")).unwrap(),
            table("[a]\nsecret = '12345'")
        );
        assert_eq!(
            from_variables(&variables, &Table::new()).unwrap(),
            table("[a]\nsecret = '12345'")
        );
    }
}
