//! Received into memory.

use bytes::Bytes;
use snug_peer::store::{Memory, Store};
use snug_protocol::limits::PIECE_BYTES;
use snug_session::StoreOutput;

use crate::fixture::Sample;

#[tokio::test]
async fn memory_takes_files_up_to_its_cap() {
    let memory = Memory::new(2 * PIECE_BYTES as u64);
    let mut store = Store::new(memory.clone());
    let large = Sample::new("large", 2 * PIECE_BYTES + 1);
    let reason = large.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("larger than the memory cap"), "{reason}");

    let fits = Sample::new("fits", PIECE_BYTES + 9);
    assert_eq!(fits.receive(&mut store).await, Ok(None));
    let second = Sample::new("second", PIECE_BYTES);
    let reason = second.receive(&mut store).await.unwrap_err();
    assert!(reason.contains("no room in memory"), "{reason}");

    assert_eq!(memory.take(fits.transfer()).unwrap(), fits.bytes);
    assert_eq!(memory.take(fits.transfer()), None);
    assert_eq!(second.receive(&mut store).await, Ok(None));
    let empty = Sample::new("empty", 0);
    assert_eq!(empty.receive(&mut store).await, Ok(None));
    assert_eq!(memory.take(empty.transfer()).unwrap(), Bytes::new());
}

#[tokio::test]
async fn a_discarded_file_gives_its_memory_back() {
    let memory = Memory::new(PIECE_BYTES as u64);
    let mut store = Store::new(memory);
    let file = Sample::new("file", PIECE_BYTES);
    file.open(&mut store).await.unwrap();
    store.execute(StoreOutput::DiscardSink {
        transfer: file.transfer(),
    });
    assert_eq!(file.receive(&mut store).await, Ok(None));
}
