//! Pages of other applications, which a proxy serves and tollgate meters.

mod page_state;
mod path;
mod reading;

pub use self::{
    path::{InvalidPath, ResourcePath},
    reading::read_page,
};
