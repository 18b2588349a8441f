//! Finding PostgreSQL, without one.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::{Places, cluster, find};

fn install(folder: &Path, programs: &[&str], says: &str) {
    fs::create_dir_all(folder).expect("writable");
    for program in programs {
        let path = folder.join(program);
        fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    }
}

#[test]
fn versions_as_distributions_write_them() {
    for (said, major) in [
        (
            "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
            Some(15),
        ),
        ("postgres (PostgreSQL) 17.2 (Homebrew)", Some(17)),
        ("postgres (PostgreSQL) 18beta1", Some(18)),
        ("postgres (PostgreSQL) 19devel", Some(19)),
        ("postgres (EnterpriseDB) 15", None),
        ("", None),
    ] {
        assert_eq!(find::major(said), major, "{said}");
    }
}

#[test]
fn the_newest_complete_installation_comes_first_and_the_rest_is_named() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let all = ["initdb", "pg_ctl", "postgres"];
    for (name, programs, says) in [
        ("old", &all[..], "postgres (PostgreSQL) 14.1"),
        ("fifteen", &all[..], "postgres (PostgreSQL) 15.3"),
        ("seventeen", &all[..], "postgres (PostgreSQL) 17.0"),
        ("half", &all[..2], ""),
        ("strange", &all[..], "something else"),
    ] {
        install(&home.path().join(name), programs, says);
    }
    let link = home.path().join("path");
    fs::create_dir(&link).expect("writable");
    let target = home.path().join("fifteen/initdb");
    std::os::unix::fs::symlink(target, link.join("initdb")).expect("linkable");

    let names = [
        "path",
        "old",
        "half",
        "strange",
        "fifteen",
        "seventeen",
        "none",
    ];
    let folders = names.map(|name| home.path().join(name)).into();
    let found = Places { folders }.search();
    let majors: Vec<u32> = found.usable.iter().map(|one| one.major).collect();
    assert_eq!(
        majors,
        [17, 15],
        "a link and its target are one installation"
    );
    let why = found.unusable.join("\n");
    for part in [
        "version 14 is too old",
        "postgres is missing",
        "cannot tell its version",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
}

#[test]
fn a_socket_has_a_short_name() {
    assert!(cluster::fits(Path::new(
        "/var/lib/groundcrew/0011223344/socket"
    )));
    assert!(!cluster::fits(&Path::new("/").join("long".repeat(30))));
}
