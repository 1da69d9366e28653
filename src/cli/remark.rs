//! Remarks in the cell of a table: who noted what. When it was noted stands where the resource is shown.

use super::names;
use crate::proto::v1::Remark;

/// `lapas-tpi: The workshop is being repaired`, on one line; empty where there is none.
pub fn cell(remark: Option<&Remark>) -> String {
    let Some(remark) = remark else { return String::new() };
    let note = remark.note.split_whitespace().collect::<Vec<_>>().join(" ");
    if remark.agency.is_empty() { note } else { format!("{}: {note}", names::short(&remark.agency)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_one_line_with_who_gave_it() {
        let agency = "agencies/lapas-tpi".to_owned();
        let remark = Remark { agency, note: "Bengkel\ndiperbaiki".to_owned(), ..Remark::default() };
        assert_eq!(cell(Some(&remark)), "lapas-tpi: Bengkel diperbaiki");
        assert_eq!(cell(Some(&Remark { agency: String::new(), ..remark })), "Bengkel diperbaiki");
        assert_eq!(cell(None), "");
    }
}
