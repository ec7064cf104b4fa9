//! A table as both databases have it.

use std::collections::BTreeMap;

use super::TransferError;

/// What is copied, by name only: a table or a column that a migration adds is copied without being named here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Columns,
    /// The tables that have to be there before it.
    pub(super) refers_to: Vec<String>,
}

/// Names of columns, each with what it holds; in the order of their names, which is the same on both sides.
pub(super) type Columns = BTreeMap<String, Kind>;

/// What a column holds: the four kinds that both databases have alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Boolean,
    Text,
    Bytes,
}

impl Kind {
    /// From the name of a type in either database; `None` for one that could change on the way, such as a float.
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

/// A name as SQL takes it in both databases, whatever it is.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The names, quoted and separated.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n String>) -> String {
    names.map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// Each table after those that it refers to.
///
/// # Errors
/// Some refer to each other, or to none that is there.
pub(super) fn in_order(mut waiting: Vec<Table>) -> Result<Vec<Table>, TransferError> {
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_there = |name: &String| ordered.iter().any(|table| table.name == *name);
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            // A row may refer to one of its own table that comes later: that is checked when all of them are there.
            .partition(|table| table.refers_to.iter().all(|other| *other == table.name || is_there(other)));
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
    fn a_table_comes_after_those_that_it_refers_to() {
        let tables = vec![table("a", &["c", "b"]), table("b", &["c"]), table("c", &["c"]), table("d", &[])];
        let names: Vec<_> = in_order(tables).expect("there is an order").into_iter().map(|table| table.name).collect();
        assert_eq!(names, ["c", "d", "b", "a"]);
    }

    #[test]
    fn tables_that_refer_to_each_other_are_named() {
        let error = in_order(vec![table("a", &["b"]), table("b", &["a"]), table("c", &[])]).expect_err("a circle");
        assert_eq!(error.to_string(), "these tables refer to each other in a circle: a, b");
    }

    #[test]
    fn no_name_ends_its_quotes() {
        assert_eq!(quoted("a\"; DROP TABLE b"), "\"a\"\"; DROP TABLE b\"");
    }
}
