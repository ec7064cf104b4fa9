//! The column `scopes` of the table `api_tokens`.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::{Serialize, Serializer};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What an operation needs of an API token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase", const_into_str)]
pub enum Scope {
    /// Posts and the meter.
    Read,
    /// The user's own account, but neither its credentials nor its sessions.
    Account,
    /// What only admins may do.
    Admin,
}

/// The scopes that an API token was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Scopes {
    read: bool,
    account: bool,
    admin: bool,
}

impl Scopes {
    fn given(self, scope: Scope) -> bool {
        match scope {
            Scope::Read => self.read,
            Scope::Account => self.account,
            Scope::Admin => self.admin,
        }
    }

    /// Whether a token with these scopes may do what needs `scope`. Every scope includes `read`.
    #[must_use]
    pub fn allow(self, scope: Scope) -> bool {
        match scope {
            Scope::Read => !self.is_empty(),
            scope => self.given(scope),
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The value stored in the database.
    fn as_str(self) -> &'static str {
        match (self.read, self.account, self.admin) {
            (false, false, false) => "",
            (true, false, false) => "read",
            (false, true, false) => "account",
            (true, true, false) => "read account",
            (false, false, true) => "admin",
            (true, false, true) => "read admin",
            (false, true, true) => "account admin",
            (true, true, true) => "read account admin",
        }
    }

    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Scope::VARIANTS.iter().filter(move |scope| self.given(**scope)).map(Scope::into_str)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::default(), |scopes, scope| match scope {
            Scope::Read => Self { read: true, ..scopes },
            Scope::Account => Self { account: true, ..scopes },
            Scope::Admin => Self { admin: true, ..scopes },
        })
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<DB: Backend> FromSql<Text, DB> for Scopes
where
    String: FromSql<Text, DB>,
{
    /// Scopes that a newer version has added allow nothing that this version knows.
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(bytes)?.split(' ').flat_map(str::parse::<Scope>).collect())
    }
}

impl<DB: Backend> ToSql<Text, DB> for Scopes
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_includes_reading_and_nothing_else() {
        for &given in Scope::VARIANTS {
            let scopes = Scopes::from_iter([given]);
            for &needed in Scope::VARIANTS {
                assert_eq!(scopes.allow(needed), needed == given || needed == Scope::Read, "{given:?} {needed:?}");
            }
        }
        assert!(Scope::VARIANTS.iter().all(|scope| !Scopes::default().allow(*scope)));
    }

    #[test]
    fn the_names_are_stored() {
        for number in 0..8_u8 {
            let given = Scope::VARIANTS.iter().copied().enumerate().filter(|(bit, _)| number & (1 << bit) != 0);
            let scopes: Scopes = given.map(|(_, scope)| scope).collect();
            assert_eq!(scopes.as_str(), scopes.names().collect::<Vec<_>>().join(" "));
        }
    }
}
