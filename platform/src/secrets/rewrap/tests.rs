//! After a rewrap the old key opens nothing and is needed for nothing, whoever wrote meanwhile.

use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Arc};

use serde_json::json;
use sqlx::PgPool;

use super::{Sealed, ops};
use crate::{
    Cx, Error,
    audit::{
        self,
        event::{Event, Kind, Outcome},
    },
    jobs::{self, spec::JobSpec},
    logs::{
        self,
        tests::fixture::{Fixture, attempt},
    },
    people::Actor,
    secrets::Keyring,
    stacks,
};

const OLD: &str = "old:1111111111111111111111111111111111111111111111111111111111111111";
const NEW: &str = "new:2222222222222222222222222222222222222222222222222222222222222222";

fn ring(folder: &Path, keys: &[&str]) -> Arc<Keyring> {
    let path = folder.join(uuid::Uuid::now_v7().to_string());
    let mut file = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .expect("made");
    writeln!(file, "{}", keys.join("\n")).expect("written");
    Arc::new(Keyring::read(&path).expect("read"))
}

fn under(cx: &Cx, keys: &Arc<Keyring>) -> Cx {
    Cx {
        keys: Arc::clone(keys),
        ..cx.clone()
    }
}

async fn rewrap_all(cx: &Cx) -> u64 {
    let mut moved = 0;
    for of in Sealed::ALL {
        let mut after = Vec::new();
        loop {
            let batch = ops::rewrap(cx, of, &after, Some(&cx.db))
                .await
                .expect("rewrapped");
            assert_eq!(batch.lost, Vec::<String>::new());
            moved += batch.moved;
            match batch.next {
                Some(next) => after = next,
                None => break,
            }
        }
    }
    moved
}

async fn left(cx: &Cx) -> i64 {
    let mut left = 0;
    for of in Sealed::ALL {
        left += ops::left(cx, of).await.expect("counted");
    }
    left
}

fn state(serial: i64) -> Vec<u8> {
    json!({"serial": serial, "lineage": "l", "resources": ["canary"]})
        .to_string()
        .into_bytes()
}

/// A stack with a state, evidence, a job with secrets and a note.
async fn fill(made: &Fixture, cx: &Cx) {
    let attempt = Cx {
        actor: Actor::Attempt(Box::new(made.actor.clone())),
        ..cx.clone()
    };
    let info = serde_json::from_value(json!({"ID": "l"})).expect("an info");
    stacks::ops::lock(&attempt, made.stack(), info)
        .await
        .expect("answered")
        .expect("free");
    for serial in 1..=3 {
        stacks::ops::write_state(&attempt, made.stack(), Some("l"), &state(serial))
            .await
            .expect("written");
    }
    logs::ops::evidence(&attempt, "late.tfstate", b"late")
        .await
        .expect("kept");
    let spec: JobSpec = serde_json::from_value(json!({"title": "S", "team": "payments", "steps": [
        {"name": "a", "driver": "echo", "operation": "plan", "stack": "payments/s", "spec": {},
         "secrets": {"TOKEN": "a secret canary"}}]}))
    .expect("a job");
    jobs::ops::enqueue(cx, &spec, None).await.expect("accepted");
    let mut tx = cx.begin().await.expect("begun");
    let event = Event::new(cx, Kind::AuditRead, Outcome::Success).noting("text", "a noted canary");
    audit::ops::append(cx, &mut tx, &event)
        .await
        .expect("appended");
    tx.commit().await.expect("committed");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_52_after_a_rewrap_the_old_key_is_needed_for_nothing(db: PgPool) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = attempt(&db, true).await;
    let old = under(&made.system(), &ring(folder.path(), &[OLD]));
    let both = under(&made.system(), &ring(folder.path(), &[OLD, NEW]));
    let new = under(&made.system(), &ring(folder.path(), &[NEW]));
    fill(&made, &old).await;
    let before = left(&both).await;
    assert!(before >= 7, "{before} values under the old key");
    assert_eq!(
        rewrap_all(&both).await,
        u64::try_from(before).expect("small")
    );
    assert_eq!(left(&both).await, 0);
    assert_eq!(rewrap_all(&both).await, 0, "again: nothing to do");
    let attempt = Cx {
        actor: Actor::Attempt(Box::new(made.actor.clone())),
        ..new.clone()
    };
    assert_eq!(
        stacks::ops::read_state(&attempt, made.stack()).await,
        Ok(Some(state(3)))
    );
    let mut connection = db.acquire().await.expect("a connection");
    let progress = audit::ops::Progress::default();
    let report =
        audit::ops::verify_database(&mut connection, Vec::new(), Some(&new.keys), &progress)
            .await
            .expect("verified");
    assert!(
        report.sound(),
        "notes open under the new key and fit their events: {:?}",
        report.first_bad()
    );
    let stale = Cx {
        actor: Actor::Attempt(Box::new(made.actor.clone())),
        ..old.clone()
    };
    assert_eq!(
        stacks::ops::read_state(&stale, made.stack()).await,
        Err(Error::Internal)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_52_a_rewrap_under_load_breaks_nothing_and_forges_nothing(db: PgPool) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = attempt(&db, true).await;
    let old = under(&made.system(), &ring(folder.path(), &[OLD]));
    let both = under(&made.system(), &ring(folder.path(), &[OLD, NEW]));
    fill(&made, &old).await;
    let attempt = Cx {
        actor: Actor::Attempt(Box::new(made.actor.clone())),
        ..both.clone()
    };
    let stack = made.stack();
    let load = tokio::spawn(async move {
        for serial in 4..=60 {
            stacks::ops::write_state(&attempt, stack, Some("l"), &state(serial))
                .await
                .expect("written");
            let read = stacks::ops::read_state(&attempt, stack)
                .await
                .expect("read");
            assert_eq!(read, Some(state(serial)));
        }
    });
    while !load.is_finished() {
        rewrap_all(&both).await;
    }
    load.await.expect("no error");
    rewrap_all(&both).await;
    assert_eq!(left(&both).await, 0);
    // A ciphertext moved to another row does not come along.
    sqlx::query("update state_version set sealed = (select sealed from state_version where serial = 1) where serial = 2")
        .execute(&db)
        .await
        .expect("moved");
    let back = under(&made.system(), &ring(folder.path(), &[NEW, OLD]));
    let batch = ops::rewrap(&back, Sealed::State, &[], None)
        .await
        .expect("looked");
    assert_eq!((batch.moved, batch.lost.len()), (49, 1), "{batch:?}");
    let refused = sqlx::query_scalar::<_, bool>(
        "select audit.rewrap(seq, body, set_byte(body, octet_length(body) - 1, 255 - get_byte(body, octet_length(body) - 1)))
         from audit.note limit 1")
        .fetch_one(&db)
        .await;
    assert!(refused.is_err(), "a note's text cannot be exchanged");
}
