//! The database.

use crate::config::{
    setting::{DefaultValue::Fixed, Definition, Setting},
    values::{Address, DatabaseUrl},
};

pub(super) const ALL: &[&dyn Definition] = &[&DATABASE_URL];

pub(crate) const DATABASE_URL: Setting<DatabaseUrl> = Setting {
    name: "DATABASE_URL",
    about: "The database: a SQLite file, which is created if it does not exist, or PostgreSQL, which several nodes can \
            share. A password is written `postgres://<user>:<password>@<host>/<database>`.",
    values: &Address,
    default: Fixed(|| DatabaseUrl::Sqlite("tollgate.db".into())),
};
