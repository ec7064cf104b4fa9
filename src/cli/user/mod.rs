//! `tollgate user`

mod add;
mod audit;
mod change;
mod count;
mod csv_lines;
mod export;
mod fields;
mod find;
mod format;
mod import;
mod json_lines;
mod lines;
mod list;
mod progress;
mod records;
mod refusals;
mod row;
mod show;

use clap::Subcommand;

pub(super) use self::find::find;
use super::Context;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a user; the password is asked for, or read from standard input
    Add(add::Add),
    /// List users, all of them or those that match
    List(list::List),
    /// Show a user with lock-outs and subscription
    Show {
        /// Name, e-mail address or id
        user: String,
    },
    /// Find a user by something else than name, e-mail address or id
    Find(show::Find),
    /// Show what happened to a user's account, newest first
    Audit(audit::Audit),
    /// Forget the wrong passwords for a user's account, so that the user may try again at once
    Unlock {
        /// Name, e-mail address or id
        user: String,
    },
    /// Keep a user out, and end all sessions of the user at once
    Disable {
        /// Name, e-mail address or id
        user: String,
    },
    /// Let a user in again
    Enable {
        /// Name, e-mail address or id
        user: String,
    },
    /// Set another password, and end all sessions of the user
    Password {
        /// Name, e-mail address or id
        user: String,
    },
    /// Make a user an admin
    Promote {
        /// Name, e-mail address or id
        user: String,
    },
    /// Make an admin a user
    Demote {
        /// Name, e-mail address or id
        user: String,
    },
    /// Delete a user and all that is the user's
    Delete {
        /// Name, e-mail address or id
        user: String,
    },
    /// Add many users with the hashes that another program made of their passwords; run again, it goes on where it was cut
    Import(import::Import),
    /// Write all users into a new file, without the hashes of their passwords: no export holds one
    Export(export::Export),
}

pub(super) async fn run(context: Context, command: Command) -> anyhow::Result<()> {
    use crate::models::users::Role;
    use change::{Changed, set_active, set_role};

    match command {
        Command::Add(add) => add::run(&context, add).await,
        Command::List(list) => list::run(&context, list).await,
        Command::Show { user } => show::show(&context, &user).await,
        Command::Find(find) => show::find_by(&context, find).await,
        Command::Audit(audit) => audit::run(&context, audit).await,
        Command::Unlock { user } => change::unlock(&context, &user).await,
        Command::Password { user } => change::password(&context, &user).await,
        Command::Disable { user } => {
            let changed = Changed { command: "user disable", sentence: "is disabled, and has no session" };
            set_active(&context, &user, false, changed).await
        }
        Command::Enable { user } => {
            set_active(&context, &user, true, Changed { command: "user enable", sentence: "may sign in" }).await
        }
        Command::Promote { user } => {
            let changed = Changed { command: "user promote", sentence: "is an admin" };
            set_role(&context, &user, Role::Admin, changed).await
        }
        Command::Demote { user } => {
            set_role(&context, &user, Role::User, Changed { command: "user demote", sentence: "is no admin" }).await
        }
        Command::Delete { user } => change::delete(&context, &user).await,
        Command::Import(import) => import::run(&context, import).await,
        Command::Export(export) => export::run(&context, export).await,
    }
}
