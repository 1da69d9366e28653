//! Words that may say why somebody is in prison. Free text is where such things leak: what is said about persons is
//! searched for them (whole words, in whatever letters they are written: see [`fold`]). What is taught has such words of
//! its own, a case study or the price in question, so of a title only what can mean nothing but a person's offence is
//! refused; and a name may be any word, so that of a name what is no name is judged.
//!
//! It keeps what is written without a thought out, and words that are hidden from it and not from their readers. Who wants
//! to say it finds other words.

mod fold;
mod offence;

use fold::{folded, words};
use offence::{CASES, is_of_taught_law, names_article, names_case};

use super::{Fault, Reason, text::Text};

/// Kasus, perkara, residivis, ekspirasi (the day of release), hukuman.
const WORDS: [&str; 5] = [CASES[0], CASES[1], PERSONS[0], PERSONS[1], PERSONS[2]];
/// What only persons have.
const PERSONS: [&str; 3] = ["residivis", "ekspirasi", "hukuman"];

/// Passes on what is said about persons: a note of a session, a programme or a roster. Errors: `FORBIDDEN_WORD`, which does
/// not repeat the word.
pub fn about_persons<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let words = words(text.as_str());
    refuse_if(names_any(&words, &WORDS) || names_article(&words, |_, _| false), text)
}

/// Passes on what is said under an agreement, where articles of law are ordinary. Errors: `FORBIDDEN_WORD`.
pub fn in_agreement<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    refuse_if(names_any(&words(text.as_str()), &WORDS), text)
}

/// Passes a title or purpose of an agreement on: what will be taught, and by which law. Errors: `FORBIDDEN_WORD`.
pub fn of_agreement<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let words = words(text.as_str());
    refuse_if(names_any(&words, &PERSONS) || names_case(&words), text)
}

/// Passes on what a course teaches: a topic. Errors: `FORBIDDEN_WORD`.
pub fn in_curriculum<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let words = words(text.as_str());
    refuse_if(
        names_any(&words, &PERSONS) || names_case(&words) || names_article(&words, is_of_taught_law),
        text,
    )
}

/// Passes a person's name on. Where it holds what no name has, digits, brackets or a colon, something was added to it, which
/// is judged as what is said about persons. Errors: `FORBIDDEN_WORD`.
pub fn in_name<const MAX: usize>(text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    let of_names = |c: char| c.is_alphabetic() || c.is_whitespace() || ".,'’‘`-".contains(c);
    let added = !folded(text.as_str()).chars().all(of_names);
    if added { about_persons(text) } else { Ok(text) }
}

fn refuse_if<const MAX: usize>(refused: bool, text: Text<MAX>) -> Result<Text<MAX>, Fault> {
    if refused { Err(Reason::ForbiddenWord.into()) } else { Ok(text) }
}

fn names_any(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> [bool; 2] {
        let text = || Text::<200>::parse(text).unwrap();
        [about_persons(text()).is_err(), in_agreement(text()).is_err()]
    }

    #[test]
    fn whole_words_whatever_their_case() {
        for word in WORDS {
            for text in [word.to_owned(), word.to_uppercase(), format!("Las ({word}), hari ke-2")] {
                assert_eq!(refused(&text), [true, true], "{text}");
            }
            assert_eq!(refused(&format!("{word}nya")), [false, false], "only whole words");
        }
    }

    #[test]
    fn an_article_counts_with_its_number_and_not_in_agreements() {
        for text in ["pasal 362", "Pasal 362 KUHP", "PASAL: 9", "pasal362", "menurut pasal  3"] {
            assert_eq!(refused(text), [true, false], "{text}");
        }
        for text in ["pasal", "pasal-pasal las", "3 pasal", "pasalnya 3"] {
            assert_eq!(refused(text), [false, false], "{text}");
        }
        assert_eq!(
            refused("Pasal 7 PP 57/1999"),
            [true, false],
            "about a person, an article is one too many"
        );
    }

    /// As a course's topic, and as an agreement's title.
    fn refused_as_title(text: &str) -> [bool; 2] {
        let text = || Text::<200>::parse(text).unwrap();
        [in_curriculum(text()).is_err(), of_agreement(text()).is_err()]
    }

    #[test]
    fn honest_titles_pass() {
        for text in [
            "Studi kasus: pembenihan lele",
            "Contoh kasus hama wereng",
            "Studi kasus 1: kolam bundar",
            "Analisis perkara harga pasar",
            "Perkara air: irigasi tetes",
            "Pasal 7 PP 57/1999: hak peserta",
            "Hak peserta menurut pasal 7 ayat (2) huruf a PP 57/1999",
            "Pasal 3 dan 4 Undang-Undang Nomor 22 Tahun 2022",
            "Pasal 5 Permenkumham 7/2022, keselamatan kerja",
            "Pasal-pasal kontrak kerja",
            "Pencegahan narkoba di tempat kerja",
        ] {
            assert_eq!(refused_as_title(text), [false, false], "{text}");
        }
    }

    #[test]
    fn a_title_says_no_offence_and_nothing_about_a_person() {
        for text in [
            "Las untuk KASUS narkotika",
            "(hukuman)",
            "tanpa residivis",
            "Peserta ekspirasi Mei",
            "Perkara pidana",
            "perkara nomor 12",
            "Perkara 12/Pid.B/2026",
            "kasus pencurian",
        ] {
            assert_eq!(refused_as_title(text), [true, true], "{text}");
        }
        for text in ["pasal 362", "pasal 362 KUHP", "Las, pasal 112, UU 22/2022 dst"] {
            assert!(!refused_as_title(text)[1], "{text}");
        }
        assert!(refused_as_title("pasal 362")[0] && refused_as_title("pasal362 KUHP")[0]);
    }

    #[test]
    fn a_word_is_read_in_whatever_letters_it_is_written() {
        for text in [
            "ｋａｓｕｓ pencurian",
            "ＫＡＳＵＳ　ｐｅｎｃｕｒｉａｎ",
            "𝐤𝐚𝐬𝐮𝐬 pencurian",
            "ⓚⓐⓢⓤⓢ pencurian",
            "kásüs pencurian",
            "ka\u{301}sus pencuri\u{304}an",
            "kas\u{338}us pencurian",
            "каѕυѕ pencurian",
            "КАЅUЅ ΡΕNCURIAN",
            "ĸasus pencurıan",
            "ᴋᴀꜱᴜꜱ ᴘᴇɴᴄᴜʀɪᴀɴ",
            "k a s u s pencurian",
            "K.A.S.U.S pencurian",
        ] {
            assert_eq!(refused(text), [true, true], "{text}");
            assert_eq!(refused_as_title(text), [true, true], "{text}");
        }
        for text in ["ｐａｓａｌ ３６２", "раѕаӏ 362", "pasal ③⑥②", "P A S A L 3 6 2", "pasal ٣٦٢"]
        {
            assert_eq!(refused(text), [true, false], "{text}");
            assert!(refused_as_title(text)[0], "{text}");
        }
    }

    #[test]
    fn letters_of_others_in_honest_texts_pass() {
        for text in [
            "Résistor 10 kΩ, kabel 2,5 mm², arus 3 µA",
            "Kelas A B C D dan E F G H",
            "Membaca الفاتحة dan huruf ꦲꦤꦕꦫꦏ",
            "Bahasa Rusia: привет, мир",
            "Suhu ≥ 20 °C – pH 6½",
        ] {
            assert_eq!(refused(text), [false, false], "{text}");
            assert_eq!(refused_as_title(text), [false, false], "{text}");
        }
    }

    #[test]
    fn an_article_of_a_law_of_which_people_are_convicted_is_no_topic() {
        for text in [
            "Pasal 112 ayat 1 UU 35/2009 (peserta Budi)",
            "pasal 112 ayat (1) huruf a UU No. 35 Tahun 2009 tentang Narkotika",
            "Pasal 114 Undang-Undang RI Nomor 35 Th 2009",
            "Pasal 2 UU Tipikor",
            "pasal 2 UU Pemberantasan Tindak Pidana Korupsi",
            "Pasal 81 UU Perlindungan Anak",
            "Pasal 44 UU Penghapusan Kekerasan dalam Rumah Tangga",
            "Pasal 2 UU Darurat No. 12 Tahun 1951",
            "Pasal 480 Kitab Undang-Undang Hukum Pidana",
            "pasal 476 UU 1/2023",
            "Pasal 7 PP 57/1999 jo pasal 112 UU 35/09",
            "Ｐasal 112 ＵＵ ３５／２００９",
            "UU 35/2009 pasal 112",
            "UU 13/2003 pasal 86, pasal 362 KUHP",
            "pasal nomor 112",
            "pasal ke-362",
            "Pasal 112 UU ttg Narkotika",
            "Pasal 338 KUH Pidana",
            "kasus tindak pidana",
            "kasus kekerasan",
        ] {
            assert!(refused_as_title(text)[0], "{text}");
        }
        for text in [
            "Pasal 31 UU Lingkungan",
            "Pasal 31 UU Lingkungan Hidup: limbah B3",
            "Pasal 86 UU 13/2003: keselamatan kerja",
            "Pasal 86 ayat (1) UU No. 13 Tahun 2003 tentang Ketenagakerjaan",
            "Pasal 4 UU Perlindungan Konsumen",
            "Pasal 35 UU 18/2012 tentang Pangan",
            "Pasal 1 UU 35/2000",
            "Pasal 33 UUD 1945",
            "UUD 1945 pasal 31",
            "UU 13/2003 pasal 86: K3",
            "UU No. 22 Tahun 2022 Pasal 9 dan Pasal 10",
            "PP 99/2012 Pasal 5",
            "Kontrak kerja pasal 1 sampai 5",
            "Perjanjian kerja: pasal 5",
            "Pasal 4 Perjanjian Kerja Sama",
            "Kode Etik Guru Pasal 6",
            "Membaca SNI 03-2847 pasal 7",
            "Pasal 1320 KUH Perdata",
            "Pasal 5 Perbup 3/2020",
            "Studi kasus kekerasan logam",
            "Studi kasus tindak lanjut perbaikan alat",
            "UU 35/2009: bahaya narkotika di tempat kerja",
        ] {
            assert!(!refused_as_title(text)[0], "{text}");
        }
    }

    #[test]
    fn a_name_may_be_any_word() {
        let refused = |name: &str| in_name(Text::<100>::parse(name).unwrap()).is_err();
        for name in [
            "Kasus Contoh",
            "Perkara bin Contoh",
            "Pasal",
            "Hukuman, S.Pd.",
            "Budi (alias Contoh)",
            "Ma’ruf Kasus",
            "Nuñez-Perkara",
        ] {
            assert!(!refused(name), "{name}");
        }
        for name in [
            "Budi (Residivis)",
            "Budi PASAL 362",
            "Budi [kasus lama]",
            "Budi kasus 2",
            "Budi （ｒesidivis）",
            "Budi ⟨kasus⟩",
            "Budi: kasus",
            "Ｂudi ｐasal ３",
        ] {
            assert!(refused(name), "{name}");
        }
    }
}
