//! Middleware: the steps before and after every handler.

pub(super) mod access_log;
pub(super) mod contained_file;
pub(super) mod gate;
pub(super) mod head;
pub(super) mod origin;
pub(super) mod pre_authentication;
pub(super) mod response;
pub(super) mod span;
pub(super) mod static_files;
pub(super) mod trace_context;

pub(super) use self::{
    gate::require_credential,
    pre_authentication::pre_authenticate,
    response::{REQUEST_ID, finish_response},
};
