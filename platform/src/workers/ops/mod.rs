//! Making, greeting, listing, draining and revoking workers; finding out which token is whose.

mod add;
mod end;
mod hello;
mod list;
mod token;

pub use add::{add, embed, new_token};
pub use end::{drain, revoke};
pub use hello::hello;
pub use list::list;
pub use token::{ATTEMPT, WORKER, find_by_token};
