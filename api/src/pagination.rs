//! Lists in pages: `?limit=&after=` in, `{items, next}` out.

use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// Items of a page if the client does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most items of a page.
const MAX_LIMIT: u32 = 200;

/// Checks `?limit=`.
pub(crate) fn limit(wanted: Option<u32>) -> Result<u32> {
    match wanted.unwrap_or(DEFAULT_LIMIT) {
        limit if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(Error::invalid("limit", format!("must be 1 to {MAX_LIMIT}"))),
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, newest first.
    pub(crate) items: Vec<T>,
    /// Give it as `after` to read on; `null` at the end.
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    /// A page of the store's; `key` is what the next one goes on after.
    pub(crate) fn of<Row: Into<T>, Key: Display>(
        page: store::Page<Row>,
        key: impl Fn(&Row) -> Key,
    ) -> Self {
        let last = page.items.last().filter(|_| page.has_more);
        let next = last.map(|row| key(row).to_string());
        Self { items: page.items.into_iter().map(Into::into).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_bounds() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(1)).unwrap(), 1);
        assert_eq!(limit(Some(200)).unwrap(), 200);
        assert!(limit(Some(0)).is_err());
        assert!(limit(Some(201)).is_err());
    }
}
