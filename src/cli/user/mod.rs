//! `tollgate user`

mod change;
mod count;
mod csv_lines;
mod dialect;
mod export;
mod fields;
mod find;
mod import;
mod json_lines;
mod lines;
mod list;
mod names;
mod progress;
mod records;
mod rejected_rows;
mod row;
mod show;

use clap::Subcommand;

pub(super) use self::find::find;
use super::Context;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a user; the password is typed, or read from standard input
    Add(change::Add),
    /// List all users, or those that match
    List(list::List),
    /// Show a user, including lockouts and subscription
    Show {
        /// Username, email address or id
        user: String,
    },
    /// Find a user by Stripe customer id
    Find(show::Find),
    /// Show a user's audit log, newest first
    Audit(show::Audit),
    /// Clear the wrong passwords and codes of a user's account, so that the user may try again immediately
    Unlock {
        /// Username, email address or id
        user: String,
    },
    /// Prevent a user from signing in, and end all sessions of the user
    Disable {
        /// Username, email address or id
        user: String,
    },
    /// Allow a user to sign in again
    Enable {
        /// Username, email address or id
        user: String,
    },
    /// Set a new password, and end all sessions of the user
    Password {
        /// Username, email address or id
        user: String,
    },
    /// Rename a user
    Rename(names::Rename),
    /// Set or remove the email address of a user
    Email(names::SetEmail),
    /// Remove the second factors of a user who has lost them
    ResetFactors {
        /// Username, email address or id
        user: String,
    },
    /// Make a user an admin, or an editor
    Promote {
        /// Username, email address or id
        user: String,
        /// An editor writes posts and sees the statistics, and may do nothing else of what admins may
        #[arg(long)]
        editor: bool,
    },
    /// Make an admin or editor a regular user
    Demote {
        /// Username, email address or id
        user: String,
    },
    /// Delete a user and all of the user's data
    Delete {
        /// Username, email address or id
        user: String,
    },
    /// Import users with their password hashes from another program; if interrupted, run it again to continue
    Import(import::Import),
    /// Export all users to a new file; password hashes are never exported
    Export(export::Export),
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    use crate::users::Role;
    use change::{Changed, set_active, set_role};

    match command {
        Command::Add(add) => change::add(&context, add).await,
        Command::List(list) => list::run(&context, list).await,
        Command::Show { user } => show::show(&context, &user).await,
        Command::Find(find) => show::find_by(&context, find).await,
        Command::Audit(audit) => show::audit(&context, audit).await,
        Command::Unlock { user } => change::unlock(&context, &user).await,
        Command::Rename(rename) => names::rename(&context, rename).await,
        Command::Email(email) => names::email(&context, email).await,
        Command::ResetFactors { user } => change::reset_factors(&context, &user).await,
        Command::Password { user } => change::password(&context, &user).await,
        Command::Disable { user } => {
            let changed = Changed { command: "user disable", sentence: "is disabled, and all sessions have ended" };
            set_active(&context, &user, false, changed).await
        }
        Command::Enable { user } => {
            set_active(&context, &user, true, Changed { command: "user enable", sentence: "may sign in" }).await
        }
        Command::Promote { user, editor } => {
            let (role, sentence) = if editor { (Role::Editor, "is an editor") } else { (Role::Admin, "is an admin") };
            set_role(&context, &user, role, Changed { command: "user promote", sentence }).await
        }
        Command::Demote { user } => {
            let changed = Changed { command: "user demote", sentence: "is no longer an admin or editor" };
            set_role(&context, &user, Role::User, changed).await
        }
        Command::Delete { user } => change::delete(&context, &user).await,
        Command::Import(import) => import::run(&context, import).await,
        Command::Export(export) => export::run(&context, export).await,
    }
}
