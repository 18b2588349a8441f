//! The settings file of identity providers: a YAML list, every mistake with file, line, column.

use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};
use url::{Host, Url};

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
    PrivateKey(SecretString),
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    title: Option<String>,
    issuer: Spanned<String>,
    client_id: Spanned<String>,
    client_secret_file: Option<Spanned<PathBuf>>,
    client_secret_env: Option<Spanned<String>>,
    private_key_file: Option<Spanned<PathBuf>>,
    #[serde(default)]
    scopes: Vec<String>,
    groups_claim: Option<String>,
    algorithms: Option<Vec<Algorithm>>,
    #[serde(default)]
    audiences: Vec<String>,
    #[serde(default)]
    acr_values: Vec<String>,
    #[serde(default)]
    minimum_acr: Vec<String>,
}

impl Issuers {
    /// Reads the file. `development` lets issuers on this machine be spoken to by http.
    pub fn read(file: &Path, development: bool) -> Result<Self, Vec<IssuersError>> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            vec![at(
                file,
                None,
                "the file cannot be read",
                &error.to_string(),
            )]
        })?;
        Self::parse(file, &text, development)
    }

    /// Parses the text of a file; paths of secrets are relative to the file's folder.
    pub fn parse(file: &Path, text: &str, development: bool) -> Result<Self, Vec<IssuersError>> {
        let entries: Vec<Entry> = serde_saphyr::from_str(text).map_err(|error| {
            let why = "expected a list of issuers: id, title, issuer, client_id, one of client_secret_file, \
                       client_secret_env and private_key_file, and what else --help names";
            let error_text = error.to_string();
            let what = error_text.lines().next().unwrap_or("not YAML of this shape").to_owned();
            vec![at(file, error.location(), &what, why)]
        })?;
        let mut errors = Vec::new();
        if entries.is_empty() {
            errors.push(at(
                file,
                None,
                "no issuer is listed",
                "nobody could sign in",
            ));
        }
        let mut ids = BTreeSet::new();
        let mut urls = BTreeSet::new();
        let mut issuers = Vec::new();
        for entry in entries {
            if !ids.insert(entry.id.value.clone()) {
                errors.push(at(
                    file,
                    Some(entry.id.referenced),
                    "this id stands twice",
                    "each issuer needs its own",
                ));
            }
            if !urls.insert(entry.issuer.value.clone()) {
                errors.push(at(
                    file,
                    Some(entry.issuer.referenced),
                    "this issuer stands twice",
                    "one entry an issuer",
                ));
            }
            match check(file, entry, development) {
                Ok(settings) => issuers.push(settings),
                Err(wrong) => errors.extend(wrong),
            }
        }
        if errors.is_empty() {
            Ok(Self(issuers))
        } else {
            Err(errors)
        }
    }

    /// The entries in order.
    pub fn into_vec(self) -> Vec<IssuerSettings> {
        self.0
    }
}

fn check(
    file: &Path,
    entry: Entry,
    development: bool,
) -> Result<IssuerSettings, Vec<IssuersError>> {
    let mut errors = Vec::new();
    let mut wrong =
        |place: Location, what: &str, why: &str| errors.push(at(file, Some(place), what, why));
    let slug = |id: &str| {
        (1..=40).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !slug(&entry.id.value) {
        wrong(
            entry.id.referenced,
            "the id is no short name",
            "1 to 40 of a-z, 0-9 and -; it stands in addresses",
        );
    }
    if let Err(why) = acceptable(&entry.issuer.value, development) {
        wrong(
            entry.issuer.referenced,
            "the issuer URL cannot be used",
            why,
        );
    }
    if entry.client_id.value.is_empty() {
        wrong(
            entry.client_id.referenced,
            "client_id is empty",
            "the provider names it when the portal is registered",
        );
    }
    if entry.algorithms.as_ref().is_some_and(Vec::is_empty) {
        wrong(
            entry.id.referenced,
            "algorithms is empty",
            "leave it out for RS256",
        );
    }
    let credential = match credential(file, &entry) {
        Ok(credential) => credential,
        Err(error) => {
            errors.push(error);
            Credential::Public
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(IssuerSettings {
        title: entry.title.unwrap_or_else(|| entry.id.value.clone()),
        id: entry.id.value,
        issuer: entry.issuer.value,
        client_id: entry.client_id.value,
        credential,
        scopes: entry.scopes,
        groups_claim: entry.groups_claim.unwrap_or_else(|| "groups".to_owned()),
        algorithms: entry.algorithms.unwrap_or_else(|| vec![Algorithm::RS256]),
        audiences: entry.audiences,
        acr_values: entry.acr_values,
        minimum_acr: entry.minimum_acr,
    })
}

/// https, or http to this machine in development; no wildcard tenants, nothing after the path.
pub(super) fn acceptable(issuer: &str, development: bool) -> Result<(), &'static str> {
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

fn credential(file: &Path, entry: &Entry) -> Result<Credential, IssuersError> {
    let read = |path: &Spanned<PathBuf>| {
        let full = file.parent().unwrap_or(Path::new(".")).join(&path.value);
        std::fs::read_to_string(&full)
            .map(|text| text.trim_end().to_owned())
            .map_err(|error| {
                let what = format!("{} cannot be read", full.display());
                at(file, Some(path.referenced), &what, &error.to_string())
            })
            .and_then(|text| {
                (!text.is_empty()).then_some(text).ok_or_else(|| {
                    at(
                        file,
                        Some(path.referenced),
                        "the file is empty",
                        "it must hold the secret",
                    )
                })
            })
    };
    match (
        &entry.client_secret_file,
        &entry.client_secret_env,
        &entry.private_key_file,
    ) {
        (None, None, None) => Ok(Credential::Public),
        (Some(path), None, None) => Ok(Credential::Secret(read(path)?.into())),
        (None, Some(name), None) => std::env::var(&name.value)
            .map(|secret| Credential::Secret(secret.into()))
            .map_err(|_| {
                let what = format!("the environment has no {}", name.value);
                at(
                    file,
                    Some(name.referenced),
                    &what,
                    "set it, or use client_secret_file",
                )
            }),
        (None, None, Some(path)) => Ok(Credential::PrivateKey(read(path)?.into())),
        _ => Err(at(
            file,
            Some(entry.id.referenced),
            "more than one credential is given",
            "use one of client_secret_file, client_secret_env and private_key_file",
        )),
    }
}

fn at(file: &Path, place: Option<Location>, what: &str, why: &str) -> IssuersError {
    IssuersError {
        file: file.to_owned(),
        line: place.map_or(0, |place| place.line()),
        column: place.map_or(0, |place| place.column()),
        what: what.to_owned(),
        why: why.to_owned(),
    }
}
