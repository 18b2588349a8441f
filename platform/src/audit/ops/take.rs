//! Taking the chain away as a file.

use jiff_sqlx::ToSqlx as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{append, read, sign::hashes};
use crate::{
    Cx,
    audit::{
        chain::Hash,
        event::{Event, Kind, Outcome},
        export::{self, Anchor, Manifest},
        filter::Checked,
        merkle::Tree,
        verify::Row,
        view::Filter,
    },
    error::{Error, Result},
    policy::Action,
};

/// What the file is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines with hashes, proofs where filtered, and a signed manifest: evidence.
    JsonLines,
    /// For people and spreadsheets; proves nothing.
    Csv,
}

/// Pieces of the file, in order; an error ends it before its manifest.
pub type Pieces = mpsc::Receiver<Result<String>>;

/// Streams the events after a place in the chain that match. The export is an event itself, written
/// before the first byte; it ends at the head of that moment, or, where every event carries a proof,
/// at the newest checkpoint.
pub async fn export(cx: &Cx, filter: &Filter, after: i64, format: Format) -> Result<Pieces> {
    cx.may(Action::AuditExport).await?;
    let by = Checked::try_from(filter)?;
    if after < 0 {
        return Err(Error::invalid(
            "after",
            "is a place in the chain, 0 for all",
        ));
    }
    let head = sqlx::query!("select id, seq from audit.chain")
        .fetch_one(&cx.audit_db)
        .await?;
    let seen = sqlx::query!(
        "select size, note from audit_checkpoint where size <= $1 order by size desc limit 1",
        head.seq
    )
    .fetch_optional(&cx.db)
    .await?;
    let proving = format == Format::JsonLines && !filter.is_empty();
    let upto = if proving {
        seen.as_ref().map_or(head.seq, |row| row.size)
    } else {
        head.seq
    };
    let mut event = Event::new(cx, Kind::AuditExported, Outcome::Success)
        .on("chain", head.id)
        .with(
            "format",
            if format == Format::Csv {
                "csv"
            } else {
                "json_lines"
            },
        )
        .with("after", after)
        .with("upto", upto);
    let mut fields = std::collections::BTreeMap::new();
    for (name, value) in filter
        .fields()
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
    {
        fields.insert(name.to_owned(), value.to_owned());
        event = if name == "text" {
            event.noting(name, value)
        } else {
            event.with(name, value)
        };
    }
    let mut tx = cx.begin().await?;
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;

    let work = Work {
        cx: cx.clone(),
        by,
        format,
        manifest: Manifest {
            v: 1,
            chain: head.id,
            after,
            upto,
            events: 0,
            complete: filter.is_empty(),
            filter: fields,
            sha256: String::new(),
            checkpoint: seen.as_ref().map(|row| row.note.clone()),
            anchor: None,
        },
        covered: seen.map_or(0, |row| row.size),
    };
    let (send, pieces) = mpsc::channel(4);
    tokio::spawn(async move {
        if let Err(error) = work.run(&send).await {
            let _ = send.send(Err(error)).await; // the reader may be gone
        }
    });
    Ok(pieces)
}

struct Work {
    cx: Cx,
    by: Checked,
    format: Format,
    manifest: Manifest,
    covered: i64,
}

impl Work {
    async fn run(mut self, send: &mpsc::Sender<Result<String>>) -> Result<()> {
        let evidence = self.format == Format::JsonLines;
        let proving = evidence && !self.manifest.complete && self.covered > 0;
        let anchored = evidence && self.manifest.complete && self.manifest.after > 0;
        let tree = if proving || anchored {
            Some(self.tree().await?)
        } else {
            None
        };
        if let (true, Some(tree)) = (anchored, &tree) {
            let seq = self.covered.min(self.manifest.upto);
            let proof = prove(tree, seq).filter(|_| seq > self.manifest.after);
            self.manifest.anchor = proof.map(|proof| Anchor {
                seq,
                proof: proof.iter().map(hex::encode).collect(),
            });
        }
        let mut digest = Sha256::new();
        let mut after = self.manifest.after;
        if !evidence && send.send(Ok(export::CSV_HEAD.to_owned())).await.is_err() {
            return Ok(());
        }
        loop {
            let rows = self.rows(after).await?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            let mut piece = String::new();
            for row in &rows {
                let line = if evidence {
                    let proof = tree
                        .as_ref()
                        .filter(|_| proving)
                        .and_then(|tree| prove(tree, row.seq));
                    export::line(row, proof)
                } else {
                    export::csv(row)
                };
                piece += &line.map_err(|error| {
                    tracing::error!(%error, seq = row.seq, "an event cannot be exported");
                    Error::Internal
                })?;
                self.manifest.events += 1;
            }
            digest.update(&piece);
            if send.send(Ok(piece)).await.is_err() {
                return Ok(()); // nobody reads on
            }
        }
        if evidence {
            self.manifest.sha256 = hex::encode(digest.finalize());
            let key = export::manifest_key(&self.cx.keys, self.manifest.chain);
            let trailer = self.manifest.sign(&key).map_err(|_| Error::Internal)?;
            let _ = send.send(Ok(trailer)).await; // the reader may be gone
        }
        Ok(())
    }

    async fn rows(&self, after: i64) -> Result<Vec<Row>> {
        let mut tx = read::reading(&self.cx.audit_db).await?;
        let places = read::matching!(
            query_scalar,
            "seq",
            &self.by,
            " and seq > $11 and seq <= $12 order by seq limit 500",
            after,
            self.manifest.upto
        )
        .fetch_all(&mut *tx)
        .await?;
        Ok(sqlx::query_as!(
            Row,
            r#"select seq, (extract(epoch from recorded_at) * 1000000)::bigint as "micros!", canonical,
                 null::text as payload, prev_hash, hash, null::bytea as note
               from audit.event where seq = any($1) order by seq"#,
            &places
        )
        .fetch_all(&mut *tx)
        .await?)
    }

    /// Every node of the tree the newest checkpoint covers: 64 bytes an event.
    async fn tree(&self) -> Result<Tree> {
        let mut tree = Tree::default();
        let mut db = self.cx.audit_db.acquire().await?;
        let mut after = 0;
        while after < self.covered {
            let hashes = hashes(&mut db, after).await?;
            let Some((last, _)) = hashes.last() else {
                break;
            };
            after = *last;
            for (seq, hash) in &hashes {
                if *seq <= self.covered {
                    tree.push(hash);
                }
            }
        }
        Ok(tree)
    }
}

fn prove(tree: &Tree, seq: i64) -> Option<Vec<Hash>> {
    tree.inclusion(usize::try_from(seq - 1).ok()?, tree.size())
}
