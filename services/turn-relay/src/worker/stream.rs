//! One connection: TCP, or TLS over it.

use std::{
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::Instant,
};

use antiphon_turn_core::{Client, framing::MAX_FRAME_BYTES};
use mio::net::TcpStream;
use rustls::{ServerConfig, ServerConnection};

/// What may wait for a slow client: data beyond it is lost, as a datagram would be.
const MAX_DATA_BYTES: usize = 256 * 1024;

/// Beyond this even answers do not fit: the client does not read.
const MAX_WAITING_BYTES: usize = 512 * 1024;

/// What is read at once.
const READ_BYTES: usize = 16 * 1024;

pub(super) struct Stream {
    pub(super) client: Client,
    /// When it is closed, unless it gets an allocation.
    pub(super) deadline: Option<Instant>,
    pub(super) socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
    /// What was read and is no whole frame yet: as long as the longest frame at most, and one reading more.
    inbound: Vec<u8>,
    /// What is to be written, from `written` on.
    outbound: Vec<u8>,
    written: usize,
    pub(super) is_unwritten: bool,
}

/// What a reading came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Something came.
    Some,
    /// All that had come is read.
    Nothing,
    /// The connection is over.
    Over,
}

impl Stream {
    pub(super) fn new(
        client: Client,
        socket: TcpStream,
        tls: Option<Arc<ServerConfig>>,
        deadline: Instant,
    ) -> Result<Self, rustls::Error> {
        let tls = tls.map(ServerConnection::new).transpose()?.map(Box::new);
        Ok(Self {
            client,
            deadline: Some(deadline),
            socket,
            tls,
            inbound: Vec::new(),
            outbound: Vec::new(),
            written: 0,
            is_unwritten: false,
        })
    }

    pub(super) fn remote(&self) -> SocketAddr {
        self.client.remote
    }

    /// Reads once.
    pub(super) fn read(&mut self) -> Reading {
        let mut buffer = [0; READ_BYTES];
        let read = match &mut self.tls {
            None => self.socket.read(&mut buffer),
            Some(tls) => match tls.read_tls(&mut self.socket) {
                Ok(0) => Ok(0),
                Ok(_) => return self.take_plaintext(&mut buffer),
                Err(error) => Err(error),
            },
        };
        match read {
            Ok(0) => Reading::Over,
            Ok(length) => {
                self.inbound.extend_from_slice(&buffer[..length]);
                Reading::Some
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Reading::Some,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Reading::Nothing,
            Err(_) => Reading::Over,
        }
    }

    fn take_plaintext(&mut self, buffer: &mut [u8]) -> Reading {
        let Some(tls) = &mut self.tls else { return Reading::Over };
        let processed = tls.process_new_packets();
        self.is_unwritten |= tls.wants_write();
        if processed.is_err() {
            // The alert says why; it is sent if it can be at once.
            let _ = tls.write_tls(&mut self.socket);
            return Reading::Over;
        }
        loop {
            match tls.reader().read(buffer) {
                Ok(0) => return Reading::Over,
                Ok(length) => self.inbound.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Reading::Some,
                Err(_) => return Reading::Over,
            }
        }
    }

    /// What came and was not taken yet.
    pub(super) fn take_inbound(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbound)
    }

    /// Puts back what is no whole frame yet, from `taken` on.
    pub(super) fn put_back(&mut self, mut inbound: Vec<u8>, taken: usize) {
        if taken == inbound.len() {
            inbound.clear();
        } else {
            inbound.drain(..taken);
        }
        // A stream that sends little keeps little.
        if inbound.capacity() > MAX_FRAME_BYTES && inbound.len() < READ_BYTES {
            inbound.shrink_to(READ_BYTES);
        }
        self.inbound = inbound;
    }

    /// Takes data to be written; `false`: it is lost, because the client reads too slowly.
    pub(super) fn queue_data(&mut self, parts: [&[u8]; 2], padding: usize) -> bool {
        if self.waiting() > MAX_DATA_BYTES {
            return false;
        }
        for part in parts {
            self.outbound.extend_from_slice(part);
        }
        self.outbound.resize(self.outbound.len() + padding, 0);
        true
    }

    /// Takes an answer to be written; `false`: the client does not read.
    pub(super) fn queue_answer(&mut self, message: &[u8]) -> bool {
        if self.waiting() > MAX_WAITING_BYTES {
            return false;
        }
        self.outbound.extend_from_slice(message);
        true
    }

    fn waiting(&self) -> usize {
        self.outbound.len() - self.written
    }

    /// Writes what the system takes; `false`: the connection is over.
    pub(super) fn write(&mut self) -> bool {
        let written = self.try_write();
        self.forget_written();
        match written {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }

    fn try_write(&mut self) -> io::Result<()> {
        loop {
            match &mut self.tls {
                Some(tls) => {
                    while tls.wants_write() {
                        tls.write_tls(&mut self.socket)?;
                    }
                    // Nothing of before is left, so no more than one writing is ever held encrypted.
                    if tls.is_handshaking() || self.written == self.outbound.len() {
                        break;
                    }
                    self.written += tls.writer().write(&self.outbound[self.written..])?;
                }
                None => {
                    if self.written == self.outbound.len() {
                        break;
                    }
                    match self.socket.write(&self.outbound[self.written..]) {
                        Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                        Ok(written) => self.written += written,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes room once half of what is held has gone.
    fn forget_written(&mut self) {
        if self.written == self.outbound.len() {
            self.outbound.clear();
            self.outbound.shrink_to(READ_BYTES);
            self.written = 0;
        } else if self.written > self.outbound.len() / 2 {
            self.outbound.drain(..self.written);
            self.written = 0;
        }
    }

    /// Says good-bye where that is the custom.
    pub(super) fn say_goodbye(&mut self) {
        self.write();
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            // The connection ends now either way.
            let _ = tls.write_tls(&mut self.socket);
        }
    }
}
