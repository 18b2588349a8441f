//! What can happen: the closed list of actions, and how they end.

use serde::{Deserialize, Serialize};

/// One row per kind: variant, action in the canonical event, what the interface calls it, when it
/// is written.
macro_rules! kinds {
    ($($(#[$note:meta])* $kind:ident = $action:literal, $label:literal, $when:literal;)*) => {
        /// What happened. Closed: the inventory in the documentation comes from here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = $when] $kind,)*
        }

        impl Kind {
            /// All kinds, in the order of the inventory.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Name of the action in the canonical event.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $action,)* }
            }

            /// What the interface calls it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$kind => $label,)* }
            }

            /// When such an event is written.
            pub const fn when(self) -> &'static str {
                match self { $(Self::$kind => $when,)* }
            }
        }
    };
}

kinds! {
    SignIn = "session.sign_in", "Signed in",
        "A session was opened after a sign-in at the identity provider.";
    SignInFailed = "session.sign_in_failed", "Sign-in failed",
        "A sign-in did not lead to a session.";
    StepUp = "session.step_up", "Signed in afresh",
        "A fresh sign-in for a dangerous act.";
    SignOut = "session.sign_out", "Signed out",
        "The person ended their session by signing out.";
    BackChannelLogout = "session.back_channel_logout", "Signed out by the provider",
        "The identity provider ended sessions (back-channel logout).";
    SessionEnded = "session.ended", "Session ended",
        "A session ended otherwise: by its owner, an admin, the limit, or a rule.";
    RolesChanged = "person.roles_changed", "Roles changed",
        "The roles of a person differ from those at their last sign-in.";
    PersonDisabled = "person.disabled", "Person disabled",
        "A person was disabled or enabled.";
    Denied = "denied", "Refused",
        "An acting request was refused: the first of an actor, act, object and minute at once, the others of it as one count.";
    LimitHit = "limit.hit", "Limit hit",
        "A limit was hit; one event a window.";
    SyncAsked = "repository.sync_asked", "Sync asked for",
        "A platform engineer asked for a look at the platform repository.";
    RepositorySynced = "repository.synced", "Repository synced",
        "The platform repository was synced, or refused.";
    AuditRead = "audit.read", "Audit read",
        "The chain was read with Audit fields.";
    AuditExported = "audit.exported", "Audit exported",
        "The chain, or a part of it, was taken away as a file.";
    VerificationAsked = "audit.verification_asked", "Verification asked for",
        "A person or the clock asked for a verification of the chain.";
    AuditVerified = "audit.verified", "Audit verified",
        "The chain was verified; outcome failure means it is not sound.";
    CheckpointRefused = "audit.checkpoint_refused", "Checkpoint refused",
        "A published checkpoint carries no valid signature, or contradicts the one before.";
    NoteErased = "audit.note_erased", "Note erased",
        "Personal data of an event was erased; the chain keeps its hash.";
    JobMade = "job.made", "Job made",
        "A job was handed in.";
    JobCancelled = "job.cancel_asked", "Job stopped",
        "A person asked a job to end.";
    JobEnded = "job.ended", "Job ended",
        "A job reached its end, or waits for a person's decision.";
    StepEnded = "step.ended", "Step ended",
        "A step ended without an attempt: skipped or stopped, or its plan no longer fits.";
    StepQueued = "step.queued", "Step queued again",
        "A step of unknown or failed end goes back to the queue.";
    StepIndeterminate = "step.indeterminate", "End unknown",
        "Nobody knows how a step that may run once has ended; it is not repeated.";
    AttemptStarted = "attempt.started", "Attempt started",
        "A worker took a step.";
    AttemptEnded = "attempt.ended", "Attempt ended",
        "An attempt ended; carries the SHA-256 of its log.";
    EvidenceKept = "attempt.evidence_kept", "Evidence kept",
        "An attempt left something behind: a late state, a report.";
    PlanMade = "plan.made", "Plan made",
        "A tool said what it would do; carries the digest.";
    PlanConsumed = "plan.consumed", "Plan consumed",
        "An attempt took a plan to carry it out. It counts once.";
    PlanReleased = "plan.released", "Plan released",
        "An attempt was lost before it began anything; its plan may be taken again.";
    ReconcileOpened = "reconcile.opened", "Reconcile opened",
        "A stack is held until a person decides what an unknown end means.";
    ReconcileDecided = "reconcile.decided", "Reconcile decided",
        "A person decided what an unknown end means.";
    LockBroken = "stack.lock_broken", "Lock broken",
        "A person took a stack from whoever held it, by raising its epoch.";
    StackMade = "stack.made", "Stack made",
        "A stack was named for the first time.";
    StateDownloaded = "state.downloaded", "State downloaded",
        "A version of a stack's state was taken away.";
    WorkerAdded = "worker.added", "Worker added",
        "A worker and its token were made.";
    WorkerDrained = "worker.drained", "Worker drained",
        "A worker gets no more work, or gets work again.";
    WorkerRevoked = "worker.revoked", "Worker revoked",
        "A worker's token was ended.";
    SecretsRewrapped = "secret.rewrapped", "Secrets rewrapped",
        "Sealed values were sealed under a newer key.";
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Success,
    /// Refused by policy.
    Denied,
    /// Did not work.
    Failure,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: &[Self] = &[Self::Success, Self::Denied, Self::Failure];

    /// Name in the canonical event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Denied => "denied",
            Self::Failure => "failure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    const PAGE: &str = include_str!("../../../docs/audit.md");

    #[test]
    fn the_inventory_lists_every_kind_and_no_other() {
        let written: Vec<_> = PAGE
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let known = Kind::ALL
            .iter()
            .map(|kind| format!("| `{}` | {} | {} |", kind.name(), kind.label(), kind.when()));
        assert_eq!(written, known.collect::<Vec<_>>());
    }
}
