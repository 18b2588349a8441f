//! One way to connect: whom as, and within which limits.

use std::time::Duration;

use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Problem, ops};

/// A log-in, and the role it works as.
#[derive(Clone)]
pub struct Login {
    options: PgConnectOptions,
    role: Option<&'static str>,
}

impl std::fmt::Debug for Login {
    /// Names, never the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("host", &self.options.get_host())
            .field("user", &self.options.get_username())
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// The log-in itself.
    pub fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            role: None,
        }
    }

    /// The same log-in, which takes a role of the portal after it has connected. For set-ups with
    /// one log-in: whoever can make it run `reset role` has the log-in's rights again.
    #[must_use]
    pub fn as_role(&self, role: &'static str) -> Self {
        Self {
            options: self.options.clone(),
            role: Some(role),
        }
    }

    /// Where and who, for messages.
    pub fn place(&self) -> String {
        let user = self.options.get_username();
        let database = self.options.get_database().unwrap_or(user);
        match self.options.get_socket() {
            Some(socket) => format!("{user} in {database} at {}", socket.display()),
            None => format!(
                "{user} in {database} at {}:{}",
                self.options.get_host(),
                self.options.get_port()
            ),
        }
    }

    /// Name of the log-in.
    pub fn user(&self) -> &str {
        self.options.get_username()
    }

    /// One connection of its own, within five seconds.
    pub async fn connect(&self) -> Result<PgConnection, Problem> {
        let connecting = PgConnection::connect_with(&self.options);
        let mut connection = tokio::time::timeout(Duration::from_secs(5), connecting)
            .await
            .map_err(|_| Problem::Unreachable(sqlx::Error::PoolTimedOut))??;
        if let Some(role) = self.role {
            ops::set_role(&mut connection, role).await?;
        }
        Ok(connection)
    }
}

/// A pool that connects when first used, so that it can be made while the database is down.
///
/// Statements end after 5 s, lock waits after 4 s, forgotten transactions after 30 s.
pub fn pool(login: &Login, most: u32) -> PgPool {
    let options = login
        .options
        .clone()
        .application_name("groundcrew")
        .options([
            ("statement_timeout", "5s"),
            ("lock_timeout", "4s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("TimeZone", "UTC"),
        ]);
    let role = login.role;
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(3))
        .idle_timeout(Duration::from_mins(5))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                match role {
                    Some(role) => ops::set_role(connection, role).await,
                    None => Ok(()),
                }
            })
        })
        .connect_lazy_with(options)
}
