//! The tree over the chain's hashes (RFC 6962): roots, inclusion and consistency proofs.

use sha2::{Digest as _, Sha256};

use super::chain::Hash;

/// Hash of a leaf.
pub fn leaf(data: &Hash) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(data)
        .finalize()
        .into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A tree that only grows and only knows its root: one hash per level, whatever its size.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Complete subtrees from left to right, largest first; their sizes are the bits of `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Adds one leaf.
    pub fn push(&mut self, data: &Hash) {
        let mut top = leaf(data);
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                top = node(&left, &top);
            }
        }
        self.peaks.push(top);
        self.size += 1;
    }

    /// How many leaves it holds.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(first) = peaks.next() else {
            return Sha256::digest([]).into();
        };
        peaks.fold(first, |right, left| node(&left, &right))
    }
}

/// A tree that keeps every node (64 bytes a leaf) and can prove.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// `levels[k][i]` covers leaves `i·2^k` to `(i+1)·2^k`; complete subtrees only.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Adds one leaf.
    pub fn push(&mut self, data: &Hash) {
        let mut top = leaf(data);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(top);
            if nodes.len() % 2 == 1 {
                break;
            }
            top = node(&nodes[nodes.len() - 2], &nodes[nodes.len() - 1]);
        }
    }

    /// How many leaves it holds.
    pub fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// The root over the first `size` leaves.
    pub fn root(&self, size: usize) -> Hash {
        if size == 0 {
            Sha256::digest([]).into()
        } else {
            self.over(0, size)
        }
    }

    /// Hashes that lead from leaf `index` to the root over the first `size` leaves; none where the
    /// leaf is not among them.
    pub fn inclusion(&self, index: usize, size: usize) -> Option<Vec<Hash>> {
        if index >= size || size > self.size() {
            return None;
        }
        let (mut low, mut high, mut path) = (0, size, Vec::new());
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                path.push(self.over(middle, high));
                high = middle;
            } else {
                path.push(self.over(low, middle));
                low = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// Hashes that show the root over `old` leaves to be a prefix of the root over `new` ones.
    pub fn consistency(&self, old: usize, new: usize) -> Option<Vec<Hash>> {
        if old == 0 || old > new || new > self.size() {
            return None;
        }
        let (mut low, mut high, mut whole, mut path) = (0, new, true, Vec::new());
        while old != high {
            let middle = low + split(high - low);
            if old <= middle {
                path.push(self.over(middle, high));
                high = middle;
            } else {
                path.push(self.over(low, middle));
                low = middle;
                whole = false;
            }
        }
        if !whole {
            path.push(self.over(low, high));
        }
        path.reverse();
        Some(path)
    }

    /// Hash over leaves `low..high`, a range as the splits make them.
    fn over(&self, low: usize, high: usize) -> Hash {
        let width = high - low;
        if width.is_power_of_two() {
            return self.levels[width.trailing_zeros() as usize][low / width];
        }
        let middle = low + split(width);
        node(&self.over(low, middle), &self.over(middle, high))
    }
}

/// The largest power of two below `n` (n > 1).
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// Whether `proof` leads from the leaf at `index` to `root` over `size` leaves (RFC 9162, 2.1.3.2).
pub fn includes(data: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf(data));
    for step in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = node(step, &hash);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows the tree of `old` leaves to be a prefix of that of `new` (RFC 9162, 2.1.4.2).
pub fn extends(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old, old_root), (new, new_root)) = (old, new);
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 || old > new {
        return false;
    }
    let mut steps = proof.iter();
    let mut first = *old_root;
    if !old.is_power_of_two() {
        match steps.next() {
            Some(step) => first = *step,
            None => return false,
        }
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at % 2 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut of_old, mut of_new) = (first, first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            of_old = node(step, &of_old);
            of_new = node(step, &of_new);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_new = node(&of_new, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == *old_root && of_new == *new_root
}

#[cfg(test)]
mod tests {
    use super::{Frontier, Hash, Tree, extends, includes, leaf, node};

    fn leaves(n: usize) -> (Tree, Vec<Hash>) {
        let hashes: Vec<Hash> = (0..n)
            .map(|i| crate::secrets::sha256(&i.to_be_bytes()))
            .collect();
        let mut tree = Tree::default();
        for hash in &hashes {
            tree.push(hash);
        }
        (tree, hashes)
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        let (tree, hashes) = leaves(3);
        let empty = hex::encode(tree.root(0));
        assert_eq!(
            empty,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let pair = node(&leaf(&hashes[0]), &leaf(&hashes[1]));
        assert_eq!(tree.root(1), leaf(&hashes[0]));
        assert_eq!(tree.root(2), pair);
        assert_eq!(tree.root(3), node(&pair, &leaf(&hashes[2])));
    }

    #[test]
    fn every_proof_of_small_trees_holds_and_no_other() {
        let (tree, hashes) = leaves(33);
        let mut frontier = Frontier::default();
        for size in 1..=33_usize {
            frontier.push(&hashes[size - 1]);
            let root = tree.root(size);
            assert_eq!((frontier.size(), frontier.root()), (size as u64, root));
            for index in 0..size {
                let proof = tree.inclusion(index, size).expect("is inside");
                let holds = |at, proof: &[Hash]| {
                    includes(&hashes[at], index as u64, size as u64, proof, &root)
                };
                assert!(holds(index, &proof), "{index} of {size}");
                assert!(!holds((index + 1) % 33, &proof) || size == 0);
                for at in 0..proof.len() {
                    let mut wrong = proof.clone();
                    wrong[at][0] ^= 1;
                    assert!(!holds(index, &wrong), "{index} of {size}, step {at}");
                }
                assert!(proof.is_empty() || !holds(index, &proof[1..]));
            }
            for old in 1..=size {
                let proof = tree.consistency(old, size).expect("is a prefix");
                let old_root = tree.root(old);
                let pair = |from: &Hash| extends((old as u64, from), (size as u64, &root), &proof);
                assert!(pair(&old_root), "{old} to {size}");
                let mut wrong = old_root;
                wrong[5] ^= 4;
                assert!(!pair(&wrong), "{old} to {size}");
            }
        }
        assert_eq!(tree.inclusion(33, 33), None);
        assert_eq!(tree.consistency(0, 5), None);
    }
}
