//! A user as shown to operators.

use serde::Serialize;

use crate::{
    clock::Timestamp,
    models::users::{Role, User},
};

#[derive(Serialize)]
pub(in crate::cli) struct Row {
    id: i64,
    username: String,
    email: Option<String>,
    role: Role,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    subscribed_until: Option<Timestamp>,
}

impl From<User> for Row {
    fn from(user: User) -> Self {
        let User { id, username, email, role, is_active, created_at, updated_at, subscribed_until, .. } = user;
        Self { id, username, email, role, is_active, created_at, updated_at, subscribed_until }
    }
}

impl Row {
    pub(super) fn line(&self) -> String {
        self.columns().join("  ").trim_end().to_owned()
    }

    pub(super) fn columns(&self) -> Vec<String> {
        let role = if self.role == Role::Admin { "admin" } else { "user" };
        let state = if self.is_active { "active" } else { "disabled" };
        let email = self.email.clone().unwrap_or_else(|| "-".to_owned());
        let subscribed = match self.subscribed_until {
            None => String::new(),
            Some(until) if until >= Timestamp::WRITABLE.end => "subscribed permanently".to_owned(),
            Some(until) => format!("subscribed until {until}"),
        };
        let created_at = self.created_at.to_string();
        vec![self.id.to_string(), self.username.clone(), email, role.into(), state.into(), created_at, subscribed]
    }
}
