//! What holds of the graph and of verdicts, whatever happens.

use proptest::prelude::*;
use uuid::Uuid;

use crate::jobs::{
    AttemptState, Class, ErrorClass, JobState, StepState,
    graph::{Node, settle},
    verdict::{Ended, backoff_ms},
};

/// A graph whose steps need earlier ones only, all waiting.
fn graphs() -> impl Strategy<Value = Vec<Node>> {
    prop::collection::vec(any::<u64>(), 1..12).prop_map(|masks| {
        let ids: Vec<Uuid> = masks.iter().map(|_| Uuid::now_v7()).collect();
        let needs = |at: usize, mask: u64| {
            (0..at).filter(move |bit| mask >> bit & 1 == 1 && mask >> (bit + 20) & 1 == 1)
        };
        masks
            .iter()
            .enumerate()
            .map(|(at, mask)| Node {
                id: ids[at],
                state: StepState::Waiting,
                needs: needs(at, *mask).map(|need| ids[need]).collect(),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_graph_ends_and_nothing_starts_before_what_it_needs(
        mut nodes in graphs(),
        ends in prop::collection::vec(0..4_u8, 64),
        cancel_at in 0..40_usize,
    ) {
        let mut said = settle(&mut nodes, false);
        for (turn, end) in ends.iter().enumerate() {
            let cancelled = turn >= cancel_at;
            let Some(at) = nodes.iter().position(|node| node.state == StepState::Queued) else { break };
            for need in &nodes[at].needs {
                let need = nodes.iter().find(|node| node.id == *need).expect("there");
                prop_assert_eq!(need.state, StepState::Succeeded);
            }
            prop_assert!(!said.job.is_over());
            nodes[at].state = match end {
                0 | 1 => StepState::Succeeded,
                2 => StepState::Failed,
                _ => StepState::Cancelled,
            };
            said = settle(&mut nodes, cancelled);
        }
        prop_assert!(nodes.iter().all(|node| node.state.is_over()), "{nodes:?}");
        prop_assert!(said.job.is_over());
        let all = nodes.iter().all(|node| node.state == StepState::Succeeded);
        prop_assert_eq!(said.job == JobState::Succeeded, all);
        let again = settle(&mut nodes, false);
        prop_assert!(again.ready.is_empty() && again.skipped.is_empty(), "nothing follows twice");
    }

    #[test]
    fn what_may_be_done_once_is_never_queued_after_its_gate(
        said in prop::sample::select(AttemptState::ALL),
        error_class in prop::option::of(prop::sample::select(ErrorClass::ALL)),
        once in any::<bool>(),
        passed in any::<bool>(),
        cancelled in any::<bool>(),
        number in 1..12_i32,
        most in 1..=10_i32,
    ) {
        let class = if once { Class::Once } else { Class::Retry };
        let verdict = Ended { said, error_class, class, passed, cancelled, number, most }.verdict();
        if once && passed {
            prop_assert_ne!(verdict.step, StepState::Queued);
            if matches!(said, AttemptState::Lost | AttemptState::Indeterminate) {
                prop_assert_eq!(verdict.step, StepState::Indeterminate);
            }
        } else {
            prop_assert_ne!(verdict.step, StepState::Indeterminate);
        }
        if cancelled || number >= most {
            prop_assert_ne!(verdict.step, StepState::Queued);
        }
        prop_assert_ne!(verdict.attempt, AttemptState::Running);
        prop_assert_eq!(verdict.step == StepState::Succeeded, said == AttemptState::Succeeded);
    }

    #[test]
    fn backing_off_grows_and_stays_within_bounds(number in 1..40_i32, chance in any::<u8>()) {
        let wait = backoff_ms(number, chance);
        prop_assert!((2_000..=2_000 * 4_096 * 5 / 4).contains(&wait));
        prop_assert!(backoff_ms(number + 1, 0) >= backoff_ms(number, 0));
    }
}
