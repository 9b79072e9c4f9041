//! An HTTP client of one connection that stays open (RFC 9112 §9.3), one request at a time.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};

use crate::fault::Fault;

/// No answer that is asked for here is longer.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Whom to ask.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What `Host` says.
    pub authority: String,
    /// How long an answer may take before it counts as missing.
    pub patience: Duration,
}

/// A connection.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
    host: HeaderValue,
    patience: Duration,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(server: &Server) -> Result<Self, Fault> {
        let connecting = async {
            let stream = TcpStream::connect(server.address).await.map_err(connect_fault)?;
            stream.set_nodelay(true).map_err(connect_fault)?;
            handshake(TokioIo::new(stream)).await.map_err(connect_fault)
        };
        let connected = timeout(server.patience, connecting).await;
        let (sender, connection) = connected.map_err(|_| Fault::Silence("a connection".to_owned()))??;
        // What breaks the connection is told to the request that waits for its answer.
        let driver = tokio::spawn(async move { drop(connection.await) });
        Ok(Self {
            sender,
            driver,
            host: HeaderValue::try_from(&server.authority).map_err(connect_fault)?,
            patience: server.patience,
        })
    }

    /// Sends a request, and reads the answer whatever its status.
    ///
    /// # Errors
    /// When the connection ends before the answer does, or the answer does not come in time.
    pub async fn ask(
        &mut self,
        authorization: &HeaderValue,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Fault> {
        let what = format!("{method} {path}");
        let request = self
            .request(authorization, method, path, body)
            .map_err(|error| Fault::Unexpected(format!("{what}: {error}")))?;
        let answering = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let answered = timeout(self.patience, async { read(answering.await.map_err(ended)?).await }).await;
        answered.map_err(|_| Fault::Silence(what))?
    }

    fn request(
        &self,
        authorization: &HeaderValue,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.host.clone())
            .header(AUTHORIZATION, authorization.clone());
        match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(Full::from(body.to_string())),
            None => request.body(Full::default()),
        }
    }
}

/// What `Authorization` says (RFC 6750 §2.1).
///
/// # Errors
/// When the token cannot stand in a header.
pub fn bearer(token: &str) -> Result<HeaderValue, Fault> {
    HeaderValue::try_from(format!("Bearer {token}")).map_err(|error| Fault::Token(error.to_string()))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

async fn read(response: Response<Incoming>) -> Result<Answer, Fault> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(ended)?.to_bytes();
    Ok(Answer { status: head.status, headers: head.headers, body })
}

fn connect_fault(error: impl std::fmt::Display) -> Fault {
    Fault::Connect(error.to_string())
}

fn ended(error: impl std::fmt::Display) -> Fault {
    Fault::Ended(error.to_string())
}
