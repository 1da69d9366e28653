//! The throw-away authority of a `.gerbang/` folder, the certificates that it issued, and a profile for each.
//!
//! What is there is used again, until less than a week of it is left. Keys are readable by their owner alone.
//! Called by `dev` at its start, and by `gerbang dev cert`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    DevError,
    folder::{make_folder, write_file},
};
use crate::{
    domain::{access::Role, name::slug},
    pki::{
        certificate::read_pem,
        issue::{Authority, Profile},
    },
};

/// The trust domain of every folder; `.internal` is nobody's.
pub const TRUST_DOMAIN: &str = "dev.gerbang.internal";

const AUTHORITY_DAYS: u32 = 5 * 365;
const LEAF_DAYS: u32 = 90;
/// What has less left is made anew.
const LEFT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A system of the sample agencies.
#[derive(Debug, Clone, Copy)]
pub struct System {
    /// The name of its profile.
    pub profile: &'static str,
    pub agency: &'static str,
    pub system: &'static str,
    pub role: Role,
}

/// The operator's administrator, the prison with its door (P2U), and three partners.
pub const SYSTEMS: [System; 6] = [
    System { profile: "admin", agency: "operator", system: "admin", role: Role::Administrator },
    System { profile: "lapas", agency: "lapas-tpi", system: "sdp", role: Role::Prison },
    System { profile: "p2u", agency: "lapas-tpi", system: "p2u", role: Role::Door },
    System { profile: "blk", agency: "blk-kepri", system: "jadwal", role: Role::Partner },
    System { profile: "dkpp", agency: "dkpp-bintan", system: "jadwal", role: Role::Partner },
    System { profile: "dkp", agency: "dkp-kepri", system: "jadwal", role: Role::Partner },
];

/// Where a system's certificate, key and profile stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub profile: PathBuf,
}

/// What the gateway itself needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayPaths {
    /// The authority's certificate, of clients and gateway both.
    pub authority: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The gateway's certificate for this machine alone, and those of [`SYSTEMS`] with their profiles.
/// `address` is where the gateway listens: `https://127.0.0.1:7443`.
pub fn prepare(folder: &Path, address: &str, now: Timestamp) -> Result<GatewayPaths, DevError> {
    let shelf = Shelf::open(folder, now)?;
    for system in SYSTEMS {
        shelf.system(system.profile, system.agency, system.system, address)?;
    }
    let profile = Profile::server(&["localhost", "127.0.0.1", "::1"], now, LEAF_DAYS);
    let (certificate, key) = shelf.issue("gateway", &profile)?;
    Ok(GatewayPaths { authority: shelf.authority_path(), certificate, key })
}

/// Certificate, key and profile for any system, be it registered or not; its profile is called
/// `(agency).(system)`. May run beside a `dev` that has the folder.
pub fn certificate(
    folder: &Path,
    agency: &str,
    system: &str,
    address: &str,
    now: Timestamp,
) -> Result<Paths, DevError> {
    for (what, value) in [("The agency", agency), ("The system", system)] {
        slug(value).map_err(|_| DevError::Name { what, value: value.to_owned() })?;
    }
    Shelf::open(folder, now)?.system(&format!("{agency}.{system}"), agency, system, address)
}

/// A profile as the command line reads it; paths are relative to the file.
#[derive(Serialize)]
struct ProfileFile<'a> {
    address: &'a str,
    server_name: &'a str,
    ca: &'a str,
    certificate: String,
    key: String,
    agency: &'a str,
    system: &'a str,
}

/// The authority and what it issued, in `pki/`.
struct Shelf {
    folder: PathBuf,
    authority: Authority,
    now: Timestamp,
}

impl Shelf {
    fn open(folder: &Path, now: Timestamp) -> Result<Self, DevError> {
        make_folder(folder, 0o711)?;
        let folder = folder.canonicalize().map_err(DevError::io("Finding", folder))?;
        let (certificate, key) = (folder.join("pki/authority.pem"), folder.join("pki/authority.key"));
        if let (Ok(certificate), Ok(key)) = (fs::read_to_string(&certificate), fs::read_to_string(&key)) {
            let authority = Authority::from_pem(&certificate, &key)?;
            let leaves_end = now + SignedDuration::from_hours(24 * i64::from(LEAF_DAYS));
            if authority.not_after() > leaves_end + LEFT {
                return Ok(Self { folder, authority, now });
            }
        }
        // Nothing that an earlier authority issued is of use, so that none may stay and be taken for good.
        for stale in [folder.join("pki"), folder.join("profiles")] {
            if stale.exists() {
                fs::remove_dir_all(&stale).map_err(DevError::io("Removing", &stale))?;
            }
            make_folder(&stale, 0o700)?;
        }
        let authority = Authority::new("Gerbang dev (throw-away)", now, AUTHORITY_DAYS)?;
        write_file(&key, 0o600, &authority.key_pem())?;
        write_file(&certificate, 0o644, authority.certificate_pem())?;
        Ok(Self { folder, authority, now })
    }

    fn authority_path(&self) -> PathBuf {
        self.folder.join("pki/authority.pem")
    }

    fn system(&self, name: &str, agency: &str, system: &str, address: &str) -> Result<Paths, DevError> {
        let file = format!("{agency}.{system}");
        let profile = Profile::client(TRUST_DOMAIN, agency, system, self.now, LEAF_DAYS);
        let (certificate, key) = self.issue(&file, &profile)?;
        let content = ProfileFile {
            address,
            server_name: "localhost",
            ca: "../pki/authority.pem",
            certificate: format!("../pki/{file}.pem"),
            key: format!("../pki/{file}.key"),
            agency,
            system,
        };
        let path = self.folder.join("profiles").join(format!("{name}.toml"));
        let text = toml::to_string(&content)
            .map_err(|error| DevError::io("Writing", &path)(std::io::Error::other(error)))?;
        write_file(&path, 0o600, &text)?;
        Ok(Paths { certificate, key, profile: path })
    }

    /// The certificate and key of this name, made anew unless enough of them is left.
    fn issue(&self, name: &str, profile: &Profile) -> Result<(PathBuf, PathBuf), DevError> {
        let certificate = self.folder.join("pki").join(format!("{name}.pem"));
        let key = self.folder.join("pki").join(format!("{name}.key"));
        if !self.lasts(&certificate) {
            // A certificate that stands there has its key beside it, whenever we are interrupted.
            if certificate.exists() {
                fs::remove_file(&certificate).map_err(DevError::io("Removing", &certificate))?;
            }
            let issued = self.authority.issue(profile)?;
            write_file(&key, 0o600, &issued.key_pem)?;
            write_file(&certificate, 0o644, &issued.certificate_pem)?;
        }
        Ok((certificate, key))
    }

    fn lasts(&self, certificate: &Path) -> bool {
        let read = fs::read_to_string(certificate).ok().and_then(|pem| read_pem(&pem).ok());
        read.is_some_and(|read| read.not_before <= self.now && read.not_after > self.now + LEFT)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::{super::folder::tests::Temporary, *};

    const ADDRESS: &str = "https://127.0.0.1:7443";

    fn day(days: i64) -> Timestamp {
        "2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn every_system_has_its_certificate_and_profile() {
        let place = Temporary::new("dev-pki");
        let gateway = prepare(&place.0, ADDRESS, day(0)).unwrap();
        assert!(gateway.authority.exists() && gateway.certificate.exists());
        assert_eq!(fs::metadata(&gateway.key).unwrap().mode() & 0o777, 0o600);
        for system in SYSTEMS {
            let profile = place.0.join(format!("profiles/{}.toml", system.profile));
            let text = fs::read_to_string(&profile).unwrap();
            let values: toml::Table = toml::from_str(&text).unwrap();
            assert_eq!(values["address"].as_str(), Some(ADDRESS));
            let beside = |key: &str| profile.parent().unwrap().join(values[key].as_str().unwrap());
            assert!(beside("ca").exists() && beside("key").exists());
            let read = read_pem(&fs::read_to_string(beside("certificate")).unwrap()).unwrap();
            read.check_client().unwrap();
            let identity = read.identity(TRUST_DOMAIN).unwrap();
            assert_eq!((identity.agency.as_str(), identity.system.as_str()), (system.agency, system.system));
        }
    }

    #[test]
    fn what_lasts_is_used_again() {
        let place = Temporary::new("dev-pki-again");
        let at = |days| {
            let paths = certificate(&place.0, "blk-kepri", "uji-coba", ADDRESS, day(days)).unwrap();
            assert_eq!(
                paths.profile,
                place.0.canonicalize().unwrap().join("profiles/blk-kepri.uji-coba.toml")
            );
            fs::read_to_string(paths.certificate).unwrap()
        };
        let authority = || fs::read_to_string(place.0.join("pki/authority.pem")).unwrap();
        let (first, first_authority) = (at(0), authority());
        assert_eq!(at(82), first);
        let second = at(84);
        assert_ne!(second, first);
        assert_eq!(authority(), first_authority);
        at(5 * 365 - 90);
        assert_ne!(authority(), first_authority);
        let bad = certificate(&place.0, "BLK", "jadwal", ADDRESS, day(0)).unwrap_err();
        assert!(bad.to_string().starts_with("The agency \"BLK\""));
    }
}
