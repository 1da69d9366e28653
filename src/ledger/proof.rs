//! Proofs over the tree of the ledger, as RFC 9162 (section 2.1) defines and verifies them: that an entry is in a tree, and that a
//! tree is the beginning of a larger one.
//!
//! A proof is made of kept hashes alone: those of leaves, and the roots of perfect subtrees of height 4, 8, 12 and so on. Knows no
//! database.

use std::{collections::BTreeMap, ops::Range};

use super::tree::{Frontier, Hash, STEP, empty_root, node_hash};

/// Kept hashes, by level and index. Level 0 has the leaves; level `n` has the roots of the perfect subtrees of 16 to the power of
/// `n` leaves.
///
/// All that proofs between a place and a tree of some size are made of are, at each level `l`, the whole subtrees among the sixteen
/// of which one has the place (`place >> 4 * l`), and among the sixteen in which the tree ends (`size >> 4 * l`). The place is an
/// entry's, or that of the smaller tree's last entry.
pub type Kept = BTreeMap<(u32, u64), Hash>;

/// Makes the proof that the entry at this place is in the tree of this size: hashes from the leaf up. `None` where the tree has no
/// such entry, or a hash is missing.
pub fn inclusion(index: u64, size: u64, kept: &Kept) -> Option<Vec<Hash>> {
    (index < size).then_some(())?;
    let (mut within, mut beside) = (0..size, Vec::new());
    while within.end - within.start > 1 {
        let (left, right) = halves(&within);
        let is_left = index < right.start;
        within = keep_other(is_left, left, right, &mut beside);
    }
    beside.iter().rev().map(|range| root_of(range, kept)).collect()
}

/// Makes the proof that the tree of the one size is the beginning of that of the other: hashes from below. It is empty where one is
/// empty or both are equal. `None` where the first is larger, or a hash is missing.
pub fn consistency(from: u64, to: u64, kept: &Kept) -> Option<Vec<Hash>> {
    (from <= to).then_some(())?;
    if from == 0 {
        return Some(Vec::new());
    }
    let (mut within, mut beside) = (0..to, Vec::new());
    while within.end != from {
        let (left, right) = halves(&within);
        let is_left = from <= right.start;
        within = keep_other(is_left, left, right, &mut beside);
    }
    // Who verifies has the root of the smaller tree.
    if within.start > 0 {
        beside.push(within);
    }
    beside.iter().rev().map(|range| root_of(range, kept)).collect()
}

/// Finds the roots of the perfect subtrees of which the tree of this size consists. `None` where a hash is missing.
pub fn frontier(size: u64, kept: &Kept) -> Option<Frontier> {
    let roots = perfect(0..size).map(|(start, height)| root_of_perfect(start, height, kept));
    Frontier::from_roots(size, roots.collect::<Option<_>>()?)
}

/// Verifies that the leaf with this hash has this place in the tree of this size and root (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let mut climb = Climb { place: index, last: size - 1 };
    let mut hash = *leaf;
    for beside in proof {
        match climb.step() {
            Some(Side::Left) => hash = node_hash(beside, &hash),
            Some(Side::Right) => hash = node_hash(&hash, beside),
            None => return false,
        }
    }
    climb.last == 0 && hash == *root
}

/// Verifies that the tree with the first size and root is the beginning of that with the second (RFC 9162, section 2.1.4.2). Of an
/// empty one it always is, by an empty proof.
pub fn verify_consistency(first: (u64, &Hash), second: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((from, from_root), (to, to_root)) = (first, second);
    if from == 0 || from == to {
        let is_root = if from == 0 { *from_root == empty_root() } else { from_root == to_root };
        return from <= to && proof.is_empty() && is_root;
    }
    if from > to {
        return false;
    }
    let mut climb = Climb { place: from - 1, last: to - 1 };
    climb.skip_right_children();
    // A smaller tree that is perfect is a node of the larger one, and not told again.
    let told = if from.is_power_of_two() { Some((from_root, proof)) } else { proof.split_first() };
    let Some((start, rest)) = told else { return false };
    let (mut smaller, mut larger) = (*start, *start);
    for beside in rest {
        match climb.step() {
            Some(Side::Left) => {
                (smaller, larger) = (node_hash(beside, &smaller), node_hash(beside, &larger));
            }
            Some(Side::Right) => larger = node_hash(&larger, beside),
            None => return false,
        }
    }
    climb.last == 0 && smaller == *from_root && larger == *to_root
}

/// The side on which a proof's hash stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: `fn` and `sn` of RFC 9162.
struct Climb {
    /// The place of the node among those of its height.
    place: u64,
    /// The place of the last node of this height.
    last: u64,
}

impl Climb {
    /// Goes up by one hash of the proof, and says on which side that stands; `None` above the root.
    fn step(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let is_right_child = self.place % 2 == 1;
        let side = if is_right_child || self.place == self.last { Side::Left } else { Side::Right };
        // The last node of its height, where it is a left child, is alone, and itself the node above.
        while matches!(side, Side::Left) && self.place.is_multiple_of(2) && self.place != 0 {
            self.up();
        }
        self.up();
        Some(side)
    }

    /// Goes up to the root of the perfect subtree that ends with this leaf.
    fn skip_right_children(&mut self) {
        while self.place % 2 == 1 {
            self.up();
        }
    }

    fn up(&mut self) {
        self.place /= 2;
        self.last /= 2;
    }
}

/// The two subtrees of one that has more than one leaf: the left one is the largest perfect one that leaves something.
fn halves(within: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let half = 1 << (within.end - within.start - 1).ilog2();
    let middle = within.start + half;
    (within.start..middle, middle..within.end)
}

/// Goes into one half, and keeps the other for the proof.
fn keep_other(
    is_left: bool,
    left: Range<u64>,
    right: Range<u64>,
    beside: &mut Vec<Range<u64>>,
) -> Range<u64> {
    let (within, other) = if is_left { (left, right) } else { (right, left) };
    beside.push(other);
    within
}

/// The perfect subtrees of which a subtree consists, from the left: start and height. A subtree starts where a perfect one of its
/// size could.
fn perfect(range: Range<u64>) -> impl DoubleEndedIterator<Item = (u64, u32)> {
    let (start, count) = (range.start, range.end - range.start);
    let heights = (0..u64::BITS).rev().filter(move |height| count >> height & 1 == 1);
    // Before each lie those of the higher bits.
    heights.map(move |height| (start + (count >> height >> 1 << height << 1), height))
}

fn root_of(range: &Range<u64>, kept: &Kept) -> Option<Hash> {
    let mut from_the_right = perfect(range.clone()).rev();
    let (start, height) = from_the_right.next()?;
    from_the_right.try_fold(root_of_perfect(start, height, kept)?, |right, (start, height)| {
        Some(node_hash(&root_of_perfect(start, height, kept)?, &right))
    })
}

/// The root of a perfect subtree, of the at most eight kept ones below.
fn root_of_perfect(start: u64, height: u32, kept: &Kept) -> Option<Hash> {
    let level = height / STEP;
    let first = start >> (level * STEP);
    let below = first..first + (1 << (height % STEP));
    let mut hashes: Vec<_> = below.map(|index| kept.get(&(level, index)).copied()).collect::<Option<_>>()?;
    while hashes.len() > 1 {
        let (pairs, _) = hashes.as_chunks::<2>();
        hashes = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    hashes.pop()
}

#[cfg(test)]
mod tests;
