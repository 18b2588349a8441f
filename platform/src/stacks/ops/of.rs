//! A stack as the object of a decision.

use uuid::Uuid;

use crate::{
    Cx,
    audit::event::Target,
    cx::{Object, Tx},
    error::{Error, Result},
    people::Actor,
    policy::{Action, Relation},
    step_up::{self, Purpose},
};

/// A stack with its owner team.
pub(super) struct Stack {
    pub(super) id: Uuid,
    pub(super) team: String,
}

impl Object for Stack {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        Ok(
            sqlx::query_as!(Self, "select id, team from stack where id = $1", id)
                .fetch_optional(&mut **tx)
                .await?,
        )
    }

    fn target(&self) -> Target {
        target(self.id)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        Relation::of_team(actor, &self.team)
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

fn target(stack: Uuid) -> Target {
    Target {
        kind: "stack",
        id: stack.to_string(),
        version: None,
    }
}

/// A stack somebody acts on after a fresh sign-in.
pub(super) struct Acting {
    pub(super) id: Uuid,
    pub(super) epoch: i64,
    pub(super) holder: Option<Uuid>,
    team: String,
    fresh: bool,
}

/// Which stack, whose session, which act on which object.
pub(super) type Act = (Uuid, Option<Uuid>, Purpose);

impl Object for Acting {
    type Id = Act;

    /// Loads the stack under lock and takes the grant of the fresh sign-in.
    async fn load(tx: &mut Tx, (stack, session, purpose): Act) -> Result<Option<Self>> {
        let row = sqlx::query!(
            "select id, team, epoch, holder_attempt from stack where id = $1 for no key update",
            stack
        )
        .fetch_optional(&mut **tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Self {
            id: row.id,
            epoch: row.epoch,
            holder: row.holder_attempt,
            team: row.team,
            fresh: step_up::ops::take(tx, session, &purpose).await?,
        }))
    }

    fn target(&self) -> Target {
        target(self.id)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        Relation {
            fresh: self.fresh,
            ..Relation::of_team(actor, &self.team)
        }
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// The act of whoever is signed in.
pub(super) fn act(cx: &Cx, stack: Uuid, action: Action, object: impl ToString) -> Act {
    let session = cx.actor.person().map(|person| person.session);
    (stack, session, Purpose::new(action, object))
}

/// A reason people give: it stands in the sealed note of the event.
pub(super) fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    if (8..=1_000).contains(&text.chars().count()) && !text.contains('\0') {
        Ok(text)
    } else {
        Err(Error::invalid(
            "reason",
            "8 to 1,000 characters: whoever reads the record wants to know why",
        ))
    }
}
