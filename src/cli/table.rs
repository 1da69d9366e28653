//! Tables without borders, laid out for a width.
//!
//! Owns what happens where a table is too wide: texts wrap at words, then whole columns go, then each record becomes a
//! block of lines. Times, identifiers and states never break. Reasons stand below the table, in lines of their own. Where
//! there is no width, as in a pipe, a record is one line with all its columns.

use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Table, Width, presets::NOTHING};
use unicode_width::UnicodeWidthStr;

use super::words;
use crate::domain::reason::Language;

/// A column's heading, in English and Indonesian. The English one decides how the column behaves.
pub type Heading = (&'static str, &'static str);

/// The page that a table is laid out for: a terminal, or something without a width.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// In columns of characters; `None` where lines may be of any length.
    pub width: Option<u16>,
    /// Headings and labels stand out.
    pub bold: bool,
}

/// Columns of free text, which wrap at words.
const TEXTS: &[&str] = &[
    "NAME",
    "TITLE",
    "TOPIC",
    "PROGRAMME",
    "TRAINER",
    "TRAINERS",
    "TRAINER'S AGENCY",
    "ROOM NAME",
    "STILL NEEDED",
    "NOT YET",
    "PARTIES",
    "EQUIPMENT",
    "COMPETENCE",
    "COMPETENCES",
    "NOTE",
    "ALARMS",
    "WHY NOT",
    "FOUND",
    "DETAIL",
    "AUTHORITY",
    "THE PRISON SEES",
    "BLK SEES",
];

/// A column of whole sentences, which no table has the room for. In a page with a width they stand below the table, each
/// beside the first cell of its row.
const BELOW: &str = "WHY";

/// Columns that can be done without, in the order in which they go: the first goes first. Identifiers that nobody has to
/// type go before all others, as what people know selects the same; what is done, and for what, stays longest. The first
/// column of a table never goes, nor does one that is not named here, as when, who, states, what is still needed, and
/// identifiers that are typed: one needs these to act.
const DISPENSABLE: &[&str] = &[
    "ASSIGNMENT",
    "ENROLMENT",
    "ENTRY",
    "LIST",
    "CERTIFICATE",
    "FIRST REGISTERED BY",
    "CLAIMED BY",
    "YEAR",
    "ZONE",
    "TIER",
    "FIELD",
    "HOURS",
    "PERSON",
    "EQUIPMENT",
    "CAPACITY",
    "WAY",
    "ISSUES",
    "KIND",
    "SESSIONS CANCELLED",
    "OUT OF RANK",
    "EDUCATION",
    "MADE",
    "FROM",
    "COMPETENCES",
    "AGREEMENT",
    "TRAINERS",
    "ROLE",
    "SEEN",
    "AGENCY",
    "TOPIC",
    "TITLE",
    "PARTIES",
    "PROGRAMME",
    "ROOM",
    "NOTE",
];

/// What somebody wrote, which stands below the table where it finds no room in it.
const NOTE: &str = "NOTE";

/// The space between two columns.
const GAP: usize = 2;

/// Texts get at least so many columns, or what they need.
const TEXT_MIN: usize = 16;

/// Texts that cannot be done without give way further, down to this.
const NEEDED_MIN: usize = 12;

/// A longer word than this may be broken.
const WORD_MAX: usize = 28;

/// A table for people. Cells that are values of the contract, by their names, are put in the reader's language; columns
/// in which nothing stands are left out.
pub fn table(page: Page, language: Language, headings: &[Heading], rows: &[Vec<String>]) -> String {
    let all: Vec<Column> = headings
        .iter()
        .enumerate()
        .filter_map(|(index, heading)| {
            let cells = rows.iter().map(|row| row.get(index).map_or("", String::as_str));
            let cells: Vec<_> = cells.map(|cell| words::value(language, cell)).collect();
            cells.iter().any(|cell| !cell.is_empty()).then(|| Column::new(index, *heading, language, cells))
        })
        .collect();
    let Some(width) = page.width.map(usize::from) else { return draw(page, &all, None) };
    let (mut below, beside): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|column| column.below);
    let Some((kept, left_out)) = fitting(&beside, width) else { return blocks(page, &all, rows.len()) };
    // A note that finds no room beside the session stands below it, for each is of little use without the other.
    let (notes, left_out): (Vec<_>, Vec<_>) = left_out.into_iter().partition(|column| column.english == NOTE);
    below.extend(notes);
    let widths = share(&kept, width);
    let mut text = draw(page, &kept, Some(&widths));
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().map(|column| column.heading).collect();
        let note = words::columns_left_out(language, names.join(", "));
        text.push_str(&format!("{}\n", wrapped(&note, width)));
    }
    for column in below {
        text.push_str(&sentences(page, &beside, &column));
    }
    text
}

/// Pairs of label and text, one below the other; long texts wrap at words beside their labels.
pub fn pairs(page: Page, rows: &[(String, String)]) -> String {
    let mut table = sheet(page);
    for (label, text) in rows {
        table.add_row([bold(page, label), Cell::new(text)]);
    }
    pad(&mut table);
    if let Some(width) = page.width.map(usize::from) {
        let most = |of: fn(&str) -> usize, texts: &mut dyn Iterator<Item = &String>| {
            texts.map(|text| of(text)).max().unwrap_or_default()
        };
        let mut labels = rows.iter().map(|(label, _)| label);
        let natural = most(display_width, &mut labels.clone());
        let word = most(longest_word, &mut rows.iter().map(|(_, text)| text));
        // Labels give way to identifiers, down to their own longest word.
        let room = width.saturating_sub(word + GAP).max(most(longest_word, &mut labels));
        let labels = natural.min(room);
        // A word that finds no room even so stays whole, for whoever copies it.
        constrain(&mut table, &[labels, width.saturating_sub(labels + GAP).max(TEXT_MIN).max(word)]);
    }
    format!("{}\n", table.trim_fmt())
}

/// A text in lines of at most `width`, broken at words.
pub fn wrapped(text: &str, width: usize) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).force_no_tty();
    table.add_row([text]);
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 0));
    });
    constrain(&mut table, &[width.max(longest_word(text))]);
    table.trim_fmt()
}

/// Sentences in lines of at most `width`, broken at words; what follows the first line of one begins below its text. Commands
/// stay whole, for whoever copies them, and so do rows of tables.
pub fn prose(text: &str, width: usize) -> String {
    let line = |line: &str| {
        let text = line.trim_start();
        let is_row = text.trim_end().contains("  ");
        if display_width(line) <= width || is_row || text.starts_with("gerbang ") || text.contains('\u{1b}') {
            return line.to_owned();
        }
        let lead = line.len() - text.len();
        let mark = if text.starts_with("! ") { 2 } else { 0 };
        let (before, text) = line.split_at(lead + mark);
        let indent = format!("\n{}", " ".repeat(before.len()));
        format!(
            "{before}{}",
            wrapped(text, width.saturating_sub(before.len())).trim_end().replace('\n', &indent)
        )
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[derive(Debug, Clone)]
struct Column {
    /// Its place in the whole table.
    index: usize,
    english: &'static str,
    heading: &'static str,
    /// Its place among what can be done without.
    rank: Option<usize>,
    /// It stands below the table.
    below: bool,
    cells: Vec<String>,
    /// What it takes if nothing wraps but the heading.
    natural: usize,
    /// What it takes at the least.
    least: usize,
}

impl Column {
    fn new(index: usize, heading: Heading, language: Language, cells: Vec<String>) -> Self {
        let (english, indonesian) = heading;
        let rank = DISPENSABLE.iter().position(|one| *one == english).filter(|_| index > 0);
        let heading = if language == Language::English { english } else { indonesian };
        let lines = || cells.iter().flat_map(|cell| cell.lines());
        let titled = |width: usize| width.max(longest_word(heading));
        let natural = lines().map(display_width).max().unwrap_or_default();
        let text_min = if rank.is_some() { TEXT_MIN } else { NEEDED_MIN };
        let least = match TEXTS.contains(&english) {
            true => {
                natural.min(text_min).max(lines().map(longest_word).max().unwrap_or_default().min(WORD_MAX))
            }
            false => natural,
        };
        let (natural, least) = (titled(natural), titled(least));
        Self { index, english, heading, rank, below: english == BELOW, natural, least, cells }
    }
}

/// What a table takes at the least.
fn least(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.least + GAP).sum::<usize>().saturating_sub(GAP)
}

/// The columns that find room, and those that do not. `None` where not even what is needed does.
fn fitting(columns: &[Column], width: usize) -> Option<(Vec<Column>, Vec<Column>)> {
    let (mut kept, mut others): (Vec<_>, Vec<_>) =
        columns.iter().cloned().partition(|column| column.rank.is_none());
    if least(&kept) > width {
        return None;
    }
    // What goes last is the first to find room.
    others.sort_by_key(|column| std::cmp::Reverse(column.rank));
    let mut left_out = Vec::new();
    for column in others {
        kept.push(column);
        if least(&kept) > width {
            left_out.extend(kept.pop());
        }
    }
    kept.sort_by_key(|column| column.index);
    left_out.sort_by_key(|column| column.index);
    Some((kept, left_out))
}

/// The widths of the columns: each has its least, and what is left goes to the narrowest of those that lack some.
fn share(columns: &[Column], width: usize) -> Vec<usize> {
    let mut widths: Vec<_> = columns.iter().map(|column| column.least).collect();
    let mut left = width.saturating_sub(least(columns));
    while left > 0 {
        let lacking = columns.iter().zip(&mut widths).filter(|(column, width)| **width < column.natural);
        let Some((_, width)) = lacking.min_by_key(|(_, width)| **width) else { break };
        *width += 1;
        left -= 1;
    }
    widths
}

fn draw(page: Page, columns: &[Column], widths: Option<&[usize]>) -> String {
    let mut table = sheet(page);
    table.set_header(columns.iter().map(|column| bold(page, column.heading)));
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or_default();
    for row in 0..rows {
        table.add_row(columns.iter().map(|column| column.cells.get(row).map_or("", String::as_str)));
    }
    pad(&mut table);
    if let Some(widths) = widths {
        constrain(&mut table, widths);
    }
    format!("{}\n", table.trim_fmt())
}

/// What stands below a table: the sentences of a column, each beside the first cell of its row.
fn sentences(page: Page, beside: &[Column], column: &Column) -> String {
    let first = |row: usize| beside.first().and_then(|first| first.cells.get(row)).cloned();
    let said = column.cells.iter().enumerate().filter(|(_, text)| !text.is_empty());
    let lines: Vec<_> = said.map(|(row, text)| (first(row).unwrap_or_default(), text.clone())).collect();
    pairs(page, &lines)
}

/// Each record as lines of heading and cell, with an empty line between two records.
fn blocks(page: Page, columns: &[Column], records: usize) -> String {
    let record = |row: usize| {
        let cells = columns.iter().filter_map(|column| Some((column.heading, column.cells.get(row)?)));
        let lines: Vec<_> = cells
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(heading, cell)| (heading.to_owned(), cell.clone()))
            .collect();
        pairs(page, &lines)
    };
    (0..records).map(record).collect::<Vec<_>>().join("\n")
}

fn sheet(page: Page) -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    match page.width {
        // Every column has a width of its own, so the table's is not asked for.
        Some(_) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::MAX),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    match page.bold {
        true => table.enforce_styling(),
        false => table.force_no_tty(),
    };
    table
}

/// Sets the space between columns; behind the last there is none, for a terminal would break it into a line.
fn pad(table: &mut Table) {
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP as u16 }));
    }
}

/// Sets the width of each column, without its padding.
fn constrain(table: &mut Table, widths: &[usize]) {
    for (column, width) in table.column_iter_mut().zip(widths) {
        let width = u16::try_from(*width).unwrap_or(u16::MAX).saturating_add(column.padding_width());
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
}

fn bold(page: Page, text: &str) -> Cell {
    let cell = Cell::new(text);
    if page.bold { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn longest_word(text: &str) -> usize {
    text.split_whitespace().map(display_width).max().unwrap_or_default()
}

fn display_width(text: &str) -> usize {
    text.width()
}

#[cfg(test)]
mod tests;
