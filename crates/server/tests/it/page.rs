//! The page that a server hands out.

use serde_json::json;
use snug_server::{Config, Page};

use crate::{raw, server::TestServer};

async fn with_page() -> TestServer {
    let files: [(&str, &'static [u8]); 3] = [
        ("index.html", b"<!doctype html>"),
        ("assets/app-1f.js", b"run()"),
        ("assets/app-1f.js.gz", b"packed"),
    ];
    let files = files.map(|(path, bytes)| (path.to_owned(), bytes.into()));
    TestServer::with(Config {
        page: Page::new(files),
        ..Config::for_tests()
    })
    .await
}

#[tokio::test]
async fn the_page_may_run_its_own_code_and_nothing_else() {
    let server = with_page().await;
    let answer = raw::get(server.address, "/").await;
    assert_eq!((answer.status, &*answer.body), (200, "<!doctype html>"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"));
    assert!(
        !policy.contains("unsafe-inline") && !policy.contains("http"),
        "{policy}"
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
}

#[tokio::test]
async fn its_files_are_beside_the_calls_and_the_rest_is_not_there() {
    let server = with_page().await;
    let script = raw::get(server.address, "/assets/app-1f.js").await;
    assert_eq!(&*script.body, "run()");
    let media_type = script.header("content-type");
    assert_eq!(media_type, Some("text/javascript; charset=utf-8"));
    for path in [
        "/assets/app-1f.js.gz",
        "/assets/",
        "/index.html/",
        "/../Cargo.toml",
    ] {
        let answer = raw::get(server.address, path).await;
        assert_eq!(
            (answer.status, &*answer.code()),
            (404, "not-found"),
            "{path}"
        );
    }
    assert_eq!(raw::get(server.address, "/health").await.status, 200);
    assert_eq!(
        raw::post(server.address, "/create-room", "{}").await.status,
        200
    );
}

#[tokio::test]
async fn whoever_has_it_already_or_asks_for_the_head_gets_no_body() {
    let server = with_page().await;
    let path = "/assets/app-1f.js";
    let head = raw::request("HEAD", path, "", "");
    let head = raw::send(server.address, head).await;
    assert_eq!((head.status, &*head.body), (200, ""));
    let tag = head.header("etag").unwrap();
    let again = raw::request("GET", path, &format!("if-none-match: {tag}\r\n"), "");
    let again = raw::send(server.address, again).await;
    assert_eq!((again.status, &*again.body), (304, ""));
    let packed = raw::request("GET", path, "accept-encoding: gzip\r\n", "");
    let packed = raw::send(server.address, packed).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(&*packed.body, "packed");
}

#[tokio::test]
async fn links_with_a_code_open_the_app_that_the_operator_names() {
    let server = TestServer::with(Config {
        ios_app: Some("ABCDE12345.app.snug".parse().unwrap()),
        ..Config::for_tests()
    })
    .await;
    let answer = raw::get(server.address, ASSOCIATION).await;
    let expected = json!({"applinks": {"details": [{
        "appIDs": ["ABCDE12345.app.snug"],
        "components": [{"/": "/", "#": "?*"}],
    }]}});
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("location"), None);
    let elsewhere = raw::get(server.address, &format!("/api{ASSOCIATION}")).await;
    assert_eq!(elsewhere.status, 404);
    let posted = raw::post(server.address, ASSOCIATION, "{}").await;
    assert_eq!(
        (posted.status, &*posted.code()),
        (405, "method-not-allowed")
    );
}

#[tokio::test]
async fn without_an_app_there_is_nothing_to_open_links() {
    for server in [TestServer::start().await, with_page().await] {
        let answer = raw::get(server.address, ASSOCIATION).await;
        assert_eq!((answer.status, &*answer.code()), (404, "not-found"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

/// Where iOS asks which app opens the links of a host.
const ASSOCIATION: &str = "/.well-known/apple-app-site-association";
