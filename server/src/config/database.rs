//! Which database, as whom. Passwords come from the environment or from files, and stay unseen.

use std::{fmt, path::PathBuf, str::FromStr};

use clap::Args;
use platform::database::Login;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::Mistake;

/// Three log-ins to one database; the embedded PostgreSQL when all are left out.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// Database of the application: a log-in in role `groundcrew_app`. An embedded PostgreSQL in
    /// the data folder when left out.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<DatabaseUrl>,
    /// File that holds that URL.
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Same database, a log-in in role `audit_reader`: for the Audit page.
    #[arg(
        long,
        env = "AUDIT_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub audit_database_url: Option<DatabaseUrl>,
    /// File that holds that URL.
    #[arg(long, env = "AUDIT_DATABASE_URL_FILE", value_name = "FILE")]
    pub audit_database_url_file: Option<PathBuf>,
    /// Same database, the owner of the schema: only migrations use it. Without it `serve` expects
    /// that `groundcrew migrate` has run.
    #[arg(
        long,
        env = "MIGRATE_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub migrate_database_url: Option<DatabaseUrl>,
    /// File that holds that URL.
    #[arg(long, env = "MIGRATE_DATABASE_URL_FILE", value_name = "FILE")]
    pub migrate_database_url_file: Option<PathBuf>,
    /// Folder of the programs of the embedded PostgreSQL (initdb and others); searched for when
    /// left out.
    #[arg(long, env = "GROUNDCREW_POSTGRES_BIN", value_name = "FOLDER")]
    pub postgres_bin: Option<PathBuf>,
}

/// A database URL, password and all. `Debug` shows `***`.
#[derive(Clone)]
pub struct DatabaseUrl {
    options: PgConnectOptions,
    password: Option<String>,
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// The message never repeats the value.
    fn from_str(text: &str) -> Result<Self, String> {
        let shape = "expected postgres://LOGIN:PASSWORD@HOST/DATABASE?sslmode=verify-full";
        let url = Url::parse(text).map_err(|why| format!("{why}; {shape}"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(format!("not a PostgreSQL URL; {shape}"));
        }
        let options = PgConnectOptions::from_str(text)
            .map_err(|_| format!("a part of the URL is not understood; {shape}"))?;
        Ok(Self {
            options,
            password: url.password().map(str::to_owned),
        })
    }
}

impl DatabaseUrl {
    /// The log-in it describes.
    pub fn login(&self) -> Login {
        Login::new(self.options.clone())
    }

    /// What production forbids about it.
    pub(super) fn weaknesses(&self, field: &str) -> Vec<Mistake> {
        let mut found = Vec::new();
        let socket = self.options.get_socket().is_some();
        if !socket && !matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull) {
            found.push(Mistake::new(
                field,
                "without sslmode=verify-full anybody between the portal and the database can \
                 pretend to be the database",
                "Add ?sslmode=verify-full, and &sslrootcert=FILE where the authority is your own.",
            ));
        }
        let password = self.password.as_deref().unwrap_or_default();
        let user = self.options.get_username();
        let known = [
            "postgres",
            "password",
            "groundcrew",
            "changeme",
            "secret",
            "admin",
        ];
        if !password.is_empty() && (password == user || known.contains(&password)) {
            found.push(Mistake::new(
                field,
                format!("the password of {user} is one everybody knows"),
                format!("Set another: alter role {user} password '…';"),
            ));
        }
        found
    }
}

impl DatabaseSettings {
    /// Reads the URLs that stand in files into their places.
    pub fn read_files(&mut self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for (name, url, file) in [
            (
                "database-url",
                &mut self.database_url,
                &self.database_url_file,
            ),
            (
                "audit-database-url",
                &mut self.audit_database_url,
                &self.audit_database_url_file,
            ),
            (
                "migrate-database-url",
                &mut self.migrate_database_url,
                &self.migrate_database_url_file,
            ),
        ] {
            let Some(path) = file else { continue };
            let variable = name.to_uppercase().replace('-', "_");
            let field = format!("--{name}-file ({variable}_FILE)");
            if url.is_some() {
                mistakes.push(Mistake::new(
                    field,
                    format!("{variable} is set as well"),
                    "Leave one of the two out.",
                ));
                continue;
            }
            match std::fs::read_to_string(path) {
                Ok(text) => match text.trim().parse() {
                    Ok(read) => *url = Some(read),
                    Err(why) => {
                        mistakes.push(Mistake::new(
                            field,
                            format!("{}: {why}", path.display()),
                            "",
                        ));
                    }
                },
                Err(why) => mistakes.push(Mistake::new(
                    field,
                    format!("{} cannot be read: {why}", path.display()),
                    "Name a file the portal's user may read.",
                )),
            }
        }
        mistakes
    }
}
