//! The binary and the ground it stands on, as a person who starts it meets them.
//!
//! These tests run the real binary with a real PostgreSQL of its own. Where no PostgreSQL is
//! installed they cannot run, and say so by failing: `make test` installs it.

mod embedded;
mod mistakes;
mod portal;
mod repository;
mod somebodys_database;
