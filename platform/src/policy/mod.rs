//! Who may do what: one table, default deny.
//!
//! `Action` is closed; every public operation, server function and route maps to exactly one action
//! or stands in a reviewed list of public entry points. No row in the table: denied. Admin is not a
//! superuser. The matrix in the documentation and the tests come from the same table.

mod action;
mod table;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use table::{Grant, Rule, Who, rule};

use crate::{
    error::{Error, Result},
    people::{Actor, Place},
};

/// What the actor is to the object, and how freshly they proved who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The object is the actor's own (their session, their token).
    pub own: bool,
    /// The object is the very session the request came with.
    pub current: bool,
    /// The actor signed in afresh for this very act (step-up grant).
    pub fresh: bool,
    /// What the actor is in the team that owns the object.
    pub team: Place,
}

impl Relation {
    /// The act has no object, or the object stands in no relation to the actor.
    pub const NONE: Self = Self {
        own: false,
        current: false,
        fresh: false,
        team: Place::Outside,
    };

    /// The object belongs to a team.
    pub fn of_team(actor: &Actor, team: &str) -> Self {
        Self {
            team: actor.place_in(team),
            ..Self::NONE
        }
    }
}

/// Decides. Says yes, or which condition is missing.
///
/// `StepUpRequired` means: a row lets the actor do it after a fresh sign-in.
pub fn decide(actor: &Actor, action: Action, relation: Relation) -> Result<()> {
    let rule = rule(action);
    let mut after_step_up = false;
    for grant in rule.grants {
        if grant.who.includes(actor, relation) {
            if !grant.step_up || relation.fresh {
                return Ok(());
            }
            after_step_up = true;
        }
    }
    match actor {
        Actor::Anonymous => Err(Error::Unauthenticated),
        _ if after_step_up => Err(Error::StepUpRequired),
        _ => Err(Error::forbidden(rule.missing())),
    }
}
