//! Keys that lie where they should not: an authority's on a gateway.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::Finding;
use crate::{cli::words, domain::reason::Language, pki::secret::SecretKey};

const CHECK: &str = "authority-keys";
/// Longer files hold no key.
const BYTES_MAX: u64 = 64 * 1024;

/// An authority's key, by which it is recognised.
pub struct Known {
    pub name: String,
    /// SHA-256 over its SubjectPublicKeyInfo.
    pub key_id: [u8; 32],
}

/// Looks into every file beside the gateway's own.
pub fn find(language: Language, folders: &BTreeSet<PathBuf>, known: &[Known]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder)) {
        match look(&path, known) {
            Seen::Nothing => {}
            Seen::Authority(name) => {
                findings.push(Finding::failed(
                    CHECK,
                    words::doctor_authority_key(language, path.display(), name),
                ));
            }
            Seen::Encrypted => {
                findings.push(Finding::warning(CHECK, words::doctor_encrypted_key(language, path.display())));
            }
        }
    }
    if findings.is_empty() {
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        findings.push(Finding::ok(CHECK, words::doctor_no_foreign_keys(language, folders.join(", "))));
    }
    findings
}

enum Seen<'a> {
    Nothing,
    Encrypted,
    Authority(&'a str),
}

fn look<'a>(path: &Path, known: &'a [Known]) -> Seen<'a> {
    let Some(text) = read(path) else { return Seen::Nothing };
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Seen::Encrypted;
    }
    let Some(start) = text.find("-----BEGIN PRIVATE KEY-----") else { return Seen::Nothing };
    let end_mark = "-----END PRIVATE KEY-----";
    let Some(length) = text[start..].find(end_mark) else { return Seen::Nothing };
    let Ok(key) = SecretKey::from_pem(&text[start..start + length + end_mark.len()], None) else {
        return Seen::Nothing;
    };
    let id = key.key_id();
    known.iter().find(|one| one.key_id == id).map_or(Seen::Nothing, |one| Seen::Authority(&one.name))
}

/// What this user cannot read, a gateway of this user cannot lose either.
fn read(path: &Path) -> Option<Zeroizing<String>> {
    let file = File::open(path).ok()?;
    if file.metadata().ok()?.len() > BYTES_MAX {
        return None;
    }
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(BYTES_MAX).unwrap_or_default() + 1));
    file.take(BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::Level, *};
    use crate::{domain::outside::Entropy, pki::secret::SecretKind};

    struct Nought;

    impl Entropy for Nought {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn an_authoritys_key_is_found_wherever_it_stands() {
        let folder = std::env::temp_dir().join(format!("gerbang-doctor-keys-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let [root, own] = [(); 2].map(|()| SecretKey::generate(SecretKind::P256).unwrap());
        let known = [Known { name: "Akar".to_owned(), key_id: root.key_id() }];
        let folders = BTreeSet::from([folder.clone()]);
        let levels =
            || find(Language::English, &folders, &known).iter().map(|one| one.level).collect::<Vec<_>>();
        fs::write(folder.join("gateway.key"), own.to_pem().as_bytes()).unwrap();
        fs::write(folder.join("picture"), [0xff, 0xfe]).unwrap();
        assert_eq!(levels(), [Level::Ok]);
        fs::write(
            folder.join("backup.key"),
            root.to_encrypted_pem("a passphrase", &Nought).unwrap().as_bytes(),
        )
        .unwrap();
        assert_eq!(levels(), [Level::Warning]);
        fs::write(folder.join("notes.txt"), format!("the root:\n{}", &*root.to_pem())).unwrap();
        assert_eq!(levels(), [Level::Warning, Level::Failed]);
        let found = find(Language::English, &folders, &known);
        assert!(found[1].text.contains("notes.txt") && found[1].text.contains("Akar"), "{found:?}");
        fs::remove_dir_all(&folder).unwrap();
    }
}
