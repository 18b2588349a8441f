//! Checking a job before it is accepted.

use std::collections::BTreeMap;

use super::{Driver, JobSpec, Retry, StepSpec, graph};
use crate::{
    error::{Error, Result},
    jobs::{Class, Operation},
};

/// Most steps of a job.
const STEPS: usize = 100;
/// Fewest characters of a secret: shorter ones could not be masked in a log.
const SECRET: usize = 8;
/// Most bytes of a step's spec, and of its secrets.
const SPEC: usize = 1024 * 1024;

/// A job that may be accepted: names are resolved.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its steps, in order.
    pub steps: Vec<CheckedStep>,
}

/// What the check found out about a step.
#[derive(Clone, Debug)]
pub struct CheckedStep {
    /// Its driver's words.
    pub driver: Driver,
    /// How often it may be started by itself.
    pub class: Class,
    /// Places of the steps it needs.
    pub needs: Vec<usize>,
    /// Place of the step whose plan it carries out.
    pub plan: Option<usize>,
    /// Its column in a drawing of the graph.
    pub column: u32,
}

pub(super) fn check(job: &JobSpec) -> Result<Checked> {
    refuse_unless(
        (1..=200).contains(&job.title.trim().chars().count()) && !job.title.contains('\0'),
        "title",
        "1 to 200 characters are needed",
    )?;
    refuse_unless(
        word(&job.team, 63, b"-_"),
        "team",
        "a team's name is needed",
    )?;
    refuse_unless(
        word(&job.pool, 40, b"-"),
        "pool",
        "lower-case letters, digits and -, beginning with a letter",
    )?;
    if let Some(environment) = &job.environment {
        refuse_unless(
            word(environment, 63, b"-_./"),
            "environment",
            "lower-case letters, digits and - _ . /",
        )?;
    }
    refuse_unless(
        (1..=STEPS).contains(&job.steps.len()),
        "steps",
        "1 to 100 steps are needed",
    )?;

    let mut places = BTreeMap::new();
    for (at, step) in job.steps.iter().enumerate() {
        refuse_unless(
            word(&step.name, 40, b"-_"),
            &field(at, "name"),
            "lower-case letters, digits, - and _, beginning with a letter, at most 40",
        )?;
        if places.insert(&*step.name, at).is_some() {
            return Err(Error::invalid(
                field(at, "name"),
                format!("another step is called {:?}", step.name),
            ));
        }
    }
    let place = |at: usize, name: &str, of: &str| {
        places
            .get(name)
            .copied()
            .ok_or_else(|| Error::invalid(field(at, of), format!("no step is called {name:?}")))
    };
    let mut needs = Vec::new();
    for (at, step) in job.steps.iter().enumerate() {
        let named = step.needs.iter().map(|name| place(at, name, "needs"));
        let mut named = named.collect::<Result<Vec<_>>>()?;
        named.sort_unstable();
        named.dedup();
        needs.push(named);
    }
    let columns = graph::columns(&needs).map_err(|cycle| {
        let names = cycle.iter().map(|at| &*job.steps[*at].name);
        let names: Vec<&str> = names.chain([&*job.steps[cycle[0]].name]).collect();
        Error::invalid(
            field(cycle[0], "needs"),
            format!("these steps need each other: {}", names.join(" → ")),
        )
    })?;

    let mut steps = Vec::new();
    for (at, step) in job.steps.iter().enumerate() {
        let (driver, class) = check_step(at, step)?;
        let plan = step.plan.as_ref();
        let plan = plan.map(|name| place(at, name, "plan")).transpose()?;
        if let Some(from) = plan {
            check_plan(job, &needs, at, from)?;
        } else if needs_plan(step.operation, &driver) {
            return Err(Error::invalid(
                field(at, "plan"),
                "an apply carries a plan out: name the step that makes it",
            ));
        }
        steps.push(CheckedStep {
            driver,
            class,
            needs: needs[at].clone(),
            plan,
            column: columns[at],
        });
    }
    Ok(Checked { steps })
}

/// What is removed for good is seen and approved first, too, where the driver can say it.
fn needs_plan(operation: Operation, driver: &Driver) -> bool {
    match operation {
        Operation::Apply => driver.previews(),
        Operation::Destroy => driver.previews() && driver.needs_stack(),
        _ => false,
    }
}

fn check_step(at: usize, step: &StepSpec) -> Result<(Driver, Class)> {
    let driver = match Driver::read(&step.driver, &step.spec) {
        None => {
            return Err(Error::invalid(
                field(at, "driver"),
                format!(
                    "no driver is called {:?}; there are {}",
                    step.driver,
                    Driver::NAMES.join(", ")
                ),
            ));
        }
        Some(Err(error)) => return Err(Error::invalid(field(at, "spec"), error.to_string())),
        Some(Ok(driver)) => driver,
    };
    if !driver.operations().contains(&step.operation) {
        let words: Vec<&str> = driver.operations().iter().map(|one| one.name()).collect();
        return Err(Error::invalid(
            field(at, "operation"),
            format!("{} can do {}", step.driver, words.join(", ")),
        ));
    }
    let class = match (step.retry, step.operation) {
        (None, operation) => operation.class(),
        (Some(Retry::Safe), Operation::Apply | Operation::Destroy) => {
            return Err(Error::invalid(
                field(at, "retry"),
                "what changes a stack is started at most once",
            ));
        }
        (Some(Retry::Safe), _) => Class::Retry,
    };
    let stateful = matches!(step.operation, Operation::Apply | Operation::Destroy);
    if step.stack.is_none() && (driver.needs_stack() || stateful) {
        return Err(Error::invalid(field(at, "stack"), "a stack is needed"));
    }
    if let Some(stack) = &step.stack {
        refuse_unless(
            word_from(stack, 128, b"-_./", true),
            &field(at, "stack"),
            "lower-case letters, digits and - _ . /, at most 128",
        )?;
    }
    for (name, range, value) in [
        ("wall_s", 1..=86_400, step.wall_s),
        ("silence_s", 1..=86_400, step.silence_s),
        ("grace_s", 1..=3_600, step.grace_s),
        ("max_attempts", 1..=10, step.max_attempts),
    ] {
        let (least, most) = (range.start(), range.end());
        refuse_unless(
            range.contains(&value),
            &field(at, name),
            &format!("{least} to {most}"),
        )?;
    }
    for (label, value) in &step.labels {
        refuse_unless(
            word(label, 63, b"-_./") && value.len() <= 63 && !value.contains('\0'),
            &field(at, "labels"),
            "names of lower-case letters, digits and - _ . /, values of at most 63 characters",
        )?;
    }
    if let Some(title) = &step.title {
        refuse_unless(
            (1..=200).contains(&title.chars().count()) && !title.contains('\0'),
            &field(at, "title"),
            "1 to 200 characters",
        )?;
    }
    check_content(at, step, &driver)?;
    Ok((driver, class))
}

/// Sizes, paths, secrets.
fn check_content(at: usize, step: &StepSpec, driver: &Driver) -> Result<()> {
    let text = step.spec.to_string();
    refuse_unless(text.len() <= SPEC, &field(at, "spec"), "at most 1 MiB")?;
    refuse_unless(
        !text.contains("\\u0000"),
        &field(at, "spec"),
        "holds the character NUL",
    )?;
    for path in driver.files().into_iter().flat_map(BTreeMap::keys) {
        let fine = (1..=255).contains(&path.len())
            && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
            && !path.contains(['\\', '\0']);
        refuse_unless(
            fine,
            &field(at, "spec"),
            &format!("{path:?} is no path below the working folder"),
        )?;
    }
    let mut size = 0;
    for (name, value) in &step.secrets {
        size += name.len() + value.len();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.' || b == b'-';
        refuse_unless(
            (1..=128).contains(&name.len()) && name.bytes().all(plain),
            &field(at, "secrets"),
            "names of letters, digits and _ . -",
        )?;
        refuse_unless(
            value.chars().count() >= SECRET,
            &format!("{}.{name}", field(at, "secrets")),
            "a secret of fewer than 8 characters cannot be masked in a log",
        )?;
        refuse_unless(
            !value.contains('\0'),
            &format!("{}.{name}", field(at, "secrets")),
            "holds the character NUL",
        )?;
    }
    refuse_unless(size <= SPEC, &field(at, "secrets"), "at most 1 MiB")
}

/// The plan a step carries out is made before it, by the same driver, for the same stack.
fn check_plan(job: &JobSpec, needs: &[Vec<usize>], at: usize, from: usize) -> Result<()> {
    let (step, plan) = (&job.steps[at], &job.steps[from]);
    let refuse = |why: &str| Err(Error::invalid(field(at, "plan"), why.to_owned()));
    if !matches!(step.operation, Operation::Apply | Operation::Destroy) {
        return refuse("only apply and destroy carry a plan out");
    }
    if plan.operation != Operation::Plan {
        return refuse("the step it names makes no plan");
    }
    if plan.stack != step.stack || plan.driver != step.driver {
        return refuse("the step it names is of another stack or driver");
    }
    if !graph::needs_before(needs, at, from) {
        return refuse("the step it names must come before it: add it to `needs`");
    }
    let twice = job.steps[..at]
        .iter()
        .any(|other| other.plan.as_deref() == Some(&*plan.name));
    if twice {
        return refuse("another step carries this plan out; a plan is consumed once");
    }
    Ok(())
}

fn field(at: usize, name: &str) -> String {
    format!("steps[{at}].{name}")
}

fn refuse_unless(fine: bool, field: &str, why: &str) -> Result<()> {
    if fine {
        Ok(())
    } else {
        Err(Error::invalid(field, why))
    }
}

/// Lower-case letters, digits and some more, beginning with a letter.
fn word(text: &str, most: usize, more: &[u8]) -> bool {
    word_from(text, most, more, false)
}

fn word_from(text: &str, most: usize, more: &[u8], digit_first: bool) -> bool {
    let first = |b: u8| b.is_ascii_lowercase() || digit_first && b.is_ascii_digit();
    text.len() <= most
        && text.bytes().next().is_some_and(first)
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.contains(&b))
}
