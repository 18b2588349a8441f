//! Opening, loading, listing and ending sessions. Rows are inserted here and ended here; an ended row
//! stays as a tombstone until a day after its absolute end, and nothing brings it back.

mod end;
mod keep;
mod list;
mod load;
mod open;
mod peek;
mod provider;
mod rotate;

pub(crate) use end::end_of_person;
pub use end::{SignedOut, end, end_all_others, sign_out, take_return};
pub use keep::{end_of_gone_issuers, purge, sign_in_failed};
pub use list::{list, list_of};
pub use load::load;
pub use open::{Opened, open};
pub use peek::{Peeked, peek};
pub use provider::{ProviderLogout, end_by_provider};
pub use rotate::{StepUp, rotate};

use uuid::Uuid;

use super::EndReason;
use crate::{
    Cx,
    audit::event::{Event, Kind, Outcome},
    secrets::Place,
};

/// Where the ID token of this session is sealed.
fn id_token_place(label: &str) -> Place<'_> {
    Place {
        table: "session",
        column: "id_token_sealed",
        row: label,
        version: 1,
    }
}

/// The event of a session that ended otherwise than by signing out.
fn ended(cx: &Cx, label: Uuid, why: EndReason) -> Event {
    Event::new(cx, Kind::SessionEnded, Outcome::Success)
        .on("session", label)
        .with("why", why.name())
}
