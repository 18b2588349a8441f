//! What must hold of the crate's source as a whole.

mod documentation;
mod first_statement;
