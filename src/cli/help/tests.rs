//! Tests of the pages: that every text has its translation, and that each page reads as the golden files say.

use std::collections::BTreeSet;

use super::*;

/// Every text that is translated, of a command and all below it.
fn collect(command: &Command, texts: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    let parts = |text: &str| {
        let parts = text.split("\n\n").flat_map(|part| match part.starts_with(EXAMPLES.0) {
            true => part.split('"').skip(1).step_by(2).map(str::to_owned).collect(),
            false => vec![part.to_owned()],
        });
        parts.collect::<Vec<_>>()
    };
    texts.extend(command.get_about().map(ToString::to_string));
    let long = [command.get_long_about(), command.get_after_help()];
    texts.extend(long.into_iter().flatten().flat_map(|text| parts(&text.to_string())));
    for arg in command.get_arguments() {
        texts.extend(arg.get_help().map(ToString::to_string));
        texts.extend(arg.get_long_help().into_iter().flat_map(|text| parts(&text.to_string())));
        texts.extend(arg.get_help_heading().map(str::to_owned));
        if arg.get_action().takes_values() {
            names.extend(arg.get_value_names().into_iter().flatten().map(ToString::to_string));
        }
    }
    command.get_subcommands().for_each(|sub| collect(sub, texts, names));
}

#[test]
fn every_text_has_its_translation_and_every_translation_is_used() {
    let mut command = Cli::command();
    command.build();
    let (mut english, mut names) = (BTreeSet::new(), BTreeSet::new());
    collect(&command, &mut english, &mut names);
    let known: BTreeSet<_> = texts::all().collect();
    assert_eq!(known.len(), texts::all().count(), "a text stands twice");
    let missing: Vec<_> = english.iter().filter(|text| !known.contains(text.as_str())).collect();
    assert!(missing.is_empty(), "without a translation, to be added in help/texts:\n{missing:#?}");
    let unused: Vec<_> = texts::all().filter(|text| !english.contains(*text)).collect();
    assert!(unused.is_empty(), "translations of texts that are nowhere:\n{unused:#?}");
    let known: BTreeSet<_> = texts::value_names().collect();
    let missing: Vec<_> = names.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "names of values without a translation:\n{missing:#?}");
    let unused: Vec<_> = texts::value_names().filter(|name| !names.contains(*name)).collect();
    assert!(unused.is_empty(), "translations of names of values that are nowhere:\n{unused:#?}");
}
