//! Items of a batch that were refused for the same reason: told in one line with their number and the first of them,
//! for thirty equal sentences hide the one that differs.

use super::{Answer, Item};
use crate::{cli::words, domain::reason::Language};

/// So many items, or more, with one reason are told together.
const MANY: usize = 3;
/// So many of them are named.
const NAMED: usize = 3;

/// The items that stand in lines of their own, and the groups of those that were refused alike, in their order.
pub fn split<'a>(items: Vec<Item<'a>>) -> (Vec<Item<'a>>, Vec<Vec<Item<'a>>>) {
    let (mut apart, mut groups): (Vec<Item<'a>>, Vec<Vec<Item<'a>>>) = (Vec::new(), Vec::new());
    for item in items {
        match groups.iter_mut().find(|group| is_alike(group, &item)) {
            _ if item.errors.is_empty() => apart.push(item),
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    let (many, few): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.len() >= MANY);
    apart.extend(few.into_iter().flatten());
    apart.sort_by_key(|item| item.index);
    (apart, many)
}

/// Whether an item was refused with the sentences of a group; the fields differ by the item's number.
fn is_alike(group: &[Item<'_>], item: &Item<'_>) -> bool {
    let said =
        |item: &Item<'_>| item.errors.iter().map(|one| (one.reason.clone(), one.text.clone())).collect();
    let said: [Vec<_>; 2] = [group.first().map(said).unwrap_or_default(), said(item)];
    said[0] == said[1]
}

/// A group as a label and a text: how many, then why and the first of them. `known` has the cells of each item of the batch.
pub fn told<A: Answer>(group: &[Item<'_>], known: &[Vec<String>], language: Language) -> (String, String) {
    let named = |item: &Item<'_>| {
        let cells = usize::try_from(item.index).ok().and_then(|index| known.get(index));
        match cells.filter(|cells| !cells.is_empty()) {
            Some(cells) => cells.join("  "),
            None => item.label.clone(),
        }
    };
    let errors = group.first().map(|item| item.errors).unwrap_or_default();
    let mut lines: Vec<_> = errors.iter().map(|error| format!("{} ({})", error.text, error.reason)).collect();
    lines.extend(group.iter().take(NAMED).map(named));
    if group.len() > NAMED {
        lines.push(words::and_more(language, group.len() - NAMED));
    }
    (format!("{} ×", group.len()), lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1;

    fn error(index: i32, text: &str) -> Vec<v1::ItemError> {
        let field = format!("sessions[{index}]");
        vec![v1::ItemError { reason: "SESSION_WITHOUT_LEAD".into(), field, text: text.into() }]
    }

    #[test]
    fn equal_refusals_are_one_line_and_what_differs_stands_apart() {
        let texts = ["Nobody.", "Two.", "Nobody.", "", "Nobody.", "Nobody.", "Two."];
        let errors: Vec<_> = (0..).zip(texts).map(|(index, text)| error(index, text)).collect();
        let items = (0..).zip(&errors).map(|(index, errors)| Item {
            index,
            label: format!("blk/s{index}"),
            outcome: v1::ItemOutcome::Rejected,
            state: "",
            errors: if errors[0].text.is_empty() { &[] } else { errors },
        });
        let (apart, alike) = split(items.collect());
        assert_eq!(apart.iter().map(|item| item.index).collect::<Vec<_>>(), [1, 3, 6], "two are no crowd");
        assert_eq!(alike.len(), 1);
        let known = [vec!["Mon".to_owned(), "Las".to_owned()], vec![], vec![]];
        let (label, text) = told::<v1::ConfirmSessionsResponse>(&alike[0], &known, Language::English);
        assert_eq!(label, "4 ×");
        assert_eq!(text, "Nobody. (SESSION_WITHOUT_LEAD)\nMon  Las\nblk/s2\nblk/s4\n… and 1 more");
    }
}
