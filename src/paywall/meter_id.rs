//! The ids of meters.

/// Whose meter it is: a user's, an anonymous reader's, or that of the network of new readers.
///
/// A user's is the user's id. The others are negative, so that the reads of users and of anonymous readers can be in
/// one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterId(i64);

/// Readers and networks have this many ids each.
const RANGE: u64 = 1 << 62;

impl MeterId {
    #[must_use]
    pub const fn of_user(user_id: i64) -> Self {
        Self(user_id)
    }

    /// The id of an anonymous reader, from a random number.
    #[must_use]
    pub fn of_reader(random: u64) -> Self {
        Self(-1 - (random % RANGE).cast_signed())
    }

    /// The id of a network, from a hash of its address.
    #[must_use]
    pub fn of_network(hash: u64) -> Self {
        Self(-1 - (RANGE + hash % RANGE).cast_signed())
    }

    /// The number in the column.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    /// The random number of a reader: [`Self::of_reader`] returns the same id for it.
    #[must_use]
    pub fn random(self) -> u64 {
        self.magnitude()
    }

    #[must_use]
    pub fn is_user(self) -> bool {
        self.0 >= 0
    }

    #[must_use]
    pub fn is_network(self) -> bool {
        !self.is_user() && self.magnitude() >= RANGE
    }

    fn magnitude(self) -> u64 {
        (-1 - self.0).cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_readers_and_networks_have_different_ids() {
        for number in [0, 1, 7, RANGE - 1, RANGE, u64::MAX] {
            let (reader, network) = (MeterId::of_reader(number), MeterId::of_network(number));
            assert!(!reader.is_user() && !reader.is_network(), "{reader:?}");
            assert!(!network.is_user() && network.is_network(), "{network:?}");
            assert_eq!(MeterId::of_reader(reader.random()), reader);
        }
        assert!(MeterId::of_user(1).is_user() && !MeterId::of_user(1).is_network());
    }
}
