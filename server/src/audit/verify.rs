//! `groundcrew audit verify`.

use std::{fs::File, io::BufReader, process::ExitCode};

use anyhow::Context as _;
use platform::{
    audit::{ops, report::Report, verify_export::verify_export},
    secrets::Keyring,
};

use super::{cli::Verify, folder};

const TAMPERED: u8 = 1;
const CANNOT: u8 = 2;

pub(super) async fn run(settings: Verify) -> ExitCode {
    match check(settings).await {
        Ok(report) => say(&report),
        Err(error) => {
            eprintln!("could not check: {error:#}");
            ExitCode::from(CANNOT)
        }
    }
}

async fn check(settings: Verify) -> anyhow::Result<Report> {
    let mut keys = Vec::new();
    for key in &settings.key {
        keys.extend(folder::public_keys(key)?);
    }
    let note_keys = settings
        .note_keys
        .as_deref()
        .map(Keyring::read)
        .transpose()?;
    let (checkpoints, bad) = folder::checkpoints(&settings.checkpoints, &keys)?;
    let mut report = if let Some(path) = &settings.export {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        verify_export(&mut BufReader::new(file), &keys, checkpoints)?
    } else {
        let db = settings.db.context("name --db or --export")?;
        let mut db = db.login().connect().await?;
        ops::verify_database(
            &mut db,
            checkpoints,
            note_keys.as_ref(),
            &ops::Progress::default(),
        )
        .await?
    };
    for (file, why) in bad {
        report.find(None, false, format!("checkpoint {file} {why}"));
    }
    Ok(report)
}

fn say(report: &Report) -> ExitCode {
    println!(
        "chain {}, events {} to {}",
        report.chain, report.first, report.last
    );
    for warning in &report.warnings {
        println!("warning: {warning}");
    }
    if let Some(bad) = report.first_bad() {
        let seq = bad
            .seq
            .map_or_else(|| "the whole".to_owned(), |seq| format!("event {seq}"));
        println!("NOT SOUND. First bad: {seq}: {}", bad.why);
        for finding in report.findings.iter().filter(|finding| *finding != bad) {
            let seq = finding
                .seq
                .map_or_else(|| "the whole".to_owned(), |seq| format!("event {seq}"));
            println!("  also {seq}: {}", finding.why);
        }
        return ExitCode::from(TAMPERED);
    }
    let (held, unopened, erased) = (
        report.notes_held,
        report.notes_unopened,
        report.notes_erased,
    );
    println!(
        "notes: {held} as committed, {unopened} not opened for want of a key, {erased} erased on record"
    );
    if report.covered == 0 && report.checkpoints == 0 {
        println!("could not check: consistent in itself, but no checkpoint covers it");
        return ExitCode::from(CANNOT);
    }
    println!(
        "SOUND. Signed checkpoints cover {} of the events",
        report.covered
    );
    if report.covered < report.last {
        println!(
            "  events {} to {} are newer than the newest checkpoint: linked, not yet signed",
            report.covered + 1,
            report.last
        );
    }
    ExitCode::SUCCESS
}
