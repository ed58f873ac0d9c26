//! Two apps in one room, through a real server on loopback.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;
mod nearby;

use std::{fs, sync::Arc, time::Duration};

use snug_ios::{
    Cancellation, EndReason, Entry, Event, Hashing, ServerStatus, Session, SessionConfig,
    SnugError, Way,
};
use tempfile::TempDir;
use tokio::time::timeout;

use self::fixture::{TestServer, noise};

const MIB: usize = 1024 * 1024;

/// Far beyond what anything here takes: only what waits for ever runs into it.
const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test]
async fn what_is_said_arrives_and_can_be_changed() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    ann.session.say("hello".into(), None).await.unwrap();
    let said = ben.message().await;
    assert_eq!(said.text.as_deref(), Some("hello"));
    assert_eq!((said.author.clone(), said.mine), (ann.me(), false));
    assert!(ann.message().await.mine);

    let answer = Some(said.id.clone());
    ben.session.say("hi".into(), answer.clone()).await.unwrap();
    assert_eq!(ann.message().await.reply_to, answer);
    ben.session
        .react(said.id.clone(), "🎉".into(), true)
        .await
        .unwrap();
    let reacted = |event: &Event| matches!(event, Event::Reacted { on: true, .. });
    ann.until(reacted).await;
    ann.session
        .edit(said.id.clone(), "hello!".into())
        .await
        .unwrap();
    let edited = |event: &Event| matches!(event, Event::Edited { text, .. } if text == "hello!");
    ben.until(edited).await;
    ann.session.delete(said.id.clone()).await.unwrap();
    ben.until(|event| matches!(event, Event::Deleted { id } if *id == said.id))
        .await;

    ben.session.mark_read().await.unwrap();
    let read = |event: &Event| matches!(event, Event::Receipt { read: 1.., .. });
    ann.until(read).await;
    ben.session.typing(true).await.unwrap();
    ann.until(|event| matches!(event, Event::Typing { on: true, .. }))
        .await;
    ben.session
        .set_profile("Ben".into(), false, false)
        .await
        .unwrap();
    ann.until(|event| matches!(event, Event::Profile { person } if person.nickname == "Ben"))
        .await;
}

#[tokio::test]
async fn a_file_arrives_as_it_was_and_is_read_on_its_way() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    let (from, into) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (path, bytes) = (from.path().join("film.mp4"), noise(50 * MIB + 123));
    fs::write(&path, &bytes).unwrap();
    let size = bytes.len() as u64;

    let offering = ann.session.offer(vec![path.display().to_string()]).unwrap();
    let mut last = Hashing::default();
    while let Some(hashing) = offering.progress().await {
        assert!(hashing.bytes >= last.bytes && hashing.bytes <= hashing.total);
        last = hashing;
    }
    assert_eq!((last.bytes, last.total), (size, size));
    let offered = offering.offered().await.unwrap();
    assert_eq!((offered.name.as_str(), offered.size), ("film.mp4", size));

    let offer = ben.offer().await;
    assert_eq!((&offer.transfer, offer.size), (&offered.transfer, size));
    assert!(offer.single && offer.media_type == "video/mp4");
    let folder = Some(into.path().display().to_string());
    ben.session
        .accept(offer.transfer.clone(), None, folder)
        .await
        .unwrap();
    let end = ben.read(&offer.transfer, size - 1000, 1000).await.unwrap();
    assert!(end == bytes[bytes.len() - 1000..]);
    let received = ben.received(&offer.transfer).await;
    assert_eq!(received, Some(into.path().join("film.mp4")));
    assert!(fs::read(into.path().join("film.mp4")).unwrap() == bytes);
    ann.until(|event| matches!(event, Event::Delivered { .. }))
        .await;
    let past = ben.read(&offer.transfer, size, 1).await;
    assert!(matches!(past, Err(SnugError::Invalid { .. })), "{past:?}");
}

#[tokio::test]
async fn some_of_a_folder_goes_into_memory() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    let from = TempDir::new().unwrap();
    let album = from.path().join("album");
    fs::create_dir(&album).unwrap();
    for n in 0..3 {
        fs::write(album.join(format!("{n}.jpg")), noise(n * 1000 + 1)).unwrap();
    }
    let offering = ann
        .session
        .offer(vec![album.display().to_string()])
        .unwrap();
    assert_eq!(offering.offered().await.unwrap().files, 3);
    let offer = ben.offer().await;
    let paths = offer.items.iter().map(|item| item.path.as_str());
    let wanted = paths.enumerate().filter(|(_, path)| *path != "album/1.jpg");
    let items = wanted.map(|(at, _)| u32::try_from(at).unwrap()).collect();
    ben.session
        .accept(offer.transfer.clone(), Some(items), None)
        .await
        .unwrap();
    assert_eq!(ben.received(&offer.transfer).await, None);
    let take = || ben.session.take(offer.transfer.clone());
    let files = take().await.unwrap().unwrap();
    let [first, last] = &files[..] else {
        panic!("{} files", files.len())
    };
    assert_eq!(first.path, "album/0.jpg");
    assert_eq!(
        (last.path.as_str(), &last.bytes),
        ("album/2.jpg", &noise(2001))
    );
    assert_eq!(take().await, Ok(None));
}

#[tokio::test]
async fn close_ends_all_waiting() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    let (_from, path) = big_file();
    let offering = ann.session.offer(vec![path]).unwrap();
    let transfer = offering.offered().await.unwrap().transfer;
    ben.offer().await;
    ben.session
        .accept(transfer.clone(), None, None)
        .await
        .unwrap();
    // Nobody sends it any more.
    ann.session.close();
    let events = {
        let session = Arc::clone(&ben.session);
        tokio::spawn(async move { while session.next_event().await.is_some() {} })
    };
    let read = {
        let session = Arc::clone(&ben.session);
        tokio::spawn(async move { session.read(transfer, BIG - 1, 1, None).await })
    };
    ben.session.close();
    timeout(PATIENCE, events).await.unwrap().unwrap();
    let read = timeout(PATIENCE, read).await.unwrap().unwrap();
    assert_eq!(read, Err(SnugError::Closed));
    assert_eq!(ben.session.next_event().await, None);
    let said = ben.session.say("too late".into(), None).await;
    assert_eq!(said, Err(SnugError::Closed));
    ben.session.close();
}

#[tokio::test]
async fn calls_are_cancelled_one_by_one() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    let (_from, path) = big_file();
    let given_up = ann.session.offer(vec![path.clone()]).unwrap();
    given_up.cancel();
    assert_eq!(given_up.offered().await, Err(SnugError::Cancelled));
    while given_up.progress().await.is_some() {}

    let offering = ann.session.offer(vec![path]).unwrap();
    let transfer = offering.offered().await.unwrap().transfer;
    // It is too late for that: it stays on offer.
    offering.cancel();
    assert_eq!(ben.offer().await.transfer, transfer);
    ben.session
        .accept(transfer.clone(), None, None)
        .await
        .unwrap();
    ben.session.pause(transfer.clone()).await.unwrap();
    ben.until(|event| matches!(event, Event::Paused { on: true, .. }))
        .await;
    let cancellation = Cancellation::new();
    let read = |cancellation| ben.session.read(transfer.clone(), BIG - 1, 1, cancellation);
    let waiting = read(Some(cancellation.clone()));
    cancellation.cancel();
    assert_eq!(waiting.await, Err(SnugError::Cancelled));
    ben.session.resume(transfer.clone()).await.unwrap();
    assert_eq!(read(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_app_comes_back_from_the_background() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    ben.session.typing(true).await.unwrap();
    ann.until(|event| matches!(event, Event::Typing { on: true, .. }))
        .await;
    ben.session.entered_background();
    ann.until(|event| matches!(event, Event::Typing { on: false, .. }))
        .await;
    ann.session
        .say("are you there?".into(), None)
        .await
        .unwrap();
    assert_eq!(ben.message().await.text.as_deref(), Some("are you there?"));
    assert!(ann.message().await.mine);
    ben.session.entered_foreground();
    // The way to the server is made anew.
    let status = ServerStatus::Online;
    ben.until(|event| {
        *event
            == Event::Server {
                status: status.clone(),
            }
    })
    .await;
    ben.session.say("yes".into(), None).await.unwrap();
    assert_eq!(ann.message().await.text.as_deref(), Some("yes"));
}

#[tokio::test]
async fn leaving_is_told_to_both_sides() {
    let server = TestServer::start().await;
    let (ann, ben) = server.pair().await;
    ben.session.leave().await;
    let ended = |event: &Event| matches!(event, Event::Ended { .. });
    let Event::Ended { reason, .. } = ben.until(ended).await else {
        unreachable!()
    };
    assert_eq!(reason, EndReason::Left);
    assert_eq!(ben.session.next_event().await, None);
    let left = |event: &Event| matches!(event, Event::PeerLeft { goodbye: true, .. });
    ann.until(left).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_reason() {
    let server = TestServer::start().await;
    let (ann, _ben) = server.pair().await;
    let invalid = |outcome: Result<(), SnugError>| {
        assert!(
            matches!(outcome, Err(SnugError::Invalid { .. })),
            "{outcome:?}"
        );
    };
    invalid(ann.session.accept("no transfer".into(), None, None).await);
    invalid(ann.session.delete("no message".into()).await);
    let config = |address: &str, code: &str, nickname: &str| SessionConfig {
        way: Way::Server {
            address: address.into(),
        },
        entry: Entry::Join { code: code.into() },
        nickname: nickname.into(),
        relay_only: false,
        shares: true,
        memory_cap: None,
    };
    let code = "K7Q4X9-otter-lemon-cloud-ferry";
    for config in [
        config("ftp://a", code, ""),
        config("a", "K7Q4X9-ottre", ""),
        config("a", code, &"n".repeat(100)),
    ] {
        invalid(Session::new(config).map(drop));
    }
    let missing = ann.session.offer(vec!["/no/such/file".into()]).unwrap();
    let missing = missing.offered().await;
    assert!(
        matches!(missing, Err(SnugError::File { .. })),
        "{missing:?}"
    );
    let unknown = ann.read(&"0".repeat(32), 0, 1).await;
    assert!(
        matches!(unknown, Err(SnugError::Refused { .. })),
        "{unknown:?}"
    );
}

/// More than arrives in a moment.
const BIG: u64 = 64 << 20;

fn big_file() -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("big.bin");
    fs::File::create(&path).unwrap().set_len(BIG).unwrap();
    (folder, path.display().to_string())
}
