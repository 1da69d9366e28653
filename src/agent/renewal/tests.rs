//! A renewal that stops anywhere leaves a profile that works, and goes on with the same key.

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    super::tests::{At, Authorities, Random, now},
    *,
};
use crate::{
    files::tests::Temporary,
    pki::{
        secret::SecretKind,
        statement::{Purpose, Statement},
    },
};

/// A profile with a certificate, as `join` leaves it.
pub fn profile(folder: &Path, authorities: &Authorities) -> PathBuf {
    let key = SecretKey::generate(SecretKind::P256).unwrap();
    crate::files::write_file(&folder.join("blk.key"), 0o600, key.to_pem().as_bytes()).unwrap();
    fs::write(folder.join("blk.pem"), authorities.client(&key)).unwrap();
    fs::write(folder.join("blk.ca.pem"), authorities.bundle()).unwrap();
    let text = "address = \"127.0.0.1:1\"\nserver_name = \"localhost\"\nca = \"blk.ca.pem\"\n\
        certificate = \"blk.pem\"\nkey = \"blk.key\"\nagency = \"blk-kepri\"\nsystem = \"jadwal\"\n";
    fs::write(folder.join("blk.toml"), text).unwrap();
    folder.join("blk.toml")
}

fn renewal<'a>(profile: &'a Path, clock: &'a At, same_key: bool) -> Renewal<'a> {
    Renewal { profile, same_key, language: Language::English, clock, entropy: &Random }
}

fn read(path: &Path) -> Credential {
    let credential = Credential::read(&Profile::read(path).unwrap()).unwrap();
    let spki = crate::pki::certificate::public_key(&credential.certificate.der).unwrap();
    assert_eq!(spki, credential.key.spki(), "certificate and key do not fit");
    credential
}

#[test]
fn wherever_it_stops_the_profile_works_and_the_same_key_goes_on() {
    let (place, authorities, clock) = (Temporary::new("renew"), Authorities::new(), At(now()));
    let path = profile(&place.0, &authorities);
    let renewal = renewal(&path, &clock, false);
    let old = read(&path);
    let id = renewal.next_key(&old).unwrap().key_id();
    assert_ne!(id, old.key.key_id());
    // Stopped after the key was made, after the answer was lost, after the pair was written.
    let mut staged = None;
    for _ in 0..2 {
        let key = renewal.next_key(&read(&path)).unwrap();
        assert_eq!(key.key_id(), id);
        let chain = authorities.client(&key);
        staged = Some(renewal.stage(&Profile::read(&path).unwrap(), &old, &key, &chain).unwrap());
        assert_eq!(read(&path).key.key_id(), old.key.key_id());
    }
    let (renewed, switched) = staged.unwrap();
    switched.write(&path).unwrap();
    // Stopped between the switch and the clearing: the next renewal does not take the key that is in use now.
    let current = read(&path);
    assert_eq!((current.key.key_id(), &current.certificate), (id, &renewed.leaf));
    assert_ne!(renewal.next_key(&current).unwrap().key_id(), id);
    renewal.switch(&switched).unwrap();
    assert!(!renewal.waiting().exists());
    // The old pair stays, and paths are short.
    assert!(place.0.join("blk.pem").exists() && place.0.join("blk.key").exists());
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(&format!("certificate = \"blk.{}.pem\"\n", renewed.leaf.serial)), "{text}");
}

/// A web server reads the key by its group, and knows a path that stays; the profile is a link.
#[test]
fn what_others_rely_on_stays() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let (place, authorities, clock) = (Temporary::new("renew-shared"), Authorities::new(), At(now()));
    let there = place.0.join("there");
    fs::create_dir(&there).unwrap();
    let target = profile(&there, &authorities);
    for name in ["blk.toml", "blk.pem", "blk.key", "blk.ca.pem"] {
        symlink(there.join(name), place.0.join(name)).unwrap();
    }
    let path = place.0.join("blk.toml");
    let key_path = Profile::read(&path).unwrap().key;
    fs::set_permissions(&key_path, fs::Permissions::from_mode(0o640)).unwrap();
    let (renewal, old) = (renewal(&path, &clock, false), read(&path));
    let key = renewal.next_key(&old).unwrap();
    let chain = authorities.client(&key);
    let (renewed, switched) = renewal.stage(&Profile::read(&path).unwrap(), &old, &key, &chain).unwrap();
    assert_eq!(fs::metadata(&renewed.key).unwrap().mode() & 0o777, 0o640);
    assert_eq!(fs::metadata(&renewed.key).unwrap().gid(), fs::metadata(&key_path).unwrap().gid());
    renewal.switch(&switched).unwrap();
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap(), fs::read_to_string(&path).unwrap());
    assert_eq!(read(&path).key.key_id(), key.key_id());
    for (profile, serial) in [(Profile::read(&path).unwrap(), "01"), (Profile { ..switched }, "02")] {
        current::point(&path, &profile, serial);
        let current = place.0.join("blk.current");
        assert_eq!(fs::read_link(&current).unwrap(), Path::new(&format!("blk.{serial}.pair")));
        for (name, file) in [("certificate.pem", &profile.certificate), ("key.pem", &profile.key)] {
            assert_eq!(fs::read(current.join(name)).unwrap(), fs::read(file).unwrap());
        }
    }
}

#[test]
fn a_key_that_others_can_read_is_refused_at_every_use() {
    use std::os::unix::fs::PermissionsExt;
    let (place, authorities) = (Temporary::new("exposed"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let key = Profile::read(&path).unwrap().key;
    for (mode, good) in
        [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o604, false)]
    {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let read = Credential::read(&Profile::read(&path).unwrap());
        assert_eq!(read.is_ok(), good, "{mode:o}");
        if let Err(trouble) = read {
            assert!(trouble.to_string().contains("chmod 600"), "{trouble}");
        }
    }
}

#[test]
fn a_certificate_for_another_key_is_not_taken() {
    let (place, authorities, clock) = (Temporary::new("renew-unfit"), Authorities::new(), At(now()));
    let path = profile(&place.0, &authorities);
    let renewal = renewal(&path, &clock, false);
    let old = read(&path);
    let key = renewal.next_key(&old).unwrap();
    let chain = authorities.client(&old.key);
    let refused = renewal.stage(&Profile::read(&path).unwrap(), &old, &key, &chain);
    assert!(matches!(refused, Err(Trouble::Unfit(_))));
}

#[test]
fn the_old_key_states_what_it_is_renewed_into() {
    let (place, authorities, clock) = (Temporary::new("renew-says"), Authorities::new(), At(now()));
    let path = profile(&place.0, &authorities);
    let old = read(&path);
    for same_key in [false, true] {
        let renewal = renewal(&path, &clock, same_key);
        let key = renewal.next_key(&old).unwrap();
        assert_eq!(key.key_id() == old.key.key_id(), same_key);
        let request = renewal.request(&old, &key, now()).unwrap();
        let signed = request.statement.unwrap();
        let statement = Statement::read(&STANDARD.decode(signed.statement).unwrap()).unwrap();
        assert!(statement.verify(&old.key.spki(), &STANDARD.decode(signed.signature).unwrap()));
        assert_eq!(statement.purpose, Purpose::Renew);
        assert_eq!(statement.trust_domain, "kepri.example");
        assert_eq!((statement.agency.as_str(), statement.system.as_str()), ("blk-kepri", "jadwal"));
        assert_eq!((statement.subject, statement.lifetime_days), (key.key_id(), 90));
        assert_eq!(statement.previous, Some(old.certificate.fingerprint));
        assert!(statement.expires_at > now() && statement.expires_at < now() + ORDER_LIFE);
        assert!(request.request_id.len() == 36 && request.csr_pem.contains("CERTIFICATE REQUEST"));
    }
}

#[tokio::test]
async fn an_expired_certificate_is_not_sent_and_two_do_not_renew_at_once() {
    let (place, authorities) = (Temporary::new("renew-late"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let late = At(now() + SignedDuration::from_hours(91 * 24));
    assert!(matches!(renewal(&path, &late, false).run().await, Err(Trouble::Expired(_))));
    let _lock = Lock::take(&beside(&path, "renew.lock")).unwrap();
    assert!(matches!(renewal(&path, &late, false).run().await, Err(Trouble::Busy { .. })));
}
