//! What an event says, before it becomes canonical bytes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

pub use super::kind::{Kind, Outcome};
use super::{
    canonical::{Object, Value},
    chain::Hash,
};
use crate::{Cx, people::Actor};

/// What it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Noun: `session`, `person`, `repository`, `chain`.
    pub kind: &'static str,
    /// Its public id (never a session id or a name).
    pub id: String,
    /// Its version, where it has one.
    pub version: Option<String>,
}

impl Target {
    /// A noun and an id.
    pub fn new(kind: &'static str, id: impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
            version: None,
        }
    }
}

/// An event about to be appended. Free text, IP and agent go into `note`, sealed beside the chain.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
    /// Who acts; taken from the context unless the act changes it (a sign-in).
    pub actor: Actor,
    /// What it was about.
    pub target: Option<Target>,
    /// Short machine words only (`reason` = `idle`, `rule` = `nonce`), never values, names or secrets.
    pub detail: BTreeMap<&'static str, String>,
    /// How many alike this stands for.
    pub count: Option<u32>,
    /// Personal data and free text: kept sealed, committed to by hash.
    pub note: BTreeMap<&'static str, String>,
    /// Trace id of the request.
    pub trace: String,
    /// Id of the event, UUID version 7.
    pub id: Uuid,
    /// When it happened, by the context's clock; the chain adds when it was recorded.
    pub at: Timestamp,
    /// What a decision rested on: `plan_digest`, `rule`, `policy`, `policy_version`, `counted`.
    pub decision: BTreeMap<&'static str, String>,
    /// Digests of the object before and after.
    pub change: Option<Change>,
}

/// SHA-256 of an object before and after a change; never its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Before; none where it did not exist.
    pub before: Option<Hash>,
    /// After; none where it is gone.
    pub after: Option<Hash>,
}

impl Event {
    /// An event of this context: its actor and trace, IP and agent in the note.
    pub fn new(cx: &Cx, kind: Kind, outcome: Outcome) -> Self {
        let mut note = BTreeMap::new();
        if let Some(ip) = cx.origin.ip {
            note.insert("ip", ip.to_string());
        }
        if let Some(agent) = &cx.origin.agent {
            note.insert("agent", agent.clone());
        }
        Self {
            kind,
            outcome,
            actor: cx.actor.clone(),
            target: None,
            detail: BTreeMap::new(),
            count: None,
            note,
            trace: cx.trace.to_string(),
            id: cx.clock.id(),
            at: cx.clock.now(),
            decision: BTreeMap::new(),
            change: None,
        }
    }

    /// Says what it was about.
    #[must_use]
    pub fn on(mut self, kind: &'static str, id: impl ToString) -> Self {
        self.target = Some(Target::new(kind, id));
        self
    }

    /// Adds a machine word.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.detail.insert(key, value.to_string());
        self
    }

    /// Says who acts, where it is not the context's actor.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// Adds free text or personal data: kept sealed, committed to by hash.
    #[must_use]
    pub fn noting(mut self, key: &'static str, text: impl ToString) -> Self {
        self.note.insert(key, text.to_string());
        self
    }

    /// Says how many alike this stands for.
    #[must_use]
    pub fn counting(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Says what the decision rested on.
    #[must_use]
    pub fn deciding(mut self, key: &'static str, value: impl ToString) -> Self {
        self.decision.insert(key, value.to_string());
        self
    }

    /// Says what the object was and became, by digest.
    #[must_use]
    pub fn changing(mut self, before: Option<Hash>, after: Option<Hash>) -> Self {
        self.change = Some(Change { before, after });
        self
    }

    /// Moves what is no machine word out of the chain and into the note: a name, an address or free
    /// text that reaches `detail`, `decision` or the target's id by mistake is erasable then.
    pub(super) fn confine(&mut self) {
        for (key, value) in self.detail.iter_mut().chain(&mut self.decision) {
            confine(key, value, &mut self.note);
        }
        if let Some(target) = &mut self.target {
            confine("target", &mut target.id, &mut self.note);
        }
    }

    /// The event as an object of the canonical form; `commitment` is the note's.
    pub(super) fn object(&self, commitment: Option<&Hash>) -> Value {
        let mut object = Object::from([
            ("v".into(), Value::Integer(1)),
            ("id".into(), self.id.to_string().into()),
            ("at".into(), time(self.at).into()),
            ("action".into(), self.kind.name().into()),
            ("outcome".into(), self.outcome.name().into()),
            ("actor".into(), actor(&self.actor)),
            ("trace".into(), self.trace.clone().into()),
        ]);
        if let Some(auth) = auth(&self.actor) {
            object.insert("auth".into(), auth);
        }
        if let Some(target) = &self.target {
            let mut of = texts([("type", target.kind.to_owned()), ("id", target.id.clone())]);
            of.extend(texts(target.version.clone().map(|v| ("version", v))));
            object.insert("target".into(), Value::Object(of));
        }
        for (key, words) in [("detail", &self.detail), ("decision", &self.decision)] {
            if !words.is_empty() {
                let words = texts(words.iter().map(|(key, word)| (*key, word.clone())));
                object.insert(key.into(), Value::Object(words));
            }
        }
        if let Some(Change { before, after }) = self.change {
            let digests = [("before", before), ("after", after)];
            let digests = digests
                .into_iter()
                .filter_map(|(k, h)| Some((k, hex::encode(h?))));
            object.insert("change".into(), Value::Object(texts(digests)));
        }
        if let Some(count) = self.count {
            object.insert("count".into(), Value::Integer(count.into()));
        }
        if let Some(hash) = commitment {
            object.insert("note".into(), hex::encode(hash).into());
        }
        Value::Object(object)
    }
}

fn confine(key: &'static str, value: &mut String, note: &mut BTreeMap<&'static str, String>) {
    if !is_machine_word(value) {
        note.insert(key, std::mem::replace(value, "sealed".to_owned()));
    }
}

/// Short ASCII without spaces, quotes or `@`: ids, rules, addresses of issuers.
fn is_machine_word(text: &str) -> bool {
    text.len() <= 256
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:/,+=#".contains(&b))
}

fn texts(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Object {
    pairs
        .into_iter()
        .map(|(key, text)| (key.into(), text.into()))
        .collect()
}

fn actor(actor: &Actor) -> Value {
    Value::Object(match actor {
        Actor::Anonymous => texts([("kind", "anonymous".to_owned())]),
        Actor::Person(person) => texts([
            ("kind", "person".to_owned()),
            ("id", person.id.0.to_string()),
        ]),
        Actor::System(part) => texts([("kind", "system".to_owned()), ("id", (*part).to_owned())]),
        // An attempt acts as the worker that runs it; the target says which attempt.
        Actor::Worker(worker) => {
            texts([("kind", "worker".to_owned()), ("id", worker.id.to_string())])
        }
        Actor::Attempt(attempt) => texts([
            ("kind", "worker".to_owned()),
            ("id", attempt.worker.to_string()),
        ]),
    })
}

/// How a person proved who they are, and the label (never the id) of their session.
fn auth(actor: &Actor) -> Option<Value> {
    let person = actor.person()?;
    let mut auth = texts([("session", person.session.to_string())]);
    auth.extend(texts(
        person.authentication.acr.clone().map(|acr| ("acr", acr)),
    ));
    if !person.authentication.amr.is_empty() {
        let methods = person.authentication.amr.iter();
        let methods = methods.map(|method| Value::from(method.clone())).collect();
        auth.insert("amr".into(), Value::List(methods));
    }
    let at = person.authentication.auth_time;
    let at = at.and_then(|seconds| Timestamp::from_second(seconds).ok());
    auth.extend(texts(at.map(|at| ("auth_time", time(at)))));
    Some(Value::Object(auth))
}

/// `YYYY-MM-DDThh:mm:ss.ffffffZ`.
fn time(at: Timestamp) -> String {
    format!("{at:.6}")
}
