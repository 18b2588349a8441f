//! What is wrong with settings that parse.

use std::{net::SocketAddr, path::Path};

use super::{Config, Mistake, is_loopback};

impl Config {
    /// Reads the files settings point to, and collects everything that is wrong.
    pub fn check(&mut self) -> Vec<Mistake> {
        let mut mistakes = self.database.read_files();
        mistakes.extend(self.check_address());
        mistakes.extend(self.check_metrics());
        mistakes.extend(folder(
            &self.repository,
            "--repository (GROUNDCREW_REPOSITORY)",
            "the platform repository: groundcrew.yaml and teams.yaml",
        ));
        if let Err(why) = std::fs::File::open(&self.issuers) {
            mistakes.push(Mistake::new(
                "--issuers (GROUNDCREW_ISSUERS)",
                format!("{} cannot be read: {why}", self.issuers.display()),
                "Name the YAML file that lists the identity providers (docs/operations.md).",
            ));
        }
        mistakes.extend(self.check_database());
        mistakes.extend(crate::web::production::problems(self));
        mistakes
    }

    fn check_address(&self) -> Vec<Mistake> {
        let field = "--public-url (GROUNDCREW_PUBLIC_URL)";
        let url = &self.public_url;
        let mut mistakes = Vec::new();
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(url) => {}
            "http" => mistakes.push(Mistake::new(
                field,
                format!("{url} is http and not on this machine: sign-in would cross the network unprotected"),
                "Use https, with a proxy in front that holds the certificate.",
            )),
            other => mistakes.push(Mistake::new(
                field,
                format!("{other} is not an address for a browser"),
                "Use https://name, or http://localhost:PORT for development.",
            )),
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            mistakes.push(Mistake::new(
                field,
                "the portal needs a host of its own: no path, query, fragment or user in the address",
                "Leave everything after the host and port out.",
            ));
        }
        mistakes
    }

    fn check_metrics(&self) -> Option<Mistake> {
        let at = self.metrics_listen?;
        let field = "--metrics-listen (GROUNDCREW_METRICS_LISTEN)";
        if at == self.listen && at.port() != 0 {
            Some(Mistake::new(
                field,
                "metrics and the portal cannot listen at the same place",
                "Give metrics another port.",
            ))
        } else if !self.is_development() && !is_internal(at) {
            Some(Mistake::new(
                field,
                format!("{at} is open to everybody, and metrics are not for everybody"),
                "Name an address of the internal network, or 127.0.0.1.",
            ))
        } else {
            None
        }
    }

    fn check_database(&self) -> Vec<Mistake> {
        let db = &self.database;
        let mut mistakes = Vec::new();
        let urls = [
            ("--database-url (DATABASE_URL)", &db.database_url),
            (
                "--audit-database-url (AUDIT_DATABASE_URL)",
                &db.audit_database_url,
            ),
            (
                "--migrate-database-url (MIGRATE_DATABASE_URL)",
                &db.migrate_database_url,
            ),
        ];
        if db.database_url.is_none() {
            for (field, url) in urls {
                if url.is_some() {
                    mistakes.push(Mistake::new(
                        field,
                        "it is set, and DATABASE_URL is not",
                        "Set DATABASE_URL too, or leave both out for the embedded PostgreSQL.",
                    ));
                }
            }
            return mistakes;
        }
        if self.is_development() {
            return mistakes;
        }
        for (field, url) in urls {
            mistakes.extend(url.iter().flat_map(|url| url.weaknesses(field)));
        }
        if db.audit_database_url.is_none() {
            mistakes.push(Mistake::new(
                "--audit-database-url (AUDIT_DATABASE_URL)",
                "the application's log-in must not read the audit chain, so the Audit page needs \
                 one of its own",
                "As the owner of the database:\n  \
                 create role groundcrew_portal login password '…';\n  \
                 create role groundcrew_auditor login password '…';\n  \
                 grant groundcrew_app to groundcrew_portal;\n  \
                 grant audit_reader to groundcrew_auditor;\n\
                 Then DATABASE_URL is groundcrew_portal's, AUDIT_DATABASE_URL groundcrew_auditor's, \
                 MIGRATE_DATABASE_URL the owner's.",
            ));
        }
        mistakes
    }
}

fn folder(path: &Path, field: &str, holds: &str) -> Option<Mistake> {
    let why = std::fs::read_dir(path).err()?;
    Some(Mistake::new(
        field,
        format!("{} cannot be read: {why}", path.display()),
        format!("Name the folder of {holds}."),
    ))
}

/// An address that is not reached from everywhere.
fn is_internal(at: SocketAddr) -> bool {
    match at.ip() {
        std::net::IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        std::net::IpAddr::V6(ip) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}
