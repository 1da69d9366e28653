//! Messages of any type of the contract, made by dice from its descriptor: everything that a field can hold, the edges first.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::proto;

/// Dice that fall the same each time (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Every message of the contract.
pub fn all() -> impl Iterator<Item = MessageDescriptor> {
    proto::descriptor().all_messages().filter(|message| message.package_name() == proto::PACKAGE)
}

/// How messages are filled.
#[derive(Clone, Copy)]
pub struct Filling {
    /// How many of a hundred fields are there.
    pub percent: usize,
    /// Whether enums hold numbers that the contract does not know.
    pub with_unknown: bool,
}

pub fn message(of: &MessageDescriptor, filling: Filling, dice: &mut Dice) -> DynamicMessage {
    let mut message = DynamicMessage::new(of.clone());
    for field in of.fields() {
        if dice.percent(filling.percent) {
            let value = value(&field, filling, dice);
            message.set_field(&field, value);
        }
    }
    message
}

fn value(field: &FieldDescriptor, filling: Filling, dice: &mut Dice) -> Value {
    if field.is_list() {
        let count = dice.below(4);
        return Value::List((0..count).map(|_| single(&field.kind(), filling, dice)).collect());
    }
    single(&field.kind(), filling, dice)
}

fn single(kind: &Kind, filling: Filling, dice: &mut Dice) -> Value {
    match kind {
        Kind::String => Value::String(text(dice)),
        Kind::Bool => Value::Bool(dice.percent(50)),
        Kind::Int32 => Value::I32(*dice.one_of(&[0, 1, -1, 12, 127, 128, i32::MIN, i32::MAX])),
        Kind::Int64 => Value::I64(*dice.one_of(&[0, 1, -1, 300, i64::MIN, i64::MAX, 1 << 53])),
        Kind::Bytes => Value::Bytes((0..dice.below(6)).map(|_| dice.roll().to_le_bytes()[0]).collect()),
        Kind::Enum(of) => {
            let known: Vec<_> = of.values().map(|value| value.number()).collect();
            let number = if filling.with_unknown && dice.percent(20) {
                *dice.one_of(&[77, -5, i32::MIN])
            } else {
                *dice.one_of(&known)
            };
            Value::EnumNumber(number)
        }
        Kind::Message(of) if of.full_name() == "google.protobuf.Timestamp" => Value::Message(time(of, dice)),
        Kind::Message(of) => Value::Message(message(of, filling, dice)),
        other => panic!("{other:?} is new in the contract"),
    }
}

fn text(dice: &mut Dice) -> String {
    let long = dice.one_of(&[127, 128, 20_000]);
    let texts = [
        "",
        "agencies/blk-kepri",
        "Budi \"Las\" \\ / </script>",
        "\n\t\r\u{8}\u{c}\u{1}\u{1f}\u{7f}",
        "é漢字🐟\u{2028}\u{feff}",
        "\0",
        "null",
        "2026-03-02T08:00:00+07:00",
        &"x".repeat(*long),
    ];
    (*dice.one_of(&texts)).to_owned()
}

/// From the first second of the calendar to the last that is read.
fn time(of: &MessageDescriptor, dice: &mut Dice) -> DynamicMessage {
    let seconds = *dice.one_of(&[
        0,
        1,
        -1,
        1_772_413_200,
        951_782_399,
        -62_135_596_800,
        253_402_207_200,
        -2_208_988_801,
    ]);
    let nanos = *dice.one_of(&[0, 0, 1, 500_000_000, 120_000_000, 7_000, 999_999_999, 1_000_000]);
    let mut time = DynamicMessage::new(of.clone());
    time.transcode_from(&prost_types::Timestamp { seconds, nanos }).unwrap();
    time
}
