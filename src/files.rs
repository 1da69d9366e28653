//! Files that must be whole (keys, certificates, profiles), and locks between processes.
//!
//! Owns the way of writing (beside, synced, renamed), so that a crash leaves the old file or the new one, and the guards:
//! on files of secrets, which nobody but their owner may reach, and on files that say whom to trust, which nobody else may
//! write.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use nix::unistd::geteuid;
use zeroize::Zeroizing;

/// Makes a folder with this mode, parents included, unless the folder is there.
pub fn make_folder(path: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(path)
}

/// Writes a file with this mode, whole or not at all, in place of one that may be there. Where the path is a link, the file
/// that it leads to is replaced, and the link stays.
pub fn write_file(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let target = match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => fs::canonicalize(path).ok(),
        _ => None,
    };
    let path = target.as_deref().unwrap_or(path);
    let beside = path.with_added_extension("new");
    // One that a crash left behind may have another mode.
    remove_file(&beside)?;
    write_new(&beside, mode, content)?;
    fs::rename(&beside, path)?;
    sync_folder(path)
}

/// Writes a file with this mode, whatever the umask, where none may be there; `AlreadyExists` where one is. A file that a
/// crash cuts short stays.
pub fn write_new(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    // The umask of a service keeps its secrets; what is meant for others it must not keep from them.
    let opened = file.set_permissions(fs::Permissions::from_mode(mode));
    let written = opened.and_then(|()| file.write_all(content)).and_then(|()| file.sync_all());
    // The disk is full, say: half a file would be in the way of the next try.
    written.inspect_err(|_| drop(remove_file(path)))?;
    sync_folder(path)
}

/// Makes a link at `path` that leads to `target`, in place of one that may be there: at every moment the old one or the
/// new one stands. What stands there and is no link is left, with `AlreadyExists`.
pub fn replace_link(path: &Path, target: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.file_type().is_symlink()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = path.with_added_extension("new");
    remove_file(&beside)?;
    symlink(target, &beside)?;
    fs::rename(&beside, path)?;
    sync_folder(path)
}

/// Gives a new file what another grants to a group: the group, and its right to read.
pub fn share_as(path: &Path, model: &Path) -> io::Result<()> {
    let (model, own) = (fs::metadata(model)?, fs::metadata(path)?);
    if model.mode() & 0o040 == 0 {
        return Ok(());
    }
    if model.gid() != own.gid() {
        chown(path, None, Some(model.gid()))?;
    }
    // Only after the file is that group's, and no other's.
    fs::set_permissions(path, fs::Permissions::from_mode(0o640))
}

/// Removes a file, if it is there.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The refusal to read a file of secrets.
#[derive(Debug)]
pub enum SecretFault {
    /// Somebody else may read, write or run it.
    ReadableByOthers {
        /// The file's mode.
        mode: u32,
    },
    /// The text cannot be used, for this reason.
    Unfit(&'static str),
    /// The file cannot be read.
    Io(io::Error),
}

impl From<io::Error> for SecretFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Who may reach a file of secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Its owner alone.
    Owner,
    /// Its owner, and its group to read it: an agency's key, which its web server uses as well.
    ReadingGroup,
}

/// Reads a text of at most so many bytes that nobody else can reach.
pub fn read_secret(path: &Path, bytes_max: u64, reach: Reach) -> Result<Zeroizing<String>, SecretFault> {
    let file = File::open(path)?;
    // Of the opened file, not of the path, which may be another's by then.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(SecretFault::Unfit("it is not a file"));
    }
    if metadata.len() > bytes_max {
        return Err(SecretFault::Unfit("it is too large"));
    }
    guard(&metadata, reach)?;
    // Room for all of it at once: what a growing text leaves behind would not be wiped.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1));
    match file.take(bytes_max).read_to_string(&mut text) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(SecretFault::Unfit("it is not text")),
        read => Ok(read.map(|_| text)?),
    }
}

/// Refuses a file that others can read, write or run.
pub fn guard(metadata: &Metadata, reach: Reach) -> Result<(), SecretFault> {
    let others = match reach {
        Reach::Owner => 0o077,
        Reach::ReadingGroup => 0o037,
    };
    match metadata.permissions().mode() & 0o777 {
        mode if mode & others != 0 => Err(SecretFault::ReadableByOthers { mode }),
        _ => Ok(()),
    }
}

/// Finds what lets others than its owner decide what stands in a file, with its mode: the file itself; its folder, where
/// they could replace it; and of a link, the same of where it leads. A group may write where it is its user's alone, as on
/// most systems each user has one, with the user's own number.
pub fn writable_by_others(path: &Path) -> io::Result<Option<(PathBuf, u32)>> {
    let folder_of = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let is_open = |of: &Metadata| of.mode() & 0o002 != 0 || of.mode() & 0o020 != 0 && of.gid() != of.uid();
    let real = fs::canonicalize(path)?;
    let file = fs::metadata(&real)?;
    if is_open(&file) {
        return Ok(Some((real, file.mode() & 0o7777)));
    }
    for entry in [path, &real] {
        let folder = folder_of(entry);
        let found = fs::metadata(&folder)?;
        // There everybody may leave files, and nobody replaces another's.
        let is_shared = found.mode() & 0o1000 != 0;
        let own = [geteuid().as_raw(), found.uid(), 0].contains(&fs::symlink_metadata(entry)?.uid());
        if is_open(&found) && !(is_shared && own) {
            return Ok(Some((folder, found.mode() & 0o7777)));
        }
    }
    Ok(None)
}

/// A new name is safe only when the folder is on the disk, too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A lock that is ours until this is dropped, or the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// The failure to take a lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it: its id, as it wrote it into the file; `?` where it did not.
    #[error("process {0} has it")]
    Held(String),
    /// The file of the lock cannot be opened or written.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl Lock {
    /// Takes the lock of this file, and writes our process id into it.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).read(true).write(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.rewind()?;
                write!(file, "{}", std::process::id())?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(LockError::Held(holder(&mut file)?)),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

/// The process that has a lock. One that took it a moment ago has still to write its id; until then the file is empty, or
/// names the process that had the lock before and has ended.
fn holder(file: &mut File) -> io::Result<String> {
    const LOOKS: u32 = 300;
    for _ in 0..LOOKS {
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        let pid = text.trim();
        if !pid.is_empty() && Path::new("/proc").join(pid).exists() {
            return Ok(pid.to_owned());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok("?".to_owned())
}

/// Reads a text file that people wrote, with whatever program: in UTF-8 with or without a mark of byte order, or in UTF-16
/// with one, as Windows' editors and PowerShell leave it. `InvalidData` for what is no text.
pub fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    text_of(&Zeroizing::new(fs::read(path)?))
}

/// Decodes a text as [`read_text`] does.
pub fn text_of(bytes: &[u8]) -> io::Result<Zeroizing<String>> {
    let pairs = |rest: &[u8], of: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units = pairs.iter().map(|pair| of(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| odd.is_empty())
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => pairs(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => pairs(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest).ok().map(str::to_owned),
    };
    text.map(Zeroizing::new).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is not text"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder below the temporary one, removed in the end.
    pub struct Temporary(pub PathBuf);

    impl Temporary {
        pub fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("gerbang-agent-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_with_its_mode() {
        let place = Temporary::new("files");
        let path = place.0.join("a.key");
        fs::write(place.0.join("a.key.new"), "half of").unwrap();
        write_file(&path, 0o600, b"one").unwrap();
        write_file(&path, 0o600, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);
        assert_eq!(write_new(&path, 0o600, b"three").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_link_is_followed_and_stays() {
        let place = Temporary::new("links");
        fs::create_dir(place.0.join("there")).unwrap();
        let (link, target) = (place.0.join("blk.toml"), place.0.join("there/blk.toml"));
        fs::write(&target, "old").unwrap();
        symlink("there/blk.toml", &link).unwrap();
        write_file(&link, 0o600, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        // A link that leads nowhere is replaced by the file.
        fs::remove_file(&target).unwrap();
        write_file(&link, 0o600, b"file").unwrap();
        assert_eq!(fs::read_to_string(&link).unwrap(), "file");
        replace_link(&link, Path::new("elsewhere")).unwrap_err();
        let current = place.0.join("current");
        for target in ["one", "two"] {
            replace_link(&current, Path::new(target)).unwrap();
            assert_eq!(fs::read_link(&current).unwrap(), Path::new(target));
        }
    }

    #[test]
    fn a_file_that_others_may_write_or_replace_is_found() {
        let place = Temporary::new("writable");
        let (folder, path, link) =
            (place.0.join("profiles"), place.0.join("profiles/blk.toml"), place.0.join("link.toml"));
        fs::create_dir(&folder).unwrap();
        fs::write(&path, "text").unwrap();
        symlink("profiles/blk.toml", &link).unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let found = |path: &Path| writable_by_others(path).unwrap();
        let real = fs::canonicalize(&folder).unwrap();
        // What a group may write is its user's where it has the user's number, and others' where not.
        let group = geteuid().as_raw() != nix::unistd::getegid().as_raw();
        for (of_folder, of_file, expected) in [
            (0o700, 0o600, None),
            (0o755, 0o644, None),
            (0o1777, 0o644, None),
            (0o755, 0o646, Some("blk.toml")),
            (0o755, 0o666, Some("blk.toml")),
            (0o755, 0o602, Some("blk.toml")),
            (0o777, 0o644, Some("")),
            (0o703, 0o600, Some("")),
            (0o775, 0o644, group.then_some("")),
            (0o755, 0o664, group.then_some("blk.toml")),
        ] {
            mode(&folder, of_folder);
            mode(&path, of_file);
            for path in [&path, &link] {
                let found = found(path).map(|(found, _)| fs::canonicalize(found).unwrap());
                let expected = expected.map(|name| fs::canonicalize(real.join(name)).unwrap());
                assert_eq!(found, expected, "{of_folder:o} {of_file:o} {}", path.display());
            }
        }
        mode(&folder, 0o755);
        mode(&path, 0o644);
        mode(&place.0, 0o777);
        assert_eq!(found(&link), Some((place.0.clone(), 0o777)), "the link can be replaced");
        assert_eq!(found(&path), None);
        assert_eq!(writable_by_others(Path::new("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_second_taker_learns_who_has_the_lock() {
        let place = Temporary::new("lock");
        let path = place.0.join("lock");
        let first = Lock::take(&path).unwrap();
        let held = Lock::take(&path).unwrap_err();
        assert!(matches!(held, LockError::Held(pid) if pid == std::process::id().to_string()));
        drop(first);
        Lock::take(&path).unwrap();
    }

    /// The other has the lock and has not written who it is: the file is empty, or still has the last holder's id.
    #[test]
    fn a_holder_that_starts_at_the_same_time_is_named() {
        let place = Temporary::new("lock-race");
        for before in ["", "999999999"] {
            let path = place.0.join(format!("lock{before}"));
            fs::write(&path, before).unwrap();
            let other = File::options().write(true).open(&path).unwrap();
            other.lock().unwrap();
            let taker = thread::spawn({
                let path = path.clone();
                move || Lock::take(&path).map(drop)
            });
            fs::write(&path, std::process::id().to_string()).unwrap();
            let Err(LockError::Held(pid)) = taker.join().unwrap() else { panic!("it is held") };
            assert_eq!(pid, std::process::id().to_string());
        }
    }

    #[test]
    fn a_text_is_read_as_its_program_left_it() {
        let text = "gerbang1.abc\r\n";
        let utf16 = |of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect::<Vec<_>>();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [vec![0xff, 0xfe], utf16(u16::to_le_bytes)].concat(),
            [vec![0xfe, 0xff], utf16(u16::to_be_bytes)].concat(),
        ] {
            assert_eq!(*text_of(&bytes).unwrap(), text, "{bytes:?}");
        }
        for bytes in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8", b"\x80abc"] {
            assert_eq!(text_of(bytes).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }
}
