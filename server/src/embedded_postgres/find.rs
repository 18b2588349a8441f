//! Where PostgreSQL's programs are on this machine.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use platform::database::OLDEST_POSTGRES;

/// Programs that must all be in one folder.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Folders whose children hold one version each: parent, how a child's name begins, what follows.
const VERSIONED: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Library/PostgreSQL", "", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// One installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Folder of its programs.
    pub folder: PathBuf,
    /// Major version.
    pub major: u32,
}

impl Installation {
    /// Path of one of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// New enough and complete, newest first.
    pub usable: Vec<Installation>,
    /// Too old or incomplete, in words.
    pub unusable: Vec<String>,
}

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Folders, in order.
    pub folders: Vec<PathBuf>,
}

impl Places {
    /// The named folder alone, or else PATH and the places of distributions.
    pub fn of_this_machine(named: Option<&Path>) -> Self {
        if let Some(named) = named {
            return Self {
                folders: vec![named.to_owned()],
            };
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
        for (parent, prefix, suffix) in VERSIONED {
            folders.extend(versions(Path::new(parent), prefix, suffix));
        }
        Self { folders }
    }

    /// Looks into every folder and asks each `postgres` for its version.
    pub fn search(&self) -> Found {
        let mut seen = BTreeSet::new();
        let mut found = Found::default();
        for folder in &self.folders {
            // A link in PATH leads to the folder where the other programs are too.
            let Ok(initdb) = folder.join("initdb").canonicalize() else {
                continue;
            };
            let Some(real) = initdb.parent().map(Path::to_owned) else {
                continue;
            };
            if seen.insert(real.clone()) {
                match look(&real) {
                    Ok(installation) => found.usable.push(installation),
                    Err(why) => found.unusable.push(format!("{}: {why}", real.display())),
                }
            }
        }
        found
            .usable
            .sort_by_key(|have| std::cmp::Reverse(have.major));
        found
    }
}

fn versions(parent: &Path, prefix: &str, suffix: &str) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(suffix))
        .collect();
    folders.sort();
    folders
}

fn look(folder: &Path) -> Result<Installation, String> {
    for program in PROGRAMS {
        let runs = fs::metadata(folder.join(program))
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
        if !runs {
            return Err(format!("{program} is missing"));
        }
    }
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .map_err(|why| format!("postgres does not run: {why}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let major = major(&said).ok_or_else(|| format!("cannot tell its version: {}", said.trim()))?;
    if major < OLDEST_POSTGRES {
        return Err(format!("version {major} is too old"));
    }
    Ok(Installation {
        folder: folder.to_owned(),
        major,
    })
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 18beta1`, `… 17devel`.
pub(super) fn major(said: &str) -> Option<u32> {
    let version = said.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
