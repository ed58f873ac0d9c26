//! What links leave behind. Alone in its file: it counts what belongs to the process.

#![cfg(target_os = "linux")]

use std::fs;

use snug_peer::transport::{
    Interfaces, LinkCommand, LinkEvent, LinkId, LinkState, Transport, TransportConfig,
};
use tokio::sync::{Mutex, mpsc};

#[tokio::test]
async fn closed_links_leave_no_sockets_and_no_threads() {
    let _alone = ALONE.lock().await;
    // What the first link of a process leaves for the others does not count.
    open_and_close(1).await;
    let before = descriptors();
    open_and_close(200).await;
    assert_eq!(descriptors(), before);
}

#[tokio::test]
async fn a_link_whose_events_nobody_takes_ends() {
    let _alone = ALONE.lock().await;
    let transport = transport();
    let (sender, events) = mpsc::channel(1);
    let link = transport.open(LinkId(1), sender);
    link.command(LinkCommand::CreateOffer {
        ice_restart: false,
        plain: false,
    });
    drop((transport, events));
    threads_end().await;
    drop(link);
}

async fn open_and_close(count: u64) {
    let transport = transport();
    let (sender, mut events) = mpsc::channel(32);
    for number in 0..count {
        let link = transport.open(LinkId(number), sender.clone());
        link.command(LinkCommand::CreateOffer {
            ice_restart: false,
            plain: false,
        });
        if number % 2 == 0 {
            link.command(LinkCommand::Close);
        }
        drop(link);
    }
    let mut closed = 0;
    while closed < count {
        let (_, event) = events.recv().await.expect("links that are open");
        closed += u64::from(event == LinkEvent::State(LinkState::Closed));
    }
    drop(transport);
    threads_end().await;
}

/// Waits for the threads of links to end, and with them whatever ran there. A test that waits
/// for ever is stopped by its runner.
async fn threads_end() {
    while link_threads() > 0 {
        tokio::task::yield_now().await;
    }
}

fn link_threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux").flatten();
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("snug-link")).count()
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("Linux").count()
}

fn transport() -> Transport {
    Transport::new(TransportConfig {
        interfaces: Interfaces::LoopbackOnly,
        ..Default::default()
    })
}

/// Held by the test that counts.
static ALONE: Mutex<()> = Mutex::const_new(());
