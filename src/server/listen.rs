//! The HTTP server.
//!
//! Like [`actix_web::HttpServer`], but on streams with timeouts for slow clients.

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, ToSocketAddrs},
    pin::pin,
    time::Duration,
};

use actix_http::{Extensions, HttpService, KeepAlive, error::DispatchError};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    dev::AppConfig,
    rt::net::{TcpListener, TcpSocket, TcpStream},
    web::Data,
};
use futures_util::future::{Either, select};
use rustix::io::Errno;

use super::{event_loops::EventLoops, shutdown::ListeningSockets};
use crate::{
    base::client::LOOPBACK,
    config::cores,
    edge::{ConnectionLimits, Connections, TimeoutStream},
    http::{self, AppState},
};

/// How long a client may take to close its side of a connection that the server has closed.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(1);

/// How long requests in flight may take after the signal to stop, in seconds. Longer than the timeout of a query.
const SHUTDOWN_TIMEOUT: u64 = 20;

/// Maximum number of connections waiting to be accepted. Linux also limits it to `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// Bytes of a response that the kernel buffers for a slow client. Its default grows to megabytes: too much memory for
/// thousands of connections, and a buffer of that size drains in such large steps that a slow client seems to make no
/// progress for minutes.
const SEND_BUFFER: u32 = 128 * 1024;

/// One in this many connections is reserved for new clients when all others are open.
const CONNECTIONS_PER_SPARE: usize = 32;

/// The minimum number of networks that it takes to use up all connections, unless `MAX_CONNECTIONS_PER_NETWORK` is set.
const NETWORKS_TO_FILL_UP: usize = 4;

pub(super) struct Listening {
    pub(super) server: Server,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) sockets: ListeningSockets,
}

/// Starts to listen, for about `connections` concurrent connections.
///
/// # Errors
/// None of the addresses of `HOST` can be bound.
pub(super) fn listen(state: &Data<AppState>, connections: usize, event_loops: &EventLoops) -> io::Result<Listening> {
    let workers = cores();
    let per_worker = connections.div_ceil(workers);
    let open = Connections::new(limits(state, workers * per_worker));
    let mut builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(per_worker)
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        // On SIGINT (Ctrl-C) actix would drop requests in flight.
        .disable_signals();
    let (mut addresses, mut sockets) = (Vec::new(), ListeningSockets::default());
    for listener in listeners(&state.config.server.host, state.config.server.port)? {
        addresses.push(listener.local_addr()?);
        let listener = listener.into_std()?;
        sockets.add(&listener)?;
        builder = serve(builder, listener, state, event_loops, open.clone())?;
    }
    Ok(Listening { server: builder.run(), addresses, sockets })
}

/// The server stops accepting connections at `max`. The limit here is a little lower, so that it still sees new
/// connections and can close idle ones for them.
fn limits(state: &Data<AppState>, max: usize) -> ConnectionLimits {
    let (limits, server) = (&state.config.limits, &state.config.server);
    let total = max - (max / CONNECTIONS_PER_SPARE).max(1);
    let mut exempt = server.trusted_proxies.clone();
    if limits.connections_per_network.is_none() {
        // Proxies, frontends and load tests on this machine are exempt without being listed as trusted.
        exempt.extend(LOOPBACK);
    }
    let per_network = limits.connections_per_network.unwrap_or_else(|| (max / NETWORKS_TO_FILL_UP).max(1));
    ConnectionLimits { total, per_network, exempt }
}

fn serve(
    builder: ServerBuilder,
    listener: std::net::TcpListener,
    state: &Data<AppState>,
    event_loops: &EventLoops,
    connections: Connections,
) -> io::Result<ServerBuilder> {
    let (state, limits, stopping) = (state.clone(), state.config.limits, builder.graceful_shutdown_signal());
    let event_loops = event_loops.clone();
    builder.listen("http", listener, move || {
        event_loops.add_current();
        let stopping = stopping.clone();
        let (connections, open) = (connections.clone(), state.requests.as_ref().map(|it| it.connections.clone()));
        let app = http::app(state.clone()).into_factory().map_err(|error| error.error_response());
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(limits.idle))
            .client_request_timeout(limits.head)
            .client_disconnect_timeout(DISCONNECT_WITHIN)
            .graceful_shutdown_signal({
                let stopping = stopping.clone();
                move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                }
            })
            .on_connect_ext(|stream: &TimeoutStream, connection: &mut Extensions| {
                connection.insert(stream.activity());
            })
            .h1(map_config(app, |()| AppConfig::default()));
        let with_timeouts = move |stream: TcpStream| {
            let peer = stream.peer_addr();
            let timed = peer.map_err(DispatchError::Io).and_then(|peer| {
                let connection =
                    connections.admit(peer.ip()).ok_or(DispatchError::Io(ErrorKind::QuotaExceeded.into()))?;
                Ok((TimeoutStream::new(stream, limits.idle + limits.head, connection, open.clone()), Some(peer)))
            });
            let stopping = stopping.clone();
            async move {
                let (mut stream, peer) = timed?;
                first_byte(&mut stream, stopping.notified()).await.map_err(DispatchError::Io)?;
                Ok((stream, peer))
            }
        };
        fn_service(with_timeouts).and_then(http)
    })
}

/// Waits until the client sends something, unless the server stops before.
async fn first_byte(stream: &mut TimeoutStream, stopping: impl Future<Output = ()>) -> io::Result<()> {
    match select(pin!(stream.first_byte()), pin!(stopping)).await {
        Either::Left((arrived, _)) => arrived,
        Either::Right(_) => Err(ErrorKind::ConnectionAborted.into()),
    }
}

/// Binds every address that the host name resolves to. Fails only if none can be bound.
fn listeners(host: &str, port: u16) -> io::Result<Vec<TcpListener>> {
    let (mut listeners, mut errors) = (Vec::new(), Vec::new());
    for address in (host, port).to_socket_addrs()? {
        match bind(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) => errors.push((address, error)),
        }
    }
    // Those of a missing IPv6 last: they are not the reason why nothing can be bound.
    errors.sort_by_key(|(_, error)| has_no_such_network(error));
    if listeners.is_empty() && !errors.is_empty() {
        return Err(errors.swap_remove(0).1);
    }
    for (address, error) in errors {
        if has_no_such_network(&error) {
            tracing::debug!(%address, %error, "not listening");
        } else {
            tracing::warn!(%address, %error, "cannot listen on this address of HOST");
        }
    }
    Ok(listeners)
}

/// Whether the machine has no IPv6, or not on this interface.
fn has_no_such_network(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error())
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Without this a stopped server cannot be started again for a minute.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
