//! What a verified sign-in says of a person.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::people::{Actor, Authentication, Grants, GroupsClaim, Person, PersonId};

/// Everything the identity provider said, after every check.
#[derive(Clone)]
pub struct SignIn {
    /// Name of the issuer in the settings.
    pub issuer: String,
    /// Issuer URL, byte for byte.
    pub iss: String,
    /// Subject: with `iss`, the person.
    pub sub: String,
    /// The provider's session, for its logout.
    pub sid: Option<String>,
    /// How and when the provider saw the person.
    pub authentication: Authentication,
    /// When the ID token was issued, seconds since 1970.
    pub issued_at: i64,
    /// The ID token: the hint of a sign-out. Sealed where it is kept.
    pub id_token: String,
    /// Name for display.
    pub name: String,
    /// E-mail for display.
    pub email: Option<String>,
    /// Groups as named now.
    pub groups: BTreeSet<String>,
    /// How they arrived.
    pub groups_claim: GroupsClaim,
    /// What the mapping makes of them now.
    pub grants: Grants,
}

impl SignIn {
    /// The person this is, as actor of the events of this sign-in.
    pub(super) fn actor(&self, id: PersonId, session: Uuid) -> Actor {
        Actor::Person(Box::new(Person {
            id,
            name: self.name.clone(),
            grants: self.grants.clone(),
            groups_claim: self.groups_claim,
            session,
            authentication: self.authentication.clone(),
        }))
    }
}

/// A live session as the layer needs it: who, and what to make roles from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Public name of the session.
    pub label: Uuid,
    /// Whose it is.
    pub person: PersonId,
    /// Name for display.
    pub name: String,
    /// Issuer URL.
    pub iss: String,
    /// Groups as of the last sign-in or step-up.
    pub groups: BTreeSet<String>,
    /// How they arrived.
    pub groups_claim: GroupsClaim,
    /// How and when the provider saw the person.
    pub authentication: Authentication,
    /// Rights at the last look, as words.
    pub roles_seen: Vec<String>,
    /// When the session ends whatever happens, seconds since 1970.
    pub absolute_until: i64,
}
