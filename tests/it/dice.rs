//! Chance that a seed alone decides, for tests that draw what they do.

/// SplitMix64: a number for each turn.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// A number of the environment, or this one.
pub fn number(name: &str, own: u64) -> u64 {
    let number = std::env::var(name).ok().filter(|text| !text.is_empty());
    number.map_or(own, |text| text.parse().unwrap())
}
