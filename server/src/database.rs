//! Which log-in does what, from the settings or from the embedded cluster.

use platform::database::Login;

use crate::config::{DatabaseSettings, DatabaseUrl};

/// The log-ins of one server.
#[derive(Clone, Debug)]
pub struct Logins {
    /// Serves; role `groundcrew_app`.
    pub application: Login,
    /// Reads the chain; role `audit_reader`.
    pub reader: Login,
    /// Migrates. None: somebody else does, and the schema is only compared.
    pub owner: Option<Login>,
    /// One log-in does all: its pools take roles after connecting. Development only.
    pub shared: bool,
}

impl Logins {
    /// From the settings; none when the embedded PostgreSQL is asked for.
    pub fn from_settings(settings: &DatabaseSettings, development: bool) -> Option<Self> {
        let given = settings.database_url.as_ref()?.login();
        let reader = settings.audit_database_url.as_ref().map(DatabaseUrl::login);
        let owner = settings
            .migrate_database_url
            .as_ref()
            .map(DatabaseUrl::login);
        Some(match (reader, owner) {
            (None, None) if development => Self {
                application: given.as_role("groundcrew_app"),
                reader: given.as_role("audit_reader"),
                owner: Some(given),
                shared: true,
            },
            (reader, owner) => Self {
                reader: reader
                    .unwrap_or_else(|| owner.as_ref().unwrap_or(&given).as_role("audit_reader")),
                application: given,
                owner,
                shared: false,
            },
        })
    }

    /// The log-in `groundcrew migrate` uses: the owner's, or the only one there is.
    pub fn to_migrate(settings: &DatabaseSettings) -> Option<Login> {
        let url = settings.migrate_database_url.as_ref();
        Some(url.or(settings.database_url.as_ref())?.login())
    }
}
