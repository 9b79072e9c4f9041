//! Runs `vectors/*.json`, whose README says what they mean.

use std::{collections::BTreeSet, fs, path::Path};

use antiphon_protocol::{
    Format, decode_client, decode_server,
    v1::{ClientFrame, ServerFrame, WebhookEvent},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use prost::Message;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    name: String,
    message: MessageName,
    json: Option<Value>,
    json_text: Option<String>,
    canonical_json: Option<Value>,
    binary_base64: Option<String>,
    error: Option<Refused>,
}

#[derive(Deserialize)]
enum MessageName {
    ClientFrame,
    ServerFrame,
    WebhookEvent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Refused {
    Json,
    Proto,
}

/// A frame of either direction or the body of a webhook, read by the functions that the server and the clients use.
trait Frame: Message + Default + std::fmt::Debug + Serialize + DeserializeOwned {
    fn decode_as(format: Format, bytes: &[u8]) -> Option<Self>;
}

impl Frame for ClientFrame {
    fn decode_as(format: Format, bytes: &[u8]) -> Option<Self> {
        decode_client(format, bytes).ok()
    }
}

impl Frame for ServerFrame {
    fn decode_as(format: Format, bytes: &[u8]) -> Option<Self> {
        decode_server(format, bytes).ok()
    }
}

impl Frame for WebhookEvent {
    fn decode_as(format: Format, bytes: &[u8]) -> Option<Self> {
        match format {
            Format::Json => serde_json::from_slice(bytes).ok(),
            Format::Proto => Self::decode(bytes).ok(),
        }
    }
}

/// What is wrong with a vector, or nothing.
fn check<F: Frame>(vector: &Vector) -> Result<(), String> {
    let text = vector.json_text.clone().or_else(|| vector.json.as_ref().map(Value::to_string));
    let binary = vector.binary_base64.as_ref().map(|text| BASE64.decode(text).expect("base64"));

    match vector.error {
        Some(Refused::Json) => {
            let text = text.ok_or("no JSON to refuse")?;
            return F::decode_as(Format::Json, text.as_bytes()).map_or(Ok(()), |frame| Err(format!("read: {frame:?}")));
        }
        Some(Refused::Proto) => {
            let binary = binary.ok_or("no binary to refuse")?;
            return F::decode_as(Format::Proto, &binary).map_or(Ok(()), |frame| Err(format!("read: {frame:?}")));
        }
        None => {}
    }

    let canonical = vector.canonical_json.as_ref().or(vector.json.as_ref()).ok_or("no canonical JSON")?;
    let binary = binary.ok_or("no binary")?;
    if let Some(text) = text {
        let frame = F::decode_as(Format::Json, text.as_bytes()).ok_or("the JSON is refused")?;
        let written = frame.encode_to_vec();
        if written != binary {
            return Err(format!("JSON → binary is {}", BASE64.encode(written)));
        }
    }
    let frame = F::decode_as(Format::Proto, &binary).ok_or("the binary is refused")?;
    let written = as_written(&frame)?;
    if written != *canonical {
        return Err(format!("binary → JSON is {written}"));
    }
    let again = F::decode_as(Format::Json, written.to_string().as_bytes()).ok_or("its own JSON is refused")?;
    let written_again = as_written(&again)?;
    if written_again != *canonical {
        return Err(format!("JSON → JSON is {written_again}"));
    }
    Ok(())
}

/// The value of the text that goes over the wire; `serde_json::to_value` would not write it.
fn as_written(frame: &impl Serialize) -> Result<Value, String> {
    let text = serde_json::to_string(frame).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[test]
fn every_vector_reads_and_writes_as_it_says() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let (mut count, mut kinds, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for entry in fs::read_dir(directory).expect("the vectors' directory") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a readable file");
        let vectors: Vec<Vector> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        for vector in &vectors {
            count += 1;
            let (message, outcome) = match vector.message {
                MessageName::ClientFrame => ("ClientFrame", check::<ClientFrame>(vector)),
                MessageName::ServerFrame => ("ServerFrame", check::<ServerFrame>(vector)),
                MessageName::WebhookEvent => ("WebhookEvent", check::<WebhookEvent>(vector)),
            };
            if let Err(what) = outcome {
                wrong.push(format!("{}: {}: {what}", path.display(), vector.name));
            }
            if let (None, Some(Value::Object(json))) = (&vector.error, &vector.json) {
                kinds.extend(json.keys().map(|field| format!("{message}.{field}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} vectors:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 200, "only {count} vectors");
    for kind in kinds_of_frames() {
        assert!(kinds.contains(&kind), "no vector has {kind}");
    }
}

/// Every kind of frame as `Message.jsonName`.
fn kinds_of_frames() -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for message in descriptors().file.iter().flat_map(|file| &file.message_type) {
        if matches!(message.name(), "ClientFrame" | "ServerFrame") {
            let fields = message.field.iter().filter(|field| field.oneof_index.is_some());
            kinds.extend(fields.map(|field| format!("{}.{}", message.name(), field.json_name())));
        }
    }
    assert!(kinds.len() > 40, "{kinds:?}");
    kinds
}

fn descriptors() -> prost_types::FileDescriptorSet {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let files = ["antiphon/v1/signal.proto", "antiphon/v1/models.proto", "antiphon/v1/webhook.proto"];
    protox::compile(files, [proto]).expect("proto/ compiles")
}

#[test]
fn the_clients_wire_has_no_64_bit_integer() {
    use prost_types::{DescriptorProto, field_descriptor_proto::Type};

    fn walk(message: &DescriptorProto, found: &mut Vec<String>) {
        for field in &message.field {
            if matches!(field.r#type(), Type::Int64 | Type::Uint64 | Type::Fixed64 | Type::Sfixed64 | Type::Sint64) {
                found.push(format!("{}.{}", message.name(), field.name()));
            }
        }
        message.nested_type.iter().for_each(|nested| walk(nested, found));
    }

    let files = descriptors();
    let messages: Vec<_> = files.file.iter().flat_map(|file| &file.message_type).collect();
    let mut found = Vec::new();
    messages.iter().for_each(|message| walk(message, &mut found));
    assert!(messages.len() > 40, "{}", messages.len());
    assert_eq!(found, Vec::<String>::new(), "JSON would carry them as strings");
}

#[test]
fn json_that_is_not_utf8_is_refused() {
    for bytes in [&b"{\"chat\":{\"text\":\"\xff\"}}"[..], b"{\"chat\":{\"text\":\"\xed\xa0\x80\"}}", b"\xff"] {
        assert!(decode_client(Format::Json, bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn nesting_as_deep_as_a_message_may_be_long_overflows_nothing() {
    const LONGEST: usize = 64 * 1024;
    for (before, open, close) in [
        ("", "[", ""),
        ("{\"x\":", "[", ""),
        ("{\"x\":", "{\"a\":", ""),
        ("{\"seq\":", "[", "]"),
        ("{\"offer\":", "{\"a\":", "}"),
    ] {
        let depth = (LONGEST - before.len()) / (open.len() + close.len());
        let text = [before, &open.repeat(depth), &close.repeat(depth)].concat();
        assert!(decode_client(Format::Json, text.as_bytes()).is_err(), "{before}{open}");
    }
    let groups = [0xd3, 0x3e].repeat(LONGEST / 2);
    assert!(decode_client(Format::Proto, &groups).is_err());
}

#[test]
fn deep_nesting_in_a_field_that_nobody_knows_is_ignored_like_the_field() {
    let depth = 30_000;
    let text = format!("{{\"seq\":7,\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let frame = decode_client(Format::Json, text.as_bytes()).expect("nothing recurses into it");
    assert_eq!(frame, ClientFrame { seq: 7, ..ClientFrame::default() });
}

#[test]
fn where_the_mapping_is_silent_rust_does_as_the_readme_says() {
    for text in [
        r#"{"data":{"payload":"AA EC"}}"#,
        r#"{"data":{"payload":"+_8="}}"#,
        r#"{"data":{"payload":"AB=="}}"#,
        r#"{"seq":"0x10"}"#,
        r#"{"seq":"007"}"#,
        r#"{"seq":"+7"}"#,
    ] {
        assert!(decode_client(Format::Json, text.as_bytes()).is_err(), "{text}");
    }
    for (text, canonical) in [
        (r#"{"chat":null,"leave":{}}"#, r#"{"leave":{}}"#),
        (r#"{"candidate":{"candidate":null,"candidate":"x"}}"#, r#"{"candidate":{"candidate":"x"}}"#),
        (r#"{"x":1,"x":2}"#, "{}"),
    ] {
        let frame = decode_client(Format::Json, text.as_bytes()).expect(text);
        assert_eq!(serde_json::to_string(&frame).expect("JSON"), canonical);
    }
}
