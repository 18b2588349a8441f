//! Drivers by name.

use std::{collections::BTreeMap, sync::Arc};

use super::Driver;

/// What this worker can run.
#[derive(Clone, Default)]
pub struct Drivers(BTreeMap<String, Arc<dyn Driver>>);

impl Drivers {
    /// Those every worker has. Helpers of one driver add their line here.
    pub fn built_in() -> Self {
        let mut all = Self::default();
        all.add(Arc::new(super::terraform::Terraform));
        all.add(Arc::new(super::ansible::Ansible));
        all.add(Arc::new(super::cloudformation::CloudFormation));
        all.add(Arc::new(super::echo::Echo));
        all.add(Arc::new(super::script::Script));
        all.add(Arc::new(super::declared::Declared));
        all.add(Arc::new(super::http::Http));
        all
    }

    /// Adds one; the same name again replaces it.
    pub fn add(&mut self, driver: Arc<dyn Driver>) {
        self.0.insert(driver.name().to_owned(), driver);
    }

    /// By name.
    pub fn get(&self, name: &str) -> Option<Arc<dyn Driver>> {
        self.0.get(name).cloned()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
