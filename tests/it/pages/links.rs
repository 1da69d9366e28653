//! Links of the pages: what they name exists, and so does the heading behind `#`.

use std::{collections::BTreeMap, fs};

use super::{pages, root};

/// The text without its fenced blocks.
pub fn without_blocks(text: &str) -> String {
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// The targets of `[text](target)` outside of code.
fn links(text: &str) -> Vec<String> {
    let text = without_blocks(text);
    let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join("code");
    prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// The anchors of a page's headings, by GitHub's rule: lower case, without marks, a hyphen for a space, and a number behind
/// one that was there before.
fn anchors(text: &str) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let text = without_blocks(text);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchors = headings.map(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let times = seen.entry(anchor.clone()).or_insert(0_u32);
        *times += 1;
        if *times == 1 { anchor } else { format!("{anchor}-{}", *times - 1) }
    });
    anchors.collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    let mut count = 0;
    for (page, text) in pages() {
        for link in links(&text) {
            if link.starts_with("https://") {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let mut target = root().join(&page);
            if !path.is_empty() {
                target = target.parent().unwrap().join(path);
            }
            let there = match fs::read_to_string(&target) {
                Ok(text) => anchor.is_empty() || anchors(&text).iter().any(|known| known == anchor),
                Err(_) => target.is_dir() && anchor.is_empty(),
            };
            if !there {
                faults.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(count > 60, "{count}");
}

#[test]
fn headings_and_links_are_read_as_they_are_shown() {
    let text = "# A `b` c, d!\n[x](a.md#b)\n```sh\n# not [y](z)\n```\n## A b c d\n`[no](c)` and [z](d\n";
    assert_eq!(anchors(text), ["a-b-c-d", "a-b-c-d-1"]);
    assert_eq!(links(text), ["a.md#b"]);
}
