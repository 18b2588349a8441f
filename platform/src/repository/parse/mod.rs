//! `groundcrew.yaml` and `teams.yaml` into an [`Organisation`], or everything that is wrong with
//! them.

mod company;
mod issuers;
mod teams;

use std::path::Path;

use super::{Finding, Organisation, source::Source, walk::Map, yaml};
use crate::secrets;

/// Version of the files' shape.
const API_VERSION: &str = "groundcrew/v1";

/// An identity provider of the settings, by which the repository's entry is completed and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredIssuer {
    /// Short name.
    pub id: String,
    /// Issuer URL.
    pub issuer: String,
}

/// Reads the repository in `folder`. `configured` are the identity providers of the settings; none
/// when checking offline.
pub fn load(
    folder: &Path,
    configured: Option<&[ConfiguredIssuer]>,
) -> Result<Organisation, Vec<Finding>> {
    let mut main = Source::new("groundcrew.yaml");
    let mut teams = Source::new("teams.yaml");
    let main_text = main.read(folder);
    let teams_text = teams.read(folder);
    let mut organisation = Organisation {
        version: version(folder).unwrap_or_default(),
        ..Organisation::default()
    };
    let teams_root = teams_text.and_then(|text| yaml::parse(&mut teams, &text));
    if let Some(root) = &teams_root {
        teams::read(&mut teams, root, &mut organisation);
    }
    if let Some(root) = main_text.and_then(|text| yaml::parse(&mut main, &text)) {
        let teams_known = teams_root.is_some();
        company::read(&mut main, &root, configured, teams_known, &mut organisation);
    }
    let mut findings = main.into_findings();
    findings.extend(teams.into_findings());
    if findings.is_empty() {
        Ok(organisation)
    } else {
        Err(findings)
    }
}

/// Content address of the two files, whatever is in them; none when one cannot be read.
pub fn version(folder: &Path) -> Option<String> {
    let mut all = Vec::new();
    for name in ["groundcrew.yaml", "teams.yaml"] {
        let bytes = std::fs::read(folder.join(name)).ok()?;
        all.extend_from_slice(&secrets::sha256(&bytes));
    }
    Some(hex::encode(secrets::sha256(&all)))
}

fn api_version(source: &mut Source, map: &mut Map<'_>) {
    let why = format!("this Groundcrew reads {API_VERSION}");
    if let Some(node) = map.need(source, "apiVersion", &why)
        && let Some(found) = node.text(source, "apiVersion")
        && found != API_VERSION
    {
        let hint = format!("Write apiVersion: {API_VERSION}.");
        source.find_with(
            node.at,
            "E-VERSION",
            format!("apiVersion is \"{found}\""),
            why,
            hint,
        );
    }
}
