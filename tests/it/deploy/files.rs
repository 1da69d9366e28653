//! The files that an operator writes: a ceremony, the configurations, an agency. `DATABASE` and the like are put in later.

pub const CEREMONY: &str = r#"
trust_domain = "gerbang.example"
organisation = "Kanwil Contoh"

[root]
name = "Gerbang Contoh – Akar"
days = 7305
crl_days = 400

[issuing]
clients = "Gerbang Contoh – Klien"
gateways = "Gerbang Contoh – Gerbang"
days = 1826

[operator]
code = "operator"
display_name = "Operator Gerbang Contoh"
tier = "PROVINCE"
zone = "Asia/Jakarta"

[[administrator]]
system = "admin1"
request = "admin1.csr"
days = 90

[[administrator]]
system = "admin2"
request = "admin2.csr"
days = 90
"#;

pub const SIGNER: &str = r#"
database_url = "DATABASE"
trust_domain = "gerbang.example"
root = "ca/root.pem"
mark = "mark.toml"

[clients]
certificate = "ca/clients.pem"
key = "ca/clients.key"
passphrase_file = "passphrase"

[gateways]
certificate = "ca/gateways.pem"
key = "ca/gateways.key"
passphrase_file = "passphrase"
hosts = ["localhost"]
"#;

pub const GATEWAY: &str = r#"
listen = "EXCHANGE"
trust_domain = "gerbang.example"
database_url = "DATABASE"
vault = "vault.toml"

[keeper]
database_url = "KEEPER"

[tls]
certificate = "gateway.pem"
key = "gateway.key"
hosts = ["localhost"]
root = "root.pem"
clients_ca = "clients.pem"

[join]
listen = "JOIN"
exchange = "EXCHANGE"
"#;

pub const AGENCY: &str = r#"{ "code": "CODE", "kind": "AGENCY_KIND_VOCATIONAL_TRAINING_CENTRE",
  "tier": "AGENCY_TIER_PROVINCE", "time_zone": "Asia/Jakarta",
  "names": [{ "display_name": "Balai Contoh", "valid_from": "2020-01-06" }] }"#;
