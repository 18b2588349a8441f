//! Each change of the live version is one event, however often it is seen.

use std::sync::Arc;

use sqlx::PgPool;

use crate::{
    Cx, Error,
    people::Actor,
    repository::{Difference, Finding, ops},
    secrets::Keyring,
};

fn cx(db: &PgPool, actor: Actor) -> Cx {
    Cx::new(db.clone(), db.clone(), Arc::new(Keyring::generate()), actor)
}

async fn events(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar!(
        r#"select concat_ws(' ', payload ->> 'action', payload ->> 'outcome',
             payload -> 'detail' ->> 'loosens', payload -> 'detail' ->> 'added') as "event!"
           from audit.event order by seq"#
    )
    .fetch_all(db)
    .await
    .expect("the chain is readable")
}

#[sqlx::test(migrations = "../migrations")]
async fn a_version_is_told_once_and_again_after_another(db: PgPool) {
    let cx = cx(&db, Actor::System("sync"));
    let (one, two) = ("1".repeat(64), "2".repeat(64));
    let mut wider = Difference::default();
    wider.added.insert(
        "role.admin".to_owned(),
        ["idp-secret-group".to_owned()].into(),
    );
    let none = Difference::default();
    let broken = Finding {
        file: "teams.yaml".to_owned(),
        line: 1,
        column: 1,
        code: "E-YAML".to_owned(),
        what: String::new(),
        why: String::new(),
        hint: String::new(),
        live: String::new(),
    };
    assert!(ops::record_live(&cx, &one, &none).await.expect("recorded"));
    assert!(!ops::record_live(&cx, &one, &none).await.expect("known"));
    assert!(
        ops::record_refused(&cx, &two, std::slice::from_ref(&broken))
            .await
            .expect("recorded")
    );
    assert!(
        !ops::record_refused(&cx, &two, &[broken])
            .await
            .expect("known")
    );
    assert!(ops::record_live(&cx, &one, &none).await.expect("recorded"));
    assert!(ops::record_live(&cx, &two, &wider).await.expect("recorded"));
    let told = events(&db).await;
    assert_eq!(
        told,
        [
            "repository.synced success false",
            "repository.synced failure",
            "repository.synced success false",
            "repository.synced success true role.admin:1",
        ]
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn nobody_else_records_versions(db: PgPool) {
    let cx = cx(&db, Actor::Anonymous);
    let refused = ops::record_live(&cx, &"1".repeat(64), &Difference::default()).await;
    assert_eq!(refused, Err(Error::Unauthenticated));
    assert!(events(&db).await.is_empty());
}

#[sqlx::test(migrations = "../migrations")]
async fn security_61_a_version_without_an_event_does_not_commit(db: PgPool) {
    let version = "3".repeat(64);
    let written = sqlx::query!(
        "insert into repository_standing (version, outcome) values ($1, 'live')",
        version
    )
    .execute(&db)
    .await;
    let refusal = written.expect_err("refused at commit").to_string();
    assert!(refusal.contains("without an audit event"), "{refusal}");
}
