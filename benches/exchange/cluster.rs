//! One Postgres for everything that is measured: durable (fsync, synchronous commit), with a gigabyte of shared buffers.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use gerbang::dev::postgres::{DATABASE, Postgres, SUPERUSER};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::Result;

/// The settings that are not Postgres' own. More of the log between two checkpoints keeps these out of most rounds, for
/// gateway and limits alike.
const SETTINGS: [&str; 3] =
    ["shared_buffers = '1GB'", "max_wal_size = '4GB'", "checkpoint_timeout = '15min'"];

pub struct Cluster {
    server: Postgres,
    /// The first process.
    pub pid: u32,
    /// The folder of `pgbench`.
    binaries: PathBuf,
}

impl Cluster {
    /// Starts a cluster in a folder that holds none. Blocks for some seconds.
    pub async fn start(folder: &Path) -> Result<Self> {
        let first = Postgres::start(folder)?;
        let mut db = PgConnection::connect(&first.url(SUPERUSER, DATABASE)).await?;
        for setting in SETTINGS {
            db.execute(AssertSqlSafe(format!("ALTER SYSTEM SET {setting}"))).await?;
        }
        db.close().await?;
        first.stop()?;
        let server = Postgres::start(folder)?;
        let pid = std::fs::read_to_string(folder.join("postgres/data/postmaster.pid"))?;
        let pid = pid.lines().next().ok_or("an empty postmaster.pid")?.trim().parse()?;
        Ok(Self { server, pid, binaries: binaries(pid)? })
    }

    pub fn owner_url(&self) -> String {
        self.server.owner_url()
    }

    pub fn gateway_url(&self) -> String {
        self.server.gateway_url()
    }

    pub fn keeper_url(&self) -> String {
        self.server.keeper_url()
    }

    pub fn superuser_url(&self) -> String {
        self.server.url(SUPERUSER, DATABASE)
    }

    /// A connection whom no policy binds.
    pub async fn superuser(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.superuser_url()).await?)
    }

    /// `pgbench` of the server's version, as the superuser.
    pub fn pgbench(&self) -> Command {
        let mut command = Command::new(self.binaries.join("pgbench"));
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").arg("--no-vacuum");
        command.arg(self.superuser_url());
        command
    }

    /// Ends the server and throws its data away.
    pub fn stop(self, folder: &Path) -> Result<()> {
        let elsewhere = self.server.elsewhere().map(Path::to_owned);
        self.server.stop()?;
        let here = folder.join("postgres");
        match elsewhere {
            None => std::fs::remove_dir_all(here)?,
            Some(data) => {
                std::fs::remove_dir_all(data)?;
                std::fs::remove_file(here)?;
            }
        }
        Ok(())
    }
}

/// Where the running server's program lies, and those beside it.
fn binaries(pid: u32) -> Result<PathBuf> {
    let program = std::fs::read_link(format!("/proc/{pid}/exe"))?;
    Ok(program.parent().ok_or("postgres lies nowhere")?.to_owned())
}
