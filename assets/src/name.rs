//! Names that change with the content.

use sha2::{Digest, Sha256};

/// `main.css` with its content's digest before the extension: `main.1f0c….css`.
/// Folders are dropped: the site is flat.
pub(crate) fn hashed(logical: &str, content: &[u8]) -> String {
    let digest = &hex::encode(Sha256::digest(content))[..16];
    let file = logical.rsplit('/').next().unwrap_or(logical);
    match file.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{digest}.{extension}"),
        None => format!("{file}.{digest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_the_content() {
        assert_eq!(hashed("main.css", b"a"), hashed("main.css", b"a"));
        assert_ne!(hashed("main.css", b"a"), hashed("main.css", b"b"));
    }

    #[test]
    fn the_extension_stays_and_folders_go() {
        let name = hashed("snippets/x-1/inline0.js", b"");
        assert_eq!(name, "inline0.e3b0c44298fc1c14.js");
    }
}
