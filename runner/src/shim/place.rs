//! Where an attempt works: for its shim, and for whoever cleans up after it.

use std::{io, path::PathBuf};

use platform::jobs::wire::Assignment;
use url::Url;

use super::ShimSettings;
use crate::{
    drivers::{At, Phase},
    folder::Folder,
    sandbox::Sandbox,
};

/// Folders and addresses of an attempt; makes the folder of its secret files.
pub fn place(
    assignment: Assignment,
    folder: &Folder,
    settings: &ShimSettings,
    server: &Url,
) -> io::Result<At> {
    let vault = settings.vault.as_ref().map_or_else(
        || folder.path("vault"),
        |vault| vault.join(assignment.attempt.to_string()),
    );
    std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
        .recursive(true)
        .create(&vault)?;
    let state = assignment.stack.as_ref();
    let state = state.and_then(|stack| server.join(&format!("state/{}", stack.id)).ok());
    Ok(At {
        work: folder.path("work"),
        private: folder.path("private"),
        vault,
        plan_file: None,
        state_address: state.map(String::from),
        binary: settings.binary.clone(),
        path: settings
            .environment
            .get("PATH")
            .cloned()
            .unwrap_or_default(),
        mirror: settings.mirror.clone(),
        internal: settings.sandbox.internal.clone(),
        assignment,
    })
}

/// Environment of a phase: nothing of ours but what is named here.
pub(super) fn environment(
    at: &At,
    folder: &Folder,
    settings: &ShimSettings,
    phase: &Phase,
) -> std::collections::BTreeMap<String, String> {
    let path = |name: &str| folder.path(name).to_string_lossy().into_owned();
    let assignment = &at.assignment;
    let mut env = settings.environment.clone();
    let own = [
        ("HOME", path("home")),
        ("TMPDIR", path("tmp")),
        ("LANG", "C.UTF-8".to_owned()),
        (crate::processes::MARK, assignment.attempt.to_string()),
        ("GROUNDCREW_JOB", format!("JOB-{}", assignment.job.number)),
        ("GROUNDCREW_STEP", assignment.step.name.clone()),
        (
            "GROUNDCREW_OPERATION",
            assignment.step.operation.name().to_owned(),
        ),
        ("GROUNDCREW_TEAM", assignment.job.team.clone()),
        ("GROUNDCREW_TRY", assignment.number.to_string()),
    ];
    env.extend(own.map(|(name, value)| (name.to_owned(), value)));
    if let Some(environment) = &assignment.job.environment {
        env.insert("GROUNDCREW_ENVIRONMENT".to_owned(), environment.clone());
    }
    env.extend(phase.env.clone());
    env
}

/// What a phase may do.
pub(super) fn sandbox(
    at: &At,
    folder: &Folder,
    settings: &ShimSettings,
    phase: &Phase,
    server: &Url,
    cgroup: Option<PathBuf>,
) -> Sandbox {
    let rules = &settings.sandbox;
    let mut read = rules.read.clone();
    read.extend(phase.read.clone());
    read.extend(settings.mirror.clone());
    read.push(at.binary.clone());
    if let Some(path) = settings.environment.get("PATH") {
        read.extend(std::env::split_paths(path).filter(|one| one.is_absolute()));
    }
    let mut write = ["work", "home", "tmp"]
        .map(|name| folder.path(name))
        .to_vec();
    write.push(at.vault.clone());
    write.extend(phase.write.clone());
    let ports = rules.ports.as_ref().map(|ports| {
        let mut ports = ports.clone();
        ports.extend([443, 53]);
        ports.extend(server.port_or_known_default());
        ports
    });
    Sandbox {
        landlock: rules.landlock,
        read,
        write,
        ports,
        network: phase.network,
        cgroup,
    }
}
