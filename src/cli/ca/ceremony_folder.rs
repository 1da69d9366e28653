//! The two folders of a ceremony: written whole or not at all, and read back where a ceremony was cut off.
//!
//! Everything is written to folders beside, brought to the disk, and then renamed: a full disk or a crash leaves
//! nothing that looks like a ceremony. The root's folder is put in place first and the other last, so that the
//! latter stands for the whole.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::domain::name::SystemName;

/// The files of the root's folder; it holds nothing else.
pub const ROOT_KEY: &str = "root.key";
pub const ROOT: &str = "root.pem";

/// The file of an administrator's certificate.
pub fn file_of(system: &SystemName) -> String {
    format!("administrator-{}.pem", system.id)
}

/// A folder to be: its files are for the owner alone where they hold keys.
pub struct Folder {
    pub path: PathBuf,
    pub files: Vec<(String, Content)>,
}

/// The content of a file.
pub enum Content {
    Public(String),
    Secret(Zeroizing<String>),
}

/// The progress of a ceremony, by its folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderState {
    Nothing,
    /// The root's folder alone: it was cut off before the last step.
    Cut,
    /// Something else lies where the root's key should.
    Taken,
    /// The other folder is there. The root's may be in the safe already.
    Whole,
}

/// Finds the progress by the folders. An empty folder counts as none.
pub fn state(out: &Path, root_out: &Path) -> io::Result<FolderState> {
    if !names(out)?.is_empty() {
        return Ok(FolderState::Whole);
    }
    let names = names(root_out)?;
    let ours = names.iter().any(|name| name == ROOT_KEY)
        && names.iter().all(|name| name == ROOT_KEY || name == ROOT);
    Ok(match (names.is_empty(), ours) {
        (true, _) => FolderState::Nothing,
        (false, true) => FolderState::Cut,
        (false, false) => FolderState::Taken,
    })
}

fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Says whether the two are one, or one lies within the other: then the root's key would not be apart.
pub fn overlap(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (resolve(one)?, resolve(other)?);
    Ok(one.starts_with(&other) || other.starts_with(&one))
}

/// Without links, as far as the path is there.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    for known in path.ancestors() {
        if let Ok(found) = known.canonicalize() {
            let rest = path.strip_prefix(known).unwrap_or(Path::new(""));
            return Ok(found.join(rest));
        }
    }
    Ok(path)
}

/// Puts both folders in place; nothing of them stays where that fails.
pub fn put(root: &Folder, out: &Folder) -> io::Result<()> {
    let parts = [(part(&root.path), root), (part(&out.path), out)];
    let written = parts.iter().try_for_each(|(part, folder)| write(part, folder));
    let placed = written.and_then(|()| {
        place(&parts[0].0, &root.path)?;
        place(&parts[1].0, &out.path).inspect_err(|_| {
            // Nothing was recorded, so that nothing needs this key.
            let _ = fs::remove_dir_all(&root.path);
        })
    });
    if placed.is_err() {
        for (part, _) in &parts {
            let _ = fs::remove_dir_all(part);
        }
    }
    placed
}

fn part(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part-{}", std::process::id()))
}

fn write(part: &Path, folder: &Folder) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(parent(&folder.path))?;
    DirBuilder::new().mode(0o700).create(part)?;
    for (name, content) in &folder.files {
        let (mode, text) = match content {
            Content::Public(text) => (0o644, text),
            Content::Secret(text) => (0o600, &**text),
        };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(part.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    File::open(part)?.sync_all()
}

/// A rename takes the place of an empty folder, and of nothing else.
fn place(part: &Path, path: &Path) -> io::Result<()> {
    fs::rename(part, path)?;
    File::open(parent(path))?.sync_all()
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("gerbang-ceremony-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn folder(path: PathBuf, name: &str) -> Folder {
        let secret = Content::Secret(Zeroizing::new("key".to_owned()));
        Folder {
            path,
            files: vec![(format!("{name}.key"), secret), ("root.pem".into(), Content::Public("a".into()))],
        }
    }

    #[test]
    fn folders_are_written_whole() {
        let place = Place::new("whole");
        let (root, out) = (place.0.join("root"), place.0.join("new/out"));
        assert_eq!(state(&out, &root).unwrap(), FolderState::Nothing);
        // An empty folder is as good as none.
        fs::create_dir(&root).unwrap();
        assert_eq!(state(&out, &root).unwrap(), FolderState::Nothing);
        put(&folder(root.clone(), "root"), &folder(out.clone(), "clients")).unwrap();
        assert_eq!(state(&out, &root).unwrap(), FolderState::Whole);
        assert_eq!(fs::metadata(root.join("root.key")).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&out).unwrap().mode() & 0o777, 0o700);
        fs::remove_dir_all(&out).unwrap();
        assert_eq!(state(&out, &root).unwrap(), FolderState::Cut);
        fs::write(root.join("letter.txt"), "").unwrap();
        assert_eq!(state(&out, &root).unwrap(), FolderState::Taken);
        assert_eq!(fs::read_dir(place.0.join("new")).unwrap().count(), 0);
    }

    #[test]
    fn what_fails_leaves_nothing() {
        let place = Place::new("fails");
        let (root, out) = (place.0.join("root"), place.0.join("out"));
        // A file in the way of the second rename.
        fs::create_dir(&out).unwrap();
        fs::write(out.join("x"), "").unwrap();
        put(&folder(root.clone(), "root"), &folder(out.clone(), "clients")).unwrap_err();
        assert!(!root.exists());
        // Only what was there before is there.
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);
        // A name that no file can have.
        let bad = Folder { path: root.clone(), files: vec![("a/b".into(), Content::Public(String::new()))] };
        fs::remove_file(out.join("x")).unwrap();
        put(&bad, &folder(out, "clients")).unwrap_err();
        assert!(!root.exists());
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);
    }

    #[test]
    fn one_place_is_seen_through_links() {
        let place = Place::new("links");
        let at = |name: &str| place.0.join(name);
        fs::create_dir(at("a")).unwrap();
        std::os::unix::fs::symlink(at("a"), at("link")).unwrap();
        assert!(overlap(&at("a"), &at("link")).unwrap());
        assert!(overlap(&at("a"), &at("link/below/root")).unwrap());
        assert!(overlap(&at("new"), &at("new")).unwrap());
        assert!(!overlap(&at("a"), &at("ab")).unwrap());
    }
}
