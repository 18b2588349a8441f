//! Keys and checkpoints in files.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use platform::{
    audit::checkpoint::{Checkpoint, NoteError, PrivateKey, PublicKey},
    secrets::random,
};

/// Ending of a checkpoint's file.
const ENDING: &str = "checkpoint";
/// The newest one; its time of change is when the signer last confirmed it.
pub(super) const LATEST: &str = "latest.checkpoint";

/// Reads public keys from a file of one key a line, or takes the text as a key.
pub(super) fn public_keys(file_or_key: &str) -> anyhow::Result<Vec<PublicKey>> {
    if let Ok(key) = PublicKey::parse(file_or_key) {
        return Ok(vec![key]);
    }
    let text =
        fs::read_to_string(file_or_key).with_context(|| format!("key file {file_or_key}"))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let keys: Result<Vec<_>, NoteError> = lines.map(PublicKey::parse).collect();
    let keys = keys.with_context(|| format!("{file_or_key} holds what"))?;
    if keys.is_empty() {
        bail!("{file_or_key} holds no key");
    }
    Ok(keys)
}

/// Reads the signing key, or makes one where none is.
pub(super) fn private_key(path: &Path, name: &str) -> anyhow::Result<PrivateKey> {
    let shown = path.display();
    if !path.exists() {
        let key = PrivateKey::from_seed(name, &random())?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(path)
            .with_context(|| format!("key file {shown}"))?;
        writeln!(file, "{}", key.secret_text()).and_then(|()| file.sync_all())?;
        let public = path.with_extension("pub");
        fs::write(&public, format!("{}\n", key.public().text()))
            .with_context(|| format!("public key {}", public.display()))?;
        return Ok(key);
    }
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        bail!("key file {shown} has mode {mode:04o}; others may read it. Run: chmod 0400 {shown}");
    }
    let key = PrivateKey::parse(&fs::read_to_string(path)?).with_context(|| format!("{shown}"))?;
    if key.public().name != name {
        bail!("{shown} signs for {}, not for {name}", key.public().name);
    }
    Ok(key)
}

/// Checkpoints of a folder, and the files that are none: name and why.
pub(super) type Read = (Vec<Checkpoint>, Vec<(String, NoteError)>);

/// Reads every checkpoint of a folder. A folder that cannot be read is an error; a file that is not
/// a checkpoint of these keys is a finding.
pub(super) fn checkpoints(folder: &Path, keys: &[PublicKey]) -> anyhow::Result<Read> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).with_context(|| format!("folder {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        let opened = fs::read_to_string(&path)
            .map_err(|_| NoteError::Format)
            .and_then(|note| Checkpoint::open(&note, keys));
        match opened {
            Ok(checkpoint) if good.contains(&checkpoint) => {}
            Ok(checkpoint) => good.push(checkpoint),
            Err(why) => bad.push((path.display().to_string(), why)),
        }
    }
    Ok((good, bad))
}

/// Publishes a signed checkpoint to every folder: under its size where it is new, and as the latest.
///
/// Where one folder cannot be written, none gets a new latest: whoever watches one of them sees that
/// it is not confirmed any more, and turns red.
pub(super) fn publish(folders: &[PathBuf], size: u64, note: &str) -> anyhow::Result<()> {
    let named = |folder: &PathBuf| {
        fs::create_dir_all(folder).with_context(|| format!("folder {}", folder.display()))?;
        let named = folder.join(format!("{size:020}.{ENDING}"));
        if named.exists() {
            Ok(())
        } else {
            replace(&named, note)
        }
    };
    let mut outcome = Ok(());
    for folder in folders {
        // The others get theirs all the same.
        outcome = outcome.and(named(folder));
    }
    outcome?;
    folders
        .iter()
        .try_for_each(|folder| replace(&folder.join(LATEST), note))
}

/// Writes a file so that readers see the old or the new one, never a part.
pub(super) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let context = || format!("{} cannot be written", path.display());
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside).with_context(context)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path))
        .with_context(context)
}
