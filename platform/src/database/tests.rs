//! What the log-ins may and may not do, on a real database.

use sqlx::{PgPool, migrate::Migrator};

use super::{Login, MIGRATOR, Problem, check, migrate, migrate::migrate_with, standing};

fn login(pool: &PgPool) -> Login {
    Login::new(pool.connect_options().as_ref().clone())
}

#[sqlx::test(migrations = "../migrations")]
async fn security_59_the_application_is_refused_everything_in_audit(pool: PgPool) {
    let owner = login(&pool);
    let application = owner.as_role("groundcrew_app");
    let reader = owner.as_role("audit_reader");
    // The log-in under the role is a superuser here, and that alone is found.
    let Err(Problem::Privileges(found)) = check(&application, &reader).await else {
        panic!("a superuser's log-in passed");
    };
    assert!(found[0].contains("is a superuser"), "{found:?}");
    assert!(
        found[1].starts_with("Give the application a log-in"),
        "{found:?}"
    );
    assert_eq!(
        found.len(),
        2,
        "the role can do more than it must: {found:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_59_a_superuser_as_application_is_found_out(pool: PgPool) {
    let owner = login(&pool);
    let Err(Problem::Privileges(found)) = check(&owner, &owner).await else {
        panic!("a superuser passed");
    };
    let all = found.join("\n");
    for act in [
        "read audit.event",
        "change audit.note",
        "truncate audit.pending",
        "replica role",
    ] {
        assert!(all.contains(act), "{act}: {all}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_reader_who_cannot_read_is_found_out(pool: PgPool) {
    let owner = login(&pool);
    let application = owner.as_role("groundcrew_app");
    let Err(Problem::Privileges(found)) = check(&application, &application).await else {
        panic!("a reader without rights passed");
    };
    assert!(
        found
            .iter()
            .any(|line| line.contains("grant audit_reader to")),
        "{found:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn the_application_can_tell_how_the_schema_stands(pool: PgPool) {
    let application = login(&pool).as_role("groundcrew_app");
    let found = standing(&application)
        .await
        .expect("it may read the versions");
    assert_eq!(found.pending, 0);
    assert_eq!(migrate(&login(&pool)).await.expect("nothing to do"), 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_older_binary_and_an_edited_migration_are_refused(pool: PgPool) {
    let owner = login(&pool);
    let known: Vec<_> = MIGRATOR.iter().cloned().collect();
    let older = Migrator::with_migrations(known[..known.len() - 1].to_vec());
    let refused = migrate_with(&older, &owner).await;
    assert!(matches!(refused, Err(Problem::Newer { .. })), "{refused:?}");

    let mut edited = known;
    edited[0].checksum = vec![0; 48].into();
    let refused = migrate_with(&Migrator::with_migrations(edited), &owner).await;
    assert!(matches!(refused, Err(Problem::Changed(1))), "{refused:?}");
}

#[sqlx::test(migrations = false)]
async fn eight_servers_migrate_one_database_once(pool: PgPool) {
    let owner = login(&pool);
    let all = (0..8).map(|_| {
        let owner = owner.clone();
        tokio::spawn(async move { migrate(&owner).await })
    });
    let mut first = 0;
    for one in all.collect::<Vec<_>>() {
        let applied = one.await.expect("no panic").expect("none is refused");
        first += usize::from(applied > 0);
    }
    assert!(first >= 1);
    assert_eq!(standing(&owner).await.expect("it answers").pending, 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let nowhere = sqlx::postgres::PgConnectOptions::new_without_pgpass().socket("/nowhere");
    let problem = standing(&Login::new(nowhere))
        .await
        .expect_err("nobody answers");
    assert!(problem.is_passing(), "{problem}");
}
