//! Ending sessions: by signing out, from the list, or with the person.

use uuid::Uuid;

use super::{ended, id_token_place};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome, Target},
        ops::append,
    },
    cx::{Object, Tx},
    error::{Error, Result},
    people::{Actor, PersonId},
    policy::{Action, Relation},
    secrets::sha256,
    sessions::EndReason,
    step_up::{self, Purpose},
};

/// What the provider's end-session endpoint wants to know of a session that just ended here.
pub struct SignedOut {
    /// Name of the issuer in the settings.
    pub issuer: String,
    /// The hint whom to sign out.
    pub id_token: String,
}

/// A session about to be ended, locked.
struct Ending {
    label: Uuid,
    owner: PersonId,
    fresh: bool,
}

/// All sessions of the actor but the one in use.
struct Others {
    person: PersonId,
    fresh: bool,
}

impl Object for Ending {
    /// The session, and the one the request came with.
    type Id = (Uuid, Option<Uuid>);

    async fn load(tx: &mut Tx, (label, acting): Self::Id) -> Result<Option<Self>> {
        let row = sqlx::query!(
            "select person_id from session where label = $1 and revoked_at is null for update",
            label
        )
        .fetch_optional(&mut **tx)
        .await?;
        let purpose = Purpose::new(Action::SessionEnd, label);
        let fresh = step_up::ops::take(tx, acting, &purpose).await?;
        Ok(row.map(|row| Self {
            label,
            owner: PersonId(row.person_id),
            fresh,
        }))
    }

    fn target(&self) -> Target {
        Target::new("session", self.label)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        Relation {
            own: actor.person().is_some_and(|person| person.id == self.owner),
            current: actor
                .person()
                .is_some_and(|person| person.session == self.label),
            fresh: self.fresh,
            ..Relation::NONE
        }
    }

    fn concealed(&self, actor: &Actor) -> bool {
        actor.person().is_none_or(|person| person.id != self.owner)
    }
}

impl Object for Others {
    /// The actor and the session the request came with.
    type Id = (PersonId, Uuid);

    async fn load(tx: &mut Tx, (person, acting): Self::Id) -> Result<Option<Self>> {
        let purpose = Purpose::new(Action::SessionEnd, "others");
        let fresh = step_up::ops::take(tx, Some(acting), &purpose).await?;
        Ok(Some(Self { person, fresh }))
    }

    fn target(&self) -> Target {
        Target::new("sessions_of", self.person.0)
    }

    fn relation(&self, _actor: &Actor) -> Relation {
        Relation {
            own: true,
            current: false,
            fresh: self.fresh,
            ..Relation::NONE
        }
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// Ends one session: this one, or after a fresh sign-in another of one's own; an admin, anyone's.
pub async fn end(cx: &Cx, label: Uuid) -> Result<()> {
    let (mut tx, ending) = cx
        .may_on::<Ending>(Action::SessionEnd, (label, acting(cx)))
        .await?;
    sqlx::query!(
        "update session set revoked_at = now(), revoked_why = $2 where label = $1 and revoked_at is null",
        ending.label,
        EndReason::Ended.name()
    )
    .execute(&mut *tx)
    .await?;
    append(cx, &mut tx, &ended(cx, ending.label, EndReason::Ended)).await?;
    Ok(tx.commit().await?)
}

/// Ends all of the actor's sessions but the one in use, after a fresh sign-in. Answers how many.
pub async fn end_all_others(cx: &Cx) -> Result<usize> {
    let (mut tx, others) = cx
        .may_on::<Others>(Action::SessionEnd, (cx.person()?.id, cx.person()?.session))
        .await?;
    let labels = end_of_person(&mut tx, others.person, acting(cx), EndReason::Ended).await?;
    for label in &labels {
        append(cx, &mut tx, &ended(cx, *label, EndReason::Ended)).await?;
    }
    if labels.is_empty() {
        // The grant was taken: that it led to nothing is on the record too.
        let event = Event::new(cx, Kind::SessionEnded, Outcome::Success).with("ended", 0);
        append(cx, &mut tx, &event).await?;
    }
    tx.commit().await?;
    Ok(labels.len())
}

/// Ends the session in use. What happens at the provider afterwards changes nothing here.
///
/// `return_state` is what the browser brings back from there. Nothing to end is no error.
pub async fn sign_out(cx: &Cx, return_state: &str) -> Result<Option<SignedOut>> {
    let (mut tx, ending) = match cx
        .may_on::<Ending>(Action::SessionEnd, (cx.person()?.session, acting(cx)))
        .await
    {
        Err(Error::NotFound) => return Ok(None),
        other => other?,
    };
    let row = sqlx::query!(
        "update session set revoked_at = now(), revoked_why = $2 where label = $1 and revoked_at is null \
         returning issuer, id_token_sealed",
        ending.label,
        EndReason::SignOut.name()
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into sign_out_return (state_hash) values ($1)",
        sha256(return_state.as_bytes()).to_vec()
    )
    .execute(&mut *tx)
    .await?;
    let event = Event::new(cx, Kind::SignOut, Outcome::Success).on("session", ending.label);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    let place = ending.label.to_string();
    let hint = cx.keys.open(id_token_place(&place), &row.id_token_sealed);
    Ok(hint
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(|id_token| SignedOut {
            issuer: row.issuer,
            id_token,
        }))
}

/// Whether the browser comes back from a sign-out of ours of the last ten minutes; counts once.
pub async fn take_return(cx: &Cx, state: &str) -> Result<bool> {
    cx.may(Action::SessionKeep).await?;
    let young = sqlx::query_scalar!(
        "delete from sign_out_return where state_hash = $1 returning created_at > now() - interval '10 minutes'",
        sha256(state.as_bytes()).to_vec()
    )
    .fetch_optional(&cx.db)
    .await?;
    Ok(young.flatten().unwrap_or(false))
}

/// Ends all live sessions of a person but one, inside another operation's transaction.
pub(crate) async fn end_of_person(
    tx: &mut Tx,
    person: PersonId,
    but: Option<Uuid>,
    why: EndReason,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "update session set revoked_at = now(), revoked_why = $3
         where person_id = $1 and label is distinct from $2 and revoked_at is null returning label",
        person.0,
        but,
        why.name()
    )
    .fetch_all(&mut **tx)
    .await?)
}

fn acting(cx: &Cx) -> Option<Uuid> {
    cx.actor.person().map(|person| person.session)
}
