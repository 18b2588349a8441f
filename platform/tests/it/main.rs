//! What must hold of the crate's source as a whole.

mod first_statement;
