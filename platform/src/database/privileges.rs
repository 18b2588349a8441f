//! Trying, at start, what must not be possible.

use sqlx::PgConnection;

use super::{Login, Problem, ops};

/// What the application must be refused: statement, and what it would be.
const FORBIDDEN: &[(&str, &str)] = &[
    ("select from audit.event limit 1", "read audit.event"),
    ("select from audit.chain limit 1", "read audit.chain"),
    ("select from audit.pending limit 1", "read audit.pending"),
    ("select from audit.note limit 1", "read audit.note"),
    (
        "update audit.event set seq = seq where false",
        "change audit.event",
    ),
    (
        "update audit.chain set seq = seq where false",
        "change audit.chain",
    ),
    (
        "update audit.pending set note = note where false",
        "change audit.pending",
    ),
    (
        "update audit.note set body = body where false",
        "change audit.note",
    ),
    (
        "delete from audit.event where false",
        "delete from audit.event",
    ),
    (
        "delete from audit.chain where false",
        "delete from audit.chain",
    ),
    (
        "delete from audit.pending where false",
        "delete from audit.pending",
    ),
    (
        "delete from audit.note where false",
        "delete from audit.note",
    ),
    ("truncate audit.event cascade", "truncate audit.event"),
    ("truncate audit.chain", "truncate audit.chain"),
    ("truncate audit.pending", "truncate audit.pending"),
    ("truncate audit.note", "truncate audit.note"),
    (
        "insert into audit.event (seq) select 1 where false",
        "insert into audit.event",
    ),
    (
        "insert into audit.chain (seq) select 1 where false",
        "insert into audit.chain",
    ),
    (
        "insert into audit.pending (note) select null where false",
        "insert into audit.pending",
    ),
    (
        "insert into audit.note (seq) select 1 where false",
        "insert into audit.note",
    ),
    (
        "alter table audit.event disable trigger all",
        "switch triggers of audit.event off",
    ),
    (
        "alter table audit.chain disable trigger all",
        "switch triggers of audit.chain off",
    ),
    (
        "set local session_replication_role = replica",
        "switch all triggers off (replica role)",
    ),
    (
        "create function audit.probe() returns int language sql as 'select 1'",
        "make functions in audit",
    ),
];

/// PostgreSQL's `insufficient_privilege`.
const REFUSED: &str = "42501";

/// Tries to read, change, delete, truncate and insert in `audit` as the application, and to read
/// as the audit reader. Everything that is not as it must be comes back at once.
pub async fn check(application: &Login, reader: &Login) -> Result<(), Problem> {
    let mut db = application.connect().await?;
    let mut wrong = Vec::new();
    if ops::is_superuser(&mut db).await? {
        wrong.push(format!("log-in {} is a superuser", application.user()));
    }
    for (statement, act) in FORBIDDEN {
        match ops::attempt(&mut db, statement).await?.as_deref() {
            Some(REFUSED) => {}
            Some("42P01" | "3F000") => wrong.push(format!("cannot {act}: it is not there")),
            _ => wrong.push(format!("log-in {} may {act}", application.user())),
        }
    }
    if !wrong.is_empty() {
        wrong.push(remedy(application.user()));
    }
    wrong.extend(cannot_read(&mut reader.connect().await?, reader.user()).await?);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::Privileges(wrong))
    }
}

async fn cannot_read(db: &mut PgConnection, user: &str) -> Result<Option<String>, Problem> {
    let refused = ops::attempt(db, "select from audit.event limit 1").await?;
    Ok(refused.map(|_| {
        format!(
            "log-in {user} cannot read the audit chain. As the owner: grant audit_reader to {user};"
        )
    }))
}

/// What to run for an application that may do too much.
fn remedy(user: &str) -> String {
    format!(
        "Give the application a log-in that is in groundcrew_app and in nothing else. As the owner:\n  \
         create role groundcrew_portal login password '…';\n  \
         grant groundcrew_app to groundcrew_portal;\n\
         and put it into DATABASE_URL in place of {user}."
    )
}
