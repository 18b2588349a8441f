//! The cluster's folder: where it is, how it is made, who gets in.

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use platform::secrets;

use super::{
    Refusal,
    find::{Found, Installation},
    owner::Owner,
};

/// Name of the cluster's superuser.
pub(super) const SUPERUSER: &str = "postgres";
/// Names the socket's file; nothing listens on the network.
pub(super) const PORT: u16 = 5432;
/// Longest path of a Unix socket: 108 bytes with the closing zero on Linux, 104 on macOS.
const SOCKET_LIMIT: usize = if cfg!(target_os = "macos") { 103 } else { 107 };

/// Everybody the portal logs in as.
const LOGINS: [&str; 5] = [
    SUPERUSER,
    "groundcrew_portal",
    "groundcrew_audit_reader",
    "groundcrew_audit_signer",
    "groundcrew_audit_eraser",
];

/// A cluster that is made and not running yet.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) installation: Installation,
    pub(super) owner: Owner,
    /// Holds the folders below and the log.
    place: PathBuf,
    socket: PathBuf,
    /// Made for this run because the usual one has too long a name; goes with the run.
    socket_made: bool,
}

impl Cluster {
    /// Finds or makes the cluster of a data folder.
    pub(super) fn prepare(data: &Path, found: Found) -> Result<Self, Refusal> {
        let data = data
            .canonicalize()
            .map_err(|why| Refusal::folder(data, why))?;
        let owner = Owner::of(&data.join("postgres").join("cluster"))?;
        let place = place(&data, &owner)?;
        private(&place, &owner)?;
        let installation = choose(&place.join("cluster"), found)?;
        let (socket, socket_made) = socket_folder(&place, &owner)?;
        let cluster = Self {
            installation,
            owner,
            place,
            socket,
            socket_made,
        };
        if !cluster.folder().join("PG_VERSION").exists() {
            cluster.make()?;
        }
        cluster.write_access()?;
        Ok(cluster)
    }

    /// PostgreSQL's data directory.
    pub(super) fn folder(&self) -> PathBuf {
        self.place.join("cluster")
    }

    /// What PostgreSQL says.
    pub(super) fn log(&self) -> PathBuf {
        self.place.join("log")
    }

    /// Where the socket is.
    pub(super) fn socket_folder(&self) -> &Path {
        &self.socket
    }

    /// Removes, when called, what was made for this run alone.
    pub(super) fn socket_cleaner(&self) -> impl FnOnce() + Send + 'static {
        let made = self.socket_made.then(|| self.socket.clone());
        move || {
            if let Some(folder) = made {
                // A leftover folder that only its owner can enter harms nobody.
                let _ = fs::remove_dir_all(folder);
            }
        }
    }

    /// Runs initdb beside the final place, so that a kill in the middle leaves no half cluster.
    fn make(&self) -> Result<(), Refusal> {
        let unfinished = self.place.join("cluster.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(|why| Refusal::folder(&unfinished, why))?;
        }
        tracing::info!(folder = %self.folder().display(), "making a new PostgreSQL cluster");
        // Names sort and fold as people expect where the machine has that locale, else bytewise.
        let made = self
            .initdb(&unfinished, "C.UTF-8")
            .or_else(|_| self.initdb(&unfinished, "C"));
        made?;
        fs::rename(&unfinished, self.folder()).map_err(|why| Refusal::folder(&self.folder(), why))
    }

    fn initdb(&self, folder: &Path, locale: &str) -> Result<(), Refusal> {
        let output = self
            .owner
            .command(&self.installation.program("initdb"), &self.place)
            .arg("--pgdata")
            .arg(folder)
            .arg(format!("--username={SUPERUSER}"))
            .arg(format!("--locale={locale}"))
            .args(["--encoding=UTF8", "--auth-local=peer", "--auth-host=reject"])
            .args(["--data-checksums", "--no-instructions"])
            .output()
            .map_err(|why| Refusal::folder(&self.installation.folder, why))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Refusal::Program {
            program: "initdb",
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// Who gets in: the portal's system user and the server's own, by the socket alone. Written at
    /// every start, so that an edit does not outlive it.
    fn write_access(&self) -> Result<(), Refusal> {
        let mut map = String::from("# Written by groundcrew at every start.\n");
        let mut users = vec![&self.owner.portal, &self.owner.user.name];
        users.dedup();
        for user in users {
            for login in LOGINS {
                let _ = writeln!(map, "groundcrew \"{user}\" {login}");
            }
        }
        let hba = "# Written by groundcrew at every start.\nlocal all all peer map=groundcrew\n";
        self.write("pg_ident.conf", &map)?;
        self.write("pg_hba.conf", hba)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Refusal> {
        let path = self.folder().join(name);
        let failed = |why| Refusal::folder(&path, why);
        fs::write(&path, text).map_err(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        self.owner.give(&path).map_err(failed)
    }
}

/// Socket folder of the cluster of this data folder, where one runs.
pub(super) fn running(data: &Path) -> Result<Option<PathBuf>, Refusal> {
    let data = data
        .canonicalize()
        .map_err(|why| Refusal::folder(data, why))?;
    let owner = Owner::of(&data.join("postgres").join("cluster"))?;
    let place = place(&data, &owner)?;
    let made = fs::read_to_string(place.join("socket-folder")).ok();
    let folders = [
        Some(place.join("socket")),
        made.map(|path| path.trim().into()),
    ];
    Ok(folders
        .into_iter()
        .flatten()
        .find(|folder| folder.join(format!(".s.PGSQL.{PORT}")).exists()))
}

/// `postgres` in the data folder; where the server's user cannot get there (a home folder of root),
/// a folder of this data folder's own in `/var/lib/groundcrew`.
fn place(data: &Path, owner: &Owner) -> Result<PathBuf, Refusal> {
    if owner.reaches(data) {
        return Ok(data.join("postgres"));
    }
    let name = secrets::sha256(data.as_os_str().as_encoded_bytes());
    let parent = Path::new("/var/lib/groundcrew");
    let place = parent.join(hex::encode(&name[..6]));
    fs::create_dir_all(parent)
        .and_then(|()| fs::set_permissions(parent, fs::Permissions::from_mode(0o711)))
        .map_err(|why| Refusal::folder(parent, why))?;
    tracing::warn!(
        data = %data.display(),
        cluster = %place.display(),
        user = owner.user.name,
        "the database's user cannot enter the data folder, so the cluster is kept elsewhere"
    );
    Ok(place)
}

/// A folder only the owner can enter.
fn private(path: &Path, owner: &Owner) -> Result<(), Refusal> {
    let failed = |why| Refusal::folder(path, why);
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {
            let meta = fs::symlink_metadata(path).map_err(failed)?;
            if !meta.is_dir() {
                return Err(Refusal::folder(path, "it is there and not a folder"));
            }
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        }
        Err(why) => return Err(failed(why)),
    }
    owner.give(path).map_err(failed)
}

/// The newest installation for a new cluster, the same major version for one that is there.
fn choose(folder: &Path, found: Found) -> Result<Installation, Refusal> {
    let have: Vec<String> = found
        .usable
        .iter()
        .map(|one| one.major.to_string())
        .collect();
    let mut usable = found.usable.into_iter();
    let Ok(version) = fs::read_to_string(folder.join("PG_VERSION")) else {
        return usable.next().ok_or(Refusal::NoInstallation {
            found: found.unusable,
        });
    };
    let version = version.trim().to_owned();
    if have.is_empty() {
        return Err(Refusal::NoInstallation {
            found: found.unusable,
        });
    }
    usable
        .find(|one| one.major.to_string() == version)
        .ok_or_else(|| Refusal::OtherVersion {
            folder: folder.to_owned(),
            cluster: version,
            have: have.join(", "),
        })
}

/// Beside the cluster; in the temporary folder, under a fresh name, when that path is too long for
/// a socket.
fn socket_folder(place: &Path, owner: &Owner) -> Result<(PathBuf, bool), Refusal> {
    let usual = place.join("socket");
    if fits(&usual) {
        private(&usual, owner)?;
        return Ok((usual, false));
    }
    let note = place.join("socket-folder");
    if let Ok(earlier) = fs::read_to_string(&note) {
        // A killed run left it; only its owner could have put anything there.
        let _ = fs::remove_dir_all(earlier.trim());
    }
    let short = std::env::temp_dir().join(format!("gc-{}", hex::encode(secrets::random::<6>())));
    let short = if fits(&short) {
        short
    } else {
        Path::new("/tmp").join(short.file_name().unwrap_or_default())
    };
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&short)
        .and_then(|()| owner.give(&short))
        .and_then(|()| fs::write(&note, short.as_os_str().as_encoded_bytes()))
        .map_err(|why| Refusal::folder(&short, why))?;
    Ok((short, true))
}

pub(super) fn fits(folder: &Path) -> bool {
    let socket = folder.join(format!(".s.PGSQL.{PORT}.lock"));
    socket.as_os_str().len() <= SOCKET_LIMIT
}
