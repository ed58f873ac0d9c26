//! Two apps in one room without a server.

use std::{fs, sync::Arc};

use snug_ios::{Event, LinkStatus, Path, Session, Way, nearby_matches, nearby_name};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::fixture::{create, join, noise};

#[tokio::test]
async fn two_apps_share_a_room_over_a_radio() {
    let (ann, code) = create(Way::Nearby).await;
    let ben = join(Way::Nearby, &code).await;
    assert!(nearby_matches(&nearby_name(&code).unwrap(), &code));
    let carried = [
        carry(&ann.session, &ben.session),
        carry(&ben.session, &ann.session),
    ];
    ann.session.nearby_found(PHONE.into());
    ben.session.nearby_found(PHONE.into());
    let over_the_radio = |event: &Event| {
        let Event::Link { status, .. } = event else {
            return false;
        };
        let (verified, path) = (true, Path::Nearby);
        *status == LinkStatus::Connected { verified, path }
    };
    ann.until(over_the_radio).await;
    ben.until(over_the_radio).await;
    ann.session.say("hello".into(), None).await.unwrap();
    assert_eq!(ben.message().await.text.as_deref(), Some("hello"));

    let folder = TempDir::new().unwrap();
    let (path, bytes) = (folder.path().join("photo.jpg"), noise(3 << 20));
    fs::write(&path, &bytes).unwrap();
    let offering = ann.session.offer(vec![path.display().to_string()]).unwrap();
    let transfer = offering.offered().await.unwrap().transfer;
    ben.offer().await;
    ben.session
        .accept(transfer.clone(), None, None)
        .await
        .unwrap();
    assert_eq!(ben.received(&transfer).await, None);
    let files = ben.session.take(transfer).await.unwrap().unwrap();
    assert!(files.len() == 1 && files[0].bytes == bytes);

    // Goodbyes still go out, and then nothing more is to be carried.
    ben.session.close();
    let left = |event: &Event| matches!(event, Event::PeerLeft { goodbye: true, .. });
    ann.until(left).await;
    ann.session.leave().await;
    for carrier in carried {
        carrier.await.unwrap();
    }
}

/// Carries what one sends to the other, in order, until it is over.
fn carry(from: &Arc<Session>, to: &Arc<Session>) -> JoinHandle<()> {
    let (from, to) = (from.clone(), to.clone());
    tokio::spawn(async move {
        while let Some(frame) = from.next_nearby().await {
            assert_eq!(frame.phone, PHONE);
            to.nearby_received(PHONE.into(), frame.bytes);
        }
    })
}

const PHONE: &str = "the other one";
