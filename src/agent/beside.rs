//! A profile beside a certificate that came by a request: `NAME.toml` and `NAME.ca.pem` for `NAME.pem`, with the key expected
//! as `NAME.key`. Refuses to take the place of another system's profile. `cli` calls it.

use std::path::{Path, PathBuf};

use super::{Profile, Trouble};
use crate::files::write_file;

/// Writes the profile and the authorities that it trusts beside the certificate; its three paths are set here. Answers with
/// the profile's path and the profile. `Exists` where another system's profile has that name.
pub fn write(
    profile: Profile,
    certificate: &Path,
    authorities: &[u8],
) -> Result<(PathBuf, Profile), Trouble> {
    let path = certificate.with_extension("toml");
    let profile = Profile {
        ca: certificate.with_extension("ca.pem"),
        certificate: certificate.to_owned(),
        key: certificate.with_extension("key"),
        ..profile
    };
    if path.exists() {
        let same = |there: &Profile| (&there.agency, &there.system) == (&profile.agency, &profile.system);
        Profile::read(&path).ok().filter(same).ok_or_else(|| Trouble::Exists(path.clone()))?;
    }
    write_file(&profile.ca, 0o644, authorities).map_err(Trouble::file(&profile.ca))?;
    profile.write(&path)?;
    Ok((path, profile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::tests::Temporary;

    #[test]
    fn the_profile_of_another_system_is_not_replaced() {
        let place = Temporary::new("beside");
        let of = |system: &str| Profile {
            address: "127.0.0.1:7443".into(),
            server_name: "localhost".into(),
            ca: PathBuf::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            agency: "blk-kepri".into(),
            system: system.into(),
        };
        let certificate = place.0.join("sim.pem");
        for _ in 0..2 {
            let (path, written) = write(of("sim"), &certificate, b"authorities").unwrap();
            assert_eq!((&path, &written.key), (&place.0.join("sim.toml"), &place.0.join("sim.key")));
            assert_eq!(Profile::read(&path).unwrap(), written);
        }
        let other = write(of("lain"), &certificate, b"others").unwrap_err();
        assert!(matches!(other, Trouble::Exists(path) if path.ends_with("sim.toml")));
        assert_eq!(std::fs::read(place.0.join("sim.ca.pem")).unwrap(), b"authorities");
        std::fs::write(place.0.join("sim.toml"), "[package]").unwrap();
        assert!(matches!(write(of("sim"), &certificate, b"x"), Err(Trouble::Exists(_))));
    }
}
