use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use antiphon_protocol::ErrorCode;
use axum::{
    Router,
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, Request, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::oneshot,
    time::{Instant, sleep, timeout},
};
use tower::ServiceExt as _;

use super::{
    GRACE, MAX_HEAD_BYTES, PeerAddr, ServeConfig, Streamed, gate::Pass, head_timer::HeadTimer, open::OpenConnection,
};
use crate::{drain::Shutdown, problem::Problem, tls::TlsSource};

/// What every connection needs.
pub(super) struct Shared {
    http: http1::Builder,
    router: Router,
    tls: Option<TlsSource>,
    shutdown: Shutdown,
    tls_handshake_timeout: Duration,
    request_timeout: Duration,
    lifetime: Duration,
}

impl Shared {
    pub(super) fn new(config: &ServeConfig, router: Router, tls: Option<TlsSource>, shutdown: Shutdown) -> Self {
        let mut http = http1::Builder::new();
        http.header_read_timeout(config.header_timeout.0).max_buf_size(MAX_HEAD_BYTES).half_close(false);
        Self {
            http,
            router,
            tls,
            shutdown,
            tls_handshake_timeout: config.tls_handshake_timeout.0,
            request_timeout: config.request_timeout.0,
            lifetime: config.http_connection_lifetime.0,
        }
    }
}

/// Serves one connection until it ends, becomes a WebSocket, or has to go.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: OpenConnection<TcpStream>,
    peer: SocketAddr,
    pass: Pass,
    evicted: oneshot::Receiver<()>,
) {
    if stream.stream().set_nodelay(true).is_err() {
        return;
    }
    match &shared.tls {
        // Boxed: a crowd in plain http need not pay for the size of TLS.
        Some(tls) => Box::pin(serve_https(&shared, tls, stream, peer, pass, evicted)).await,
        None => serve_http(&shared, stream, peer, pass, evicted).await,
    }
}

async fn serve_https(
    shared: &Shared,
    tls: &TlsSource,
    stream: OpenConnection<TcpStream>,
    peer: SocketAddr,
    pass: Pass,
    mut evicted: oneshot::Receiver<()>,
) {
    let handshake = timeout(shared.tls_handshake_timeout, tls.acceptor().accept(stream));
    let handshake = tokio::select! {
        handshake = handshake => handshake,
        _ = &mut evicted => return,
    };
    if let Ok(Ok(stream)) = handshake {
        serve_http(shared, stream, peer, pass, evicted).await;
    }
}

async fn serve_http<S>(shared: &Shared, stream: S, peer: SocketAddr, pass: Pass, mut evicted: oneshot::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pass = Arc::new(pass);
    let service = service_fn(|request| {
        pass.begin_request();
        let answer = answer(shared.router.clone(), request, peer, shared.request_timeout);
        let pass = Arc::clone(&pass);
        async move {
            let mut response = answer.await;
            match response.extensions_mut().remove::<Streamed>() {
                Some(streamed) => {
                    // Without a place there is no further request.
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                    pass.leave(streamed);
                }
                None => pass.end_request(Instant::now()),
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = shared.http.clone().timer(HeadTimer::default()).serve_connection(TokioIo::new(stream), service);
    let connection = connection.with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is the client's business: there is nothing to tell that its own side does not know.
    tokio::select! {
        biased;
        _ = &mut connection => return,
        () = end_of_place(&pass, &mut evicted) => {
            // Where the machine is behind, a silence may be our own: what has come is read before it counts.
            tokio::select! {
                biased;
                _ = &mut connection => return,
                () = tokio::task::yield_now() => {}
            }
            if !pass.is_answering() {
                return;
            }
        }
        () = end_of_life(&pass, shared.lifetime) => {}
        () = shared.shutdown.stopped() => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = &mut connection => {}
        () = sleep(GRACE) => {}
    }
}

/// Completes when the connection has to go for another one. One that has left its place does not.
async fn end_of_place(pass: &Pass, evicted: &mut oneshot::Receiver<()>) {
    if evicted.await.is_err() && pass.streamed().is_some() {
        std::future::pending().await
    }
}

/// Completes when the connection has lived for long enough: an answer that lasts is waited for.
async fn end_of_life(pass: &Pass, lifetime: Duration) {
    sleep(lifetime).await;
    if let Some(streamed) = pass.streamed() {
        streamed.ended().await;
    }
}

async fn answer(router: Router, mut request: Request<Incoming>, peer: SocketAddr, time_limit: Duration) -> Response {
    request.extensions_mut().insert(PeerAddr(peer));
    match timeout(time_limit, router.oneshot(request.map(Body::new))).await {
        Ok(Ok(response)) => response,
        Err(_) => Problem::new(ErrorCode::TimedOut, "the request took too long").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, task::Poll};

    use super::*;
    use crate::serve::gate::{Admission, Gate, Limits};

    fn entered() -> (Pass, oneshot::Receiver<()>) {
        let limits = Limits { connections: 1, per_address: 1, patience: Duration::ZERO };
        match Gate::new(limits).enter(Some(IpAddr::from([192, 0, 2, 1])), Instant::now()) {
            Admission::Entered { pass, evicted, .. } => (pass, evicted),
            other @ (Admission::AddressFull | Admission::Full { .. }) => panic!("not let in: {other:?}"),
        }
    }

    async fn is_pending(future: impl Future<Output = ()>) -> bool {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_lives_as_long_as_its_answer_lasts() {
        let (pass, mut evicted) = entered();
        pass.begin_request();
        let streamed = Streamed::default();
        pass.leave(streamed.clone());
        assert!(is_pending(end_of_place(&pass, &mut evicted)).await, "it has no place to be evicted from");
        let mut life = std::pin::pin!(end_of_life(&pass, Duration::from_secs(1)));
        assert!(timeout(Duration::from_secs(3_600), life.as_mut()).await.is_err());
        streamed.end();
        life.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_such_an_answer_ends_in_its_time() {
        let (pass, _evicted) = entered();
        end_of_life(&pass, Duration::from_secs(1)).await;
    }
}
