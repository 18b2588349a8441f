//! Checking an export without network and database.

use std::io::{BufRead, Seek, SeekFrom};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{
    canonical,
    chain::Hash,
    checkpoint::{Checkpoint, NoteError, PublicKey},
    export::{Line, Manifest},
    merkle,
    report::Report,
    verify::{Known, Row, Verifier},
};

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum CannotCheck {
    /// The file cannot be read.
    #[error("the export cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// No key for its manifest.
    #[error("no key was given for the manifest of this export")]
    NoKey,
}

/// Checks an export: its manifest, every event, every proof, and the checkpoints it reaches.
pub fn verify_export(
    file: &mut (impl BufRead + Seek),
    keys: &[PublicKey],
    checkpoints: Vec<Checkpoint>,
) -> Result<Report, CannotCheck> {
    let (last_line, digest) = manifest_line(file)?;
    let manifest = match last_line.as_deref().map(|line| Manifest::open(line, keys)) {
        Some(Ok(manifest)) => manifest,
        Some(Err(NoteError::OtherKey)) => return Err(CannotCheck::NoKey),
        Some(Err(why)) => return Ok(refused(format!("the manifest {why}"))),
        None => {
            return Ok(refused(
                "there is no manifest: the file is cut off".to_owned(),
            ));
        }
    };
    let checkpoint = match manifest
        .checkpoint
        .as_deref()
        .map(|note| Checkpoint::open(note, keys))
    {
        Some(Err(why)) => return Ok(refused(format!("the checkpoint in the manifest {why}"))),
        Some(Ok(checkpoint)) if checkpoint.chain() != Some(manifest.chain) => {
            return Ok(refused(
                "the checkpoint in the manifest is of another chain".to_owned(),
            ));
        }
        Some(Ok(checkpoint)) => Some(checkpoint),
        None => None,
    };
    let mut export = Export {
        filtered: !manifest.filter.is_empty() || !manifest.complete,
        manifest,
        checkpoint,
        covered: 0,
        events: 0,
    };
    file.seek(SeekFrom::Start(0))?;
    let mut report = export.check(file, checkpoints)?;
    if digest != export.manifest.sha256 {
        report.find(
            None,
            false,
            "the lines are not those the manifest was signed over",
        );
    }
    if export.manifest.complete && !export.manifest.filter.is_empty() {
        report.find(None, true, "a filtered export claims to be complete");
    }
    if export.events != export.manifest.events {
        let (claimed, there) = (export.manifest.events, export.events);
        report.find(
            None,
            false,
            format!("the manifest says {claimed} events, there are {there}"),
        );
    }
    report.covered = report.covered.max(export.covered);
    Ok(report)
}

struct Export {
    manifest: Manifest,
    checkpoint: Option<Checkpoint>,
    filtered: bool,
    covered: i64,
    events: u64,
}

impl Export {
    fn check(
        &mut self,
        file: &mut impl BufRead,
        mut checkpoints: Vec<Checkpoint>,
    ) -> Result<Report, CannotCheck> {
        let first = self.manifest.after + 1;
        if first == 1 && !self.filtered {
            // Checkpoints beyond the range say nothing of it.
            checkpoints.extend(self.checkpoint.clone());
            checkpoints
                .retain(|c| i64::try_from(c.size).is_ok_and(|size| size <= self.manifest.upto));
        }
        let mut known = Some((first, checkpoints));
        let mut verifier: Option<Verifier<'_>> = None;
        let mut alone = Report {
            chain: self.manifest.chain,
            first,
            last: first - 1,
            ..Report::default()
        };
        let mut before = self.manifest.after;
        let mut ids = std::collections::BTreeSet::new();
        let mut buffer = String::new();
        while {
            buffer.clear();
            file.read_line(&mut buffer)? > 0
        } {
            if buffer.starts_with("{\"manifest\":") {
                break;
            }
            let Ok((row, proof)) = read(&buffer) else {
                alone.find(
                    Some(before + 1),
                    true,
                    "the line is not an event of an export",
                );
                break;
            };
            self.events += 1;
            if let Some(id) = canonical::parse(&row.canonical)
                .ok()
                .and_then(|v| v.text_at(&["id"]).map(str::to_owned))
                && !ids.insert(id)
            {
                alone.find(Some(row.seq), true, "the id was used before");
            }
            if self.filtered {
                self.check_alone(&row, before, proof.as_deref(), &mut alone);
            } else {
                let range = verifier.get_or_insert_with(|| {
                    let (first, checkpoints) = known.take().unwrap_or_default();
                    Verifier::new(Known {
                        chain: self.manifest.chain,
                        first,
                        previous: (first > 1)
                            .then(|| row.prev_hash.as_slice().try_into().unwrap_or_default()),
                        checkpoints,
                        keys: None,
                        notes: false,
                    })
                });
                range.push(&row);
                self.check_anchor(&row, &mut alone);
            }
            before = row.seq;
        }
        let mut report = verifier.map_or_else(|| alone.clone(), |range| range.finish(None));
        if report.last != alone.last || report.findings != alone.findings {
            report.findings.extend(alone.findings);
        }
        if !self.filtered && report.last != self.manifest.upto {
            let (last, upto) = (report.last, self.manifest.upto);
            report.find(
                Some(last + 1),
                true,
                format!("the manifest promises events up to {upto}, they end at {last}"),
            );
        }
        report.last = report.last.max(before);
        Ok(report)
    }

    /// An event of a filtered export: its own hash, and its proof.
    fn check_alone(&mut self, row: &Row, before: i64, proof: Option<&[Hash]>, report: &mut Report) {
        let seq = Some(row.seq);
        if row.seq <= before || row.seq > self.manifest.upto {
            report.find(seq, true, "is out of order or outside the range");
        }
        if let Err(why) = canonical::parse(&row.canonical) {
            report.find(seq, true, format!("canonical form: {why}"));
        }
        if !super::verify::hash_holds(self.manifest.chain, row) {
            report.find(seq, true, "content and hash do not match");
        }
        if let Some(checkpoint) = &self.checkpoint {
            if proof.is_some_and(|proof| included(row, proof, checkpoint)) {
                self.covered = row.seq;
            } else {
                report.find(seq, true, "its proof does not lead to the checkpoint");
            }
        }
    }

    fn check_anchor(&mut self, row: &Row, report: &mut Report) {
        let (Some(anchor), Some(checkpoint)) = (&self.manifest.anchor, &self.checkpoint) else {
            return;
        };
        if anchor.seq != row.seq {
            return;
        }
        let proof: Option<Vec<Hash>> = anchor.proof.iter().map(|text| hash(text)).collect();
        if proof.is_some_and(|proof| included(row, &proof, checkpoint)) {
            self.covered = row.seq;
        } else {
            report.find(
                Some(row.seq),
                true,
                "its proof does not lead to the checkpoint",
            );
        }
    }
}

fn included(row: &Row, proof: &[Hash], checkpoint: &Checkpoint) -> bool {
    let leaf = row.hash.as_slice().try_into();
    let index = u64::try_from(row.seq - 1);
    matches!((leaf, index), (Ok(leaf), Ok(index))
        if merkle::includes(&leaf, index, checkpoint.size, proof, &checkpoint.root))
}

/// The last line, where it is a manifest, and the SHA-256 of all before it.
fn manifest_line(
    file: &mut (impl BufRead + Seek),
) -> Result<(Option<String>, String), CannotCheck> {
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut line = Vec::new();
    while {
        line.clear();
        file.read_until(b'\n', &mut line)? > 0
    } {
        if line.starts_with(b"{\"manifest\":") {
            let mut rest = Vec::new();
            file.read_until(b'\n', &mut rest)?;
            let text = String::from_utf8(line).ok().filter(|_| rest.is_empty());
            return Ok((text, hex::encode(digest.finalize())));
        }
        digest.update(&line);
    }
    Ok((None, String::new()))
}

fn read(line: &str) -> Result<(Row, Option<Vec<Hash>>), ()> {
    let line: Line<'_> = serde_json::from_str(line).map_err(|_| ())?;
    let at: Timestamp = line.recorded_at.parse().map_err(|_| ())?;
    let proof = match line.proof {
        Some(proof) => Some(
            proof
                .iter()
                .map(|text| hash(text))
                .collect::<Option<Vec<_>>>()
                .ok_or(())?,
        ),
        None => None,
    };
    let row = Row {
        seq: line.seq,
        micros: at.as_microsecond(),
        canonical: line.event.get().to_owned(),
        payload: None,
        prev_hash: hash(&line.prev_hash).ok_or(())?.to_vec(),
        hash: hash(&line.hash).ok_or(())?.to_vec(),
        note: None,
    };
    Ok((row, proof))
}

fn hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
}

fn refused(why: String) -> Report {
    let mut report = Report {
        first: 1,
        ..Report::default()
    };
    report.find(None, true, why);
    report
}
