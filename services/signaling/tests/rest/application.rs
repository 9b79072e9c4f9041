//! The application's side: requests to the REST API over real HTTP.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::support::{ACME, Key, TestServer, token, within};

/// A token of the application's.
pub(crate) fn admin_token(key: Key) -> String {
    token(key, "backend", "any", &json!({ "join": false, "admin": true }))
}

/// One member of each object in a list.
pub(crate) fn names(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item[member].as_str().expect("a text").to_owned()).collect()
}

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) text: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body, which must be JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a success with this status.
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Status and code of a refusal, whose body is a problem (RFC 9457).
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self:?}");
        (self.status, problem["code"].as_str().expect("a code").to_owned())
    }
}

/// A request, before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    address: std::net::SocketAddr,
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Asked {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// By the application of another tenant, or by anybody else.
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub(crate) fn text(mut self, content_type: &str, body: &str) -> Self {
        self.body = body.to_owned();
        self.header("content-type", content_type)
    }

    /// Opens a connection and sends the request.
    pub(crate) async fn begin(&self) -> TcpStream {
        self.begin_on(TcpSocket::new_v4().expect("a socket")).await
    }

    /// As [`Asked::begin`], on a socket with options of its own.
    pub(crate) async fn begin_on(&self, socket: TcpSocket) -> TcpStream {
        let mut stream = socket.connect(self.address).await.expect("connected");
        let mut request = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", self.method, self.path, self.address);
        for (name, value) in &self.headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("content-length: {}\r\nconnection: close\r\n\r\n{}", self.body.len(), self.body);
        stream.write_all(request.as_bytes()).await.expect("written");
        stream
    }

    pub(crate) async fn send(&self) -> Answer {
        within("an answer over HTTP", async {
            let mut answer = Vec::new();
            self.begin().await.read_to_end(&mut answer).await.expect("an answer");
            let answer = String::from_utf8(answer).expect("text");
            let (head, text) = answer.split_once("\r\n\r\n").expect("a head");
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
            Answer { status, head: head.to_owned(), text: text.to_owned() }
        })
        .await
    }
}

impl TestServer {
    /// A request of tenant acme's application.
    pub(crate) fn ask(&self, method: &'static str, path: &str) -> Asked {
        let asked =
            Asked { address: self.address, method, path: path.to_owned(), headers: Vec::new(), body: String::new() };
        asked.token(&admin_token(ACME))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path).json(body).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask("PATCH", path).json(body).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path).send().await
    }
}
