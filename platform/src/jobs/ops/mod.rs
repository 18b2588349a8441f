//! The verbs of jobs.
//!
//! Locks are taken in one order, so that nothing waits in a circle: attempt, job, its steps and
//! queue, stack, plan. Claims skip what others hold instead of waiting.

mod cancel;
mod claim;
mod decide;
mod end;
mod enqueue;
mod expire;
mod finish;
mod gate;
mod held;
mod leader;
mod list;
mod object;
mod plans;
mod progress;
mod queue;
mod read_plan;
mod reconcile;
mod retry;
mod seals;
mod settle;
mod show;
mod waits;
mod watch;

pub use cancel::cancel;
pub use claim::claim;
pub use decide::decide;
pub use enqueue::{Enqueued, Unable, enqueue};
pub use expire::{Expired, expire, promote};
pub use finish::finish;
pub use gate::{find_attempt, gate, renew};
pub use leader::{Leader, lead, resign};
pub use list::list;
pub use plans::{keep_plan, plan_file, put_plan_file};
pub use progress::{Progress, progress};
pub use queue::queue;
pub use read_plan::plan;
pub use retry::retry;
pub use show::{by_number, show};
pub use watch::{Followed, FollowedAttempt, Looks, followed, looks, may_watch};
