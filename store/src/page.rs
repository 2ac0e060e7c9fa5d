//! One page of a list.

/// One page of a list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// True when rows follow after the last one.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Makes a page of `limit` rows from a query that asked for one more.
    pub(crate) fn from_one_more(mut items: Vec<T>, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        Self { items, has_more }
    }
}
