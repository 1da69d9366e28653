//! Makes the database: a cluster with its roles, whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use nix::sys::signal::Signal;

use super::{
    DATABASE, GATEWAY, KEEPER, OWNER, POLL, SIGNER, SUPERUSER, account::Account, bind_to_us, place::Place,
};
use crate::dev::{
    DevError,
    folder::{make_folder, write_file},
};

const CLEAR_POLLS: u32 = 500;

/// Finds `initdb` and `postgres`: of the version that made `data`, else the newest below
/// `/usr/lib/postgresql`, else those on the PATH.
pub fn find_binaries(data: &Path) -> Result<PathBuf, DevError> {
    let version = |folder: &Path| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let made_by = fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|folder| Some((version(&folder)?, folder.join("bin"))))
        .collect();
    packaged.sort_by_key(|&(version, _)| std::cmp::Reverse((made_by == Some(version), version)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = packaged.into_iter().map(|(_, folder)| folder).chain(std::env::split_paths(&path));
    let complete = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    candidates.filter(|folder| folder.is_absolute()).find(complete).ok_or(DevError::BinariesMissing)
}

/// Makes the cluster unless there is one. It gets its name once it is whole; what a crash left unfinished
/// is cleared. `HalfMade` if what has the name is not whole.
pub fn ensure(binaries: &Path, place: &Place, account: &Account, durable: bool) -> Result<(), DevError> {
    let data = place.data();
    if fs::symlink_metadata(&data).is_ok() {
        let missing = ["PG_VERSION", "global/pg_control", "base"];
        let missing = missing.into_iter().find(|part| !data.join(part).exists());
        if let Some(missing) = missing {
            return Err(DevError::HalfMade { path: data, missing });
        }
        return bound_roles(binaries, &data, place, account);
    }
    let unfinished = place.root.join("data.new");
    clear(&unfinished).map_err(DevError::io("Removing", &unfinished))?;
    initialise(binaries, &unfinished, place, account, durable)?;
    make_roles(binaries, &unfinished, place, account)?;
    bound_roles(binaries, &unfinished, place, account)?;
    fs::rename(&unfinished, &data).map_err(DevError::io("Renaming", &unfinished))?;
    fs::File::open(&place.root).and_then(|root| root.sync_all()).map_err(DevError::io("Syncing", &place.root))
}

/// Removes what a crash left unfinished. Of a crash a moment ago, a process may still be writing there: the one
/// that `initdb` started ends once it notices.
fn clear(unfinished: &Path) -> io::Result<()> {
    for _ in 0..CLEAR_POLLS {
        match fs::remove_dir_all(unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => thread::sleep(POLL),
            removed => return removed,
        }
    }
    fs::remove_dir_all(unfinished)
}

/// Who may connect: over the socket alone, the operating system's account that we are, as any of the roles.
pub fn write_access(place: &Place, account: &Account) -> Result<(), DevError> {
    let own = account.own_name.replace('"', "\"\"");
    let map: String = [SUPERUSER, OWNER, GATEWAY, SIGNER, KEEPER]
        .map(|role| format!("gerbang \"{own}\" {role}\n"))
        .concat();
    for (name, text) in [("hba.conf", "local all all peer map=gerbang\n"), ("ident.conf", &map)] {
        let path = place.root.join(name);
        write_file(&path, 0o600, text)?;
        account.give(&path)?;
    }
    Ok(())
}

fn initialise(
    binaries: &Path,
    data: &Path,
    place: &Place,
    account: &Account,
    durable: bool,
) -> Result<(), DevError> {
    make_folder(data, 0o700)?;
    account.give(data)?;
    let mut initdb = account.command(&binaries.join("initdb"), &place.root);
    initdb.arg("-D").arg(data);
    initdb.args(["-U", SUPERUSER, "-A", "peer", "--encoding=UTF8", "--locale=C", "--data-checksums"]);
    if !durable {
        initdb.arg("--no-sync");
    }
    run("initdb", initdb, "")
}

/// The roles and their bounds, as for any other server: run in each database.
const ROLES: &str = include_str!("../../../docs/roles.sql");

/// In single-user mode, so that the cluster has its roles before it has its name.
fn make_roles(binaries: &Path, data: &Path, place: &Place, account: &Account) -> Result<(), DevError> {
    run_single(binaries, data, place, account, "template1", ROLES)?;
    let statement = format!("CREATE DATABASE {DATABASE} OWNER {OWNER};\n\n");
    run_single(binaries, data, place, account, SUPERUSER, &statement)
}

/// What clusters from before these roles were bounded as they are now lack, and new ones in their databases. Marked by the
/// statements that were run, since single-user mode takes a moment.
fn bound_roles(binaries: &Path, data: &Path, place: &Place, account: &Account) -> Result<(), DevError> {
    let mark = place.root.join("bounded.roles");
    if fs::read_to_string(&mark).is_ok_and(|run| run == ROLES) {
        return Ok(());
    }
    for database in ["template1", "postgres", DATABASE] {
        run_single(binaries, data, place, account, database, ROLES)?;
    }
    write_file(&mark, 0o600, ROLES)
}

/// Runs statements, each of which ends in a semicolon and an empty line.
fn run_single(
    binaries: &Path,
    data: &Path,
    place: &Place,
    account: &Account,
    database: &str,
    statements: &str,
) -> Result<(), DevError> {
    let mut single = account.command(&binaries.join("postgres"), &place.root);
    single.arg("--single").arg("-j").arg("-D").arg(data).args(["-c", "exit_on_error=on", database]);
    run("postgres --single", single, statements)
}

/// Runs to the end; `Making` with what it said if it failed.
fn run(program: &'static str, mut command: Command, input: &str) -> Result<(), DevError> {
    let making = |output: String| DevError::Making { program, output };
    bind_to_us(&mut command, Signal::SIGKILL);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| making(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Should it not want its input, then its exit status says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| making(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(making(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned()))
}
