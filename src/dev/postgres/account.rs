//! The account of the operating system that the database runs as. Postgres refuses root, so that a program that
//! was started as root hands it to `postgres`, else to `nobody`.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use nix::unistd::{User, getegid, geteuid};

use crate::dev::DevError;

/// Our account's name, and the account of the server.
pub struct Account {
    /// The name under which we connect.
    pub own_name: String,
    pub uid: u32,
    pub gid: u32,
    /// Says whether the server's account is another than ours.
    pub differs: bool,
}

impl Account {
    /// As root, the account that owns `data` already, when there is a database.
    pub fn find(data: &Path) -> Result<Self, DevError> {
        let own = geteuid();
        let named = User::from_uid(own).ok().flatten();
        let own_name = named.ok_or(DevError::NoUserName(own.as_raw()))?.name;
        if !own.is_root() {
            return Ok(Self { own_name, uid: own.as_raw(), gid: getegid().as_raw(), differs: false });
        }
        let owner = fs::metadata(data).ok().map(|data| (data.uid(), data.gid())).filter(|&(uid, _)| uid != 0);
        let named =
            |name| User::from_name(name).ok().flatten().map(|user| (user.uid.as_raw(), user.gid.as_raw()));
        let server = owner.or_else(|| named("postgres")).or_else(|| named("nobody"));
        let (uid, gid) = server.ok_or(DevError::NoAccount)?;
        Ok(Self { own_name, uid, gid, differs: true })
    }

    /// A program of Postgres, to be run as that account, in a folder that it can enter and with none of our
    /// environment, which might hold settings for another server.
    pub fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().env("LC_ALL", "C").env("TZ", "UTC");
        command.env("PATH", program.parent().unwrap_or(Path::new("/usr/bin")));
        if self.differs {
            command.uid(self.uid).gid(self.gid);
        }
        // In a group of its own, else Ctrl-C reaches the database before us.
        command.process_group(0);
        command
    }

    /// Makes the server's account the owner.
    pub fn give(&self, path: &Path) -> Result<(), DevError> {
        if !self.differs {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid)).map_err(DevError::io("Giving to the database", path))
    }

    /// Says whether the server's account may pass through the folder and all above it.
    pub fn reaches(&self, folder: &Path) -> bool {
        let passes = |folder: &Path| {
            fs::metadata(folder).is_ok_and(|folder| {
                let needed = match (folder.uid() == self.uid, folder.gid() == self.gid) {
                    (true, _) => 0o100,
                    (false, true) => 0o010,
                    (false, false) => 0o001,
                };
                folder.mode() & needed != 0
            })
        };
        !self.differs || folder.ancestors().all(passes)
    }
}
