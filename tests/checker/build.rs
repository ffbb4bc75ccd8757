//! Compiles the contracts anew, so that no generated type is shared with the gate. Uses protox, so no
//! `protoc` is needed.

use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = Path::new("../../proto");
    let contracts =
        ["audit", "consent", "outbound"].map(|name| folder.join(name).with_extension("proto"));
    for contract in &contracts {
        println!("cargo::rerun-if-changed={}", contract.display());
    }
    let descriptors = protox::compile(&contracts, [folder]).map_err(io::Error::other)?;
    prost_build::Config::new().compile_fds(descriptors)
}
