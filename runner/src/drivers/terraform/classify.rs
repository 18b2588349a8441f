//! What a failure means.

use platform::jobs::ErrorClass;

/// Words of the tool, in lower case, and what they mean. The first that fits counts.
const KNOWN: &[(&str, ErrorClass, &str)] = &[
    (
        "saved plan is stale",
        ErrorClass::StalePlan,
        "The state has moved since the plan was made. Make a new plan.",
    ),
    (
        "saved plan does not match",
        ErrorClass::StalePlan,
        "The plan belongs to another state. Make a new plan.",
    ),
    (
        "error acquiring the state lock",
        ErrorClass::Transient,
        "Somebody holds the lock of the state.",
    ),
    (
        "unsupported terraform core version",
        ErrorClass::NoTool,
        "The module wants another version of the tool than this worker has.",
    ),
    (
        "unsupported opentofu core version",
        ErrorClass::NoTool,
        "The module wants another version of the tool than this worker has.",
    ),
    (
        "which is newer than current",
        ErrorClass::NoTool,
        "The state was written by a newer version of the tool than this worker has.",
    ),
    (
        "was not found in any of the search locations",
        ErrorClass::Permanent,
        "A provider is not in this worker's mirror: add it there, or name one that is.",
    ),
    (
        "failed to query available provider packages",
        ErrorClass::Permanent,
        "A provider cannot be found: neither a mirror nor a registry has it.",
    ),
    (
        "inconsistent dependency lock file",
        ErrorClass::StalePlan,
        "The worker has other providers than the plan was made with. Make a new plan.",
    ),
    (
        "no space left on device",
        ErrorClass::Machine,
        "The worker's disk is full.",
    ),
    (
        "cannot allocate memory",
        ErrorClass::Machine,
        "The worker is out of memory.",
    ),
    (
        "error refreshing state: http remote state endpoint requires auth",
        ErrorClass::Fenced,
        "The portal no longer takes this attempt's token.",
    ),
    (
        "failed to save state",
        ErrorClass::Permanent,
        "The state could not be written; what the tool left is kept as evidence.",
    ),
    (
        "error loading state",
        ErrorClass::Transient,
        "The state could not be read.",
    ),
    (
        "error refreshing state",
        ErrorClass::Transient,
        "The state could not be read.",
    ),
    (
        "requestlimitexceeded",
        ErrorClass::Transient,
        "The provider throttles.",
    ),
    (
        "throttling",
        ErrorClass::Transient,
        "The provider throttles.",
    ),
    (
        "too many requests",
        ErrorClass::Transient,
        "The provider throttles.",
    ),
    (
        "connection refused",
        ErrorClass::Transient,
        "Something did not answer.",
    ),
    (
        "connection reset by peer",
        ErrorClass::Transient,
        "A connection was cut.",
    ),
    (
        "i/o timeout",
        ErrorClass::Transient,
        "Something did not answer in time.",
    ),
    (
        "tls handshake timeout",
        ErrorClass::Transient,
        "Something did not answer in time.",
    ),
];

pub(super) fn classify(phase: &str, exit: Option<i32>, tail: &str) -> (ErrorClass, String) {
    // The tool breaks its lines as it likes.
    let flat = tail
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let known = KNOWN.iter().find(|(words, ..)| flat.contains(words));
    let (class, hint) = known.map_or((ErrorClass::Permanent, ""), |(_, class, hint)| {
        (*class, *hint)
    });
    let said = first_error(tail);
    let text = match (said, hint) {
        (Some(said), "") => said,
        (Some(said), hint) => format!("{hint}\n{said}"),
        (None, "") => exit.map_or_else(
            || format!("{phase} was ended by a signal"),
            |code| format!("{phase} ended with exit code {code} and did not say why"),
        ),
        (None, hint) => hint.to_owned(),
    };
    (class, text.chars().take(1_900).collect())
}

/// From the first `Error:` to the next, or to the end; without the box the tool draws around it.
fn first_error(tail: &str) -> Option<String> {
    let mut lines = tail
        .lines()
        .map(|line| line.trim_start_matches(['│', '╷', '╵']).trim_end())
        .skip_while(|line| !line.trim_start().starts_with("Error: "));
    let mut out = lines.next()?.trim().to_owned();
    for line in lines.take_while(|line| !line.trim_start().starts_with("Error: ")) {
        out.push('\n');
        out.push_str(line.trim_end());
    }
    Some(out.trim().to_owned())
}
