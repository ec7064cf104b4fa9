//! Listens, and makes what comes over a connection requests of the application.
//!
//! What [`actix_web::HttpServer`] does, over a stream that is given up when its client is too slow.

use std::{
    future::ready,
    io,
    net::{SocketAddr, ToSocketAddrs},
    num::NonZeroUsize,
    thread,
    time::Duration,
};

use actix_http::{Extensions, HttpService, KeepAlive};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    dev::AppConfig,
    rt::net::{TcpListener, TcpSocket, TcpStream},
    web::Data,
};

use super::{event_loops::EventLoops, listening_sockets::ListeningSockets};
use crate::http::{self, AppState, PacedStream};

/// How long a client may take to close a connection that the server has closed.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(1);

/// How long requests in flight may take after the signal to stop, seconds: more than a query is waited for.
const SHUTDOWN_TIMEOUT: u64 = 20;

/// Connections that wait to be taken on; Linux has no more of them than `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

/// Bytes of an answer that the system takes at once, and holds for a client who is slow to take them. By itself it takes
/// megabytes: that is much to hold for each of thousands, and so much has to be gone before more is taken that a slow
/// client seems to take nothing for minutes.
const SEND_BUFFER: u32 = 128 * 1024;

/// A server that listens.
pub(super) struct Listening {
    pub(super) server: Server,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) sockets: ListeningSockets,
}

/// Makes a server of the application, for about so many connections at once.
///
/// # Errors
/// None of the addresses of `HOST` can be listened on.
pub(super) fn listen(state: &Data<AppState>, connections: usize, event_loops: &EventLoops) -> io::Result<Listening> {
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections.div_ceil(workers))
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        // actix would drop requests in flight on SIGINT, which is how a server in a terminal is stopped.
        .disable_signals();
    let (mut addresses, mut sockets) = (Vec::new(), ListeningSockets::default());
    for listener in listeners(&state.config.server.host, state.config.server.port)? {
        addresses.push(listener.local_addr()?);
        let listener = listener.into_std()?;
        sockets.add(&listener)?;
        builder = serve(builder, listener, state, event_loops)?;
    }
    Ok(Listening { server: builder.run(), addresses, sockets })
}

fn serve(
    builder: ServerBuilder,
    listener: std::net::TcpListener,
    state: &Data<AppState>,
    event_loops: &EventLoops,
) -> io::Result<ServerBuilder> {
    let (state, limits, stopping) = (state.clone(), state.config.limits, builder.graceful_shutdown_signal());
    let event_loops = event_loops.clone();
    builder.listen("http", listener, move || {
        event_loops.add_current();
        let stopping = stopping.clone();
        let open = state.requests.as_ref().map(|requests| requests.connections.clone());
        let app = http::app(state.clone()).into_factory().map_err(|fault| fault.error_response());
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(limits.idle))
            .client_request_timeout(limits.head)
            .client_disconnect_timeout(DISCONNECT_WITHIN)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .on_connect_ext(|stream: &PacedStream, connection: &mut Extensions| {
                connection.insert(stream.pace());
            })
            .h1(map_config(app, |()| AppConfig::default()));
        let pace = move |stream: TcpStream| {
            let stream = PacedStream::new(stream, limits.idle + limits.head, open.clone());
            let peer = stream.peer();
            ready(Ok((stream, peer)))
        };
        fn_service(pace).and_then(http)
    })
}

/// One for each address that the name stands for, where at least one can be had.
fn listeners(host: &str, port: u16) -> io::Result<Vec<TcpListener>> {
    let (mut listeners, mut fault) = (Vec::new(), None);
    for address in (host, port).to_socket_addrs()? {
        match bind(address) {
            Ok(listener) => listeners.push(listener),
            Err(cause) => fault = Some(cause),
        }
    }
    match fault {
        Some(cause) if listeners.is_empty() => Err(cause),
        _ => Ok(listeners),
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Or a server that was stopped cannot be started again for a minute.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
