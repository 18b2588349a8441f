//! One resource or output of `show -json`.

use platform::plans::{
    Change, Effect, OutputChange,
    mask::{Marks, Masks},
    value::{index_path, key_path},
};
use serde::Deserialize;
use serde_json::Value;

use super::{super::Refusal, show::refuse};

#[derive(Deserialize)]
pub(super) struct Resource {
    address: String,
    previous_address: Option<String>,
    #[serde(rename = "type", default)]
    kind: String,
    deposed: Option<String>,
    pub(super) change: Body,
    action_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Body {
    actions: Vec<String>,
    #[serde(default)]
    pub(super) before: Value,
    #[serde(default)]
    pub(super) after: Value,
    #[serde(default)]
    after_unknown: Value,
    #[serde(default)]
    pub(super) before_sensitive: Value,
    #[serde(default)]
    pub(super) after_sensitive: Value,
    #[serde(default)]
    replace_paths: Vec<Vec<Value>>,
    importing: Option<Importing>,
}

#[derive(Deserialize)]
struct Importing {
    #[serde(default)]
    id: String,
}

impl Resource {
    pub(super) fn change(&self, masks: &Masks<'_>) -> Result<Option<Change>, Refusal> {
        let moved_from = self
            .previous_address
            .as_ref()
            .filter(|from| **from != self.address);
        let action = self.change.effect()?;
        if action == Effect::None && moved_from.is_none() {
            return Ok(None);
        }
        let address = match &self.deposed {
            Some(key) => format!("{} (deposed {key})", self.address),
            None => self.address.clone(),
        };
        let (before, after) = self.change.values(&self.address, masks)?;
        Ok(Some(Change {
            address: masks.text(&address).map_err(refuse)?,
            kind: self.kind.clone(),
            action,
            before,
            after,
            reasons: self.reasons(),
            moved_from: moved_from
                .map(|from| masks.text(from))
                .transpose()
                .map_err(refuse)?,
            import_id: (self.change.importing.as_ref())
                .map(|importing| masks.text(&importing.id))
                .transpose()
                .map_err(refuse)?,
        }))
    }

    fn reasons(&self) -> Vec<String> {
        let paths: Vec<String> = self
            .change
            .replace_paths
            .iter()
            .map(|path| path_text(path))
            .collect();
        let mut reasons = Vec::new();
        let why = match self.action_reason.as_deref() {
            None => None,
            Some("replace_because_tainted") => Some("tainted".to_owned()),
            Some("replace_because_cannot_update") if paths.is_empty() => {
                Some("cannot be updated in place".to_owned())
            }
            Some("replace_because_cannot_update") => {
                Some(format!("cannot be updated in place: {}", paths.join(", ")))
            }
            Some("replace_by_request") => Some("replacing was asked for".to_owned()),
            Some("replace_by_triggers") => Some("triggered by another resource".to_owned()),
            Some("delete_because_no_resource_config") => Some("no longer declared".to_owned()),
            Some(other) => Some(other.replace('_', " ")),
        };
        reasons.extend(why);
        if self.change.actions == ["create", "delete"] {
            reasons.push("made anew before the old one is removed".to_owned());
        }
        reasons
    }
}

fn path_text(path: &[Value]) -> String {
    path.iter().fold(String::new(), |place, step| match step {
        Value::String(key) => key_path(&place, key),
        Value::Number(index) => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            index_path(&place, index.unwrap_or(0))
        }
        _ => format!("{place}[*]"),
    })
}

impl Body {
    fn effect(&self) -> Result<Effect, Refusal> {
        let actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        Ok(match (actions.as_slice(), &self.importing) {
            (["no-op"], Some(_)) => Effect::Import,
            (["no-op"], None) => Effect::None,
            (["create"], _) => Effect::Add,
            (["update"], _) => Effect::Change,
            (["delete"], _) => Effect::Remove,
            (["delete", "create"] | ["create", "delete"], _) => Effect::Replace,
            (["read"], _) => Effect::Read,
            (["forget"], _) => Effect::Forget,
            _ => {
                return Err(Refusal::permanent(format!(
                    "the plan holds an action this worker does not know: {}",
                    actions.join(", ")
                )));
            }
        })
    }

    fn values(
        &self,
        place: &str,
        masks: &Masks<'_>,
    ) -> Result<(Option<Value>, Option<Value>), Refusal> {
        let before = Marks {
            sensitive: &self.before_sensitive,
            unknown: &Value::Null,
        };
        let after = Marks {
            sensitive: &self.after_sensitive,
            unknown: &self.after_unknown,
        };
        let before = masks.value(place, &self.before, before).map_err(refuse)?;
        let after = masks.value(place, &self.after, after).map_err(refuse)?;
        let there = |value: Value| Some(value).filter(|value| !value.is_null());
        // A sensitive null is sealed; a resource that is not there is not.
        let before = if self.before.is_null() {
            None
        } else {
            there(before)
        };
        Ok((before, there(after).filter(|_| self.actions != ["delete"])))
    }

    pub(super) fn output(
        &self,
        name: &str,
        masks: &Masks<'_>,
    ) -> Result<Option<(String, OutputChange)>, Refusal> {
        let action = self.effect()?;
        if action == Effect::None {
            return Ok(None);
        }
        let (before, after) = self.values(&key_path("output", name), masks)?;
        Ok(Some((
            name.to_owned(),
            OutputChange {
                action,
                before,
                after,
            },
        )))
    }
}

/// Equal, where nothing and empty are the same: providers write one and read the other.
pub(super) fn alike(before: &Value, after: &Value) -> bool {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    match (before, after) {
        (Value::Object(from), Value::Object(to)) => {
            let mut keys = from.keys().chain(to.keys());
            keys.all(|key| {
                let (from, to) = (from.get(key), to.get(key));
                alike(from.unwrap_or(&Value::Null), to.unwrap_or(&Value::Null))
            })
        }
        (Value::Array(from), Value::Array(to)) if from.len() == to.len() => {
            from.iter().zip(to).all(|(from, to)| alike(from, to))
        }
        (from, to) => from == to || (empty(from) && empty(to)),
    }
}
