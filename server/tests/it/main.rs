//! Integration tests.
mod audit;
