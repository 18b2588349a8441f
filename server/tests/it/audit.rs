//! The audit chain through its doors: downloads, and the commands of the binary.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use axum::{Extension, Router, body::Body, http::Request, response::Response};
use http_body_util::BodyExt as _;
use platform::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        export::manifest_key,
        ops,
    },
    people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId, Role},
    secrets::Keyring,
};
use sqlx::PgPool;
use tower::ServiceExt as _;

fn cx(db: &PgPool, actor: Actor) -> Cx {
    Cx::new(db.clone(), db.clone(), Arc::new(Keyring::generate()), actor)
}

fn person(roles: &[Role]) -> Actor {
    Actor::Person(Box::new(Person {
        id: PersonId(uuid::Uuid::now_v7()),
        name: "Rosa".to_owned(),
        grants: Grants {
            roles: roles.iter().copied().collect(),
            ..Grants::default()
        },
        groups_claim: GroupsClaim::Present,
        session: uuid::Uuid::now_v7(),
        authentication: Authentication::default(),
    }))
}

async fn fill(cx: &Cx, n: u32) {
    for at in 0..n {
        let event = Event::new(cx, Kind::SignOut, Outcome::Success)
            .on("session", at)
            .noting("agent", "a browser");
        let mut tx = cx.begin().await.expect("begins");
        ops::append(cx, &mut tx, &event).await.expect("appends");
        tx.commit().await.expect("commits");
    }
}

async fn get(cx: &Cx, path: &str) -> Response {
    let (router, _): (Router, _) = server::api::audit::routes().split_for_parts();
    let request = Request::get(path).body(Body::empty()).expect("a request");
    router
        .layer(Extension(cx.clone()))
        .oneshot(request)
        .await
        .expect("answers")
}

async fn text(response: Response) -> String {
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Runs `groundcrew audit …` against a test's database.
fn groundcrew(db: &PgPool, arguments: &[&str]) -> Output {
    let mut url: url::Url = std::env::var("DATABASE_URL")
        .expect("is set")
        .parse()
        .expect("a URL");
    url.set_path(db.connect_options().get_database().expect("a database"));
    Command::new(env!("CARGO_BIN_EXE_groundcrew"))
        .arg("audit")
        .args(arguments)
        .env("AUDIT_DATABASE_URL", url.as_str())
        .env("AUDIT_SIGNER_DATABASE_URL", url.as_str())
        .output()
        .expect("runs")
}

fn said(output: &Output) -> (Option<i32>, String) {
    let both = [&output.stdout[..], &output.stderr[..]].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&both).into_owned(),
    )
}

fn path(path: &Path) -> &str {
    path.to_str().expect("plain")
}

#[sqlx::test(migrations = "../migrations")]
async fn security_63_downloads_are_attachments_for_auditors(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    fill(&auditor, 3).await;
    let answer = get(&auditor, "/api/v1/audit/events.csv?action=session.sign_out").await;
    assert_eq!(answer.status(), 200);
    let header = |name| {
        answer
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    };
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert!(header("content-disposition").starts_with("attachment; filename=\""));
    assert!(header("content-disposition").contains("not-evidence"));
    assert_eq!(header("content-security-policy"), "sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(text(answer).await.lines().count(), 4);
    for (actor, status) in [
        (Actor::Anonymous, 401),
        (person(&[]), 403),
        (person(&[Role::Admin, Role::PlatformEngineer]), 403),
    ] {
        for file in ["events.csv", "events.jsonl"] {
            let answer = get(&cx(&db, actor.clone()), &format!("/api/v1/audit/{file}")).await;
            assert_eq!(answer.status(), status);
        }
    }
    for query in ["outcome=good", "after=-1"] {
        let answer = get(&auditor, &format!("/api/v1/audit/events.jsonl?{query}")).await;
        assert_eq!(answer.status(), 422, "{query}");
    }
    let answer = get(&auditor, "/api/v1/audit/events.jsonl?sort=asc").await;
    assert_eq!(answer.status(), 400, "an unknown field is refused");
}

#[sqlx::test(migrations = "../migrations")]
async fn security_66_verify_says_sound_tampered_or_cannot_check(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    fill(&auditor, 5).await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (key, public, one, two) = (at("signer.key"), at("signer.pub"), at("one"), at("two"));
    let sign = || {
        said(&groundcrew(
            &db,
            &[
                "sign",
                "--once",
                "--key",
                path(&key),
                "--host",
                "portal.example",
                "--out",
                path(&one),
                "--out",
                path(&two),
            ],
        ))
    };
    let verify = || {
        said(&groundcrew(
            &db,
            &[
                "verify",
                "--checkpoints",
                path(&two),
                "--key",
                path(&public),
            ],
        ))
    };
    assert_eq!(sign(), (Some(0), "signed 5 events\n".into()));
    let (code, text_) = verify();
    assert_eq!(code, Some(0), "{text_}");
    assert!(
        text_.contains("SOUND. Signed checkpoints cover 5"),
        "{text_}"
    );

    // An export, checked without network and database.
    let file = at("events.jsonl");
    let lines = text(get(&auditor, "/api/v1/audit/events.jsonl").await).await;
    std::fs::write(&file, &lines).expect("written");
    let chain: uuid::Uuid = sqlx::query_scalar("select id from audit.chain")
        .fetch_one(&db)
        .await
        .expect("a head");
    let manifests = manifest_key(&auditor.keys, chain).public().text();
    let export = |file: &Path, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groundcrew"));
        command.args([
            "audit",
            "verify",
            "--export",
            path(file),
            "--checkpoints",
            path(&one),
        ]);
        command
            .args(["--key", path(&public)])
            .args(more)
            .env_clear();
        said(&command.output().expect("runs"))
    };
    let (code, text_) = export(&file, &["--key", &manifests]);
    assert_eq!(code, Some(0), "{text_}");
    assert_eq!(export(&file, &[]).0, Some(2), "no key for the manifest");
    assert_eq!(export(&at("nowhere"), &["--key", &manifests]).0, Some(2));
    let less: String = lines
        .split_inclusive('\n')
        .enumerate()
        .filter(|(n, _)| *n != 2)
        .map(|(_, l)| l)
        .collect();
    std::fs::write(&file, less).expect("written");
    let (code, text_) = export(&file, &["--key", &manifests]);
    assert_eq!(code, Some(1), "{text_}");
    assert!(
        text_.contains("First bad: event 3: the event is missing"),
        "{text_}"
    );

    // Could not check: no database, no checkpoint, no key.
    let nothing = groundcrew(
        &db,
        &[
            "verify",
            "--checkpoints",
            path(folder.path()),
            "--key",
            path(&public),
        ],
    );
    assert_eq!(said(&nothing).0, Some(2), "no checkpoint covers it");
    let no_key = groundcrew(
        &db,
        &[
            "verify",
            "--checkpoints",
            path(&one),
            "--key",
            path(&at("nowhere")),
        ],
    );
    assert_eq!(said(&no_key).0, Some(2));

    // Wrong key: the checkpoints are not its.
    let other = at("other.key");
    let made = groundcrew(
        &db,
        &[
            "sign",
            "--once",
            "--key",
            path(&other),
            "--host",
            "portal.example",
            "--out",
            path(&at("three")),
        ],
    );
    assert_eq!(said(&made).0, Some(0));
    let wrong = groundcrew(
        &db,
        &[
            "verify",
            "--checkpoints",
            path(&one),
            "--key",
            path(&at("other.pub")),
        ],
    );
    let (code, text_) = said(&wrong);
    assert_eq!(code, Some(1), "{text_}");
    assert!(text_.contains("is not signed by the given key"), "{text_}");

    sqlx::raw_sql(
        "alter table audit.event disable trigger all;
         update audit.event set canonical = replace(canonical, 'success', 'failure') where seq = 4",
    )
    .execute(&db)
    .await
    .expect("a superuser may");
    let (code, text_) = verify();
    assert_eq!(code, Some(1), "{text_}");
    assert!(
        text_.contains("First bad: event 4: content and hash do not match"),
        "{text_}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_65_the_signer_refuses_what_contradicts_its_memory(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    fill(&auditor, 3).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (key, out) = (folder.path().join("signer.key"), folder.path().join("out"));
    let arguments = [
        "sign",
        "--once",
        "--key",
        path(&key),
        "--host",
        "portal.example",
        "--out",
        path(&out),
    ];
    assert_eq!(said(&groundcrew(&db, &arguments)).0, Some(0));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&key).expect("is there").permissions(),
    );
    assert_eq!(mode & 0o777, 0o400);
    sqlx::raw_sql(
        "alter table audit.event disable trigger all; alter table audit.chain disable trigger all;
         delete from audit.note where seq = 3; delete from audit.event where seq = 3;
         update audit.chain set seq = 2, hash = (select hash from audit.event where seq = 2)",
    )
    .execute(&db)
    .await
    .expect("a superuser may");
    let (code, text) = said(&groundcrew(&db, &arguments));
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains(
            "REFUSED, nothing was signed: the chain ends at 2, 3 events were signed before"
        ),
        "{text}"
    );
    std::fs::remove_file(folder.path().join("signer.last")).expect("is there");
    assert_eq!(
        said(&groundcrew(&db, &arguments)).0,
        Some(1),
        "what was published is a memory too"
    );
    fill(&auditor, 2).await;
    let (code, text) = said(&groundcrew(&db, &arguments));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("not those that were signed before"), "{text}");
    let names: Vec<_> = std::fs::read_dir(&out)
        .expect("a folder")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .collect();
    assert_eq!(names.len(), 2, "nothing new was published: {names:?}");
}

async fn page(cx: &Cx, request: Request<Body>) -> (u16, String) {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(cx.clone());
    let router = app::router(app::AppOptions {
        leptos: leptos::config::LeptosOptions::builder()
            .output_name("groundcrew")
            .build(),
        origin: Arc::from("http://localhost:8080"),
        assets: Arc::new(|name| format!("/{name}")),
        issuers: Arc::from([]),
        organisation: Arc::new(Arc::default),
        repository: Arc::new(Default::default),
        sync_now: Arc::new(|| ()),
        chain_is_sound: Arc::new(|| true),
        version: Arc::from("0"),
    });
    let answer = router
        .oneshot(Request::from_parts(parts, body))
        .await
        .expect("answers");
    let status = answer.status().as_u16();
    (status, text(answer).await)
}

async fn open(cx: &Cx, path: &str) -> (u16, String) {
    let request = Request::get(path).header("accept", "text/html");
    page(cx, request.body(Body::empty()).expect("a request")).await
}

#[sqlx::test(migrations = "../migrations")]
async fn the_page_works_without_script(db: PgPool) {
    let auditor = cx(&db, person(&[Role::Auditor]));
    fill(&auditor, 60).await;
    let (status, html) = open(&auditor, "/audit").await;
    assert_eq!(status, 200, "{html}");
    for part in [
        "<h1>Audit</h1>",
        "Not verified yet",
        "session.sign_out",
        "/audit?before=11",
        "/audit/60",
        "events.csv",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("a browser"), "notes are not in the list");
    let (_, html) = open(&auditor, "/audit?before=11").await;
    assert!(
        html.contains("/audit?after=10") && html.contains("href=\"/audit/1\""),
        "{html}"
    );
    let (status, html) = open(&auditor, "/audit?actor=nobody").await;
    assert_eq!(status, 200);
    assert!(
        html.contains("No event matches") && html.contains("Clear filter"),
        "{html}"
    );
    let (status, html) = open(&auditor, "/audit?from=yesterday").await;
    assert_eq!(status, 422);
    assert!(html.contains("must look like 2026-11-18"), "{html}");
    let (status, html) = open(&auditor, "/audit/7").await;
    assert_eq!(status, 200);
    for part in ["Event 7", "Fits the chain", "a browser", "session.sign_out"] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(open(&auditor, "/audit/100000").await.0, 404);
    assert_eq!(open(&auditor, "/audit/x").await.0, 404);
    let (status, html) = open(&cx(&db, person(&[Role::Admin])), "/audit").await;
    assert_eq!(status, 403);
    assert!(
        html.contains("the role auditor") && !html.contains("session.sign_out"),
        "{html}"
    );

    let form = Request::post("/fn/audit/verify")
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("referer", "http://localhost:8080/audit");
    let (status, _) = page(&auditor, form.body(Body::empty()).expect("a request")).await;
    assert!((302..=303).contains(&status), "{status}");
    let (_, html) = open(&auditor, "/audit").await;
    assert!(
        html.contains("Verifying the chain") && html.contains("Look again"),
        "{html}"
    );
    let system = auditor.as_system("audit");
    let claimed = ops::claim_verification(&system)
        .await
        .expect("claims")
        .expect("one waits");
    ops::perform_verification(&system, claimed)
        .await
        .expect("performs");
    let (_, html) = open(&auditor, "/audit").await;
    for part in [
        "Verified up to event 61",
        "The chain is sound",
        "61 events, none altered",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}
