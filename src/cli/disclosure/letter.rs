//! The report as a letter (surat) to the person, in Indonesian whatever the terminal's language is: plain text that a printer takes
//! as it is.

use std::collections::BTreeMap;

use super::data;
use crate::{
    cli::{
        connection::Connection,
        failure::Failure,
        names, programme, roster, select,
        when::{self, to_proto},
        words,
    },
    domain::reason::Language,
    proto::v1,
};

/// Characters of a line: what fits on A4 in a type of 12 characters an inch.
const WIDTH: usize = 78;

/// Characters before the text of a labelled line.
const LEAD: usize = 22;

const LANGUAGE: Language = Language::Indonesian;

/// Writes the letter. Reads the person's name, of which the ledger is told as of any other read.
pub async fn write(conn: &Connection<'_>, found: &v1::ListDisclosuresResponse) -> Result<String, Failure> {
    let zone = conn.told_zone().await;
    let agencies: BTreeMap<_, _> = select::agency_names(conn).await?.into_iter().collect();
    let mut titles = BTreeMap::new();
    for one in &found.disclosures {
        if !titles.contains_key(&one.programme) {
            let read = programme::get(conn, &one.programme).await?;
            titles.insert(one.programme.clone(), read.plan.unwrap_or_default().title);
        }
    }
    let person = match found.enrolments.first() {
        Some(name) => roster::get(conn, name).await?.enrolment.unwrap_or_default(),
        None => v1::Enrolment::default(),
    };
    let facts = Facts { zone, own: names::agency(&conn.agency), agencies, titles, person };
    Ok(facts.letter(found, &when::moment(Some(&to_proto(conn.now())), &facts.zone, LANGUAGE)))
}

/// What the letter says beside the disclosures.
struct Facts {
    zone: String,
    own: String,
    /// The names that agencies hold today, by their names in the contract.
    agencies: BTreeMap<String, String>,
    /// The titles of programmes, by their names in the contract.
    titles: BTreeMap<String, String>,
    person: v1::Enrolment,
}

impl Facts {
    fn letter(&self, found: &v1::ListDisclosuresResponse, today: &str) -> String {
        let register = self.person.prison_record.clone().unwrap_or_default().register_number;
        let until = when::moment(found.until.as_ref(), &self.zone, LANGUAGE);
        let mut lines = vec![
            centred(&self.agency(&self.own).to_uppercase()),
            String::new(),
            centred("CATATAN PENGUNGKAPAN DATA PRIBADI"),
            centred("Pasal 32 Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi"),
            String::new(),
            labelled("Nama", &self.person.full_name),
            labelled("Nomor register", &register),
            labelled("Dibuat pada", today),
            labelled(
                "Mencakup catatan",
                &format!("sampai dengan {until} ({} entri buku besar)", found.entries),
            ),
            String::new(),
            lines_of(&self.summary(&found.disclosures, &until), WIDTH).join("\n"),
        ];
        for (number, one) in (1..).zip(&found.disclosures) {
            lines.push(String::new());
            lines.extend(self.disclosure(number, one));
        }
        lines.extend([
            String::new(),
            lines_of(
                "Setiap catatan tersimpan dalam buku besar, dan setiap perubahan atasnya dapat diketahui; nomor catatan menunjukkan \
                 entrinya. Apabila Saudara berkeberatan atas pengungkapan tersebut, atau data Saudara keliru, sampaikan kepada \
                 petugas.",
                WIDTH,
            )
            .join("\n"),
            String::new(),
            "Petugas,".to_owned(),
            String::new(),
            String::new(),
            "(.............................................)".to_owned(),
        ]);
        lines.join("\n") + "\n"
    }

    /// How often, and to whom.
    fn summary(&self, disclosures: &[v1::TraineeDisclosure], until: &str) -> String {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for one in disclosures.iter().filter(|one| !one.own_read) {
            *counts.entry(self.agency(&one.agency)).or_default() += 1;
        }
        if counts.is_empty() {
            return format!(
                "Menurut catatan sistem ini sampai dengan {until}, data pribadi Saudara belum pernah diperlihatkan kepada instansi \
                 lain."
            );
        }
        let each = counts.iter().map(|(agency, count)| format!("{agency} ({count} kali)"));
        format!("Data pribadi Saudara telah diperlihatkan kepada: {}.", each.collect::<Vec<_>>().join(", "))
    }

    fn disclosure(&self, number: usize, one: &v1::TraineeDisclosure) -> Vec<String> {
        let title = self.titles.get(&one.programme).map(String::as_str).unwrap_or_default();
        let to = format!("{} (sistem {})", self.agency(&one.agency), one.system);
        let mut lines = vec![
            format!("{number}. {}", when::moment(one.time.as_ref(), &self.zone, LANGUAGE)),
            labelled(if one.own_read { "Dibaca oleh" } else { "Kepada" }, &to),
            labelled("Data", &spoken(&data(one, LANGUAGE))),
            labelled("Program", &format!("{title} ({})", names::short(&one.programme))),
        ];
        if !one.agreement.is_empty() {
            let agreement = words::version_of(LANGUAGE, names::short(&one.agreement), one.agreement_version);
            lines.push(labelled("Perjanjian", &agreement));
            lines.push(labelled("Tujuan", &one.purpose));
        }
        lines.push(labelled("Nomor catatan", &one.entry));
        lines
    }

    /// The name that an agency holds today; its code where it is not known.
    fn agency(&self, name: &str) -> String {
        self.agencies
            .get(name)
            .filter(|shown| !shown.is_empty())
            .cloned()
            .unwrap_or_else(|| names::short(name))
    }
}

/// What stands in capitals in a table, as it stands in a sentence.
fn spoken(data: &str) -> String {
    data.split(", ")
        .map(|word| if word == "NIK" { word.to_owned() } else { word.to_lowercase() })
        .collect::<Vec<_>>()
        .join(", ")
}

fn centred(text: &str) -> String {
    let line = |line: &str| format!("{line:^WIDTH$}").trim_end().to_owned();
    lines_of(text, WIDTH).iter().map(|text| line(text)).collect::<Vec<_>>().join("\n")
}

/// A text in lines of at most `width` characters, broken at white space, and within a word that is longer than a line.
fn lines_of(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let pieces = text.split_whitespace().flat_map(|word| {
        let letters: Vec<_> = word.chars().collect();
        letters.chunks(width).map(String::from_iter).collect::<Vec<_>>()
    });
    for piece in pieces {
        let last = lines.last().map(|line| line.chars().count()).unwrap_or_default();
        match lines.last_mut() {
            Some(line) if last == 0 => line.push_str(&piece),
            Some(line) if last + 1 + piece.chars().count() <= width => *line = format!("{line} {piece}"),
            _ => lines.push(piece),
        }
    }
    lines
}

/// A label and its text, which goes on below itself.
fn labelled(label: &str, text: &str) -> String {
    let below = lines_of(text, WIDTH - LEAD).join(&format!("\n{}", " ".repeat(LEAD)));
    format!("   {label:<16} : {below}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let named = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, shown)| ((*name).to_owned(), (*shown).to_owned())).collect()
        };
        Facts {
            zone: "Asia/Jakarta".to_owned(),
            own: "agencies/lapas-tpi".to_owned(),
            agencies: named(&[
                ("agencies/lapas-tpi", "Lapas Kelas IIA Tanjungpinang"),
                ("agencies/blk-kepri", "UPTD Balai Latihan Kerja Provinsi Kepulauan Riau"),
            ]),
            titles: named(&[("agencies/blk-kepri/programmes/las", "Las SMAW Dasar")]),
            person: v1::Enrolment {
                full_name: "Peserta Contoh 1".to_owned(),
                prison_record: Some(v1::PrisonRecord {
                    register_number: "BI 1/2026".to_owned(),
                    ..Default::default()
                }),
                ..Default::default()
            },
        }
    }

    fn found(disclosures: Vec<v1::TraineeDisclosure>) -> v1::ListDisclosuresResponse {
        let until = Some(prost_types::Timestamp { seconds: 1_772_413_200, nanos: 0 });
        v1::ListDisclosuresResponse { disclosures, entries: 71, until, ..Default::default() }
    }

    fn shown() -> v1::TraineeDisclosure {
        v1::TraineeDisclosure {
            time: Some(prost_types::Timestamp { seconds: 1_772_413_200, nanos: 0 }),
            entry: "0192d4c0-7a1e-7000-8000-000000000001".to_owned(),
            agency: "agencies/blk-kepri".to_owned(),
            system: "jadwal".to_owned(),
            programme: "agencies/blk-kepri/programmes/las".to_owned(),
            fields: vec![1, 2],
            agreement: "agencies/blk-kepri/agreements/pks".to_owned(),
            agreement_version: 3,
            purpose: "Penyelenggaraan pelatihan dan penerbitan sertifikat bagi peserta yang lulus".to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn a_letter_says_to_whom_what_and_why() {
        let own = v1::TraineeDisclosure {
            agency: "agencies/lapas-tpi".to_owned(),
            own_read: true,
            agreement: String::new(),
            purpose: String::new(),
            fields: vec![4],
            ..shown()
        };
        let letter = facts().letter(&found(vec![shown(), own]), "Sel 03 Mar 2026 09:00 WIB");
        assert_eq!(
            letter,
            "                        LAPAS KELAS IIA TANJUNGPINANG

                      CATATAN PENGUNGKAPAN DATA PRIBADI
 Pasal 32 Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi

   Nama             : Peserta Contoh 1
   Nomor register   : BI 1/2026
   Dibuat pada      : Sel 03 Mar 2026 09:00 WIB
   Mencakup catatan : sampai dengan Sen 02 Mar 2026 08:00 WIB (71 entri buku
                      besar)

Data pribadi Saudara telah diperlihatkan kepada: UPTD Balai Latihan Kerja
Provinsi Kepulauan Riau (1 kali).

1. Sen 02 Mar 2026 08:00 WIB
   Kepada           : UPTD Balai Latihan Kerja Provinsi Kepulauan Riau (sistem
                      jadwal)
   Data             : nama, pendidikan
   Program          : Las SMAW Dasar (blk-kepri/las)
   Perjanjian       : blk-kepri/pks, versi 3
   Tujuan           : Penyelenggaraan pelatihan dan penerbitan sertifikat bagi
                      peserta yang lulus
   Nomor catatan    : 0192d4c0-7a1e-7000-8000-000000000001

2. Sen 02 Mar 2026 08:00 WIB
   Dibaca oleh      : Lapas Kelas IIA Tanjungpinang (sistem jadwal)
   Data             : NIK
   Program          : Las SMAW Dasar (blk-kepri/las)
   Nomor catatan    : 0192d4c0-7a1e-7000-8000-000000000001

Setiap catatan tersimpan dalam buku besar, dan setiap perubahan atasnya dapat
diketahui; nomor catatan menunjukkan entrinya. Apabila Saudara berkeberatan
atas pengungkapan tersebut, atau data Saudara keliru, sampaikan kepada
petugas.

Petugas,


(.............................................)
"
        );
        assert!(letter.lines().all(|line| line.chars().count() <= WIDTH), "{letter}");
    }

    #[test]
    fn who_was_shown_to_nobody_is_told_so() {
        let letter = facts().letter(&found(Vec::new()), "Sel 03 Mar 2026 09:00 WIB");
        let expected = "\nMenurut catatan sistem ini sampai dengan Sen 02 Mar 2026 08:00 WIB, data\n\
            pribadi Saudara belum pernah diperlihatkan kepada instansi lain.\n\n";
        assert!(letter.contains(expected), "{letter}");
    }

    #[test]
    fn no_line_is_wider_than_the_page_whatever_was_written() {
        let mut facts = facts();
        let long = |word: &str| word.repeat(30);
        facts.agencies.insert("agencies/lapas-tpi".to_owned(), long("Lembaga  "));
        facts.titles.insert("agencies/blk-kepri/programmes/las".to_owned(), long("Las   "));
        for purpose in ["untuk  pelatihan ", "panjang", "gerbang ", "! ", "é"] {
            let one = v1::TraineeDisclosure { purpose: long(purpose), ..shown() };
            let letter = facts.letter(&found(vec![one]), "Sel 03 Mar 2026 09:00 WIB");
            assert!(letter.lines().all(|line| line.chars().count() <= WIDTH), "{letter}");
        }
    }
}
