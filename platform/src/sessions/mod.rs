//! Sessions: who is signed in where.
