//! The server's half of the runner, over HTTP, as workers, shims and tools call it.

mod calls;
mod canary;
mod doors;
mod logs;
mod machine;
mod states;
