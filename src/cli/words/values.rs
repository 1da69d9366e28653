//! The contract's values (states, kinds, roles, outcomes) as people read them. JSON and the command line keep the
//! contract's words. The Indonesian words are `domain::reason`'s, which says them in its texts too.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    domain::reason::{INDONESIAN_VALUES, Language},
    proto,
};

/// The name of every value of the contract, with its last part (`ACTIVE` of `AGREEMENT_STATE_ACTIVE`, nothing where
/// it is unspecified) and the Indonesian word for it.
static VALUES: LazyLock<HashMap<String, (String, &'static str)>> = LazyLock::new(|| {
    let indonesian: HashMap<_, _> = INDONESIAN_VALUES.iter().copied().collect();
    let mut values = HashMap::new();
    for of in proto::descriptor().all_enums().filter(|of| of.package_name() == proto::PACKAGE) {
        let zero = of.get_value(0).map(|zero| zero.name().to_owned()).unwrap_or_default();
        let prefix = zero.trim_end_matches("UNSPECIFIED");
        for value in of.values().filter(|value| value.number() != 0) {
            let name = value.name();
            let word = indonesian.get(name).copied().unwrap_or_default();
            values.insert(name.to_owned(), (name.trim_start_matches(prefix).to_owned(), word));
        }
        values.insert(zero, Default::default());
    }
    values
});

/// A value of the contract, by its name, in the reader's language; empty for an unspecified one. Any other text stays
/// as it is.
pub fn value(language: Language, name: &str) -> String {
    match (VALUES.get(name), language) {
        (None, _) => name.to_owned(),
        (Some((short, _)), Language::English) => short.clone(),
        (Some((_, word)), Language::Indonesian) => (*word).to_owned(),
    }
}

/// The Indonesian words for the values of an enum, as they are typed, by their short names (`ACTIVE`). `None` where no enum
/// of the contract has just these.
pub fn typed(shorts: &[String]) -> Option<Vec<String>> {
    let of_enum = |of: prost_reflect::EnumDescriptor| {
        let named = of.values().filter(|value| value.number() != 0);
        let values: Vec<_> = named.filter_map(|value| VALUES.get(value.name())).collect();
        if values.len() != shorts.len() {
            return None;
        }
        let word = |short: &String| {
            let found = values.iter().find(|(name, _)| name == short)?;
            Some(found.1.replace(' ', "-"))
        };
        shorts.iter().map(word).collect::<Option<Vec<_>>>()
    };
    let mut enums = proto::descriptor().all_enums().filter(|of| of.package_name() == proto::PACKAGE);
    enums.find_map(of_enum)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_value_of_the_contract_has_its_word_and_no_word_is_of_no_value() {
        let named = |name: &&String| !name.ends_with("_UNSPECIFIED");
        let contract: BTreeSet<_> = VALUES.keys().filter(named).map(String::as_str).collect();
        let table: BTreeSet<_> = INDONESIAN_VALUES.iter().map(|(name, _)| *name).collect();
        assert_eq!(contract.difference(&table).collect::<Vec<_>>(), [&""; 0], "without an Indonesian word");
        assert_eq!(table.difference(&contract).collect::<Vec<_>>(), [&""; 0], "no value of the contract");
        assert_eq!(table.len(), INDONESIAN_VALUES.len(), "each stands once");
        for (name, word) in INDONESIAN_VALUES {
            let of = name.split('_').next().unwrap();
            assert!(!word.is_empty() && word.to_uppercase() == *word, "{of}: {word}");
        }
    }

    /// What is shown in Indonesian can be typed, so within an enum no word may mean two values.
    #[test]
    fn no_two_values_of_an_enum_read_alike() {
        for of in proto::descriptor().all_enums().filter(|of| of.package_name() == proto::PACKAGE) {
            let words: Vec<_> = of.values().map(|one| value(Language::Indonesian, one.name())).collect();
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{}", of.name());
        }
    }

    #[test]
    fn what_may_be_typed_is_told_in_indonesian() {
        let shorts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let session = shorts(&["TENTATIVE", "CONFIRMED", "CANCELLED", "DECLINED"]);
        let words = typed(&session).unwrap();
        assert_eq!(words, ["TENTATIF", "DIKONFIRMASI", "DIBATALKAN", "DITOLAK"]);
        assert_eq!(typed(&shorts(&["table", "json"])), None);
    }

    #[test]
    fn values_read_in_both_languages_and_texts_stay() {
        let said = |name| [Language::English, Language::Indonesian].map(|language| value(language, name));
        assert_eq!(said("AGREEMENT_STATE_ACTIVE"), ["ACTIVE", "BERLAKU"]);
        assert_eq!(said("CERTIFICATE_ORDER_STATE_AWAITING_KEY"), ["AWAITING_KEY", "MENUNGGU KUNCI"]);
        assert_eq!(said("EDUCATION_LEVEL_UNSPECIFIED"), ["", ""]);
        assert_eq!(said("BI 12/2026"), ["BI 12/2026", "BI 12/2026"]);
    }
}
