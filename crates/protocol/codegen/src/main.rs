//! Writes `crates/protocol/src/generated` from `proto/`, without a `protoc` on the machine.

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
    std::fs::write(&serde, accept_null(&code)?)?;
    Ok(())
}

fn proto_files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<_> = std::fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "proto"));
    files.sort();
    Ok(files)
}

/// Makes the generated deserializers accept what the proto3 JSON mapping says a lenient parser accepts.
///
/// pbjson refuses `null` where a field has no presence, and unknown enum names even when unknown fields are ignored
/// (protobuf.dev, "ProtoJSON Format": null is the default value; unknown enum names are dropped with unknown fields).
fn accept_null(code: &str) -> anyhow::Result<String> {
    let rules = [
        (r"Some\(map_\.next_value\(\)\?\)", "Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default())"),
        (
            r"Some\(map_\.next_value::<(::pbjson::private::\w+<_>)>\(\)\?\.0\)",
            "Some(map_.next_value::<::std::option::Option<$1>>()?.map(|x| x.0).unwrap_or_default())",
        ),
        (
            r"Some\(map_\.next_value::<(\w+::\w+)>\(\)\? as i32\)",
            "Some(map_.next_value::<::std::option::Option<$1>>()?.unwrap_or_default() as i32)",
        ),
        (
            r"map_\.next_value::<(std::collections::BTreeMap<_, _>)>\(\)\?",
            "map_.next_value::<::std::option::Option<$1>>()?.unwrap_or_default()",
        ),
        (r"_ => Err\(serde::de::Error::unknown_variant\(value, FIELDS\)\)", "_ => Ok(Self::Value::default())"),
    ];
    let mut code = code.to_owned();
    for (pattern, replacement) in rules {
        let pattern = regex::Regex::new(pattern)?;
        anyhow::ensure!(pattern.is_match(&code), "pbjson-build changed its output: nothing matches {pattern}");
        code = pattern.replace_all(&code, replacement).into_owned();
    }
    Ok(code)
}
