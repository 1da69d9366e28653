//! Profiles: where a gateway is, and the certificate with which a system of ours calls it.
//!
//! A profile is a TOML file, `NAME.toml`. Owns finding and reading it; refuses unknown keys. `client`
//! connects with what is read here.

use std::{
    collections::BTreeSet,
    env, fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use crate::files::{read_text, writable_by_others, write_file};

/// Names a folder that holds profiles, searched before the others.
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
    #[error("there is no profile in {searched}")]
    Missing { searched: Searched },
    /// The one that was named is not there.
    #[error("there is no profile {name} in {searched}; known: {}", .known.join(", "))]
    Unknown { name: String, known: Vec<String>, searched: Searched },
    /// None was named, and there are several.
    #[error("there are several profiles in {searched}: {}", .known.join(", "))]
    Several { known: Vec<String>, searched: Searched },
    /// Others may write it, or what it stands in: they would choose gateway, authority and key for us.
    #[error("{} can be written by others (mode {mode:03o}); run: chmod go-w", .path.display())]
    Writable { path: PathBuf, mode: u32 },
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

/// The folders in which profiles are looked for, in order: the first that has a profile wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Searched {
    /// The folders that are looked into.
    pub folders: Vec<PathBuf>,
    /// The folder `.gerbang/profiles` of where we are, if it is there and is not ours to trust.
    pub passed_over: Option<PathBuf>,
}

impl fmt::Display for Searched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&show(&self.folders))
    }
}

impl Profile {
    /// The profile called `name`; else the one that `$GERBANG_PROFILE` names; else the only one that there
    /// is. Searched are `$GERBANG_PROFILES`, `~/.config/gerbang/profiles`, and last `.gerbang/profiles` of the folder that
    /// we are in, if a `dev` of this user made it: whoever else left one there would choose gateway and key for us.
    pub fn find(name: Option<&str>) -> Result<Self, ProfileError> {
        Self::read(&Self::find_path(name)?)
    }

    /// Finds the file as [`Profile::find`] does, without reading it.
    pub fn find_path(name: Option<&str>) -> Result<PathBuf, ProfileError> {
        let chosen = env::var(NAME_VARIABLE).ok().filter(|name| !name.is_empty());
        Self::path_in(&searched(), name.or(chosen.as_deref()))
    }

    /// Finds the profile as [`Profile::find`] does, in these folders.
    pub fn find_in(folders: &[PathBuf], name: Option<&str>) -> Result<Self, ProfileError> {
        let searched = Searched { folders: folders.to_vec(), passed_over: None };
        Self::read(&Self::path_in(&searched, name)?)
    }

    fn path_in(searched: &Searched, name: Option<&str>) -> Result<PathBuf, ProfileError> {
        let (folders, searched) = (&searched.folders, searched.clone());
        let known = known_in(folders);
        let name = match (name, known.as_slice()) {
            (_, []) => return Err(ProfileError::Missing { searched }),
            (Some(name), _) => name,
            (None, [only]) => only,
            (None, _) => return Err(ProfileError::Several { known, searched }),
        };
        if !known.iter().any(|other| other == name) {
            return Err(ProfileError::Unknown { name: name.to_owned(), known, searched });
        }
        let file = format!("{name}.toml");
        let path = folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file());
        path.ok_or(ProfileError::Missing { searched })
    }

    /// From one file, which nobody else may write.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let unreadable = |why| ProfileError::Unreadable { path: path.to_owned(), why };
        if let Some((path, mode)) = writable_by_others(path).map_err(unreadable)? {
            return Err(ProfileError::Writable { path, mode });
        }
        let text = read_text(path).map_err(unreadable)?;
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

fn searched() -> Searched {
    let named = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/gerbang/profiles"));
    search(named, home, Path::new(".gerbang"))
}

/// The folder that is named, the user's own, and that of a `dev` where it is to be trusted.
fn search(named: Option<PathBuf>, own: Option<PathBuf>, dev: &Path) -> Searched {
    let mut searched = Searched { folders: named.into_iter().chain(own).collect(), passed_over: None };
    let here = dev.join("profiles");
    if is_of_dev(dev) {
        searched.folders.push(here);
    } else if here.is_dir() {
        searched.passed_over = Some(here);
    }
    searched
}

/// Whether a folder is one in which a `dev` of this user runs: it and its profiles belong to the user, nobody else may
/// write there, and `dev`'s lock is in it. Links lead anywhere, and are not followed.
fn is_of_dev(folder: &Path) -> bool {
    let own = |path: &Path| {
        fs::symlink_metadata(path).is_ok_and(|found| {
            !found.file_type().is_symlink() && found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0
        })
    };
    own(folder) && own(&folder.join("profiles")) && own(&folder.join("lock"))
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
    // Whole, for a reader may be in another folder by then.
    let whole = |folder: &PathBuf| std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
    folders.iter().map(|folder| whole(folder).display().to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

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
            matches!(Profile::find_in(&folders, None), Err(ProfileError::Several { known, .. }) if known.len() == 2)
        );
        assert!(matches!(Profile::find_in(&folders, Some("x")), Err(ProfileError::Unknown { .. })));
        assert!(Profile::find_in(&folders, Some("lapas")).is_ok());
        assert!(matches!(Profile::find_in(&[], Some("x")), Err(ProfileError::Missing { .. })));
        fs::remove_dir_all(&folders[0]).unwrap();
    }

    #[test]
    fn the_users_own_profile_wins_over_that_of_the_folder() {
        let own = folder("own", &[("blk.toml", TEXT)]);
        let dev = folder("dev", &[("lock", "")]);
        let here = dev.join("profiles");
        fs::create_dir_all(&here).unwrap();
        for name in ["blk", "lapas"] {
            fs::write(here.join(format!("{name}.toml")), TEXT).unwrap();
        }
        for path in [&dev, &here, &dev.join("lock")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
        }
        let find = |named: Option<&PathBuf>, name| {
            Profile::path_in(&search(named.cloned(), Some(own.clone()), &dev), Some(name))
        };
        assert_eq!(find(None, "blk").unwrap(), own.join("blk.toml"));
        assert_eq!(find(None, "lapas").unwrap(), here.join("lapas.toml"));
        assert_eq!(find(Some(&here), "blk").unwrap(), here.join("blk.toml"), "named");
        // Somebody else may write there.
        fs::set_permissions(&dev, fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(find(None, "blk").unwrap(), own.join("blk.toml"));
        let Err(ProfileError::Unknown { known, searched, .. }) = find(None, "lapas") else { panic!() };
        assert_eq!((known, searched.folders), (vec!["blk".to_owned()], vec![own.clone()]));
        assert_eq!(searched.passed_over, Some(here.clone()));
        assert_eq!(
            find(Some(&here), "lapas").unwrap(),
            here.join("lapas.toml"),
            "named, it is the user's word"
        );
        for path in [own, dev] {
            fs::remove_dir_all(path).unwrap();
        }
    }

    #[test]
    fn a_folder_that_anybody_could_have_made_is_passed_over() {
        let folder = folder("of-dev", &[("lock", "")]);
        let profiles = folder.join("profiles");
        fs::create_dir_all(&profiles).unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for path in [&folder, &profiles] {
            mode(path, 0o711);
        }
        mode(&folder.join("lock"), 0o600);
        assert!(is_of_dev(&folder));
        for path in [&folder, &profiles] {
            for open in [0o777, 0o731, 0o1777] {
                mode(path, open);
                assert!(!is_of_dev(&folder), "{} {open:o}", path.display());
            }
            mode(path, 0o711);
        }
        let link = folder.with_extension("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(!is_of_dev(&link), "a link leads anywhere");
        fs::remove_file(link).unwrap();
        fs::remove_file(folder.join("lock")).unwrap();
        assert!(!is_of_dev(&folder), "no dev was there");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn unknown_keys_are_refused() {
        let folder = folder("bad", &[("blk.toml", &format!("{TEXT}password = \"x\"\n"))]);
        let found = Profile::find_in(std::slice::from_ref(&folder), None);
        assert!(matches!(found, Err(ProfileError::Invalid { why, .. }) if why.contains("password")));
        fs::remove_dir_all(folder).unwrap();
    }
}
