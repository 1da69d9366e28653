//! The gateway under test: the built binary, with the default limits, a JSON log and metrics.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result,
    cluster::Cluster,
    founding::Founded,
    server::{Server, free_address},
};

/// Writes a configuration for these addresses; the file.
fn configure(folder: &Path, cluster: &Cluster, founded: &Founded, address: SocketAddr) -> Result<PathBuf> {
    let pki = |file: &str| founded.path(file).display().to_string();
    let text = format!(
        "listen = \"{address}\"\ntrust_domain = \"{}\"\ndatabase_url = \"{}\"\nvault = \"vault.toml\"\nledger_key = \"ledger.key\"\nlog = \"json\"\n\n\
         [keeper]\ndatabase_url = \"{}\"\n\n[metrics]\nlisten = \"{}\"\n\n\
         [tls]\ncertificate = \"{}\"\nkey = \"{}\"\nhosts = [\"localhost\"]\nroot = \"{}\"\nclients_ca = \"{}\"\n",
        gerbang::dev::pki::trust_domain()?,
        cluster.gateway_url(),
        cluster.keeper_url(),
        free_address()?,
        pki("gateway.pem"),
        pki("gateway.key"),
        pki("root.pem"),
        pki("clients.pem"),
    );
    let file = folder.join(format!("gerbang-{}.toml", address.port()));
    std::fs::write(&file, text)?;
    Ok(file)
}

/// Starts a gateway, and answers once it accepts connections.
pub async fn start(folder: &Path, cluster: &Cluster, founded: &Founded, name: &str) -> Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_gerbang"));
    command.arg("serve").arg("--config").arg(configure(folder, cluster, founded, address)?);
    command.env_remove("RUST_LOG");
    Server::start(command, address, folder, name).await
}
