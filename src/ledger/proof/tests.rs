//! Proofs of all pairs of sizes, judged by the definition's other implementations: ct-merkle and tlog_tiles.

use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, digest::Output};
use proptest::prelude::*;
use sha2::Sha256;
use tlog_tiles::tlog;

use super::*;
use crate::ledger::tree::leaf_hash;

const SIZE: u64 = 300;

fn leaf(index: u64) -> Vec<u8> {
    index.to_be_bytes().to_vec()
}

/// A tree with all that is kept of it.
struct Grown {
    kept: Kept,
    /// By size.
    roots: Vec<Hash>,
}

impl Grown {
    fn to(size: u64) -> Self {
        let mut grown = Self { kept: Kept::new(), roots: vec![empty_root()] };
        let mut frontier = Frontier::default();
        for index in 0..size {
            let hash = leaf_hash(&leaf(index));
            grown.kept.insert((0, index), hash);
            frontier.push(hash, |whole| {
                grown.kept.insert((whole.level, whole.index), whole.hash);
            });
            grown.roots.push(frontier.root());
        }
        grown
    }

    /// What the database tells for a place and a size, and nothing else.
    fn told(&self, place: u64, size: u64) -> Kept {
        let mut told = Kept::new();
        for level in (0..16).take_while(|level| size >> (4 * level) > 0) {
            for around in [place, size] {
                let first = around >> (4 * (level + 1)) << 4;
                let whole = first..(first + 16).min(size >> (4 * level));
                told.extend(whole.map(|index| ((level, index), self.kept[&(level, index)])));
            }
        }
        told
    }
}

fn output(hash: &Hash) -> Output<Sha256> {
    (*hash).into()
}

fn judged_root(size: u64, root: &Hash) -> RootHash<Sha256> {
    RootHash::new(output(root), size)
}

fn tlog_hashes(proof: &[Hash]) -> Vec<tlog::Hash> {
    proof.iter().copied().map(tlog::Hash).collect()
}

#[test]
fn every_entry_is_proved_in_every_tree() {
    let grown = Grown::to(SIZE);
    for size in 1..=SIZE {
        let root = grown.roots[size as usize];
        for index in 0..size {
            let hash = leaf_hash(&leaf(index));
            let proof = inclusion(index, size, &grown.told(index, size)).unwrap();
            assert!(verify_inclusion(index, size, &hash, &proof, &root), "{index} in {size}");
            let judged =
                InclusionProof::<Sha256>::from_digests(proof.iter().map(output).collect::<Vec<_>>().iter());
            judged_root(size, &root).verify_inclusion(&leaf(index), index, &judged).unwrap();
            tlog::check_record(&tlog_hashes(&proof), size, tlog::Hash(root), index, tlog::Hash(hash))
                .unwrap();
        }
        assert_eq!(inclusion(size, size, &grown.kept), None);
    }
}

#[test]
fn every_tree_is_proved_the_beginning_of_every_larger_one() {
    let grown = Grown::to(SIZE);
    for to in 1..=SIZE {
        let root = grown.roots[to as usize];
        for from in 1..=to {
            let before = grown.roots[from as usize];
            let proof = consistency(from, to, &grown.told(from - 1, to)).unwrap();
            assert!(verify_consistency((from, &before), (to, &root), &proof), "{from} to {to}");
            let judged =
                ConsistencyProof::<Sha256>::from_digests(proof.iter().map(output).collect::<Vec<_>>().iter());
            judged_root(to, &root).verify_consistency(&judged_root(from, &before), &judged).unwrap();
            tlog::check_tree(&tlog_hashes(&proof), to, tlog::Hash(root), from, tlog::Hash(before)).unwrap();
        }
        assert_eq!(consistency(to + 1, to, &grown.kept), None);
        assert_eq!(consistency(0, to, &Kept::new()), Some(Vec::new()));
        assert!(verify_consistency((0, &empty_root()), (to, &root), &[]));
        assert!(!verify_consistency((0, &root), (to, &root), &[]));
    }
}

#[test]
fn the_frontier_of_every_tree_is_found_again() {
    let grown = Grown::to(SIZE);
    let mut expected = Frontier::default();
    for size in 0..=SIZE {
        assert_eq!(frontier(size, &grown.told(size, size)), Some(expected.clone()), "{size}");
        expected.push(leaf_hash(&leaf(size)), |_| {});
    }
}

/// At the end of what a `u64` counts.
#[test]
fn the_largest_sizes_end_too() {
    let zeros = vec![[0; 32]; 64];
    assert_eq!(inclusion(u64::MAX - 1, u64::MAX, &Kept::new()), None);
    assert_eq!(consistency(u64::MAX - 1, u64::MAX, &Kept::new()), None);
    assert_eq!(frontier(u64::MAX, &Kept::new()), None);
    for size in [u64::MAX, 1 << 63, (1 << 63) + 1] {
        assert!(!verify_inclusion(0, size, &[0; 32], &zeros, &[0; 32]));
        assert!(!verify_consistency((1, &[0; 32]), (size, &[0; 32]), &zeros));
        assert!(!verify_consistency((size - 1, &[0; 32]), (size, &[0; 32]), &zeros));
    }
}

/// A hash that is missing is told, for the proof would be another's.
#[test]
fn without_one_of_its_hashes_there_is_no_proof() {
    let grown = Grown::to(100);
    let proof = inclusion(37, 100, &grown.kept).unwrap();
    let mut used = 0;
    for missing in grown.kept.keys() {
        let mut kept = grown.kept.clone();
        kept.remove(missing);
        match inclusion(37, 100, &kept) {
            Some(found) => assert_eq!(found, proof, "{missing:?}"),
            None => used += 1,
        }
    }
    // Leaf 36, pair 38, 4 from 32, 8 from 40, one of 16 from 48, two of 16 from 0, two of 16 from 64 and the last 4.
    assert_eq!(used, 1 + 2 + 4 + 8 + 1 + 2 + 2 + 4);
}

/// What may become of a proof on its way.
#[derive(Debug, Clone)]
enum Change {
    Bit(prop::sample::Index, u8),
    Drop(prop::sample::Index),
    Twice(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    More,
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, bit)| Change::Bit(at, bit)),
        place().prop_map(Change::Drop),
        place().prop_map(Change::Twice),
        (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        Just(Change::More),
    ]
}

fn changed(proof: &[Hash], change: &Change) -> Vec<Hash> {
    let mut proof = proof.to_vec();
    let count = proof.len();
    match change {
        Change::More => proof.push([7; 32]),
        _ if proof.is_empty() => {}
        Change::Bit(at, bit) => proof[at.index(count)][usize::from(bit / 8)] ^= 1 << (bit % 8),
        Change::Drop(at) => drop(proof.remove(at.index(count))),
        Change::Twice(at) => {
            let at = at.index(count);
            proof.insert(at, proof[at]);
        }
        Change::Swap(one, other) => proof.swap(one.index(count), other.index(count)),
    }
    proof
}

proptest! {
    #[test]
    fn a_proof_that_was_changed_proves_nothing(size in 1..200_u64, place in any::<prop::sample::Index>(), change in change()) {
        let grown = Grown::to(size);
        let index = place.index(size as usize) as u64;
        let (root, hash) = (grown.roots[size as usize], leaf_hash(&leaf(index)));
        let proof = inclusion(index, size, &grown.kept).unwrap();
        let other = changed(&proof, &change);
        prop_assert_eq!(verify_inclusion(index, size, &hash, &other, &root), other == proof);
        for other in [index + 1, index ^ 1] {
            prop_assert!(!verify_inclusion(other, size, &hash, &proof, &root));
        }

        let from = index + 1;
        let before = grown.roots[from as usize];
        let proof = consistency(from, size, &grown.kept).unwrap();
        let other = changed(&proof, &change);
        prop_assert_eq!(verify_consistency((from, &before), (size, &root), &other), other == proof);
        prop_assert!(!verify_consistency((from, &[1; 32]), (size, &root), &proof));
        prop_assert!(!verify_consistency((from, &before), (size, &[1; 32]), &proof));
    }
}
