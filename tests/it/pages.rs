//! The pages: docs that are followed against a gateway of their own, links and anchors that exist, commands that parse,
//! and targets of make that are there.

mod commands;
mod links;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every page: its path below the root, and its text.
fn pages() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for place in ["README.md", "certs/README.md", "docs", "examples"] {
        collect(&root().join(place), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    let below = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    found.iter().map(|path| (below(path), fs::read_to_string(path).unwrap())).collect()
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        // What npm brought is not ours.
        if path.file_name().is_some_and(|name| name == "node_modules") {
            return;
        }
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|end| end == "md") {
        found.push(path.to_owned());
    }
    found.sort();
}

/// Types the page's commands against a gateway of its own; `tests/pages/run.py` says what counts as the same. With
/// GOLDEN=write, what is printed is written into the page.
fn follow(page: &str) {
    let mut run = Command::new(root().join("tests/pages/run.py"));
    run.arg(env!("CARGO_BIN_EXE_gerbang")).arg(root().join(page));
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        run.arg("--write");
    }
    let output = run.output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\nTo write the page anew: GOLDEN=write");
}

#[test]
fn the_tour_prints_what_it_says() {
    follow("docs/tour.md");
}

#[test]
fn the_partners_page_prints_what_it_says() {
    follow("docs/partners.md");
}

#[test]
fn the_administrators_page_prints_what_it_says() {
    follow("docs/administration.md");
}

#[test]
fn the_indonesian_page_prints_what_it_says() {
    follow("docs/id/mulai.md");
}

/// What the page shows of a sample is the sample's.
#[test]
fn the_partners_page_shows_the_sample_as_it_is() {
    let page = fs::read_to_string(root().join("docs/partners.md")).unwrap();
    let sample = fs::read_to_string(root().join("examples/python/push_and_pull.py")).unwrap();
    let block = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(block.matches("\ndef ").count() >= 2, "{block}");
    for function in block.split("\n\n\n") {
        assert!(sample.contains(function.trim_end()), "{function}");
    }
}

/// The README is a first page, and stays one.
#[test]
fn the_readme_is_short() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 150, "{lines} lines");
}
