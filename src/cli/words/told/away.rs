//! Why the database lets nobody in, or not with these keys, in Indonesian: what its driver and its server say, and what to
//! look at, which `store::hint` puts behind it. [`super::told`] reads these first, for what follows belongs to the whole.

/// The English pattern, and the Indonesian with the numbers of its places.
pub(super) const FAILURES: &[(&str, &str)] = &[
    (
        "{}. sslrootcert in the database's URL must name the certificate of the authority that signed the database's \
         (db-ca.pem); without it none is trusted",
        "{1}. sslrootcert dalam URL basis data harus menyebut sertifikat otoritas yang menandatangani sertifikat basis \
         data (db-ca.pem); tanpa itu tidak ada otoritas yang dipercaya",
    ),
    (
        "{}. The host in the database's URL must be a name that the database's certificate holds",
        "{1}. Nama mesin dalam URL basis data harus tercantum dalam sertifikat basis data",
    ),
    (
        "{}. The database's certificate has ended: renew it on the database's machine",
        "{1}. Masa berlaku sertifikat basis data sudah berakhir: perbarui pada mesin basis data",
    ),
    (
        "{}. The file that sslrootcert names in the database's URL, or the server's socket, is not there",
        "{1}. Berkas yang disebut sslrootcert dalam URL basis data, atau soket peladennya, tidak ada",
    ),
    (
        "{}. This user may not open the file that sslrootcert names in the database's URL",
        "{1}. Pengguna ini tidak berhak membuka berkas yang disebut sslrootcert dalam URL basis data",
    ),
    (
        "{}. PGPASSFILE is not set: unless the URL holds the password, name the file that does",
        "{1}. PGPASSFILE belum diatur: kecuali URL memuat kata sandi, sebutkan berkas yang memuatnya",
    ),
    (
        "{}. PGPASSFILE names {}, which this user cannot open: {}",
        "{1}. PGPASSFILE menyebut {2}, yang tidak dapat dibuka pengguna ini: {3}",
    ),
    (
        "{}. PGPASSFILE names {}, which is not used because others can reach it (mode {}). Run: chmod 600 {}",
        "{1}. PGPASSFILE menyebut {2}, yang tidak dipakai karena dapat dijangkau pengguna lain (mode {3}). Jalankan: chmod \
         600 {4}",
    ),
    (
        "{}. PGPASSFILE names {}: it has no line for this host, port, database and role, or an old password",
        "{1}. PGPASSFILE menyebut {2}: berkas itu tidak memuat baris untuk mesin, port, basis data, dan peran ini, atau kata \
         sandinya sudah diganti",
    ),
    (
        "vault.toml holds {}; put the right file in place, from its backup or from another gateway",
        "vault.toml tidak cocok dengan basis data: {1}; pasanglah berkas yang benar, dari cadangannya atau dari gerbang lain",
    ),
    (
        "another {} key of version {} than this database uses",
        "kunci {1} versi {2} di dalamnya bukan yang dipakai basis data ini",
    ),
    ("another {} key than this database was begun with", "kunci {1} di dalamnya bukan kunci basis data ini"),
    (
        "no {} key of version {}, which this database uses",
        "kunci {1} versi {2}, yang dipakai basis data ini, tidak ada di dalamnya",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::told;
    use crate::domain::reason::Language;

    #[test]
    fn what_to_look_at_is_told_behind_what_is_wrong() {
        for (failure, indonesian) in [
            (
                "the database is away: error occurred while attempting to establish a TLS connection: invalid peer \
                 certificate: UnknownIssuer. sslrootcert in the database's URL must name the certificate of the authority \
                 that signed the database's (db-ca.pem); without it none is trusted",
                "basis data tidak dapat dihubungi: sertifikatnya tidak berasal dari akar yang dipercaya. sslrootcert dalam URL \
                 basis data harus menyebut sertifikat otoritas yang menandatangani sertifikat basis data (db-ca.pem); tanpa \
                 itu tidak ada otoritas yang dipercaya",
            ),
            (
                "the database is away: password authentication failed for user \"gerbang_gateway\". PGPASSFILE names \
                 /etc/gerbang/pgpass, which is not used because others can reach it (mode 640). Run: chmod 600 \
                 /etc/gerbang/pgpass",
                "basis data tidak dapat dihubungi: kata sandi pengguna \"gerbang_gateway\" ditolak. PGPASSFILE menyebut \
                 /etc/gerbang/pgpass, yang tidak dipakai karena dapat dijangkau pengguna lain (mode 640). Jalankan: chmod 600 \
                 /etc/gerbang/pgpass",
            ),
        ] {
            assert_eq!(told(Language::English, failure), failure);
            assert_eq!(told(Language::Indonesian, failure), indonesian);
        }
    }
}
