//! Tells the compiler where the site folder is, which `server::web::assets` embeds,
//! and refuses a release without one: such a binary would serve no style and
//! no script.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    for variable in ["CARGO_TARGET_DIR", "GROUNDCREW_SITE"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let site = site_folder();
    println!("cargo::rustc-env=GROUNDCREW_SITE={}", site.display());
    println!("cargo::rerun-if-changed=build.rs");

    // A development build reads the folder at run time, so it may not exist
    // yet, and a new site is no reason to compile the server again.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        let manifest = site.join("manifest.json");
        println!("cargo::rerun-if-changed={}", manifest.display());
        if !manifest.exists() {
            println!(
                "cargo::error=no site in {}: run scripts/build-site first (make release does)",
                site.display()
            );
        }
    }
}

/// `GROUNDCREW_SITE`, or `site` in cargo's target folder.
fn site_folder() -> PathBuf {
    // No `..` in it: a development build reads files only from below the folder it was told.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above");
    if let Some(site) = env::var_os("GROUNDCREW_SITE") {
        return workspace.join(site);
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    workspace.join(target).join("site")
}
