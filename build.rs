//! Compiles the contract with `protox` (no `protoc` needed): the Rust code for `src/proto.rs`, and the
//! descriptor set with its options, imports included, for reflection, the access table and the export.

use std::{env, path::PathBuf, process::Command};

/// The crate that carries `buf/validate/validate.proto`. It is locked and never built.
const VALIDATE_CRATE: &str = "prost-protovalidate-types";

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo::rerun-if-changed=proto");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=Cargo.lock");
    let validate = validate_proto_folder()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    std::fs::copy(validate.join("buf/validate/validate.proto"), out.join("validate.proto"))?;

    let mut files: Vec<_> = std::fs::read_dir("proto/gerbang/v1")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut compiler = protox::Compiler::new([PathBuf::from("proto"), validate])?;
    compiler.include_imports(true).include_source_info(true).open_files(files)?;
    // Encoded here, not by way of prost_types, which would drop the access options.
    std::fs::write(out.join("gerbang.binpb"), compiler.encode_file_descriptor_set())?;

    let mut config = prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .codec_path("crate::proto::codec::StrictCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// Where Cargo keeps the sources of the locked validate crate; works vendored and offline too.
fn validate_proto_folder() -> Result<PathBuf, Failure> {
    let cargo = env::var("CARGO")?;
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == VALIDATE_CRATE)
        .and_then(|package| package["manifest_path"].as_str())
        .and_then(|path| PathBuf::from(path).parent().map(|folder| folder.join("proto")))
        .ok_or_else(|| format!("{VALIDATE_CRATE} is not in Cargo.lock").into())
}
