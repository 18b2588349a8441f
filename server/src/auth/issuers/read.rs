//! Reading the file: every mistake is found before any is reported.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

use super::{Algorithm, Credential, IssuerSettings, Issuers, IssuersError, acceptable};
use crate::auth::client_auth::ClientKey;

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
        (None, None, Some(path)) => ClientKey::from_pem(&read(path)?).map(|key| Credential::PrivateKey(Box::new(key))).ok_or_else(|| {
            let why = "expected PEM of an RSA (2048 bits or more), P-256 or Ed25519 private key, without a passphrase";
            at(file, Some(path.referenced), "the private key cannot be used", why)
        }),
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
