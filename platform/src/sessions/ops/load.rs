//! Finding out who acts.

use sqlx::PgPool;

use crate::{
    error::Result,
    people::{Authentication, GroupsClaim, PersonId},
    sessions::Loaded,
};

/// The live session under this hash, by the database's clock; notes its use at most once a minute.
///
/// There is no actor to decide about yet: this finds out who it is.
pub async fn load(db: &PgPool, id_hash: [u8; 32]) -> Result<Option<Loaded>> {
    let row = sqlx::query!(
        r#"with used as (update session set last_seen_at = now()
             where id_hash = $1 and revoked_at is null and absolute_until > now()
               and last_seen_at > now() - interval '30 minutes' and last_seen_at < now() - interval '1 minute')
           select s.label, s.person_id, p.name, s.iss, p.groups, p.groups_claim, s.acr, s.amr,
             floor(extract(epoch from s.auth_time))::bigint as auth_time, p.roles_seen,
             floor(extract(epoch from s.absolute_until))::bigint as "absolute_until!"
           from session s join person p on p.id = s.person_id
           where s.id_hash = $1 and s.revoked_at is null and s.absolute_until > now()
             and s.last_seen_at > now() - interval '30 minutes' and p.disabled_at is null"#,
        id_hash.as_slice()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Loaded {
        label: row.label,
        person: PersonId(row.person_id),
        name: row.name,
        iss: row.iss,
        groups: row.groups.into_iter().collect(),
        groups_claim: GroupsClaim::of_name(&row.groups_claim),
        authentication: Authentication {
            acr: row.acr,
            amr: row.amr,
            auth_time: row.auth_time,
        },
        roles_seen: row.roles_seen,
        absolute_until: row.absolute_until,
    }))
}
