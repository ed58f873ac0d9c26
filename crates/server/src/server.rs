//! A whole server: binds its sockets, serves, and stops without losing anyone.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, UdpSocket},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{error, info, warn};

use crate::{
    address::Addresses,
    config::{Config, MetricsListener, StunListener},
    context::Context,
    driver::Driver,
    http::Site,
    limits,
    listener::{self, Acceptor},
    metrics::Metrics,
    routes, stun,
};

/// A server whose sockets are bound and which does not serve yet.
#[derive(Debug)]
pub struct Server {
    config: Config,
    http: TcpListener,
    metrics: Option<TcpListener>,
    stun: Option<UdpSocket>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The port of HTTP is not to be had.
    #[error("cannot listen on {address} for HTTP")]
    Http {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The port of the metrics is not to be had.
    #[error("cannot listen on {address} for metrics")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The port of STUN is not to be had.
    #[error("cannot listen on UDP {address} for STUN")]
    Stun {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// Why a server stopped although nobody asked it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The task that owns the rooms ended; there is a bug in it.
    #[error("the task that owns the rooms has ended")]
    RoomsGone,
}

impl Server {
    /// Binds every socket. Must be called within a Tokio runtime.
    #[expect(
        clippy::unused_async,
        reason = "binding needs a runtime, and may come to wait"
    )]
    pub async fn bind(config: Config) -> Result<Self, BindError> {
        let http = listener::listen(config.listen).map_err(|source| BindError::Http {
            address: config.listen,
            source,
        })?;
        let stun = bind_stun(&config, &http)?;
        let metrics = bind_metrics(&config)?;
        Ok(Self {
            config,
            http,
            metrics,
            stun,
        })
    }

    /// Where HTTP and WebSocket connections are served.
    ///
    /// # Panics
    /// Never: a bound socket has an address.
    pub fn local_addr(&self) -> SocketAddr {
        self.http
            .local_addr()
            .expect("a bound socket has an address")
    }

    /// Where the metrics are served, if they are.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
    }

    /// Where STUN is answered, if it is.
    pub fn stun_addr(&self) -> Option<SocketAddr> {
        self.stun
            .as_ref()
            .and_then(|socket| socket.local_addr().ok())
    }

    /// Serves until `shutdown` completes, then drains: `/ready` turns 503, no room and no socket
    /// is opened any more, every socket is told when to come back and closed, and every request
    /// under way is answered. Returns when all are gone, or when the drain has taken its time.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let metrics = Arc::new(Metrics::default());
        let addresses = Addresses::new(self.config.addresses.clone());
        let (rooms, driver) = Driver::new(&self.config, addresses.clone(), Arc::clone(&metrics));
        let stun_port = self.stun_addr().map(|address| address.port());
        let context = Arc::new(Context::new(
            self.config,
            addresses,
            rooms,
            metrics,
            stun_port,
        ));
        let cut = CancellationToken::new();
        let running = Running {
            context,
            tasks: TaskTracker::new(),
            stop: cut.child_token(),
            cut: cut.clone(),
        };
        let _cut = cut.drop_guard();
        let rooms = tokio::spawn(driver.run());
        running.start(self.http, self.metrics, self.stun);
        info!("serving");
        tokio::select! {
            () = shutdown => {}
            _ = rooms => {
                error!("the task that owns the rooms has ended");
                return Err(ServeError::RoomsGone);
            }
        }
        running.drain().await;
        Ok(())
    }
}

struct Running {
    context: Arc<Context>,
    /// Everything but the sockets, which the context tracks.
    tasks: TaskTracker,
    /// Has `tasks` finish what they are at.
    stop: CancellationToken,
    /// Ends them at once.
    cut: CancellationToken,
}

impl Running {
    fn start(&self, http: TcpListener, metrics: Option<TcpListener>, stun: Option<UdpSocket>) {
        let context = &self.context;
        let site = Site {
            routes: routes::routes(context),
            websocket: true,
        };
        self.accept(http, site, context.config.http.max_connections);
        if let Some(listener) = metrics {
            let site = Site {
                routes: routes::metrics(context),
                websocket: false,
            };
            self.accept(listener, site, limits::METRICS_CONNECTIONS);
        }
        if let Some(socket) = stun {
            let (stop, metrics) = (self.stop.clone(), Arc::clone(&context.metrics));
            self.tasks.spawn(async move {
                stop.run_until_cancelled(stun::serve(socket, metrics)).await;
            });
        }
    }

    fn accept(&self, listener: TcpListener, site: Site, places: usize) {
        let acceptor = Acceptor {
            listener,
            context: Arc::clone(&self.context),
            site,
            places: Arc::new(Semaphore::new(places)),
            tasks: self.tasks.clone(),
            stop: self.stop.clone(),
            cut: self.cut.clone(),
        };
        self.tasks.spawn(acceptor.run());
    }

    async fn drain(self) {
        let Self {
            context,
            tasks,
            stop,
            cut,
        } = self;
        let config = &context.config.drain;
        info!("draining");
        context.start_draining();
        tokio::time::sleep(config.delay).await;
        // The rooms end only with their last handle, which is ours.
        let _ = context.rooms.drain().await;
        context.sockets.close();
        tasks.close();
        let finish = async {
            context.sockets.wait().await;
            stop.cancel();
            tasks.wait().await;
        };
        if timeout(config.timeout, finish).await.is_err() {
            warn!(
                sockets = context.sockets.len(),
                "the drain took too long; cutting what is left"
            );
        }
        cut.cancel();
        tasks.wait().await;
        info!("stopped");
    }
}

fn bind_stun(config: &Config, http: &TcpListener) -> Result<Option<UdpSocket>, BindError> {
    let address = match config.stun {
        StunListener::SameAsHttp => {
            let port = http
                .local_addr()
                .map_or_else(|_| config.listen.port(), |bound| bound.port());
            SocketAddr::new(config.listen.ip(), port)
        }
        StunListener::At(address) => address,
        StunListener::Off => return Ok(None),
    };
    let bound = listener::listen_udp(address);
    bound
        .map(Some)
        .map_err(|source| BindError::Stun { address, source })
}

fn bind_metrics(config: &Config) -> Result<Option<TcpListener>, BindError> {
    match config.metrics {
        MetricsListener::Off => Ok(None),
        MetricsListener::At(address) => listener::listen(address)
            .map(Some)
            .map_err(|source| BindError::Metrics { address, source }),
        MetricsListener::IfFree(address) => Ok(listener::listen(address)
            .inspect_err(|error| warn!(%error, port = address.port(), "no metrics"))
            .ok()),
    }
}
