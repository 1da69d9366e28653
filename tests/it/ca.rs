//! `gerbang ca` and `gerbang doctor`: the ceremony by the built binary, against a database that has no authority yet.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use gerbang::pki::secret::{SecretKey, SecretKind};
use sqlx::{Connection, PgConnection};

use crate::world::{copy_template, url};

/// A table where a ceremony is held.
struct Table {
    database: String,
    folder: PathBuf,
}

impl Table {
    async fn laid() -> Self {
        let database = copy_template().await;
        let folder = std::env::temp_dir().join(format!("{database}-ca"));
        fs::create_dir_all(&folder).unwrap();
        let table = Self { database, folder };
        for (name, text) in [("issuing", "a passphrase of people"), ("root", "another of other people")] {
            table.secret(name, &format!("{text}\n"));
        }
        for name in ["admin1", "admin2", "admin3"] {
            let key = SecretKey::generate(SecretKind::P256).unwrap();
            fs::write(table.folder.join(format!("{name}.csr")), key.request_pem(name).unwrap()).unwrap();
        }
        let ceremony = concat!(env!("CARGO_MANIFEST_DIR"), "/certs/ceremony.toml");
        fs::copy(ceremony, table.folder.join("ceremony.toml")).unwrap();
        table
    }

    fn secret(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Runs `gerbang` in the folder, with the database as its owner.
    fn gerbang(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gerbang"));
        command.args(words.split_whitespace()).current_dir(&self.folder).env("LC_ALL", "C");
        command.env("GERBANG_DATABASE_URL", url("gerbang_owner", &self.database)).output().unwrap()
    }

    fn init(&self, out: &str, root: &str) -> Output {
        self.gerbang(&format!(
            "ca init --ceremony ceremony.toml --out {out} --root-out {root} \
             --passphrase-file issuing --root-passphrase-file root"
        ))
    }

    async fn count(&self, table: &str) -> i64 {
        let mut db = PgConnection::connect(&url("gerbang_owner", &self.database)).await.unwrap();
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")));
        count.fetch_one(&mut db).await.unwrap()
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test]
async fn a_ceremony_is_held_once_and_goes_on_where_it_was_cut_off() {
    let table = Table::laid().await;
    let inside = table.init("ca", "ca/root");
    assert_eq!(code(&inside), 2, "{}", err(&inside));
    assert!(!table.folder.join("ca").exists());

    // Two administrators with one key are one.
    let csr = |name: &str| table.folder.join(format!("{name}.csr"));
    let kept = fs::read(csr("admin2")).unwrap();
    fs::copy(csr("admin1"), csr("admin2")).unwrap();
    let twins = table.init("ca", "vault");
    assert_eq!(code(&twins), 1);
    assert!(
        err(&twins).contains("ceremony.toml, line ") && err(&twins).contains("one key"),
        "{}",
        err(&twins)
    );
    fs::write(csr("admin2"), kept).unwrap();
    assert_eq!(table.count("authority").await, 0);

    // A folder where the transaction fails: the database is there, and its operator is another kind of agency.
    let mut owner = PgConnection::connect(&url("gerbang_owner", &table.database)).await.unwrap();
    let other = "INSERT INTO agency (code, kind, tier, names, time_zone, state, created_at) VALUES ('operator', \
        'PRISON', 'NONE', '[{\"display_name\": \"X\", \"valid_from\": \"2000-01-01\", \"decree_number\": null}]', \
        'Asia/Jakarta', 'ACTIVE', '2026-01-01T00:00:00Z')";
    sqlx::query(other).execute(&mut owner).await.unwrap();
    let refused = table.init("ca", "vault");
    assert!(err(&refused).ends_with("ROLE_NOT_OF_AGENCY\n"), "{}", err(&refused));
    assert_eq!((table.count("authority").await, table.count("ledger_entry").await), (0, 0));
    sqlx::query("DELETE FROM agency").execute(&mut owner).await.unwrap();
    let key = fs::read(table.folder.join("ca/clients.key")).unwrap();
    let resumed = table.init("ca", "vault");
    assert_eq!(code(&resumed), 0, "{}", err(&resumed));
    assert_eq!(fs::read(table.folder.join("ca/clients.key")).unwrap(), key, "no key is made twice");
    assert_eq!(
        (table.count("authority").await, table.count("certificate").await, table.count("ledger_entry").await),
        (3, 2, 1)
    );
    for name in ["ca/clients.key", "ca/gateways.key", "vault/root.key"] {
        let path = table.folder.join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        assert!(fs::read_to_string(&path).unwrap().contains("ENCRYPTED PRIVATE KEY"), "{name}");
    }
    assert!(!table.folder.join("ca/root.key").exists());
    let transcript = fs::read_to_string(table.folder.join("ca/transcript.txt")).unwrap();
    assert!(transcript.contains("agencies/operator/systems/admin2"), "{transcript}");

    let twice = table.init("other", "elsewhere");
    assert_eq!(code(&twice), 6);
    assert!(err(&twice).ends_with("AUTHORITY_EXISTS\n"), "{}", err(&twice));
    assert!(!table.folder.join("other").exists());
}

#[tokio::test]
async fn the_root_admits_an_administrator_and_renews_its_list() {
    let table = Table::laid().await;
    assert_eq!(code(&table.init("ca", "vault")), 0);
    let root = "--root-key vault/root.key --root ca/root.pem --root-passphrase-file root";
    let admit = |csr: &str, system: &str, root: &str| {
        table.gerbang(&format!("ca admit --csr {csr} --system {system} --ceremony ceremony.toml {root}"))
    };
    let taken = admit("admin1.csr", "operator/admin3", root);
    assert!(err(&taken).ends_with("KEY_IN_USE\n"), "{}", err(&taken));
    assert_eq!(code(&admit("admin3.csr", "lapas-tpi/admin3", root)), 2);
    let issuing = "--root-key ca/clients.key --root ca/clients.pem --root-passphrase-file issuing";
    let impostor = admit("admin3.csr", "operator/admin3", issuing);
    assert!(err(&impostor).ends_with("AUTHORITY_UNKNOWN\n"), "{}", err(&impostor));
    assert_eq!(table.count("certificate_order").await, 0);
    // Another ceremony's file is told from this one's before the root's key is opened.
    let plan = fs::read_to_string(table.folder.join("ceremony.toml")).unwrap();
    let domain =
        plan.lines().find_map(|line| line.strip_prefix("trust_domain = ")).unwrap().trim_matches('"');
    fs::write(table.folder.join("ceremony.toml"), plan.replace(domain, "lain.example")).unwrap();
    let locked = root.replace("--root-passphrase-file root", "--root-passphrase-file none");
    let foreign = admit("admin3.csr", "operator/admin3", &locked);
    assert!(err(&foreign).ends_with("CEREMONY_DIFFERS\n"), "{}", err(&foreign));
    assert!(err(&foreign).contains("lain.example") && err(&foreign).contains(domain), "{}", err(&foreign));
    fs::write(table.folder.join("ceremony.toml"), plan).unwrap();
    assert_eq!(table.count("certificate_order").await, 0);
    let own = admit("admin3.csr", "operator/admin3", &format!("{root} --out admin3.csr"));
    assert!(code(&own) == 2 && err(&own).contains("--out"), "{}", err(&own));

    // No signer is at work: the order stands, and the same again is the same order.
    for _ in 0..2 {
        let admitted = admit("admin3.csr", "operator/admin3", &format!("{root} --wait 0"));
        assert_eq!(code(&admitted), 1, "{}", err(&admitted));
        assert!(
            err(&admitted).contains("start gerbang signer, then type the same again"),
            "{}",
            err(&admitted)
        );
    }
    assert!(!table.folder.join("admin3.pem").exists());
    assert_eq!(table.count("certificate_order WHERE way = 'CEREMONY' AND role = 'ADMINISTRATOR'").await, 1);
    assert_eq!(table.count("order_approval WHERE approver = 'root'").await, 1);
    assert_eq!(table.count("system WHERE system = 'admin3' AND role = 'ADMINISTRATOR'").await, 1);

    let renewed = table.gerbang(&format!("ca renew-crl {root} --out list.pem"));
    assert_eq!(code(&renewed), 0, "{}", err(&renewed));
    assert_eq!(table.count("crl").await, 2);
    assert!(fs::read_to_string(table.folder.join("list.pem")).unwrap().starts_with("-----BEGIN X509 CRL"));

    let key = table.folder.join("vault/root.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let open = table.gerbang(&format!("ca renew-crl {root}"));
    assert!(code(&open) == 1 && err(&open).contains("chmod 600"), "{}", err(&open));
}
