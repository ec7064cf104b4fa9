//! What every page of the console has around its content.

use actix_web::HttpRequest;

use crate::{
    http::{
        extract::{current_user::CurrentUser, fields::Fields},
        pages::Site,
        state::AppState,
    },
    users::Role,
};

/// What a form has done, as its page says afterwards. The message is `console-done-` and this.
const DONE: [&str; 23] = [
    "reads",
    "unlocked",
    "reset-sent",
    "enabled",
    "role",
    "details",
    "disabled",
    "sessions",
    "factors",
    "tokens",
    "granted",
    "ended",
    "deleted",
    "saved",
    "published",
    "scheduled",
    "unpublished",
    "post-deleted",
    "assigned",
    "retried",
    "discarded",
    "all-sessions",
    "all-tokens",
];

/// A part of the console that the navigation leads to.
pub(super) struct Section {
    /// The message of its name is `console-nav-` and this.
    pub(super) key: &'static str,
    pub(super) path: &'static str,
    is_for_editors: bool,
}

const fn section(key: &'static str, path: &'static str) -> Section {
    Section { key, path, is_for_editors: false }
}

const SECTIONS: [Section; 9] = [
    Section { key: "overview", path: "/admin", is_for_editors: true },
    Section { key: "posts", path: "/admin/posts", is_for_editors: true },
    section("users", "/admin/users"),
    section("subscriptions", "/admin/subscriptions"),
    section("payments", "/admin/payments"),
    section("outbox", "/admin/outbox"),
    section("audit", "/admin/audit"),
    section("settings", "/admin/settings"),
    section("health", "/admin/health"),
];

pub(super) struct Frame<'p> {
    pub(super) site: &'p Site,
    pub(super) style: &'p str,
    pub(super) username: &'p str,
    pub(super) is_admin: bool,
    /// The key of the section that the page belongs to.
    pub(super) section: &'static str,
    /// The message about what a form has just done.
    pub(super) done: Option<String>,
}

impl<'p> Frame<'p> {
    pub(super) fn new(
        state: &'p AppState,
        request: &HttpRequest,
        user: &'p CurrentUser,
        section: &'static str,
    ) -> Self {
        let query = Fields::query(request.query_string());
        let done = query.submitted_text("done").filter(|code| DONE.contains(code));
        Self {
            site: &state.site,
            style: &state.console.style,
            username: &user.username,
            is_admin: user.role == Role::Admin,
            section,
            done: done.map(|code| format!("console-done-{code}")),
        }
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = &'static Section> {
        let is_admin = self.is_admin;
        SECTIONS.iter().filter(move |section| is_admin || section.is_for_editors)
    }
}
