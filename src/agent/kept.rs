//! A key that waits for its certificate, in a file, so that a crash or a lost answer costs nothing: the next try
//! comes with the same key, and gets the same answer.
//!
//! The file's first line says what the key is for. A key for something else is replaced. `join` and `renewal` call it.

use std::{io, path::Path};

use zeroize::Zeroizing;

use super::{ClientError, Trouble, client::key_text};
use crate::{
    files::write_file,
    pki::secret::{SecretError, SecretKey},
};

/// The key that waits in the file for this, else a new one, which waits there from now on (mode 0600).
pub fn key(
    path: &Path,
    purpose: &str,
    make: impl FnOnce() -> Result<SecretKey, SecretError>,
) -> Result<SecretKey, Trouble> {
    match key_text(path) {
        Ok(text) => match text.split_once('\n') {
            Some((line, pem)) if line == purpose => {
                return SecretKey::from_pem(pem, None).map_err(Trouble::key(path));
            }
            _ => {}
        },
        Err(ClientError::Unreadable { why, .. }) if why.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let key = make().map_err(Trouble::key(path))?;
    let text = Zeroizing::new([purpose, "\n", &key.to_pem()].concat());
    write_file(path, 0o600, text.as_bytes()).map_err(Trouble::file(path))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::MetadataExt};

    use super::*;
    use crate::files::tests::Temporary;
    use crate::pki::secret::SecretKind;

    #[test]
    fn a_key_waits_for_one_purpose() {
        let place = Temporary::new("kept");
        let path = place.0.join("blk.key.pending");
        let id =
            |purpose: &str| key(&path, purpose, || SecretKey::generate(SecretKind::P256)).unwrap().key_id();
        let first = id("token aa");
        assert_eq!(id("token aa"), first);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let other = id("token bb");
        assert_ne!(other, first);
        assert_eq!(id("token bb"), other);
    }
}
