//! Statements about the database itself; nothing of the portal's own is read or changed here.

use sqlx::{Connection as _, Executor as _, PgConnection};

/// Works as another role from here on.
pub(super) async fn set_role(db: &mut PgConnection, role: &str) -> sqlx::Result<()> {
    sqlx::query_scalar!("select set_config('role', $1, false)", role)
        .fetch_one(db)
        .await?;
    Ok(())
}

/// Major version of the server, and the encoding of the database.
pub(super) async fn server(db: &mut PgConnection) -> sqlx::Result<(u32, String)> {
    let row = sqlx::query!(
        r#"select current_setting('server_version_num')::int / 10000 as "major!",
            pg_encoding_to_char(encoding)::text as "encoding!"
        from pg_database where datname = current_database()"#
    )
    .fetch_one(db)
    .await?;
    Ok((u32::try_from(row.major).unwrap_or(0), row.encoding))
}

/// Whether any migration was ever applied.
pub(super) async fn has_migrations(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select to_regclass('public._sqlx_migrations') is not null as "is!""#)
        .fetch_one(db)
        .await
}

/// Whether the connection's role, or the log-in under it, is a superuser.
pub(super) async fn is_superuser(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select bool_or(rolsuper) as "is!" from pg_roles where rolname in (current_user, session_user)"#
    )
    .fetch_one(db)
    .await
}

/// Runs a statement and takes it back. Answers PostgreSQL's code when it was refused.
pub(super) async fn attempt(
    db: &mut PgConnection,
    statement: &'static str,
) -> sqlx::Result<Option<String>> {
    let mut tx = db.begin().await?;
    let outcome = tx.execute(statement).await;
    tx.rollback().await?;
    match outcome {
        Ok(_) => Ok(None),
        Err(sqlx::Error::Database(refusal)) => {
            Ok(Some(refusal.code().unwrap_or_default().into_owned()))
        }
        Err(error) => Err(error),
    }
}

/// Makes the portal's database where it is missing; connected to another one.
pub(super) async fn create_database(db: &mut PgConnection) -> sqlx::Result<()> {
    let exists = sqlx::query_scalar!(
        r#"select exists (select from pg_database where datname = 'groundcrew') as "is!""#
    )
    .fetch_one(&mut *db)
    .await?;
    if !exists {
        db.execute("create database groundcrew encoding 'UTF8' template template0")
            .await?;
    }
    Ok(())
}

/// Makes the log-ins of the embedded cluster, each a member of exactly one role.
pub(super) async fn create_logins(db: &mut PgConnection) -> sqlx::Result<()> {
    db.execute(
        r"do $$
        declare
          pair text[];
        begin
          foreach pair slice 1 in array array[
            ['groundcrew_portal', 'groundcrew_app'],
            ['groundcrew_audit_reader', 'audit_reader'],
            ['groundcrew_audit_signer', 'audit_signer'],
            ['groundcrew_audit_eraser', 'audit_eraser']] loop
            if not exists (select from pg_roles where rolname = pair[1]) then
              execute format('create role %I login', pair[1]);
            end if;
            if not pg_has_role(pair[1], pair[2], 'member') then
              execute format('grant %I to %I', pair[2], pair[1]);
            end if;
          end loop;
        end $$",
    )
    .await?;
    Ok(())
}
