//! The settings file of identity providers: a YAML list, every mistake with file, line, column.

mod read;
#[cfg(test)]
mod tests;

use std::{fmt, path::PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::client_auth::ClientKey;

/// Signature algorithms that can be configured; the rest is never accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    RS256,
    /// RSA-PSS with SHA-256.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

/// How the portal proves itself to the token endpoint.
pub enum Credential {
    /// A shared secret.
    Secret(SecretString),
    /// A private key in PEM (`private_key_jwt`).
    PrivateKey(Box<ClientKey>),
    /// Nothing: a public client, which PKCE alone protects.
    Public,
}

/// One identity provider, checked.
pub struct IssuerSettings {
    /// Name in addresses and events.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Issuer URL, byte for byte as in its tokens.
    pub issuer: String,
    /// The portal's name there.
    pub client_id: String,
    /// The portal's proof there.
    pub credential: Credential,
    /// Scopes beside `openid profile email`.
    pub scopes: Vec<String>,
    /// Name of the claim with the groups.
    pub groups_claim: String,
    /// Algorithms ID tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// Audiences that may stand beside the portal in an ID token.
    pub audiences: Vec<String>,
    /// Classes asked for, and one of them demanded, at a fresh sign-in. None: such acts stay closed.
    pub acr_values: Vec<String>,
    /// Classes one of which every sign-in must have. None: any will do.
    pub minimum_acr: Vec<String>,
}

impl fmt::Debug for IssuerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerSettings")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("credential", &"***")
            .finish_non_exhaustive()
    }
}

/// The whole file, checked.
#[derive(Debug)]
pub struct Issuers(Vec<IssuerSettings>);

/// One mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {what}. {why}", .file.display())]
pub struct IssuersError {
    /// Which file.
    pub file: PathBuf,
    /// Line from 1; 0 when the file as a whole is meant.
    pub line: u64,
    /// Column from 1.
    pub column: u64,
    /// What is wrong.
    pub what: String,
    /// Why that cannot be, or what would be right.
    pub why: String,
}

/// https, or http to this machine in development; no wildcard tenants, nothing after the path.
fn acceptable(issuer: &str, development: bool) -> Result<(), &'static str> {
    let url = Url::parse(issuer).map_err(|_| "it is not an absolute URL")?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err("an issuer URL has no query, fragment or user name");
    }
    if issuer.contains(['{', '}', '*'])
        || url.path_segments().is_some_and(|mut parts| {
            parts.any(|part| matches!(part, "common" | "organizations" | "consumers"))
        })
    {
        return Err("it stands for many tenants; name the one tenant whose people may sign in");
    }
    speaks(&url, development).then_some(()).ok_or(
        "only https (in development, when public_url is http on loopback, also http to this machine)",
    )
}

/// Whether an endpoint may be spoken to.
pub(super) fn speaks(url: &Url, development: bool) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (development && here && url.scheme() == "http")
}
