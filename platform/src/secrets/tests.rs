//! A sealed value opens in its place under its key, and nowhere else.

use super::{KeyError, Keyring, OpenError, Place};

const HERE: Place<'static> = Place {
    table: "session",
    column: "id_token",
    row: "7",
    version: 1,
};

#[test]
fn security_52_a_sealed_value_opens_only_in_its_place_and_under_its_key() {
    let ring = Keyring::generate();
    let sealed = ring.seal(HERE, b"canary");
    assert_eq!(ring.open(HERE, &sealed).expect("opens"), b"canary");
    for elsewhere in [
        Place { row: "8", ..HERE },
        Place {
            column: "nonce",
            ..HERE
        },
        Place {
            table: "login_flow",
            ..HERE
        },
        Place { version: 2, ..HERE },
    ] {
        assert_eq!(
            ring.open(elsewhere, &sealed),
            Err(OpenError::Changed),
            "{elsewhere:?}"
        );
    }
    assert_eq!(
        Keyring::generate().open(HERE, &sealed),
        Err(OpenError::UnknownKey)
    );
}

#[test]
fn security_52_every_flipped_bit_and_every_cut_is_noticed() {
    let ring = Keyring::generate();
    let sealed = ring.seal(HERE, b"canary");
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(ring.open(HERE, &changed).is_err(), "byte {at}, bit {bit}");
        }
        assert!(ring.open(HERE, &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn lengths_are_bound_so_parts_cannot_slide_into_each_other() {
    let ring = Keyring::generate();
    let sealed = ring.seal(
        Place {
            table: "ab",
            column: "c",
            ..HERE
        },
        b"x",
    );
    assert!(
        ring.open(
            Place {
                table: "a",
                column: "bc",
                ..HERE
            },
            &sealed
        )
        .is_err()
    );
}

#[test]
fn security_58_a_key_file_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kek");
    let made = Keyring::read_or_create(&path).expect("made");
    let read = Keyring::read_or_create(&path).expect("read again");
    let sealed = made.seal(HERE, b"v");
    assert_eq!(read.open(HERE, &sealed).expect("same key"), b"v");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    assert!(matches!(
        Keyring::read(&path),
        Err(KeyError::Mode { mode: 0o644, .. })
    ));
}

#[test]
fn a_broken_key_file_names_its_line() {
    use std::os::unix::fs::OpenOptionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kek");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .expect("open");
    std::io::Write::write_all(
        &mut file,
        format!("a:{}\nb:12\n", "0".repeat(64)).as_bytes(),
    )
    .expect("write");
    assert!(matches!(
        Keyring::read(&path),
        Err(KeyError::Format { line: 2, .. })
    ));
}

#[test]
fn codes_are_bound_to_their_purpose_and_key() {
    let ring = Keyring::generate();
    let (id, code) = ring.mac("approval", b"message");
    assert!(ring.mac_holds(&id, "approval", b"message", &code));
    assert!(!ring.mac_holds(&id, "rejection", b"message", &code));
    assert!(!ring.mac_holds(&id, "approval", b"other", &code));
    assert!(!ring.mac_holds("other", "approval", b"message", &code));
}
