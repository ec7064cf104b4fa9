//! Table descriptions that both databases share.

use std::collections::BTreeMap;

use super::error::TransferError;

/// A table to copy. Read from the database, so that tables and columns added by migrations are included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Columns,
    /// The tables that must be copied before it.
    pub(super) refers_to: Vec<String>,
}

/// Column names and types, ordered by name, which is the same on both sides.
pub(super) type Columns = BTreeMap<String, Kind>;

/// A column's type; the four types that both databases share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Boolean,
    Text,
    Bytes,
}

impl Kind {
    /// Parses a type name of either database; `None` for types whose values could change in transit, such as floats.
    pub(super) fn of(declared: &str) -> Option<Self> {
        match declared.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => Some(Self::Integer),
            "boolean" => Some(Self::Boolean),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

impl Table {
    pub(super) fn differs(&self) -> TransferError {
        TransferError::Differs(self.name.clone())
    }
}

/// Quotes an identifier for either database.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes names and joins them with commas.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n String>) -> String {
    names.map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// Sorts the tables so that each comes after those it references.
///
/// # Errors
/// Some tables reference each other, or a table that does not exist.
pub(super) fn in_order(mut waiting: Vec<Table>) -> Result<Vec<Table>, TransferError> {
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_ordered = |name: &String| ordered.iter().any(|table| table.name == *name);
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            // A table may reference itself: PostgreSQL checks such rows at the end of the `COPY`.
            .partition(|table| table.refers_to.iter().all(|other| *other == table.name || is_ordered(other)));
        if ready.is_empty() {
            let names: Vec<_> = rest.into_iter().map(|table| table.name).collect();
            return Err(TransferError::Circle(names.join(", ")));
        }
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, refers_to: &[&str]) -> Table {
        let refers_to = refers_to.iter().map(|name| (*name).to_owned()).collect();
        Table { name: name.to_owned(), columns: Columns::new(), refers_to }
    }

    #[test]
    fn a_table_comes_after_those_it_references() {
        let tables = vec![table("a", &["c", "b"]), table("b", &["c"]), table("c", &["c"]), table("d", &[])];
        let names: Vec<_> = in_order(tables).expect("there is an order").into_iter().map(|table| table.name).collect();
        assert_eq!(names, ["c", "d", "b", "a"]);
    }

    #[test]
    fn circular_references_are_reported_with_their_tables() {
        let error = in_order(vec![table("a", &["b"]), table("b", &["a"]), table("c", &[])]).expect_err("a circle");
        assert_eq!(error.to_string(), "circular foreign keys between these tables: a, b");
    }

    #[test]
    fn a_quote_in_a_name_is_escaped() {
        assert_eq!(quoted("a\"; DROP TABLE b"), "\"a\"\"; DROP TABLE b\"");
    }
}
