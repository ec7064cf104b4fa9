//! The command line: the server, and the commands for operators. A running server sees each change within 100 ms.

mod ask;
mod audit;
mod context;
mod database;
mod doctor;
mod exit_code;
mod gift;
mod health;
mod mail;
mod meter;
mod migrate_to;
mod operator;
mod output;
mod payment;
mod post;
mod session;
mod settings;
mod stats;
mod subscription;
mod token;
mod user;
mod waiting;

use std::io::Write;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub use self::exit_code::{error_text, exit_code};
pub use self::output::is_reader_gone;
use self::{
    context::{Context, load},
    exit_code::NotFound,
    output::{show, stdout, table},
};
use crate::config::Config;

const SETTINGS_HELP: &str = "`tollgate config` prints all settings, and `tollgate config <NAME>` explains one.\n\
                             docs/reference/settings.md describes them all.";

/// Sign-in and a metered paywall for single-page apps. Settings come from the environment or the file .env.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = SETTINGS_HELP)]
pub struct Arguments {
    /// Write JSON for use by programs
    #[arg(long, global = true)]
    json: bool,
    /// Start the server if omitted
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve,
    /// Create the database, or update its schema
    Migrate,
    /// Manage users
    #[command(subcommand)]
    User(user::Command),
    /// Manage sessions
    #[command(subcommand)]
    Session(session::Command),
    /// Manage API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Manage gift links
    #[command(subcommand)]
    Gift(gift::Command),
    /// Manage posts
    #[command(subcommand)]
    Post(post::Command),
    /// Manage meters
    #[command(subcommand)]
    Meter(meter::Command),
    /// Test, list, retry and discard email, and invite users
    #[command(subcommand)]
    Mail(mail::Command),
    /// List the events of all accounts, newest first
    Audit(audit::Audit),
    /// Print the reads, refusals, readers and conversions of each day, or the statistics of each post
    Stats(stats::Stats),
    /// List and assign payments that belonged to no account
    #[command(subcommand)]
    Payment(payment::Command),
    /// Grant a user a subscription
    Grant(subscription::Grant),
    /// End a user's subscriptions; those from Stripe until the next event from Stripe
    Revoke(subscription::Revoke),
    /// Encrypt the seeds of authenticator apps under SECRET_KEY that are still under SECRET_KEY_OLD
    Rekey,
    /// Copy the SQLite database to a new file, while the server is running
    Backup(database::Backup),
    /// Maintain the SQLite database
    #[command(subcommand)]
    Db(database::Command),
    /// Copy the SQLite database with all sessions to an empty PostgreSQL database; stop the server first
    MigrateTo(migrate_to::MigrateTo),
    /// Print the effective settings, without secrets, or explain one
    #[command(after_help = "docs/reference/settings.md describes all settings.")]
    Config(settings::Settings),
    /// Check the settings, the key and the database for mistakes
    Doctor,
    /// Check whether the running server is ready
    Health,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a document that is generated from the definitions of the settings
    #[command(hide = true)]
    Reference {
        /// The document
        document: settings::Reference,
    },
}

impl Arguments {
    /// Returns whether the server should be started.
    #[must_use]
    pub fn is_serve(&self) -> bool {
        matches!(self.command, None | Some(Command::Serve))
    }

    /// Returns whether programs read the output and the errors.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Runs a command other than the server.
    ///
    /// # Errors
    /// A message for the operator.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            None | Some(Command::Serve) => Ok(()),
            Some(Command::Completions { shell }) => {
                // Written in one piece, because the generator panics if a reader such as `head` exits.
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut Self::command(), "tollgate", &mut script);
                Ok(stdout().write_all(&script)?)
            }
            Some(Command::Config(settings)) => settings::run(self.json, &settings),
            Some(Command::Reference { document }) => settings::reference(document),
            Some(Command::Doctor) => doctor::run(self.json).await,
            Some(Command::Health) => health::check(&Config::load()?.server, self.json),
            Some(Command::Rekey) => database::rekey(&Context::open(self.json).await?).await,
            Some(Command::Migrate) => database::migrate(&Config::load()?, self.json).await,
            Some(Command::Backup(backup)) => database::backup(&load()?, self.json, &backup),
            Some(Command::Db(command)) => database::run(&load()?, self.json, &command),
            Some(Command::MigrateTo(to)) => migrate_to::run(&load()?, self.json, &to).await,
            Some(Command::User(command)) => user::run(Context::open(self.json).await?, command).await,
            Some(Command::Session(command)) => session::run(Context::open(self.json).await?, command).await,
            Some(Command::Token(command)) => token::run(Context::open(self.json).await?, command).await,
            Some(Command::Gift(command)) => gift::run(Context::open(self.json).await?, command).await,
            Some(Command::Post(command)) => post::run(Context::open(self.json).await?, command).await,
            Some(Command::Meter(command)) => meter::run(Context::open(self.json).await?, command).await,
            Some(Command::Mail(mail::Command::Test { address })) => {
                mail::test(&Config::load()?, self.json, &address).await
            }
            Some(Command::Mail(mail::Command::List)) => mail::list(&Context::open(self.json).await?).await,
            Some(Command::Mail(mail::Command::Retry { id })) => mail::retry(&Context::open(self.json).await?, id).await,
            Some(Command::Mail(mail::Command::Invite(invite))) => {
                mail::invite(&Context::open(self.json).await?, invite).await
            }
            Some(Command::Mail(mail::Command::Discard { id })) => {
                mail::discard(&Context::open(self.json).await?, id).await
            }
            Some(Command::Audit(audit)) => audit::run(Context::open(self.json).await?, audit).await,
            Some(Command::Stats(stats)) => stats::run(Context::open(self.json).await?, stats).await,
            Some(Command::Payment(command)) => payment::run(Context::open(self.json).await?, command).await,
            Some(Command::Grant(grant)) => subscription::grant(Context::open(self.json).await?, grant).await,
            Some(Command::Revoke(revoke)) => subscription::revoke(Context::open(self.json).await?, revoke).await,
        }
    }
}
