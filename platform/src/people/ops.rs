//! Finding, showing, disabling people; noting what a sign-in says of them.

use uuid::Uuid;

use super::{Actor, Entry, GroupsClaim, Listed, PersonId, Shown};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome, Target},
        ops::append,
    },
    cx::{Object, Tx},
    error::{Error, Result},
    policy::{Action, Relation},
    repository::Organisation,
    sessions::{self, EndReason, SignIn},
    step_up::{self, Purpose},
};

/// Longest list a search answers.
const FOUND: i64 = 20;

/// A person about to be disabled or let back in, locked.
struct Switching {
    id: PersonId,
    disabled: bool,
    fresh: bool,
}

impl Object for Switching {
    /// The person, and the session the request came with.
    type Id = (PersonId, Option<Uuid>);

    async fn load(tx: &mut Tx, (id, acting): Self::Id) -> Result<Option<Self>> {
        let row = sqlx::query!(
            r#"select disabled_at is not null as "disabled!" from person where id = $1 for update"#,
            id.0
        )
        .fetch_optional(&mut **tx)
        .await?;
        let purpose = Purpose::new(Action::PersonDisable, id.0);
        let fresh = step_up::ops::take(tx, acting, &purpose).await?;
        Ok(row.map(|row| Self {
            id,
            disabled: row.disabled,
            fresh,
        }))
    }

    fn target(&self) -> Target {
        Target::new("person", self.id.0)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        Relation {
            own: actor.person().is_some_and(|person| person.id == self.id),
            current: false,
            fresh: self.fresh,
            ..Relation::NONE
        }
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// People whose name, or a word of it, begins with the text; disabled ones are left out.
pub async fn search(cx: &Cx, text: &str) -> Result<Vec<Listed>> {
    cx.may(Action::Search).await?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 {
        return Ok(Vec::new());
    }
    let pattern: String = text
        .to_lowercase()
        .chars()
        .flat_map(|c| {
            matches!(c, '%' | '_' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect();
    let rows = sqlx::query!(
        "select id, name from person where disabled_at is null
           and (lower(name) like $1 || '%' or lower(name) like '% ' || $1 || '%')
         order by lower(name), id limit $2",
        pattern,
        FOUND
    )
    .fetch_all(&cx.db)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        id: PersonId(row.id),
        name: row.name,
    });
    Ok(listed.collect())
}

/// What everybody may know of a person: name, teams, roles by the mapping as it stands.
pub async fn entry(cx: &Cx, organisation: &Organisation, id: PersonId) -> Result<Entry> {
    cx.may(Action::PersonView).await?;
    let row = sqlx::query!(
        "select id, name, iss, groups from person where id = $1",
        id.0
    )
    .fetch_optional(&cx.db)
    .await?
    .ok_or(Error::NotFound)?;
    let groups = row.groups.into_iter().collect();
    Ok(Entry {
        id: PersonId(row.id),
        name: row.name,
        grants: organisation.grants(&row.iss, &groups),
    })
}

/// What an admin may know of a person.
pub async fn show(cx: &Cx, id: PersonId) -> Result<Shown> {
    cx.may(Action::PersonAdmin).await?;
    let row = sqlx::query!(
        r#"select id, name, iss, groups, groups_claim, last_sign_in_at as "last_sign_in_at: jiff_sqlx::Timestamp",
             disabled_at as "disabled_at: jiff_sqlx::Timestamp" from person where id = $1"#,
        id.0
    )
    .fetch_optional(&cx.db)
    .await?
    .ok_or(Error::NotFound)?;
    Ok(Shown {
        id: PersonId(row.id),
        name: row.name,
        issuer: row.iss,
        groups: row.groups,
        groups_claim: GroupsClaim::of_name(&row.groups_claim),
        last_sign_in_at: row.last_sign_in_at.to_jiff(),
        disabled_at: row.disabled_at.map(jiff_sqlx::Timestamp::to_jiff),
    })
}

/// Stops a person from using the portal and ends their sessions at once. Nobody disables themselves.
pub async fn disable(cx: &Cx, id: PersonId) -> Result<()> {
    let (mut tx, person) = cx
        .may_on::<Switching>(Action::PersonDisable, (id, acting(cx)))
        .await?;
    if person.relation(&cx.actor).own {
        return Err(Error::conflict("you cannot disable yourself"));
    }
    if person.disabled {
        return Err(Error::conflict("this person is disabled already"));
    }
    sqlx::query!(
        "update person set disabled_at = now(), disabled_by = $2 where id = $1",
        id.0,
        cx.person()?.id.0
    )
    .execute(&mut *tx)
    .await?;
    for label in sessions::ops::end_of_person(&mut tx, id, None, EndReason::Disabled).await? {
        let event = Event::new(cx, Kind::SessionEnded, Outcome::Success)
            .on("session", label)
            .with("why", EndReason::Disabled.name());
        append(cx, &mut tx, &event).await?;
    }
    append(cx, &mut tx, &switched(cx, id, "disabled")).await?;
    Ok(tx.commit().await?)
}

/// Lets a disabled person sign in again.
pub async fn enable(cx: &Cx, id: PersonId) -> Result<()> {
    let (mut tx, person) = cx
        .may_on::<Switching>(Action::PersonDisable, (id, acting(cx)))
        .await?;
    if !person.disabled {
        return Err(Error::conflict("this person is not disabled"));
    }
    sqlx::query!(
        "update person set disabled_at = null, disabled_by = null where id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    append(cx, &mut tx, &switched(cx, id, "enabled")).await?;
    Ok(tx.commit().await?)
}

/// Notes that the mapping now makes other rights of the same groups: once, whoever sees it first.
pub async fn note_roles(cx: &Cx, id: PersonId, seen: &[String], now: &[String]) -> Result<()> {
    cx.may(Action::SessionKeep).await?;
    let mut tx = cx.begin().await?;
    let changed = sqlx::query!(
        "update person set roles_seen = $2 where id = $1 and roles_seen is distinct from $2",
        id.0,
        now
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed == 1 {
        append(cx, &mut tx, &roles_changed(cx, id, seen, now)).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Notes what a sign-in says of a person, inside the transaction that opens the session. Answers who
/// it is, with the event of changed roles where they did; nothing when the person is disabled.
pub(crate) async fn signed_in(
    cx: &Cx,
    tx: &mut Tx,
    sign_in: &SignIn,
) -> Result<Option<(PersonId, Option<Event>)>> {
    let groups: Vec<String> = sign_in.groups.iter().cloned().collect();
    let words = sign_in.grants.words();
    let row = sqlx::query!(
        r#"insert into person (id, iss, sub, name, email, groups, groups_claim, roles_seen)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict on constraint person_identity do update
             set name = excluded.name, email = excluded.email, groups = excluded.groups,
               groups_claim = excluded.groups_claim, last_sign_in_at = now()
             where person.disabled_at is null
           returning id, roles_seen"#,
        cx.clock.id(),
        sign_in.iss,
        sign_in.sub,
        sign_in.name,
        sign_in.email,
        &groups,
        sign_in.groups_claim.name(),
        &words
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = PersonId(row.id);
    if row.roles_seen == words {
        return Ok(Some((id, None)));
    }
    sqlx::query!(
        "update person set roles_seen = $2 where id = $1",
        id.0,
        &words
    )
    .execute(&mut **tx)
    .await?;
    Ok(Some((
        id,
        Some(roles_changed(cx, id, &row.roles_seen, &words)),
    )))
}

/// Which rights came and which went, in the mapping's own words.
fn roles_changed(cx: &Cx, id: PersonId, before: &[String], after: &[String]) -> Event {
    let only = |these: &[String], not: &[String]| -> String {
        let words: Vec<&str> = these
            .iter()
            .filter(|word| !not.contains(word))
            .map(String::as_str)
            .collect();
        let mut text = words.join(",");
        text.truncate(text.floor_char_boundary(256));
        text
    };
    Event::new(cx, Kind::RolesChanged, Outcome::Success)
        .on("person", id.0)
        .with("gained", only(after, before))
        .with("lost", only(before, after))
}

fn switched(cx: &Cx, id: PersonId, to: &str) -> Event {
    Event::new(cx, Kind::PersonDisabled, Outcome::Success)
        .on("person", id.0)
        .with("now", to)
}

fn acting(cx: &Cx) -> Option<Uuid> {
    cx.actor.person().map(|person| person.session)
}
