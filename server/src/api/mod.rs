//! The REST interface: one file per noun, described by `OpenAPI`.

pub mod audit;

use utoipa_axum::router::OpenApiRouter;

use crate::state::State;

/// Every route of the interface. To be put inside the layer that signs in.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().merge(audit::routes())
}
