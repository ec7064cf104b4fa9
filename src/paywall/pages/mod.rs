//! Pages of other applications, which a proxy serves and tollgate meters.

mod page_state;
mod path;
mod reading;
mod table;

pub use self::{
    path::{InvalidPath, PagePath},
    reading::read_page,
    table::{Page, delete_unused, find, find_refused, keep, record_use},
};
