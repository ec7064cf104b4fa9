//! Paginated lists.

/// Truncates `rows` to `limit`, for a query that has asked for one more. Returns whether there is another page.
pub(super) fn split_page<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > size;
    rows.truncate(size);
    has_more
}
