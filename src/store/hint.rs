//! What to look at when the database does not let us in: the settings that the driver and the server do not name.
//!
//! Owns the sentences; they follow the server's own words. The driver passes over a file of passwords that it may not use
//! without a word, so that the server then speaks of a wrong password.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The variable that names the file of passwords, as Postgres' own clients read it.
const VARIABLE: &str = "PGPASSFILE";

/// What the errors of a connection contain, and what to look at then.
const SETTINGS: &[(&str, &str)] = &[
    (
        "UnknownIssuer",
        "sslrootcert in the database's URL must name the certificate of the authority that signed the database's \
         (db-ca.pem); without it none is trusted",
    ),
    (
        "NotValidForName",
        "The host in the database's URL must be a name that the database's certificate holds",
    ),
    ("Expired", "The database's certificate has ended: renew it on the database's machine"),
    (
        "No such file or directory",
        "The file that sslrootcert names in the database's URL, or the server's socket, is not there",
    ),
    ("Permission denied", "This user may not open the file that sslrootcert names in the database's URL"),
];

/// An error of a connection, followed by the setting to look at, where one is known.
pub fn of_connection(why: String) -> String {
    match SETTINGS.iter().find(|(contained, _)| why.contains(contained)) {
        Some((_, look)) => format!("{why}. {look}"),
        None => why,
    }
}

/// The server's words on a password that it does not take, followed by what is wrong with the file of passwords.
pub fn of_password(why: &str) -> String {
    format!("{why}. {}", of_file(std::env::var_os(VARIABLE)))
}

/// What is wrong with the file that the variable names. Says nothing of its content.
fn of_file(named: Option<OsString>) -> String {
    let Some(path) = named.filter(|named| !named.is_empty()).map(PathBuf::from) else {
        return "PGPASSFILE is not set: unless the URL holds the password, name the file that does"
            .to_owned();
    };
    let shown = path.display();
    match mode(&path) {
        Err(error) => format!("{VARIABLE} names {shown}, which this user cannot open: {error}"),
        Ok(mode) if mode & 0o077 != 0 => format!(
            "{VARIABLE} names {shown}, which is not used because others can reach it (mode {mode:03o}). Run: chmod 600 {shown}"
        ),
        Ok(_) => format!(
            "{VARIABLE} names {shown}: it has no line for this host, port, database and role, or an old password"
        ),
    }
}

fn mode(path: &Path) -> std::io::Result<u32> {
    Ok(fs::File::open(path)?.metadata()?.permissions().mode() & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_passwords_is_named_with_what_is_wrong() {
        let path = std::env::temp_dir().join(format!("gerbang-hint-{}", std::process::id()));
        let told = || of_file(Some(path.clone().into())).replace(&path.display().to_string(), "FILE");
        assert_eq!(
            told(),
            "PGPASSFILE names FILE, which this user cannot open: No such file or directory (os error 2)"
        );
        fs::write(&path, "*:*:gerbang:gerbang_gateway:rahasia\n").unwrap();
        for (mode, said) in [
            (0o640, "which is not used because others can reach it (mode 640). Run: chmod 600 FILE"),
            (0o604, "which is not used because others can reach it (mode 604). Run: chmod 600 FILE"),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(told(), format!("PGPASSFILE names FILE, {said}"));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            told(),
            "PGPASSFILE names FILE: it has no line for this host, port, database and role, or an old password"
        );
        fs::remove_file(&path).unwrap();
        for unset in [None, Some(OsString::new())] {
            assert!(of_file(unset).starts_with("PGPASSFILE is not set"));
        }
    }

    #[test]
    fn a_refused_connection_names_the_setting() {
        let told = |why: &str| of_connection(why.to_owned());
        assert_eq!(told("Connection refused"), "Connection refused");
        for why in ["invalid peer certificate: UnknownIssuer", "No such file or directory (os error 2)"] {
            let told = told(why);
            assert!(told.starts_with(&format!("{why}. ")) && told.contains("sslrootcert"), "{told}");
        }
        assert!(!told("certificate not valid for name; NotValidForName").contains("sslrootcert"));
    }
}
