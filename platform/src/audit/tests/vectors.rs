//! Three languages agree on what is canonical.

use serde::Deserialize;
use sqlx::PgPool;

use crate::audit::canonical::{self, Object, Value};

#[derive(Deserialize)]
struct Vector {
    name: String,
    text: String,
    canonical: bool,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../vectors.json")).expect("vectors are JSON")
}

#[test]
fn security_62_vectors_hold_in_rust() {
    for vector in vectors() {
        let parsed = canonical::parse(&vector.text);
        assert_eq!(
            parsed.is_ok(),
            vector.canonical,
            "{}: {parsed:?}",
            vector.name
        );
    }
    let nul = Value::Object(Object::from([("a".into(), "x\0y".into())]));
    assert_eq!(
        canonical::encode(&nul).as_deref(),
        Ok("{\"a\":\"x\u{fffd}y\"}")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_62_vectors_hold_in_sql(db: PgPool) {
    for vector in vectors() {
        let taken = sqlx::query("select audit.refuse_uncanonical($1)")
            .bind(&vector.text)
            .execute(&db)
            .await;
        assert_eq!(
            taken.is_ok(),
            vector.canonical,
            "{}: {taken:?}",
            vector.name
        );
    }
}

#[test]
fn security_62_vectors_hold_in_python() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/audit");
    let ran = std::process::Command::new("python3")
        .args(["canonical.py", "vectors.json"])
        .current_dir(folder)
        .output()
        .expect("python3 is on the PATH");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
