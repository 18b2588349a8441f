//! A plan, for those who may see its job.

use uuid::Uuid;

use super::{object::relation, seals::open};
use crate::{
    Cx,
    audit::event::Target,
    cx::{Object, Tx},
    error::{Error, Result},
    people::Actor,
    plans::{self, Plan, ShownPlan},
    policy::{Action, Relation},
};

/// A kept plan and whose job made it.
struct Kept {
    id: Uuid,
    job: Uuid,
    team: String,
    made_by: Option<Uuid>,
    model: Vec<u8>,
}

impl Object for Kept {
    type Id = Uuid;

    async fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            "select p.id, j.id as job, j.team, j.made_by, p.model_sealed as model
             from plan p join step s on s.id = p.step_id join job j on j.id = s.job_id
             where p.id = $1",
            id
        )
        .fetch_optional(&mut **tx)
        .await?)
    }

    fn target(&self) -> Target {
        Target::new("job", self.job)
    }

    fn relation(&self, actor: &Actor) -> Relation {
        relation(actor, &self.team, self.made_by)
    }

    fn concealed(&self, _actor: &Actor) -> bool {
        false
    }
}

/// A plan as people read it; secrets stay codes and are not shown.
pub async fn plan(cx: &Cx, plan: Uuid) -> Result<ShownPlan> {
    let (_, kept) = cx.may_on::<Kept>(Action::JobView, plan).await?;
    let text = open(cx, "plan", "model_sealed", kept.id, &kept.model)?;
    let plan: Plan = serde_json::from_slice(&text).map_err(|_| Error::Internal)?;
    Ok(plans::show(&plan))
}
