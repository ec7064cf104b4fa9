//! Pages of other applications, which a proxy serves and tollgate meters.

mod page_state;
mod path;
mod reading;
mod table;

pub use self::{
    path::{InvalidPath, ResourcePath},
    reading::read_page,
    table::{Resource, delete_unused, find, find_refused, intern, keep},
};
