//! What links leave behind. Alone in its file: it counts what belongs to the process.

#![cfg(target_os = "linux")]

#[path = "transport/pair.rs"]
mod pair;

use std::fs;

use snug_peer::transport::{
    Interfaces, LinkCommand, LinkEvent, LinkId, LinkState, Transport, TransportConfig,
};
use tokio::sync::mpsc;

use self::pair::Pair;

#[tokio::test]
async fn closed_links_leave_no_sockets_and_no_threads() {
    // The runtimes' own descriptors come with the first link of each.
    drop(Pair::connected().await);
    threads_fall_to(1).await;
    let before = entries("/proc/self/fd");
    let interfaces = Interfaces::LoopbackOnly;
    let transport = Transport::new(TransportConfig {
        interfaces,
        ..Default::default()
    });
    let (sender, mut events) = mpsc::channel(32);
    for number in 0..200 {
        let link = transport.open(LinkId(number), sender.clone());
        link.command(LinkCommand::CreateOffer { ice_restart: false });
        if number % 2 == 0 {
            link.command(LinkCommand::Close);
        }
        drop(link);
    }
    let mut closed = 0;
    while closed < 200 {
        let (_, event) = events.recv().await.unwrap();
        closed += usize::from(event == LinkEvent::State(LinkState::Closed));
    }
    drop(transport);
    threads_fall_to(1).await;
    assert_eq!(entries("/proc/self/fd"), before);
}

#[tokio::test]
async fn a_link_whose_events_nobody_takes_ends() {
    let interfaces = Interfaces::LoopbackOnly;
    let transport = Transport::new(TransportConfig {
        interfaces,
        ..Default::default()
    });
    let (sender, events) = mpsc::channel(1);
    let link = transport.open(LinkId(1), sender);
    link.command(LinkCommand::CreateOffer { ice_restart: false });
    drop((transport, events));
    threads_fall_to(1).await;
    drop(link);
}

/// Waits for the threads of links to end. A test that waits for ever is stopped by the runner.
async fn threads_fall_to(count: usize) {
    let link_threads = || {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        let names = tasks
            .flatten()
            .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|name| name.starts_with("snug-link")).count()
    };
    while link_threads() >= count {
        tokio::task::yield_now().await;
    }
}

fn entries(dir: &str) -> usize {
    fs::read_dir(dir).unwrap().count()
}
