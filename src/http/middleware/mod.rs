//! What every request passes before and after its handler.

pub(in crate::http) mod access_log;
pub(in crate::http) mod cookie_selection;
pub(in crate::http) mod gate;
pub(in crate::http) mod origin;
pub(in crate::http) mod pre_authentication;
pub(in crate::http) mod response;
pub(in crate::http) mod session_cookie;
pub(in crate::http) mod session_store;
pub(in crate::http) mod span;
pub(in crate::http) mod static_files;
pub(in crate::http) mod trace_context;

pub(super) use self::{
    gate::require_session,
    pre_authentication::pre_authenticate,
    response::{REQUEST_ID, finish_response},
    session_store::SessionStoreAdapter,
};
