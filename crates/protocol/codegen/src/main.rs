//! Writes `crates/protocol/src/generated` from `proto/`, without a `protoc` on the machine.

mod json_rules;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use prost::Message as _;

const PACKAGE: &str = "antiphon.v1";

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let proto = root.join("proto");
    let out = root.join("crates/protocol/src/generated");
    std::fs::create_dir_all(&out)?;

    let files = proto_files(&proto.join("antiphon/v1"))?;
    let descriptors = protox::compile(files, [proto]).context("compiling proto/")?;

    prost_build::Config::new()
        .out_dir(&out)
        .bytes(["."])
        .btree_map(["."])
        .compile_fds(descriptors.clone())
        .context("generating the message types")?;
    pbjson_build::Builder::new()
        .register_descriptors(&descriptors.encode_to_vec())?
        .out_dir(&out)
        .btree_map(["."])
        .ignore_unknown_fields()
        .build(&[&format!(".{PACKAGE}")])
        .context("generating the JSON mapping")?;

    let serde = out.join(format!("{PACKAGE}.serde.rs"));
    let code = std::fs::read_to_string(&serde)?;
    std::fs::write(&serde, json_rules::apply(&code)?)?;
    Ok(())
}

fn proto_files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<_> =
        std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "proto"));
    files.sort();
    Ok(files)
}
