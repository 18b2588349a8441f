//! Commands beside the portal: they use its database or its server, and end.

pub mod job;
mod portal;
pub mod secrets;
pub mod work;
pub mod worker;

pub use portal::PortalDatabase;
