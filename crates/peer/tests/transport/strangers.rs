//! Peers that do with the stack what no peer of ours does.

use snug_peer::transport::TransportError;

use crate::stranger::Stranger;

#[tokio::test]
async fn a_peer_that_opens_channels_of_its_own_is_dropped() {
    let mut stranger = Stranger::connected().await.unwrap();
    stranger.open_channel(None).await.unwrap();
    let ending = stranger.ending().await;
    assert_eq!(ending, Some(TransportError::PeerOpenedChannel));
}

#[tokio::test]
async fn a_peer_that_opens_channels_without_end_is_dropped_at_once() {
    let mut stranger = Stranger::connected().await.unwrap();
    let ending = stranger.open_channels(65_000).await;
    assert_eq!(ending, Some(TransportError::PeerOpenedChannel));
}

#[tokio::test]
async fn channels_that_wait_for_the_connection_end_it() {
    let mut stranger = Stranger::new().await.unwrap();
    for _ in 0..1000 {
        stranger.open_channel(None).await.unwrap();
    }
    stranger.offer().await.unwrap();
    let ending = stranger.ending().await;
    assert_eq!(ending, Some(TransportError::PeerOpenedChannel));
}

#[tokio::test]
async fn a_peer_that_sends_long_frames_is_dropped() {
    let mut stranger = Stranger::connected().await.unwrap();
    stranger.send_control(&vec![0; 40_000]).await.unwrap();
    let ending = stranger.ending().await;
    assert_eq!(
        ending,
        Some(TransportError::PeerFrameTooLong {
            len: 40_000,
            limit: 32 * 1024
        })
    );
}
