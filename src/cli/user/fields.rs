//! The raw fields of a user in a file.

use crate::{
    accounts::{
        Username,
        import::{self, ForeignUser, Granted, Newcomer},
    },
    base::{clock::Timestamp, email::Email},
    users::Role,
};

/// A column of a CSV file, or a key of a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Username,
    PasswordHash,
    Email,
    EmailVerified,
    Role,
    IsActive,
    CreatedAt,
    StripeCustomer,
    /// Whether a subscription was given away. Only in Ghost's files.
    Complimentary,
}

const COLUMNS: [(&str, Column); 8] = [
    ("username", Column::Username),
    ("password_hash", Column::PasswordHash),
    ("email", Column::Email),
    ("email_verified", Column::EmailVerified),
    ("role", Column::Role),
    ("is_active", Column::IsActive),
    ("created_at", Column::CreatedAt),
    ("stripe_customer", Column::StripeCustomer),
];

impl Column {
    /// Returns the column with this name.
    ///
    /// # Errors
    /// A message for people. A name with unusual characters is not quoted: it may be a misplaced password hash.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        if let Some((_, column)) = COLUMNS.iter().find(|(supported, _)| *supported == name) {
            return Ok(*column);
        }
        let is_shown =
            name.len() < 32 && name.chars().all(|letter| letter.is_alphanumeric() || "_- .;".contains(letter));
        let column = if is_shown { format!("column {name}") } else { "column".to_owned() };
        Err(format!(
            "unknown {column}: the supported columns are {}",
            COLUMNS.map(|(supported, _)| supported).join(", ")
        ))
    }
}

/// The fields of a user; missing ones are `None`.
#[derive(Default)]
pub(super) struct Fields {
    username: Option<String>,
    password_hash: Option<String>,
    email: Option<String>,
    email_verified: Option<String>,
    role: Option<String>,
    is_active: Option<String>,
    created_at: Option<String>,
    stripe_customer: Option<String>,
    complimentary: Option<String>,
}

impl Fields {
    pub(super) fn set(&mut self, column: Column, text: String) {
        let place = match column {
            Column::Username => &mut self.username,
            Column::PasswordHash => &mut self.password_hash,
            Column::Email => &mut self.email,
            Column::EmailVerified => &mut self.email_verified,
            Column::Role => &mut self.role,
            Column::IsActive => &mut self.is_active,
            Column::CreatedAt => &mut self.created_at,
            Column::StripeCustomer => &mut self.stripe_customer,
            Column::Complimentary => &mut self.complimentary,
        };
        *place = Some(text);
    }

    /// Returns the username, unless it could be a password hash that was misplaced because of a wrong column or
    /// quotation mark: most formats have two `$`, those of LDAP start with a brace, and the rest are long hexadecimal
    /// numbers.
    pub(super) fn original_name(&self) -> Option<String> {
        let is_number =
            |name: &str| name.split(|letter: char| !letter.is_ascii_hexdigit()).any(|part| part.len() >= 32);
        let is_hash = |name: &str| name.matches('$').count() >= 2 || name.starts_with('{') || is_number(name);
        self.username.clone().filter(|name| !is_hash(name))
    }

    /// Validates the user by the rules of registration. Without a name, the user gets one as by signing in by email. Without
    /// a password, the user signs in by email, which proves the address.
    ///
    /// # Errors
    /// A message for people that says what is wrong.
    pub(super) fn user(self, defaults: &Defaults) -> Result<Newcomer, String> {
        if self.email.is_none() && (self.username.is_none() || self.password_hash.is_none()) {
            return Err("the username and the password hash are required without an email address".to_owned());
        }
        let username = self.username.map(|name| Username::parse(&name)).transpose();
        let username = username.map_err(|error| format!("the username {error}"))?;
        let email = self.email.map(|text| Email::parse(&text)).transpose();
        let email = email.map_err(|_| "the email address must have a form such as ada@example.org")?;
        let (role, is_active) = (role(self.role.as_deref())?, flag("is_active", self.is_active.as_deref(), true)?);
        let email_verified = flag("email_verified", self.email_verified.as_deref(), false)?;
        if email_verified && email.is_none() {
            return Err("email_verified must be false without an email address".to_owned());
        }
        let created_at = self.created_at.map_or(Ok(defaults.now), |text| Timestamp::from_time_or_day(&text));
        let created_at = created_at.map_err(|error| format!("created_at {error}"))?;
        let stripe_customer = self.stripe_customer.map(stripe_customer).transpose()?;
        let is_complimentary = flag("complimentary_plan", self.complimentary.as_deref(), false)?;
        let subscription = defaults.subscribed_until.map(Some).or_else(|| is_complimentary.then_some(None));
        let user = ForeignUser {
            username,
            email,
            email_verified,
            password_hash: self.password_hash,
            role,
            is_active,
            created_at,
            stripe_customer,
            subscription: subscription.map(|until| Granted { until }),
        };
        import::checked(user, defaults.cost).map_err(|error| format!("the password hash {error}"))
    }
}

/// What applies to all users of a file.
pub(super) struct Defaults {
    /// Of the server's own hashes.
    pub(super) cost: u32,
    /// The registration date of users without one.
    pub(super) now: Timestamp,
    /// Until when all of them have a subscription, if they get one.
    pub(super) subscribed_until: Option<Timestamp>,
}

/// Stripe's ids are short, and have letters, digits and underscores.
fn stripe_customer(text: String) -> Result<String, &'static str> {
    let is_id = text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_id { Ok(text) } else { Err("the Stripe customer must be an id such as cus_9s6XKzkNRiz8i3") }
}

fn role(text: Option<&str>) -> Result<Role, &'static str> {
    text.map_or(Ok(Role::User), |text| Role::parse(text).map_err(|_| "the role must be user, editor or admin"))
}

fn flag(name: &str, text: Option<&str>, default: bool) -> Result<bool, String> {
    match text {
        None => Ok(default),
        // Databases export booleans as numbers.
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(format!("{name} must be true or false, or 1 or 0")),
    }
}

/// The record of a user in a file.
pub(super) struct Record {
    /// The first line of the record, counted from 1.
    pub(super) first_line: u64,
    /// The last line of the record.
    pub(super) last_line: u64,
    /// The fields that could be read.
    pub(super) fields: Fields,
    /// Why the record cannot be read, for people.
    pub(super) error: Option<String>,
}
