//! Profiles: where a gateway is, and the certificate with which a system of ours calls it.
//!
//! A profile is a TOML file, `NAME.toml`. Owns finding and reading it; refuses unknown keys. `client`
//! connects with what is read here.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::files::{read_text, write_file};

/// A folder that holds profiles, searched before the others.
pub const FOLDER_VARIABLE: &str = "GERBANG_PROFILES";
/// The profile to use where the command line names none.
pub const NAME_VARIABLE: &str = "GERBANG_PROFILE";

/// A profile: the address, the files and the trust with which one system of an agency reaches the gateway. Paths in the
/// file count from the file's own folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// `127.0.0.1:7443`, with or without `https://`.
    pub address: String,
    /// The name in the gateway's certificate.
    pub server_name: String,
    /// The PEM file of the authority that issued the gateway's certificate; of several, the root first.
    pub ca: PathBuf,
    /// The PEM file of this system's certificate, with its chain.
    pub certificate: PathBuf,
    /// The PEM file of the certificate's private key.
    pub key: PathBuf,
    /// The agency's code.
    pub agency: String,
    /// The system's own name.
    pub system: String,
}

/// A failure to find, read or write a profile.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum ProfileError {
    /// No folder holds a profile.
    #[error("there is no profile in {}", show(.folders))]
    Missing { folders: Vec<PathBuf> },
    /// The one that was named is not there.
    #[error("there is no profile {name}; known: {}", .known.join(", "))]
    Unknown { name: String, known: Vec<String>, folders: Vec<PathBuf> },
    /// None was named, and there are several.
    #[error("there are several profiles: {}", .known.join(", "))]
    Several { known: Vec<String> },
    #[error("{}: {why}", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
    #[error("{}: {why}", .path.display())]
    Invalid { path: PathBuf, why: String },
    #[error("{} cannot be used: {why}", .path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
}

impl Profile {
    /// The profile called `name`; else the one that `$GERBANG_PROFILE` names; else the only one that there
    /// is. Searched are `$GERBANG_PROFILES`, `.gerbang/profiles` and `~/.config/gerbang/profiles`, in this
    /// order.
    pub fn find(name: Option<&str>) -> Result<Self, ProfileError> {
        Self::read(&Self::find_path(name)?)
    }

    /// Finds the file as [`Profile::find`] does, without reading it.
    pub fn find_path(name: Option<&str>) -> Result<PathBuf, ProfileError> {
        let chosen = env::var(NAME_VARIABLE).ok().filter(|name| !name.is_empty());
        Self::path_in(&folders(), name.or(chosen.as_deref()))
    }

    /// Finds the profile as [`Profile::find`] does, in these folders.
    pub fn find_in(folders: &[PathBuf], name: Option<&str>) -> Result<Self, ProfileError> {
        Self::read(&Self::path_in(folders, name)?)
    }

    fn path_in(folders: &[PathBuf], name: Option<&str>) -> Result<PathBuf, ProfileError> {
        let known = known_in(folders);
        let name = match (name, known.as_slice()) {
            (_, []) => return Err(ProfileError::Missing { folders: folders.to_vec() }),
            (Some(name), _) => name,
            (None, [only]) => only,
            (None, _) => return Err(ProfileError::Several { known }),
        };
        if !known.iter().any(|other| other == name) {
            let folders = folders.to_vec();
            return Err(ProfileError::Unknown { name: name.to_owned(), known, folders });
        }
        let file = format!("{name}.toml");
        let path = folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file());
        path.ok_or(ProfileError::Missing { folders: folders.to_vec() })
    }

    /// From one file.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let text = read_text(path).map_err(|why| ProfileError::Unreadable { path: path.to_owned(), why })?;
        let mut profile: Self = toml::from_str(&text)
            .map_err(|why| ProfileError::Invalid { path: path.to_owned(), why: why.message().to_owned() })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in [&mut profile.ca, &mut profile.certificate, &mut profile.key] {
            *file = folder.join(&file);
        }
        Ok(profile)
    }

    /// Writes it, whole or not at all; files below its folder by their path from there.
    pub fn write(&self, path: &Path) -> Result<(), ProfileError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut written = self.clone();
        for file in [&mut written.ca, &mut written.certificate, &mut written.key] {
            if let Ok(below) = file.strip_prefix(folder) {
                *file = below.to_owned();
            }
        }
        let text = toml::to_string(&written).map_err(io::Error::other);
        text.and_then(|text| write_file(path, 0o600, text.as_bytes()))
            .map_err(|why| ProfileError::Unwritable { path: path.to_owned(), why })
    }
}

/// The file `{name}.{end}` beside a profile.
pub(super) fn beside(profile: &Path, end: &str) -> PathBuf {
    let name = profile.file_stem().unwrap_or_default().to_string_lossy();
    profile.with_file_name(format!("{name}.{end}"))
}

/// The folder of a new profile: `$GERBANG_PROFILES`, else `~/.config/gerbang/profiles`, else `.gerbang/profiles`.
pub fn folder_for_new() -> PathBuf {
    let [named, home] =
        [FOLDER_VARIABLE, "HOME"].map(|name| env::var_os(name).filter(|text| !text.is_empty()));
    let home = home.map(|home| PathBuf::from(home).join(".config/gerbang/profiles"));
    named.map(PathBuf::from).or(home).unwrap_or_else(|| PathBuf::from(".gerbang/profiles"))
}

/// The folders in which profiles are looked for, in order.
fn folders() -> Vec<PathBuf> {
    let named = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/gerbang/profiles"));
    named.into_iter().chain([PathBuf::from(".gerbang/profiles")]).chain(home).collect()
}

fn known_in(folders: &[PathBuf]) -> Vec<String> {
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let names: BTreeSet<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.into_iter().collect()
}

fn show(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "address = \"127.0.0.1:7443\"\nserver_name = \"localhost\"\nca = \"../pki/ca.pem\"\n\
        certificate = \"blk.pem\"\nkey = \"/keys/blk.key\"\nagency = \"blk-kepri\"\nsystem = \"sim\"\n";

    fn folder(label: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = env::temp_dir().join(format!("gerbang-profile-{label}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_only_profile_needs_no_name_and_paths_count_from_its_folder() {
        let folder = folder("one", &[("blk.toml", TEXT), ("readme.txt", "")]);
        let profile = Profile::find_in(std::slice::from_ref(&folder), None).unwrap();
        assert_eq!(profile.certificate, folder.join("blk.pem"));
        assert_eq!(profile.key, Path::new("/keys/blk.key"));
        assert_eq!((profile.agency.as_str(), profile.system.as_str()), ("blk-kepri", "sim"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_profile_says_which_there_are() {
        let folders = [folder("two", &[("blk.toml", TEXT), ("lapas.toml", TEXT)])];
        assert!(
            matches!(Profile::find_in(&folders, None), Err(ProfileError::Several { known }) if known.len() == 2)
        );
        assert!(matches!(Profile::find_in(&folders, Some("x")), Err(ProfileError::Unknown { .. })));
        assert!(Profile::find_in(&folders, Some("lapas")).is_ok());
        assert!(matches!(Profile::find_in(&[], Some("x")), Err(ProfileError::Missing { .. })));
        fs::remove_dir_all(&folders[0]).unwrap();
    }

    #[test]
    fn unknown_keys_are_refused() {
        let folder = folder("bad", &[("blk.toml", &format!("{TEXT}password = \"x\"\n"))]);
        let found = Profile::find_in(std::slice::from_ref(&folder), None);
        assert!(matches!(found, Err(ProfileError::Invalid { why, .. }) if why.contains("password")));
        fs::remove_dir_all(folder).unwrap();
    }
}
