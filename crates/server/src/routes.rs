//! What is served over HTTP, each route bare and under `/api`.

use std::{convert::Infallible, future, sync::Arc};

use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderValue},
};
use serde::{Deserialize, Serialize};
use snug_protocol::{
    ClientId, ErrorCode, RoomId,
    api::{IceServers, RoomCreated, RoomJoined},
};
use warp::{
    Filter, Rejection,
    filters::{BoxedFilter, path::FullPath},
    reject::{InvalidQuery, MethodNotAllowed},
    reply::Response,
};

use crate::{
    address::{Client, Rated},
    association::Association,
    clock,
    context::Context,
    driver::RoomsGone,
    ice, origin,
    reply::{Failure, json, with_type},
};

/// All routes but the WebSocket.
pub(crate) fn routes(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    let api = create_room(context)
        .or(join_room(context))
        .unify()
        .or(ice_servers(context))
        .unify()
        .or(health(context))
        .unify()
        .or(ready(context))
        .unify()
        .boxed();
    let bare = api.clone();
    let prefixed = warp::path("api").and(api);
    bare.or(prefixed)
        .unify()
        .or(association(context))
        .unify()
        .or(page(context))
        .unify()
        .recover(explain)
        .unify()
        .boxed()
}

/// The metrics, on their own listener.
pub(crate) fn metrics(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    let context = Arc::clone(context);
    let text = move || context.metrics.render(context.uptime_seconds());
    warp::path!("metrics")
        .and(warp::get())
        .map(move || {
            with_type(
                StatusCode::OK,
                "text/plain; version=0.0.4; charset=utf-8",
                text(),
            )
        })
        .recover(explain)
        .unify()
        .boxed()
}

fn create_room(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    warp::path!("create-room")
        .and(warp::post())
        .and(call(context))
        .then(|call: Call| async move { finish(call.create_room().await) })
        .boxed()
}

fn join_room(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    warp::path!("join-room")
        .and(warp::post())
        .and(call(context))
        .then(|call: Call| async move { finish(call.join_room().await) })
        .boxed()
}

fn ice_servers(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    warp::path!("ice-servers")
        .and(warp::get())
        .and(call(context))
        .and(warp::query())
        .then(|call: Call, query| async move { finish(call.ice_servers(query).await) })
        .boxed()
}

fn health(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    let context = Arc::clone(context);
    warp::path!("health")
        .and(warp::get())
        .map(move || json(StatusCode::OK, &Health::of(&context)))
        .boxed()
}

fn ready(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    let context = Arc::clone(context);
    warp::path!("ready")
        .and(warp::get())
        .map(move || {
            if context.is_draining() || !context.rooms.is_alive() {
                return Failure::draining().into_response();
            }
            json(StatusCode::OK, &Readiness { status: "ready" })
        })
        .boxed()
}

/// Which app opens the links, where there is one. iOS asks at the root and nowhere else.
fn association(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    let context = Arc::clone(context);
    warp::path!(".well-known" / "apple-app-site-association")
        .and_then(move || {
            let app = context.config.ios_app.as_ref();
            let answer = app.map(|app| json(StatusCode::OK, &Association::new(app)));
            future::ready(answer.ok_or_else(warp::reject::not_found))
        })
        .and(warp::get())
        .boxed()
}

/// The page, or a few words where a server has none. What is not there is so for every method.
fn page(context: &Arc<Context>) -> BoxedFilter<(Response,)> {
    let context = Arc::clone(context);
    warp::path::full()
        .and(warp::header::headers_cloned())
        .and_then(move |path: FullPath, asked: HeaderMap| {
            let path = path.as_str();
            let answer = match &context.config.page {
                Some(page) => page.answer(path, &asked),
                None => (path == "/").then(landing),
            };
            future::ready(answer.ok_or_else(warp::reject::not_found))
        })
        .and(warp::get())
        .boxed()
}

fn landing() -> Response {
    with_type(StatusCode::OK, "text/html; charset=utf-8", LANDING)
}

/// What every call to the rooms needs.
fn call(context: &Arc<Context>) -> BoxedFilter<(Call,)> {
    let context = Arc::clone(context);
    warp::ext::get::<Client>()
        .and(warp::header::headers_cloned())
        .and(warp::body::bytes())
        .map(move |client, headers, body| Call {
            context: Arc::clone(&context),
            client,
            headers,
            body,
        })
        .boxed()
}

struct Call {
    context: Arc<Context>,
    client: Client,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    async fn create_room(self) -> Result<Response, Failure> {
        self.check_origin()?;
        self.check_draining()?;
        self.check_rate(Rated::Create)?;
        let asked: CreateRoom = if self.body.is_empty() {
            CreateRoom::default()
        } else {
            self.body()?
        };
        let created = self.context.rooms.create(asked.capacity).await?;
        let room_id = created.map_err(|error| Failure::of(error.code(), error).retry_if_full())?;
        Ok(json(StatusCode::OK, &RoomCreated { room_id }))
    }

    async fn join_room(self) -> Result<Response, Failure> {
        self.check_origin()?;
        self.check_draining()?;
        self.check_rate(Rated::Join)?;
        let (room, client) = self.body::<Seat>()?.parse()?;
        let joined = self.context.rooms.join(room, client).await?;
        let peers = joined.map_err(|error| Failure::of(error.code(), error))?;
        Ok(json(StatusCode::OK, &RoomJoined { peers }))
    }

    async fn ice_servers(self, query: Seat) -> Result<Response, Failure> {
        let (room, client) = query.parse()?;
        if !self.context.rooms.is_seated(room, client.clone()).await? {
            let error = crate::JoinError::RoomNotFound;
            return Err(Failure::of(error.code(), error));
        }
        let host = self
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let servers: IceServers = ice::servers(&self.context, host, room, &client, clock::unix());
        Ok(json(StatusCode::OK, &servers))
    }

    /// Comes before the rates, which are those of whoever looks at the page.
    fn check_origin(&self) -> Result<(), Failure> {
        origin::check(&self.headers, &self.context.config.allowed_origins)
    }

    fn check_draining(&self) -> Result<(), Failure> {
        if self.context.is_draining() {
            Err(Failure::draining())
        } else {
            Ok(())
        }
    }

    fn check_rate(&self, rated: Rated) -> Result<(), Failure> {
        let allowed = self
            .context
            .addresses
            .allow(self.client, rated, clock::now());
        allowed.map_err(|seconds| {
            self.context.metrics.on_refused_call();
            Failure::rate_limited(seconds)
        })
    }

    /// Reads the body as a JSON object. The media type is insisted on because a page elsewhere
    /// cannot send it without asking first (Fetch §3.3).
    fn body<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        if !self.is_json() {
            let text = "the content type is application/json";
            return Err(Failure::of(ErrorCode::UnsupportedMediaType, text));
        }
        // serde would also read a struct from an array of its fields in order.
        if self.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Failure::of(
                ErrorCode::BadMessage,
                "the body is a JSON object",
            ));
        }
        serde_json::from_slice(&self.body).map_err(|_| {
            let text = "the body lacks a field, or has one twice, or is not JSON";
            Failure::of(ErrorCode::BadMessage, text)
        })
    }

    fn is_json(&self) -> bool {
        let media_type = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok());
        let essence = media_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    }
}

/// Body of `create-room`, read here so that a capacity out of range is told from a bad body.
#[derive(Default, Deserialize)]
struct CreateRoom {
    #[serde(default)]
    capacity: Option<u16>,
}

/// A room and a client as they were written, to say which of them is wrong.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat {
    room_id: String,
    client_id: String,
}

impl Seat {
    fn parse(&self) -> Result<(RoomId, ClientId), Failure> {
        let room = self.room_id.parse();
        let client = self.client_id.parse();
        Ok((
            room.map_err(|error| Failure::of(ErrorCode::InvalidRoomId, error))?,
            client.map_err(|error| Failure::of(ErrorCode::InvalidClientId, error))?,
        ))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    status: &'static str,
    version: &'static str,
    uptime_seconds: u64,
    rooms: usize,
    members: usize,
}

impl Health {
    fn of(context: &Context) -> Self {
        let stats = context.metrics.stats();
        Self {
            status: "healthy",
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: context.uptime_seconds(),
            rooms: stats.rooms,
            members: stats.connected,
        }
    }
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
}

impl Failure {
    fn retry_if_full(self) -> Self {
        if self.is_unavailable() {
            self.retry_after(30)
        } else {
            self
        }
    }
}

impl From<RoomsGone> for Failure {
    fn from(error: RoomsGone) -> Self {
        Self::of(ErrorCode::Internal, error)
    }
}

fn finish(result: Result<Response, Failure>) -> Response {
    result.unwrap_or_else(Failure::into_response)
}

/// Says in our words why no route took a request.
async fn explain(rejection: Rejection) -> Result<Response, Infallible> {
    let failure = if rejection.find::<InvalidQuery>().is_some() {
        Failure::of(ErrorCode::BadMessage, "the query needs roomId and clientId")
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        Failure::of(ErrorCode::MethodNotAllowed, "this route has another method")
            .with(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"))
    } else if rejection.is_not_found() {
        Failure::of(ErrorCode::NotFound, "there is no such route")
    } else {
        Failure::of(ErrorCode::BadMessage, "the request makes no sense")
    };
    Ok(failure.into_response())
}

const LANDING: &str = include_str!("landing.html");
