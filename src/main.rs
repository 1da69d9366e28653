//! Starts the command line. Everything is in the library.

use std::process::ExitCode;

use gerbang::{
    cli,
    server::outside::{SystemClock, SystemEntropy},
};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// jemalloc's configuration, a C string that it reads before `main`: what was not used for a second goes back to the system,
/// by a thread of its own, so that what a load needed is not held after it. `_RJEM_MALLOC_CONF` in the environment adds to it.
#[unsafe(export_name = "_rjem_malloc_conf")]
static MALLOC_CONF: &[u8; 60] = b"background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0\0";

fn main() -> ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(cli::run(cli, &SystemClock, &SystemEntropy)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
