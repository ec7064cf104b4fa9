//! A user as shown to operators.

use serde::Serialize;

use crate::{
    base::clock::Timestamp,
    users::{Role, User},
};

#[derive(Serialize)]
pub(in crate::cli) struct Row {
    id: i64,
    username: String,
    email: Option<String>,
    email_verified: bool,
    /// The address that replaces `email` once it is verified.
    pending_email: Option<String>,
    role: Role,
    is_active: bool,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    subscribed_until: Option<Timestamp>,
}

impl From<User> for Row {
    fn from(user: User) -> Self {
        Self {
            email_verified: user.is_email_verified(),
            id: user.id,
            username: user.username,
            email: user.email,
            pending_email: user.pending_email,
            role: user.role,
            is_active: user.is_active,
            created_at: user.created_at,
            updated_at: user.updated_at,
            subscribed_until: user.subscribed_until,
        }
    }
}

impl Row {
    pub(super) fn line(&self) -> String {
        self.columns().join("  ").trim_end().to_owned()
    }

    pub(super) fn columns(&self) -> Vec<String> {
        let state = if self.is_active { "active" } else { "disabled" };
        let email = match &self.email {
            None => "-".to_owned(),
            Some(email) if self.email_verified => format!("{email} (verified)"),
            Some(email) => email.clone(),
        };
        let subscribed = match self.subscribed_until {
            None => String::new(),
            Some(until) if until >= Timestamp::WRITABLE.end => "subscribed permanently".to_owned(),
            Some(until) => format!("subscribed until {until}"),
        };
        let created_at = self.created_at.to_string();
        let (id, role) = (self.id.to_string(), self.role.into_str().to_owned());
        vec![id, self.username.clone(), email, role, state.to_owned(), created_at, subscribed]
    }
}
