//! Peers that are measured where they are installed: nginx for handshakes, and a Go service (grpc-go, pgx) that does what the
//! bare one does.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result,
    cluster::Cluster,
    server::{Server, free_address},
};

/// nginx with one worker, the gateway's certificate, and clients' certificates asked for; nothing is resumed.
pub async fn start_nginx(folder: &Path) -> Result<Option<Server>> {
    let Some(program) = find("nginx") else { return Ok(None) };
    let address = free_address()?;
    let at = folder.display();
    let text = format!(
        "daemon off;\nworker_processes 1;\npid {at}/nginx.pid;\nerror_log stderr;\n{}\nevents {{}}\nhttp {{\n  access_log off;\n\
         \x20 client_body_temp_path {at}/nginx.body;\n  proxy_temp_path {at}/nginx.proxy;\n  fastcgi_temp_path {at}/nginx.fastcgi;\n\
         \x20 uwsgi_temp_path {at}/nginx.uwsgi;\n  scgi_temp_path {at}/nginx.scgi;\n  server {{\n    listen {address} ssl http2;\n\
         \x20   ssl_protocols TLSv1.3;\n    ssl_ecdh_curve X25519:P-256;\n    ssl_session_tickets off;\n    ssl_session_cache off;\n\
         \x20   ssl_certificate {at}/pki/gateway.pem;\n    ssl_certificate_key {at}/pki/gateway.key;\n\
         \x20   ssl_client_certificate {at}/pki/root.pem;\n    ssl_verify_client on;\n    ssl_verify_depth 3;\n\
         \x20   return 200;\n  }}\n}}\n",
        if nix::unistd::geteuid().is_root() { "user root;" } else { "" },
    );
    let config = folder.join("nginx.conf");
    std::fs::write(&config, text)?;
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(config);
    Ok(Some(Server::start(command, address, folder, "nginx").await?))
}

/// The Go service of `benches/go`, built by its script; nothing where Go or its libraries are missing.
pub async fn start_go(folder: &Path, cluster: &Cluster) -> Result<Option<Server>> {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/go/build");
    let (program, cache) = (folder.join("go-peer"), folder.with_file_name("go-cache"));
    if find("go").is_none() {
        return Ok(None);
    }
    let mut build = Command::new(build);
    build.arg(env!("CARGO_BIN_EXE_gerbang")).arg(&program).env("GOCACHE", cache);
    let built = build.output()?;
    if !built.status.success() {
        eprintln!("the Go service cannot be built here: {}", String::from_utf8_lossy(&built.stderr));
        return Ok(None);
    }
    let address = free_address()?;
    let mut command = Command::new(program);
    command.arg(address.to_string()).arg(folder.join("pki")).arg(cluster.superuser_url());
    Ok(Some(Server::start(command, address, folder, "go").await?))
}

/// A program on the PATH, or where Debian keeps those of the administrator.
fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}
