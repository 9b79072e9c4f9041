//! A receiver of webhooks on a port of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use antiphon_service_kit::{
    drain::{ShutdownTrigger, shutdown},
    serve::{ServeConfig, Server, bind},
    tls::TlsSource,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::support::{until, within};

/// What came.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) event: Value,
    /// How many came before.
    pub(crate) number: usize,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> &str {
        self.event["type"].as_str().expect("a type")
    }

    pub(crate) fn text(&self) -> &str {
        self.event["chat"]["text"].as_str().unwrap_or_default()
    }

    pub(crate) fn room(&self) -> &str {
        self.event["room"]["name"].as_str().unwrap_or_default()
    }
}

/// How it is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    Status(u16),
    RetryAfter(u16, &'static str),
    Redirect(SocketAddr),
    /// 200, and a body without end.
    Endless,
    /// 200, and a body that never comes.
    Withheld,
    Never,
}

type Plan = Box<dyn FnMut(&Got) -> Reply + Send>;

#[derive(Default)]
struct Desk {
    got: Mutex<Vec<Got>>,
    plan: Mutex<Option<Plan>>,
}

/// A receiver. What came is remembered over restarts.
pub(crate) struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    /// Serves https as long as it is there.
    tls: Option<ShutdownTrigger>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let mut receiver = Self { address, desk: Arc::default(), tls: None, running: None };
        receiver.serve(listener);
        receiver
    }

    /// One that takes everything, by https.
    pub(crate) async fn over_tls(certificate: TlsSource) -> Self {
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (running, shutdown) = shutdown();
        let receiver = Self { address, desk: Arc::default(), tls: Some(running), running: None };
        let server = Server::new(ServeConfig::default()).with_tls(Some(certificate));
        tokio::spawn(server.run(listener, receiver.router(), shutdown));
        receiver
    }

    fn router(&self) -> Router {
        Router::new().fallback(receive).with_state(Arc::clone(&self.desk))
    }

    /// One that answers as `plan` says.
    pub(crate) async fn with(plan: impl FnMut(&Got) -> Reply + Send + 'static) -> Self {
        let receiver = Self::start().await;
        receiver.answer(plan);
        receiver
    }

    fn serve(&mut self, listener: TcpListener) {
        let router = self.router();
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let task = tokio::spawn(async { serving.await.expect("served") });
        self.running = Some((stop, task));
    }

    /// Answers as `plan` says from now on.
    pub(crate) fn answer(&self, plan: impl FnMut(&Got) -> Reply + Send + 'static) {
        *self.desk.plan.lock().expect("unpoisoned") = Some(Box::new(plan));
    }

    /// Finishes what it has begun, and is away.
    pub(crate) async fn stop(&mut self) {
        let (stop, task) = self.running.take().expect("running");
        stop.send(()).expect("running");
        within("the receiver's end", task).await.expect("no panic");
    }

    /// Is back, at the same address.
    pub(crate) async fn restart(&mut self) {
        let listener = within("the address", async {
            loop {
                if let Ok(listener) = TcpListener::bind(self.address).await {
                    return listener;
                }
                tokio::task::yield_now().await;
            }
        });
        let listener = listener.await;
        self.serve(listener);
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/hooks?from=antiphon", self.address)
    }

    /// Everything that came, in order.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.desk.got.lock().expect("unpoisoned").clone()
    }

    /// Everything that came, once so much did.
    pub(crate) async fn until(&self, what: &str, condition: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        until(what, || condition(&self.desk.got.lock().expect("unpoisoned"))).await;
        self.got()
    }

    pub(crate) async fn until_count(&self, count: usize) -> Vec<Got> {
        self.until("webhooks", |got| got.len() >= count).await
    }
}

async fn receive(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let event = serde_json::from_slice(&body).expect("JSON");
    let reply = {
        let mut all = desk.got.lock().expect("unpoisoned");
        let got = Got { headers, body, event, number: all.len() };
        let reply = desk.plan.lock().expect("unpoisoned").as_mut().map_or(Reply::Status(204), |plan| plan(&got));
        all.push(got);
        reply
    };
    let status = |status| StatusCode::from_u16(status).expect("a status");
    match reply {
        Reply::Status(code) => status(code).into_response(),
        Reply::RetryAfter(code, after) => (status(code), [("retry-after", after)]).into_response(),
        Reply::Redirect(to) => (status(307), [("location", format!("http://{to}/elsewhere"))]).into_response(),
        Reply::Endless => {
            Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 4096]))))
                .into_response()
        }
        Reply::Withheld => Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()).into_response(),
        Reply::Never => {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            status(204).into_response()
        }
    }
}
