//! Which file of `src/` knows which, read from the paths in it: `use` lines, and paths in code that begin at `crate`,
//! `self`, `super` or a file of the folder below.

use std::collections::{BTreeMap, BTreeSet};

/// Where a file or something in it stands: `["server", "rate", "network"]`.
type Path = Vec<String>;

/// The sources by their modules, `lib.rs` and `main.rs` left out.
pub struct Sources {
    texts: BTreeMap<Path, String>,
    /// For each module what it gives on under a name of its own, and where that stands.
    given_on: BTreeMap<Path, BTreeMap<String, Path>>,
}

impl Sources {
    /// Of paths below `src/` with their texts, without tests.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let module = |path: &str| -> Path {
            let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
            path.split('/').map(str::to_owned).collect()
        };
        let texts = files.into_iter().map(|(path, text)| (module(path), without_comments(text)));
        let mut texts: BTreeMap<_, _> = texts.collect();
        texts.retain(|module, _| !["lib", "main"].contains(&module.join("/").as_str()));
        let mut sources = Self { texts, given_on: BTreeMap::new() };
        for (module, text) in &sources.texts {
            let uses = text.split(';').filter_map(|statement| statement.rsplit_once("use "));
            let given = uses.filter(|(before, _)| {
                before.lines().last().is_some_and(|line| line.trim_start().starts_with("pub"))
            });
            let paths = given.flat_map(|(_, tree)| sources.paths(module, tree));
            let names = paths.filter_map(|path| Some((path.last()?.clone(), path)));
            sources.given_on.insert(module.clone(), names.collect());
        }
        sources
    }

    /// All paths in a text of this module, from the crate's root.
    pub fn paths(&self, module: &[String], text: &str) -> Vec<Path> {
        let mut found = Vec::new();
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            let starts = is_name(c) && !is_name(before) && !"$:.".contains(before);
            before = c;
            let word = name_at(&text[at..]);
            let root = match word {
                _ if !starts || !text[at + word.len()..].starts_with("::") => continue,
                "crate" => Vec::new(),
                "self" => module.to_vec(),
                // Its own rest says how far up.
                "super" => module[..module.len() - 1].to_vec(),
                child => [module, &[child.to_owned()]].concat(),
            };
            let known = ["crate", "self", "super"].contains(&word) || self.texts.contains_key(&root);
            if known {
                branches(root, &text[at + word.len()..], &mut found);
            }
        }
        found
    }

    /// The file in which something stands, through the files that give it on.
    fn file_of(&self, path: &[String]) -> Option<&Path> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let length = (1..=path.len()).rev().find(|length| self.texts.contains_key(&path[..*length]))?;
            let (module, rest) = path.split_at(length);
            let given_on = rest.first().and_then(|name| self.given_on.get(module)?.get(name));
            match given_on.filter(|there| **there != path) {
                Some(there) => path = [there.as_slice(), &rest[1..]].concat(),
                None => return self.texts.get_key_value(module).map(|(module, _)| module),
            }
        }
        None
    }

    /// The rooms that each file knows, its own among them.
    pub fn rooms(&self) -> impl Iterator<Item = (String, BTreeSet<String>)> {
        self.texts.iter().map(|(module, text)| {
            let paths = self.paths(module, text).into_iter();
            let rooms = paths.filter_map(|path| path.first().filter(|room| self.is_room(room)).cloned());
            (module.join("/"), rooms.collect())
        })
    }

    fn is_room(&self, name: &str) -> bool {
        self.texts.keys().any(|module| module[0] == name)
    }

    /// Each file with the others that it knows. A file and those of the folder below it are one thing, and do not
    /// count as others.
    fn arrows(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let arrows = self.texts.iter().map(|(module, text)| {
            let known = self.paths(module, text).into_iter().filter_map(|path| self.file_of(&path));
            let others = known.filter(|other| !other.starts_with(module) && !module.starts_with(other));
            (module, others.collect())
        });
        arrows.collect()
    }

    /// The arrows that are left when every file that stands in no circle is taken away, as `a → b`.
    pub fn circles(&self) -> Vec<String> {
        let mut arrows = self.arrows();
        loop {
            let reached: BTreeSet<_> = arrows.values().flatten().copied().collect();
            let knows = |module: &Path| arrows.get(module).is_some_and(|others| !others.is_empty());
            let left: BTreeSet<_> =
                arrows.keys().copied().filter(|one| reached.contains(one) && knows(one)).collect();
            let before = (arrows.len(), arrows.values().map(BTreeSet::len).sum::<usize>());
            arrows.retain(|module, _| left.contains(module));
            arrows.values_mut().for_each(|others| others.retain(|other| left.contains(other)));
            if before == (arrows.len(), arrows.values().map(BTreeSet::len).sum()) {
                break;
            }
        }
        let left = arrows.iter().flat_map(|(one, others)| others.iter().map(move |other| (one, other)));
        left.map(|(one, other)| format!("{} → {}", one.join("/"), other.join("/"))).collect()
    }
}

/// The paths of a tree, `::a::{b, c as d, self}`, each behind its root.
fn branches(root: Path, tree: &str, found: &mut Vec<Path>) {
    let Some(rest) = tree.strip_prefix("::") else { return found.push(root) };
    if let Some(group) = rest.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices() {
            let ends = depth == 0 && (c == ',' || c == '}');
            depth += i32::from(c == '{') - i32::from(c == '}');
            if ends {
                let part = group[start..at].trim();
                if !part.is_empty() {
                    branches(root.clone(), &format!("::{part}"), found);
                }
                start = at + 1;
            }
            if depth < 0 {
                return;
            }
        }
        return;
    }
    match name_at(rest) {
        "" | "self" => found.push(root),
        "super" => branches(root[..root.len().saturating_sub(1)].to_vec(), &rest["super".len()..], found),
        name => branches([root, vec![name.to_owned()]].concat(), &rest[name.len()..], found),
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn name_at(text: &str) -> &str {
    text.split(|c| !is_name(c)).next().unwrap_or_default()
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    let sources = Sources::of([
        ("domain/mod.rs", "pub mod name;\npub use name::{\n    AgencyCode,\n};"),
        ("domain/name.rs", ""),
        ("rpc.rs", "use crate::domain::{AgencyCode};"),
        (
            "store/mod.rs",
            "use crate::{\n    domain::{A, name::{self, B as C}},\n    vault,\n};\n// crate::rpc::x",
        ),
        ("store/lock.rs", "fn f() { super::super::rpc::status(); own::f(); $crate::domain!(); }"),
        ("vault.rs", ""),
    ]);
    let rooms: Vec<_> =
        sources.rooms().map(|(file, rooms)| (file, Vec::from_iter(rooms).join(" "))).collect();
    let known = |file: &str| rooms.iter().find(|(other, _)| other == file).unwrap().1.as_str();
    assert_eq!((known("store"), known("store/lock"), known("rpc")), ("domain vault", "rpc", "domain"));
    let named = sources.file_of(&["domain", "AgencyCode"].map(str::to_owned)).unwrap();
    assert_eq!(named.join("/"), "domain/name", "it stands where it is defined");
}

#[test]
fn circles_are_found_and_nothing_else() {
    let files = [
        ("a/mod.rs", "mod b;\nmod c;\nmod d;\npub use b::B;\npub struct A;"),
        ("a/b.rs", "use super::{A, c::C};\npub struct B;"),
        ("a/c.rs", "use super::d::D;"),
        ("a/d.rs", "struct D;"),
        ("a/d/deep.rs", "use crate::a::A;"),
    ];
    assert_eq!(Sources::of(files).circles(), Vec::<String>::new());
    let mut round = files;
    round[3].1 = "fn f(b: super::B) {}";
    assert_eq!(Sources::of(round).circles(), ["a/b → a/c", "a/c → a/d", "a/d → a/b"]);
}
