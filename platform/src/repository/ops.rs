//! Putting on the record which version of the platform repository is live.

use std::collections::{BTreeMap, BTreeSet};

use super::{Difference, Finding, Organisation, Overview, Status};
use crate::{
    Cx, Result,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    policy::Action,
};

/// Most places an event names; the rest is counted.
const NAMED: usize = 40;

/// How the repository stands and what it says, for the Admin page.
pub async fn overview(cx: &Cx, organisation: &Organisation, status: Status) -> Result<Overview> {
    cx.may(Action::RepositoryView).await?;
    Ok(Overview::of(organisation, status))
}

/// Asks for a look at the platform repository before the next one is due. What is found is an event
/// of its own.
pub async fn ask_sync(cx: &Cx) -> Result<()> {
    cx.may(Action::RepositorySync).await?;
    let mut tx = cx.begin().await?;
    let event = Event::new(cx, Kind::SyncAsked, Outcome::Success).on("repository", "now");
    append(cx, &mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// Records that a version is live. Once per change, however many servers see it; answers whether
/// this was the first.
pub async fn record_live(cx: &Cx, version: &str, changed: &Difference) -> Result<bool> {
    cx.may(Action::RepositorySync).await?;
    let mut event = Event::new(cx, Kind::RepositorySynced, Outcome::Success)
        .on("repository", version)
        .with("loosens", changed.loosens());
    if !changed.is_empty() {
        event = event
            .with("added", words(&changed.added))
            .with("removed", words(&changed.removed))
            .noting("added", names(&changed.added))
            .noting("removed", names(&changed.removed));
    }
    record(cx, version, "live", &event).await
}

/// Records that a version was refused, and why. Once per content.
pub async fn record_refused(cx: &Cx, version: &str, findings: &[Finding]) -> Result<bool> {
    cx.may(Action::RepositorySync).await?;
    let codes: BTreeSet<&str> = findings.iter().map(|one| one.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let event = Event::new(cx, Kind::RepositorySynced, Outcome::Failure)
        .on("repository", version)
        .with("codes", codes.join(" "))
        .with("findings", findings.len());
    record(cx, version, "refused", &event).await
}

async fn record(cx: &Cx, version: &str, outcome: &str, event: &Event) -> Result<bool> {
    let mut tx = cx.begin().await?;
    let changed = sqlx::query!(
        "insert into repository_standing (version, outcome) values ($1, $2)
        on conflict (one) do update set version = $1, outcome = $2, changed_at = now()
          where (repository_standing.version, repository_standing.outcome) is distinct from ($1, $2)",
        version,
        outcome
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if changed > 0 {
        append(cx, &mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(changed > 0)
}

/// Places and how many groups, as machine words.
fn words(places: &BTreeMap<String, BTreeSet<String>>) -> String {
    let named = places.iter().take(NAMED);
    let mut words: Vec<String> = named
        .map(|(place, groups)| format!("{place}:{}", groups.len()))
        .collect();
    if places.len() > NAMED {
        words.push(format!("more:{}", places.len() - NAMED));
    }
    words.join(" ")
}

/// Places and groups by name, for the sealed note.
fn names(places: &BTreeMap<String, BTreeSet<String>>) -> String {
    let named = places.iter().take(NAMED).map(|(place, groups)| {
        let groups: Vec<&str> = groups.iter().take(NAMED).map(String::as_str).collect();
        format!("{place}: {}", groups.join(", "))
    });
    named.collect::<Vec<_>>().join("\n")
}
