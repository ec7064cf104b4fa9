use super::fields::Fields;

/// The record of a user in a file.
pub(super) struct Record {
    /// The first line of the record, counted from 1.
    pub(super) first_line: u64,
    /// The last line of the record.
    pub(super) last_line: u64,
    /// The fields that could be read.
    pub(super) fields: Fields,
    /// Why the record cannot be read, for people.
    pub(super) error: Option<String>,
}
