//! The Merkle tree over the ledger's leaves, as RFC 6962 defines it (section 2.1; RFC 9162 has the same): how it grows.
//!
//! A tree that only grows needs the roots of the perfect subtrees that it consists of, and nothing else: [`Frontier`]. What a
//! proof needs beside the leaves' hashes are the roots of its perfect subtrees of height 4, 8, 12 and so on, [`Subtree`]. Knows no
//! database.

use aws_lc_rs::digest;

/// SHA-256.
pub type Hash = [u8; 32];

/// By so many does the height of kept subtrees rise: one row for 15 leaves, and at most 15 hashes to make one that is not kept.
pub(super) const STEP: u32 = 4;

/// The hash of a leaf: SHA-256(0x00 ‖ leaf).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    sha256(&[&[0], leaf])
}

/// The hash of a node: SHA-256(0x01 ‖ left ‖ right).
pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The root of the tree without leaves: the hash of no bytes.
pub(super) fn empty_root() -> Hash {
    sha256(&[])
}

pub(super) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The root of a perfect subtree that has become whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtree {
    /// A quarter of its height: it has 16 to the power of this leaves.
    pub level: u32,
    /// Its place among those of its level, from 0.
    pub index: u64,
    /// Its root.
    pub hash: Hash,
}

/// A tree, as far as it has to be known to grow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// The roots of its perfect subtrees, from the left, which is from the largest: one for each bit of the size.
    roots: Vec<Hash>,
}

impl Frontier {
    /// The tree of so many leaves, from what [`Frontier::to_bytes`] gave for it; `None` for bytes of another size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (roots, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() { Self::from_roots(size, roots.to_vec()) } else { None }
    }

    /// The same from the roots of its perfect subtrees, from the left; `None` where they are more or fewer.
    pub fn from_roots(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (u32::try_from(roots.len()).ok()? == size.count_ones()).then_some(Self { size, roots })
    }

    /// The roots of its perfect subtrees, from the left.
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// The roots of its perfect subtrees, from the left, 32 bytes each.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.concat()
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf, by its hash, and tells of each subtree to be kept that it completes.
    pub fn push(&mut self, leaf: Hash, mut whole: impl FnMut(Subtree)) {
        let (mut hash, mut index, mut height) = (leaf, self.size, 0);
        // A subtree to the left of the same height makes one of twice the size, as carries do in a sum.
        while index % 2 == 1 {
            // One for each bit of the size: there is one.
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            index /= 2;
            height += 1;
            if height % STEP == 0 {
                whole(Subtree { level: height / STEP, index, hash });
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The root hash; of an empty tree that of no bytes.
    pub fn root(&self) -> Hash {
        let from_the_right = self.roots.iter().rev().copied();
        from_the_right.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, section 2.1, word for word.
    fn mth(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [leaf] => leaf_hash(leaf),
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                node_hash(&mth(&leaves[..half]), &mth(&leaves[half..]))
            }
        }
    }

    fn leaves(count: u32) -> Vec<Vec<u8>> {
        (0..count).map(|n| n.to_be_bytes()[..n as usize % 5].to_vec()).collect()
    }

    #[test]
    fn a_tree_that_grows_has_the_roots_of_the_definition() {
        let leaves = leaves(600);
        let (mut frontier, mut kept) = (Frontier::default(), Vec::new());
        assert_eq!(frontier.root(), mth(&[]));
        for (n, leaf) in leaves.iter().enumerate() {
            frontier.push(leaf_hash(leaf), |subtree| kept.push(subtree));
            assert_eq!(frontier.root(), mth(&leaves[..=n]), "{n}");
            assert_eq!(frontier.size(), n as u64 + 1);
            // It goes on from what was stored of it.
            frontier = Frontier::from_bytes(frontier.size(), &frontier.to_bytes()).unwrap();
        }
        let mut expected = Vec::new();
        for (level, leaves_of_one) in [(1, 16), (2, 256)] {
            for (index, part) in leaves.chunks_exact(leaves_of_one).enumerate() {
                expected.push(Subtree { level, index: index as u64, hash: mth(part) });
            }
        }
        kept.sort_by_key(|subtree| (subtree.level, subtree.index));
        assert_eq!(kept, expected);
    }

    /// Of no leaf and of the empty leaf, as anybody's SHA-256 gives them.
    #[test]
    fn hashes_are_those_of_the_standard() {
        let hash = |text: &str| hex::decode(text).unwrap();
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Frontier::default().root().to_vec(), hash(nothing));
        let empty_leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(leaf_hash(b"").to_vec(), hash(empty_leaf));
    }

    #[test]
    fn bytes_of_another_size_are_no_frontier() {
        let mut frontier = Frontier::default();
        (0..5).for_each(|n| frontier.push([n; 32], |_| {}));
        let bytes = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(5, &bytes), Some(frontier));
        for (size, bytes) in [(4, &bytes[..]), (7, &bytes), (5, &bytes[..63]), (5, &[]), (0, &bytes)] {
            assert_eq!(Frontier::from_bytes(size, bytes), None, "{size} {}", bytes.len());
        }
    }
}
