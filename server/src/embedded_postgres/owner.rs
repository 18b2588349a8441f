//! Whom the server runs as. PostgreSQL refuses to run as root.

use std::{
    fs, io, os::unix::fs::MetadataExt as _, os::unix::process::CommandExt as _, path::Path,
    process::Command,
};

use nix::unistd::{Uid, User, chown};

use super::Refusal;

/// System users who may own the cluster when the portal runs as root, in order.
const CANDIDATES: [&str; 3] = ["postgres", "nobody", "daemon"];

/// Who owns the cluster, and who the portal is.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// The system user the server runs as.
    pub(super) user: User,
    /// Name of the system user the portal runs as.
    pub(super) portal: String,
    /// The portal is root and becomes the user for everything of PostgreSQL.
    switch: bool,
}

impl Owner {
    /// Oneself; or, as root, whoever owns the cluster already, or a user made for such things.
    pub(super) fn of(cluster: &Path) -> Result<Self, Refusal> {
        let here = Uid::effective();
        let owner = fs::metadata(cluster)
            .ok()
            .map(|meta| Uid::from_raw(meta.uid()));
        let name = |uid: Uid| match User::from_uid(uid) {
            Ok(Some(user)) => Ok(user),
            _ => Err(Refusal::folder(
                cluster,
                format!(
                    "PostgreSQL needs a named user, and uid {uid} has none. Add it to /etc/passwd, \
                     run as a user that has a name, or set DATABASE_URL"
                ),
            )),
        };
        let portal = name(here)?;
        if !here.is_root() {
            if let Some(owner) = owner.filter(|owner| *owner != here) {
                return Err(Refusal::folder(
                    cluster,
                    format!(
                        "it belongs to uid {owner}, and the portal runs as {}. Run it as that user",
                        portal.name
                    ),
                ));
            }
            return Ok(Self {
                portal: portal.name.clone(),
                user: portal,
                switch: false,
            });
        }
        let user = match owner.filter(|owner| !owner.is_root()) {
            Some(owner) => name(owner)?,
            None => CANDIDATES
                .iter()
                .find_map(|name| User::from_name(name).ok().flatten())
                .ok_or_else(|| {
                    Refusal::folder(
                        cluster,
                        "PostgreSQL refuses to run as root, and none of the users postgres, nobody, \
                         daemon exists. Run the portal as another user, or set DATABASE_URL",
                    )
                })?,
        };
        Ok(Self {
            portal: portal.name,
            user,
            switch: true,
        })
    }

    /// A command that runs as the owner, in a folder it may enter, with nothing inherited but PATH.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        if self.switch {
            command
                .uid(self.user.uid.as_raw())
                .gid(self.user.gid.as_raw());
        }
        command
    }

    /// Gives a file or folder to the owner.
    pub(super) fn give(&self, path: &Path) -> io::Result<()> {
        if self.switch {
            chown(path, Some(self.user.uid), Some(self.user.gid))?;
        }
        Ok(())
    }

    /// Whether the owner can get to this folder. Without `switch` that is known already.
    pub(super) fn reaches(&self, folder: &Path) -> bool {
        !self.switch || folder.ancestors().all(|step| self.enters(step))
    }

    fn enters(&self, folder: &Path) -> bool {
        let Ok(meta) = fs::metadata(folder) else {
            return false;
        };
        let bit = if meta.uid() == self.user.uid.as_raw() {
            0o100
        } else if meta.gid() == self.user.gid.as_raw() {
            0o010
        } else {
            0o001
        };
        meta.mode() & bit != 0
    }
}
