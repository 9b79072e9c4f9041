//! docs/turn.md, run as somebody would who reads it.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use antiphon_ice_core::{
    UnixTime,
    credentials::{Secrets, verify},
};
use serde_json::Value;
use tokio::process::Command;

const PAGE: &str = include_str!("../../../docs/turn.md");

/// Whatever takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(120);

/// What a reader would add to see something: the page's function, called.
const CALL_JS: &str = r#"
globalThis.RTCPeerConnection = class {
  constructor(configuration) { console.log(JSON.stringify(configuration)); }
};
await connect(process.argv[2]);
process.exit(0);
"#;
const CALL_PY: &str = "\nimport sys\nprint(json.dumps(ice_servers(sys.argv[1])))\n";

/// The blocks that a shell is to run, in their order.
fn commands() -> String {
    let blocks = PAGE.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.collect::<Vec<_>>().join("\necho\n")
}

/// The block that the page calls by this name.
fn named(name: &str) -> &'static str {
    let rest = PAGE.split(&format!("<!-- run: {name} -->\n")).nth(1).unwrap_or_else(|| panic!("{name} is on the page"));
    let block = rest.split_once('\n').expect("a block").1;
    block.split("```").next().unwrap_or_default()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[tokio::test]
async fn every_block_of_the_page_works() {
    let directory = tempfile::tempdir().expect("a directory");
    let (port, second) = (free_port(), free_port());
    let here = |text: &str| text.replace("7881", &port.to_string());
    let file = |name: &str, text: String| std::fs::write(directory.path().join(name), text).expect("written");
    file("turn.toml", here(named("turn.toml")));
    file("twilio.toml", named("twilio.toml").to_owned());
    file("twilio-secret", "a-secret".to_owned());
    file("client.mjs", here(named("client.mjs")) + CALL_JS);
    file("client.py", here(named("client.py")) + CALL_PY);
    let script = format!(
        r#"trap 'kill $(jobs -p)' EXIT
{}
echo
node client.mjs "$token"
python3 client.py "$token"
antiphon-turn-credentials --config twilio.toml --listen 127.0.0.1:{second} &
until curl --silent --fail http://127.0.0.1:{second}/readyz; do :; done
"#,
        here(&commands())
    );
    let said = run(&script, directory.path()).await;

    let answers: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(answers.len(), 3, "curl, a page and Python: {said}");
    let secret = std::fs::read_to_string(directory.path().join("turn-secrets")).expect("the page made it");
    let secrets = Secrets::parse(&secret).expect("a secret");
    for answer in answers {
        let turn = &answer["iceServers"][1];
        let (username, credential) = (turn["username"].as_str(), turn["credential"].as_str());
        let username = username.unwrap_or_else(|| panic!("no username: {answer}"));
        let verified = verify(&secrets, username, credential.expect("a credential"), UnixTime(0));
        assert_eq!(verified.expect("coturn would take it").user_id, "app/ada");
    }
    assert!(said.ends_with("ready\n"), "the second configuration: {said}");
}

/// Standard output; the script must succeed.
async fn run(script: &str, directory: &Path) -> String {
    let binaries = Path::new(env!("CARGO_BIN_EXE_antiphon-turn-credentials")).parent().expect("a directory");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(directory)
        .env("PATH", format!("{}:{path}", binaries.display()))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ran = tokio::time::timeout(DEADLINE, shell.output()).await.expect("it hangs").expect("bash");
    let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{}: {said} {complained}", ran.status);
    said.into_owned()
}
