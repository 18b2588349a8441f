//! Names, resolved for the very connection that is about to be made, and checked there.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Rules;

/// Resolves a name to addresses.
pub trait Lookup: Send + Sync {
    /// All addresses of a name, at this moment.
    fn lookup(&self, name: String) -> Looking;
}

/// Addresses to come.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// As the machine is set up.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> Looking {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// A name led to addresses that may not be called.
#[derive(Debug, thiserror::Error)]
#[error("{0} leads to an address that may not be called")]
pub(super) struct Denied(pub(super) String);

/// Resolves, and drops what may not be dialled.
pub(super) struct Guarded {
    pub(super) rules: Arc<Rules>,
    pub(super) lookup: Arc<dyn Lookup>,
    /// Host of the configured proxy.
    pub(super) exempt: Option<String>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let rules = Arc::clone(&self.rules);
        let exempt = self.exempt.as_ref() == Some(&name);
        let found = self.lookup.lookup(name.clone());
        Box::pin(async move {
            let mut addresses = found.await?;
            if !exempt {
                addresses.retain(|address| rules.may_dial(address.ip()));
            }
            if addresses.is_empty() {
                return Err(Denied(name).into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
