//! Exports prove what they say, and nothing that was done to them goes unseen.

use std::io::{BufReader, Cursor};

use sqlx::PgPool;

use super::{SYSTEM, cx, fill, person};
use crate::{
    Cx,
    audit::{
        checkpoint::{Checkpoint, PrivateKey, PublicKey, origin},
        event::{Event, Kind, Outcome},
        export::{Manifest, manifest_key},
        ops::{self, Format, Refusal},
        report::Report,
        verify_export::{CannotCheck, verify_export},
        view::{Alarm, Filter},
    },
    error::Error,
    people::Role,
};

/// A chain of 12 events with a signed checkpoint over the first `signed`, an auditor, and the keys.
struct Scene {
    auditor: Cx,
    signer: PrivateKey,
    manifests: PrivateKey,
    keys: Vec<PublicKey>,
}

async fn scene(db: &PgPool, signed: usize) -> Scene {
    let auditor = cx(db, person(&[Role::Auditor]));
    fill(&auditor, signed).await;
    let chain = sqlx::query_scalar!("select id from audit.chain")
        .fetch_one(db)
        .await
        .expect("a head");
    let key = PrivateKey::from_seed(&origin("portal.example", chain), &[3; 32]).expect("a name");
    let checkpoint = stands(db, &key, None).await.expect("is signed");
    let mut system = auditor.clone();
    system.actor = SYSTEM;
    ops::see_checkpoint(&system, &checkpoint, &key.sign(&checkpoint.text()), true)
        .await
        .expect("is seen");
    fill(&auditor, 12 - signed).await;
    let manifests = manifest_key(&auditor.keys, chain);
    let keys = vec![key.public(), manifests.public()];
    Scene {
        auditor,
        signer: key,
        manifests,
        keys,
    }
}

async fn stands(
    db: &PgPool,
    signer: &PrivateKey,
    last: Option<&Checkpoint>,
) -> Result<Checkpoint, Refusal> {
    let mut db = db.acquire().await.expect("a connection");
    ops::stands(&mut db, &signer.public().name, last)
        .await
        .expect("answers")
}

impl Scene {
    async fn export(&self, filter: &Filter, after: i64, format: Format) -> String {
        let mut pieces = ops::export(&self.auditor, filter, after, format)
            .await
            .expect("exports");
        let mut file = String::new();
        while let Some(piece) = pieces.recv().await {
            file += &piece.expect("a piece");
        }
        file
    }

    fn check(&self, file: &str) -> Report {
        verify_export(&mut BufReader::new(Cursor::new(file)), &self.keys, vec![])
            .expect("can be checked")
    }

    /// The file with its manifest changed and signed again, as somebody with the portal's key could.
    fn resigned(&self, file: &str, change: impl FnOnce(&mut Manifest)) -> String {
        let (lines, last) = file
            .trim_end()
            .rsplit_once('\n')
            .expect("more than one line");
        let mut manifest = Manifest::open(last, &self.keys).expect("opens");
        manifest.sha256 = hex::encode(crate::secrets::sha256(format!("{lines}\n").as_bytes()));
        change(&mut manifest);
        format!(
            "{lines}\n{}",
            manifest.sign(&self.manifests).expect("signs")
        )
    }
}

fn sign_outs() -> Filter {
    Filter {
        action: "session.sign_out".into(),
        ..Filter::default()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_63_json_lines_are_sound_to_the_verifier_and_to_python(db: PgPool) {
    let scene = scene(&db, 8).await;
    let whole = scene.export(&Filter::default(), 0, Format::JsonLines).await;
    let report = scene.check(&whole);
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.first, report.last, report.covered), (1, 12, 8));
    let chain = report.chain.to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("events.jsonl");
    std::fs::write(&path, &whole).expect("written");
    let ran = std::process::Command::new("python3")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/audit/canonical.py"
        ))
        .args([path.as_os_str(), "--chain".as_ref(), chain.as_ref()])
        .output()
        .expect("python3 is on the PATH");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );

    // Resumed after event 5 the rest is proven by an anchor and the links.
    let rest = scene.export(&Filter::default(), 5, Format::JsonLines).await;
    let report = scene.check(&rest);
    assert!(report.sound(), "{report:?}");
    assert_eq!((report.first, report.last, report.covered), (6, 13, 8));

    let filtered = scene.export(&sign_outs(), 0, Format::JsonLines).await;
    let report = scene.check(&filtered);
    assert!(report.sound(), "{report:?}");
    assert_eq!(report.covered, 8);
    assert_eq!(
        filtered.lines().count(),
        9,
        "what no checkpoint covers is left out"
    );
    let events = sqlx::query_scalar!(
        "select count(*) from audit.event where payload ->> 'action' = 'audit.exported'"
    )
    .fetch_one(&db)
    .await;
    assert_eq!(events.expect("counts"), Some(3), "each export is an event");
    assert_eq!(
        ops::export(
            &cx(&db, person(&[Role::Admin])),
            &Filter::default(),
            0,
            Format::Csv
        )
        .await
        .err(),
        Some(Error::forbidden("needs the role auditor"))
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_63_csv_holds_each_event_once(db: PgPool) {
    let scene = scene(&db, 8).await;
    let csv = scene.export(&sign_outs(), 0, Format::Csv).await;
    assert_eq!(csv.lines().count(), 13);
    assert!(csv.lines().nth(1).is_some_and(
        |line| line.starts_with("1,20") && line.contains(",session.sign_out,success,person,")
    ));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_63_a_csv_reader_finds_text_in_every_cell(db: PgPool) {
    let scene = scene(&db, 8).await;
    // What machine words may begin with, and what only a mistake could bring in.
    let hostile = [
        "=1+1",
        "+1",
        "-1",
        "=HYPERLINK(a)",
        "@x",
        "\u{ff1d}1+1",
        "\tx",
        "a\r\nb",
        "\"q\",=2",
    ];
    for target in hostile {
        let event =
            Event::new(&scene.auditor, Kind::SignOut, Outcome::Success).on("session", target);
        let mut tx = scene.auditor.begin().await.expect("begins");
        ops::append(&scene.auditor, &mut tx, &event)
            .await
            .expect("appends");
        tx.commit().await.expect("commits");
    }
    let csv = scene.export(&sign_outs(), 0, Format::Csv).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("events.csv");
    std::fs::write(&path, csv).expect("written");
    let reads = r#"
import csv, sys
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8", newline="")))
assert len({len(row) for row in rows}) == 1, "every line has as many cells"
starts = set("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
bad = [cell for row in rows for cell in row if cell and cell[0] in starts]
assert not bad, bad
kept = {row[rows[0].index("target_id")] for row in rows}
assert {"'=1+1", "'+1", "'-1"} <= kept, kept
"#;
    let ran = std::process::Command::new("python3")
        .args(["-c", reads])
        .arg(&path)
        .output()
        .expect("python3 is on the PATH");
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_66_what_was_done_to_an_export_is_named(db: PgPool) {
    let scene = scene(&db, 8).await;
    let whole = scene.export(&Filter::default(), 0, Format::JsonLines).await;
    let without = |file: &str, at: usize| {
        let lines = file.split_inclusive('\n').enumerate();
        lines
            .filter(|(n, _)| *n != at)
            .map(|(_, line)| line)
            .collect::<String>()
    };
    let bad = |file: &str| {
        let report = scene.check(file);
        report
            .first_bad()
            .cloned()
            .unwrap_or_else(|| panic!("unseen: {report:?}"))
    };
    assert_eq!(bad(&without(&whole, 6)).seq, Some(7), "left out");
    let resigned = scene.resigned(&without(&whole, 6), |manifest| manifest.events -= 1);
    assert_eq!(bad(&resigned).seq, Some(7), "left out, signed again");
    let later = scene.resigned(&without(&whole, 0), |manifest| {
        manifest.events -= 1;
        manifest.after = 1;
    });
    assert_eq!(
        scene.check(&later).covered,
        0,
        "begins later: no anchor, so nothing is proven"
    );
    let cut: String = whole.split_inclusive('\n').take(9).collect();
    assert!(bad(&cut).why.contains("cut off"));
    let fewer: String = without(&without(&whole, 11), 10);
    let promised = scene.resigned(&fewer, |manifest| manifest.events -= 2);
    assert_eq!(bad(&promised).seq, Some(11), "the tail left out");
    let changed = whole.replacen("\"outcome\":\"success\"", "\"outcome\":\"failure\"", 3);
    assert_eq!(bad(&changed).seq, Some(1), "content changed");
    let shorter = scene.resigned(&fewer, |manifest| {
        manifest.events -= 2;
        manifest.upto = 10;
    });
    assert!(
        scene.check(&shorter).sound(),
        "a shorter range is a sound range"
    );

    let filtered = scene.export(&sign_outs(), 0, Format::JsonLines).await;
    let claims = scene.resigned(&filtered, |manifest| manifest.complete = true);
    assert!(
        !scene.check(&claims).sound(),
        "a filtered export claims completeness"
    );
    let some = without(&filtered, 3);
    let claims = scene.resigned(&some, |manifest| {
        manifest.complete = true;
        manifest.filter.clear();
        manifest.events -= 1;
    });
    assert_eq!(
        bad(&claims).seq,
        Some(4),
        "claims completeness without its filter"
    );
    let line = filtered.lines().nth(4).expect("an event");
    let (head, proof) = line.split_once("\"proof\":[\"").expect("a proof");
    let flipped = if proof.starts_with('0') { "1" } else { "0" };
    let altered = filtered.replace(
        line,
        &format!("{head}\"proof\":[\"{flipped}{}", &proof[1..]),
    );
    assert_eq!(
        bad(&scene.resigned(&altered, |_| {})).seq,
        Some(5),
        "a proof altered"
    );
    assert!(!scene.check(&altered).sound());

    let key = [scene.signer.public()];
    let unsigned = verify_export(&mut BufReader::new(Cursor::new(&whole)), &key, vec![]);
    assert!(
        matches!(unsigned, Err(CannotCheck::NoKey)),
        "no key for the manifest: cannot say"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_65_nothing_is_signed_that_contradicts_the_last_checkpoint(db: PgPool) {
    let scene = scene(&db, 8).await;
    let last = stands(&db, &scene.signer, None).await.expect("stands");
    assert_eq!(
        stands(&db, &scene.signer, Some(&last)).await,
        Ok(last.clone()),
        "nothing new"
    );
    fill(&scene.auditor, 1).await;
    let next = stands(&db, &scene.signer, Some(&last))
        .await
        .expect("grows");
    assert_eq!(next.size, 13);
    let mut more = next.clone();
    more.size = 14;
    assert_eq!(
        stands(&db, &scene.signer, Some(&more)).await,
        Err(Refusal::Smaller {
            now: 13,
            signed: 14
        })
    );
    let mut other = last.clone();
    other.root[0] ^= 1;
    assert_eq!(
        stands(&db, &scene.signer, Some(&other)).await,
        Err(Refusal::Inconsistent { signed: 12 })
    );
    other.origin = origin("portal.example", uuid::Uuid::nil());
    assert!(matches!(
        stands(&db, &scene.signer, Some(&other)).await,
        Err(Refusal::OtherChain(_))
    ));
    sqlx::raw_sql("alter table audit.event disable trigger all; update audit.event set hash = sha256('x') where seq = 2")
        .execute(&db)
        .await
        .expect("a superuser may");
    assert_eq!(
        stands(&db, &scene.signer, Some(&last)).await,
        Err(Refusal::Inconsistent { signed: 12 })
    );
    let mut contradiction = last.clone();
    contradiction.size = 8;
    let mut system = scene.auditor.clone();
    system.actor = SYSTEM;
    ops::see_checkpoint(&system, &contradiction, "x", true)
        .await
        .expect("is recorded");
    let refused = sqlx::query_scalar!(
        "select count(*) from audit.event where payload ->> 'action' = 'audit.checkpoint_refused'"
    )
    .fetch_one(&db)
    .await;
    assert_eq!(refused.expect("counts"), Some(1));
}

#[sqlx::test(migrations = "../migrations")]
async fn security_65_health_is_red_in_time(db: PgPool) {
    let scene = scene(&db, 8).await;
    let alarms = async || {
        ops::standing(&scene.auditor)
            .await
            .expect("stands")
            .alarms()
    };
    assert_eq!(alarms().await, Vec::<Alarm>::new());
    sqlx::query("update audit_checkpoint set seen_at = now() - interval '601 seconds'")
        .execute(&db)
        .await
        .expect("ages");
    sqlx::query("insert into audit.pending (canonical, enqueued_at) values ('{}', now() - interval '7 seconds')").execute(&db).await.expect("is stuck");
    assert_eq!(
        alarms().await,
        [
            Alarm::OldCheckpoint { minutes: 10 },
            Alarm::Waiting { seconds: 7 }
        ]
    );
}
