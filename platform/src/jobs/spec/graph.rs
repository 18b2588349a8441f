//! The graph of a job's steps: who needs whom.

/// For each step the longest way from a step that needs nothing, or the cycle by its members.
pub(super) fn columns(needs: &[Vec<usize>]) -> Result<Vec<u32>, Vec<usize>> {
    let mut column = vec![None; needs.len()];
    for _ in 0..needs.len() {
        for at in 0..needs.len() {
            let known = needs[at]
                .iter()
                .map(|need| column[*need])
                .collect::<Option<Vec<u32>>>();
            if let Some(known) = known {
                column[at] = Some(known.into_iter().max().map_or(0, |most| most + 1));
            }
        }
    }
    column
        .iter()
        .copied()
        .collect::<Option<Vec<u32>>>()
        .ok_or_else(|| cycle(needs, &column))
}

/// Follows unknown needs until a step comes twice.
fn cycle(needs: &[Vec<usize>], column: &[Option<u32>]) -> Vec<usize> {
    let mut path = Vec::new();
    let mut at = column.iter().position(Option::is_none).unwrap_or_default();
    loop {
        if let Some(from) = path.iter().position(|seen| *seen == at) {
            return path.split_off(from);
        }
        path.push(at);
        match needs[at].iter().find(|need| column[**need].is_none()) {
            Some(next) => at = *next,
            None => return path,
        }
    }
}

/// Whether `step` needs `other`, directly or through others.
pub(super) fn needs_before(needs: &[Vec<usize>], step: usize, other: usize) -> bool {
    let mut seen = vec![false; needs.len()];
    let mut open = vec![step];
    while let Some(at) = open.pop() {
        for need in &needs[at] {
            if *need == other {
                return true;
            }
            if !std::mem::replace(&mut seen[*need], true) {
                open.push(*need);
            }
        }
    }
    false
}
