//! The assignment of a try.

use platform::jobs::{
    Class,
    wire::{Assignment, JobRef, Limits, PlanRef, StackRef, StepRef, Timing},
};
use runner::drivers::{At, Driver};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    bench::Try,
    state::{StateServer, TOKEN},
};

/// A stack's key in tests.
pub(super) const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

pub(super) fn at(driver: &dyn Driver, folders: &TempDir, state: &StateServer, one: &Try) -> At {
    let folder = |name: &str| {
        let path = folders.path().join(name);
        std::fs::create_dir(&path).expect("a folder");
        path
    };
    let (work, private, vault) = (folder("work"), folder("private"), folder("vault"));
    let plan_file = one.plan.as_ref().map(|(_, bytes)| {
        let path = private.join("consumed");
        std::fs::write(&path, one.file_instead.as_ref().unwrap_or(bytes)).expect("written");
        path
    });
    let plan = one.plan.as_ref().map(|(planned, bytes)| PlanRef {
        id: Uuid::nil(),
        digest: planned.digest.clone(),
        file_sha256: Some(hex::encode(Sha256::digest(bytes))),
        model: planned.model.clone(),
    });
    At {
        assignment: Assignment {
            attempt: Uuid::nil(),
            number: 1,
            token: TOKEN.to_owned(),
            epoch: None,
            job: JobRef {
                id: Uuid::nil(),
                number: 1,
                title: "Test".to_owned(),
                team: "platform".to_owned(),
                environment: None,
            },
            step: StepRef {
                id: Uuid::nil(),
                name: "step".to_owned(),
                driver: driver.name().to_owned(),
                operation: one.operation,
                class: Class::Retry,
            },
            spec: one.spec.clone(),
            secrets: one.secrets.clone(),
            inputs: one.inputs.clone(),
            stack: Some(StackRef {
                id: Uuid::nil(),
                name: "test".to_owned(),
                serial: None,
                plan_key: KEY.to_owned(),
            }),
            plan,
            limits: Limits {
                wall_s: 60,
                silence_s: 60,
                grace_s: 5,
            },
            timing: Timing::default(),
        },
        work,
        private,
        vault,
        plan_file,
        state_address: Some(state.address()),
        binary: "groundcrew".into(),
        path: std::env::var("PATH").unwrap_or_default(),
        internal: Vec::new(),
        mirror: super::mirror(),
    }
}
