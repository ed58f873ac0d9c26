//! Socket buffers.

use std::{io, net::UdpSocket};

use socket2::SockRef;

/// Asks for buffers of `wanted` bytes and answers with the bytes that the receive buffer really
/// holds, as the system counts them: Linux twice what was asked for.
///
/// The system's default of some 200 KiB overflows within a millisecond at full speed, and what
/// it drops comes back only after SCTP's timeout of a second. How much more a system grants
/// differs, and only some clamp a request that is too large: the others refuse it.
pub(super) fn enlarge_buffers(socket: &UdpSocket, wanted: usize) -> io::Result<usize> {
    let socket = SockRef::from(socket);
    let received = socket.recv_buffer_size()?;
    let sent = socket.send_buffer_size()?;
    request(received, wanted, |bytes| socket.set_recv_buffer_size(bytes));
    request(sent, wanted, |bytes| socket.set_send_buffer_size(bytes));
    socket.recv_buffer_size()
}

/// Halves the request until it is granted or no better than what there is.
fn request(present: usize, wanted: usize, set: impl Fn(usize) -> io::Result<()>) {
    let mut bytes = wanted;
    while bytes >= present && set(bytes).is_err() {
        bytes /= 2;
    }
}

/// More than SCTP ever has in flight.
pub(super) const WANTED_BYTES: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_grow_and_never_shrink() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let before = SockRef::from(&socket).recv_buffer_size().unwrap();
        let after = enlarge_buffers(&socket, WANTED_BYTES).unwrap();
        assert!(after >= before);
        assert_eq!(after, SockRef::from(&socket).recv_buffer_size().unwrap());
    }

    #[test]
    fn a_refused_request_is_repeated_smaller() {
        let granted = std::cell::Cell::new(0);
        request(200_000, WANTED_BYTES, |bytes| {
            if bytes > 1_000_000 {
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            granted.set(bytes);
            Ok(())
        });
        assert_eq!(granted.get(), 512 * 1024);
    }
}
