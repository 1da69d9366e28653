//! Compiles the contract with `protox` (no `protoc` needed): the Rust code for `src/proto.rs`, the descriptor set
//! with its options, imports included, for reflection and the access table, and the table of methods.
//!
//! The table is one macro, `for_each_service!`, that hands its rows to the macro that it is given. The macros that
//! make code of a row stand in `src/`, where they can be read: `proto/shape.rs`, `proto/method.rs`, `rpc/mod.rs`,
//! `rpc/decode.rs`, `agent/client.rs`. The rows read so, in `certificate { … }` or, for callers without a certificate,
//! in `token { … }`:
//!
//! ```text
//! AgencyService agency (agency_service_server AgencyServiceServer) (agency_service_client AgencyServiceClient) (262144 4194304) {
//!     write update_agency "AgencyService/UpdateAgency" (UpdateAgencyRequest mutation change) (UpdateAgencyResponse one change Change);
//!     read list_agencies "AgencyService/ListAgencies" (ListAgenciesRequest list) (ListAgenciesResponse list agencies Agency);
//! } { methods that answer with a stream } { methods that take a stream too: the mutations of another, one after another }
//! ```

use std::{
    env,
    fmt::Write,
    path::{Path, PathBuf},
    process::Command,
};

use protox::prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, MessageDescriptor,
    MethodDescriptor, ServiceDescriptor,
};

/// The crate that carries `buf/validate/validate.proto`. It is locked and never built.
const VALIDATE_CRATE: &str = "prost-protovalidate-types";
/// The crate that carries `google/rpc/status.proto` and `error_details.proto`, under their bare names.
const RPC_CRATE: &str = "tonic-types";
/// The files of `google.rpc` by which a client reads the details of an error.
const RPC_FILES: [&str; 2] = ["error_details.proto", "status.proto"];

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo::rerun-if-changed=proto");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=Cargo.lock");
    let packages = packages()?;
    let validate = proto_folder(&packages, VALIDATE_CRATE)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    std::fs::copy(validate.join("buf/validate/validate.proto"), out.join("validate.proto"))?;
    error_details(&proto_folder(&packages, RPC_CRATE)?, &out)?;

    let mut files: Vec<_> = std::fs::read_dir("proto/gerbang/v1")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    std::fs::write(out.join("files.rs"), listed(&files)?)?;
    let mut compiler = protox::Compiler::new([PathBuf::from("proto"), validate])?;
    compiler.include_imports(true).include_source_info(true).open_files(files)?;
    // Encoded here, not by way of prost_types, which would drop the access options. And once without comments and places in
    // the text, which are two thirds of it: a gateway keeps the descriptor in memory, three times with reflection's.
    std::fs::write(out.join("commented.binpb"), compiler.encode_file_descriptor_set())?;
    compiler.include_source_info(false);
    std::fs::write(out.join("gerbang.binpb"), compiler.encode_file_descriptor_set())?;
    compiler.include_source_info(true);
    std::fs::write(out.join("services.rs"), services(&compiler.descriptor_pool())?)?;

    let mut config = prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .codec_path("crate::proto::codec::StrictCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// Lays the files of `google.rpc` out under the names by which everybody imports them, and writes their descriptors, for
/// reflection. No Rust code is made of them: `tonic-types` has it.
fn error_details(folder: &Path, out: &Path) -> Result<(), Failure> {
    let root = out.join("rpc");
    std::fs::create_dir_all(root.join("google/rpc"))?;
    for file in RPC_FILES {
        std::fs::copy(folder.join(file), root.join("google/rpc").join(file))?;
    }
    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).open_files(RPC_FILES.map(|file| root.join("google/rpc").join(file)))?;
    std::fs::write(out.join("rpc.binpb"), compiler.encode_file_descriptor_set())?;
    Ok(())
}

/// The packages of `Cargo.lock`, with where Cargo keeps their sources; works vendored and offline too.
fn packages() -> Result<serde_json::Value, Failure> {
    let cargo = env::var("CARGO")?;
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let mut metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(metadata["packages"].take())
}

/// Finds the folder `proto/` of a locked crate.
fn proto_folder(packages: &serde_json::Value, name: &str) -> Result<PathBuf, Failure> {
    packages
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == name)
        .and_then(|package| package["manifest_path"].as_str())
        .and_then(|path| PathBuf::from(path).parent().map(|folder| folder.join("proto")))
        .ok_or_else(|| format!("{name} is not in Cargo.lock").into())
}

/// An array of the path below `proto/` and the text of each file.
fn listed(files: &[PathBuf]) -> Result<String, Failure> {
    let rows = files.iter().map(|file| {
        let path = file.strip_prefix("proto")?.display();
        let whole = format!(r#"concat!(env!("CARGO_MANIFEST_DIR"), "/proto/{path}")"#);
        Ok(format!("(\"{path}\", include_str!({whole})),\n"))
    });
    Ok(format!("&[\n{}]", rows.collect::<Result<String, Failure>>()?))
}

/// The package of our own services.
const PACKAGE: &str = "gerbang.v1";
/// Bytes of a request and of an answer, where the contract's `message_size` says nothing.
const MESSAGE_BYTES_MAX: (i32, i32) = (256 * 1024, 4 * 1024 * 1024);

/// `for_each_service!`: the services that take certificates, and those that take a token instead.
fn services(pool: &DescriptorPool) -> Result<String, Failure> {
    let (mut certificate, mut token) = (String::new(), String::new());
    let access = extension(pool, "access")?;
    for service in pool.services().filter(|service| service.package_name() == PACKAGE) {
        let by_token = service.methods().any(|method| is_by_token(&method, &access));
        service_row(pool, &service, if by_token { &mut token } else { &mut certificate })?;
    }
    Ok(format!(
        "macro_rules! for_each_service {{ ($run:ident) => {{ $run! {{\n\
         certificate {{\n{certificate}}}\ntoken {{\n{token}}}\n}} }}; }}\n"
    ))
}

/// The names of a service and of what tonic makes of it, its sizes, and a row for each of its methods: those that answer once,
/// those that answer with a stream, and those that take one too.
fn service_row(
    pool: &DescriptorPool,
    service: &ServiceDescriptor,
    table: &mut String,
) -> Result<(), Failure> {
    let name = service.name();
    let snake = snake(name);
    let noun = snake.trim_end_matches("_service");
    let size = message(service.options(), &extension(pool, "message_size")?);
    let bytes = |field: &str, default: i32| {
        let stated = size.as_ref().and_then(|size| size.get_field_by_name(field)?.as_i32());
        stated.filter(|bytes| *bytes > 0).unwrap_or(default)
    };
    let request_max = bytes("request_bytes_max", MESSAGE_BYTES_MAX.0);
    let answer_max = bytes("answer_bytes_max", MESSAGE_BYTES_MAX.1);
    writeln!(
        table,
        "{name} {noun} ({snake}_server {name}Server) ({snake}_client {name}Client) ({request_max} {answer_max}) {{"
    )?;
    for method in service.methods().filter(answers_once) {
        let way = if is_mutation(&method.input()) { "write" } else { "read" };
        method_row(&method, way, table)?;
    }
    writeln!(table, "}} {{")?;
    let only_answers =
        |method: &MethodDescriptor| method.is_server_streaming() && !method.is_client_streaming();
    for method in service.methods().filter(only_answers) {
        method_row(&method, &format!("{}Stream", method.name()), table)?;
    }
    writeln!(table, "}} {{")?;
    for method in service.methods().filter(MethodDescriptor::is_client_streaming) {
        let each = each_of_series(service, &method)?;
        method_row(&method, &format!("\"{each}\" {}Stream", method.name()), table)?;
    }
    writeln!(table, "}}")?;
    Ok(())
}

fn answers_once(method: &MethodDescriptor) -> bool {
    !method.is_server_streaming() && !method.is_client_streaming()
}

/// The method that a series is of, `Service/Method`: the one that takes and answers once what the series does again and again.
fn each_of_series(service: &ServiceDescriptor, series: &MethodDescriptor) -> Result<String, Failure> {
    let is_series = series.is_server_streaming() && is_mutation(&series.input());
    let alike = |method: &MethodDescriptor| {
        answers_once(method) && (method.input(), method.output()) == (series.input(), series.output())
    };
    let each = service.methods().find(alike).filter(|_| is_series);
    let each = each.ok_or_else(|| format!("{}: a series of no method's mutations", series.full_name()))?;
    Ok(format!("{}/{}", service.name(), each.name()))
}

/// The row of a method: its way, or what tonic calls its stream; its names; its messages and what they share with others.
fn method_row(method: &MethodDescriptor, way: &str, table: &mut String) -> Result<(), Failure> {
    let (request, answer) = (request(method)?, answer(method)?);
    writeln!(
        table,
        "    {way} {} \"{}/{}\" ({} {request}) ({} {answer});",
        snake(method.name()),
        method.parent_service().name(),
        method.name(),
        method.input().name(),
        method.output().name()
    )?;
    Ok(())
}

/// Names the shape that the request shares with others: `mutation` and `change` or `batch`, or `list`.
fn request(method: &MethodDescriptor) -> Result<&'static str, Failure> {
    let request = method.input();
    let has = |field: &str| request.get_field_by_name(field).is_some();
    if is_mutation(&request) != has("validate_only") {
        return Err(format!("{}: request_id and validate_only go together", method.full_name()).into());
    }
    Ok(match is_mutation(&request) {
        true if has("name") && has("etag") => "mutation change",
        true if has("mode") => "mutation batch",
        true => "mutation",
        false if has("page_size") && has("page_token") => "list",
        false => "",
    })
}

/// Names the shape that the answer shares with others: `one` resource or change, a change with its `state`, a page of a
/// `list`; of the rest, which their own code makes, a mutation's by where it tells the ledger entry and its receipt: `change` or
/// `entry`, and else nothing.
fn answer(method: &MethodDescriptor) -> Result<String, Failure> {
    let fields: Vec<_> = method.output().fields().collect();
    let names: Vec<_> = fields.iter().map(FieldDescriptor::name).collect();
    let rest = match is_mutation(&method.input()) {
        false => "",
        true if names.contains(&"change") => "change",
        true if names.contains(&"entry") && names.contains(&"receipt") => "entry",
        true => return Err(format!("{}: its answer tells no ledger entry", method.full_name()).into()),
    };
    // What is not of ours has no shape.
    let is_ours = |of: &&MessageDescriptor| of.package_name() == PACKAGE;
    let of = |field: &FieldDescriptor| Some(field.kind().as_message().filter(is_ours)?.name().to_owned());
    Ok(match (&fields[..], &names[..]) {
        ([one], [name]) if !one.is_list() => of(one).map(|of| format!("one {name} {of}")),
        ([list, _], [name, "next_page_token"]) => of(list).map(|of| format!("list {name} {of}")),
        (_, ["change", "state"]) => Some("state".to_owned()),
        _ => None,
    }
    .unwrap_or_else(|| rest.to_owned()))
}

fn is_mutation(request: &MessageDescriptor) -> bool {
    request.get_field_by_name("request_id").is_some()
}

fn is_by_token(method: &MethodDescriptor, access: &ExtensionDescriptor) -> bool {
    let access = message(method.options(), access);
    access.and_then(|access| access.get_field_by_name("by_token")?.as_bool()).unwrap_or_default()
}

fn extension(pool: &DescriptorPool, name: &str) -> Result<ExtensionDescriptor, Failure> {
    pool.get_extension_by_name(&format!("{PACKAGE}.{name}"))
        .ok_or_else(|| format!("the contract has no option {name}").into())
}

fn message(options: DynamicMessage, extension: &ExtensionDescriptor) -> Option<DynamicMessage> {
    options.has_extension(extension).then(|| options.get_extension(extension).as_message().cloned()).flatten()
}

/// `who_am_i` for `WhoAmI`, as tonic names what it makes.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
