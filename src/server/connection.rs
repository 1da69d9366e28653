//! One accepted connection as HTTP reads it: a TLS stream, with a description of its client.
//!
//! Holds its places among all connections and among those of its certificate or address, and gives them back when it
//! is dropped. Ends at once, reading and writing, when it is cut.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use http::{Extensions, Request};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{body::Body, transport::server::Connected};

use crate::domain::access::Peer;

/// The other end of a connection that has no certificate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub SocketAddr);

/// The other end of a connection as each call gets it, with the means to cut this connection alone.
#[derive(Clone)]
pub(super) struct Wire<I> {
    info: I,
    cut: CancellationToken,
}

impl<I> Wire<I> {
    /// The description of the client.
    pub fn info(&self) -> &I {
        &self.info
    }
}

#[cfg(test)]
impl Wire<Client> {
    /// A client at no address in particular.
    pub fn of(cut: CancellationToken) -> Self {
        Self { info: Client(SocketAddr::from(([127, 0, 0, 1], 1))), cut }
    }
}

/// Leaves the description of the client among the request's extensions, where everybody looks for it, and takes what cuts
/// its connection.
pub(super) fn take_cut(request: &mut Request<Body>) -> Option<CancellationToken> {
    fn take<I: Clone + Send + Sync + 'static>(request: &mut Request<Body>) -> Option<CancellationToken> {
        let Wire { info, cut } = request.extensions_mut().remove::<Wire<I>>()?;
        request.extensions_mut().insert(info);
        Some(cut)
    }
    take::<Peer>(request).or_else(|| take::<Client>(request))
}

/// Finds whose certificate a request came by, before [`take_cut`] and after it.
pub(super) fn peer(extensions: &Extensions) -> Option<&Peer> {
    extensions.get::<Peer>().or_else(|| extensions.get::<Wire<Peer>>().map(|wire| &wire.info))
}

/// A connection past its handshake and its first bytes.
pub(super) struct Connection<I> {
    wire: Wire<I>,
    /// The bytes that were read while waiting for the first.
    first: Bytes,
    /// How many bytes have been taken from it.
    read: Arc<AtomicU64>,
    stream: TlsStream<TcpStream>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _places: Box<dyn Send>,
}

impl<I> Connection<I> {
    pub fn new(
        info: I,
        first: Bytes,
        stream: TlsStream<TcpStream>,
        cut: CancellationToken,
        places: Box<dyn Send>,
    ) -> Self {
        // Others may share what cuts them all.
        let cut = cut.child_token();
        let wire = Wire { info, cut: cut.clone() };
        let (read, cut) = (Arc::default(), Box::pin(cut.cancelled_owned()));
        Self { wire, first, read, stream, cut, _places: places }
    }

    /// Counts the bytes that are taken from it, so that whoever serves it knows when its client speaks.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        self.read.clone()
    }

    /// Fails once the connection is cut; else has the task woken when it is.
    fn uncut(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.cut.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl<I: Clone + Send + Sync + 'static> Connected for Connection<I> {
    type ConnectInfo = Wire<I>;

    fn connect_info(&self) -> Wire<I> {
        self.wire.clone()
    }
}

impl<I: Unpin> AsyncRead for Connection<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.uncut(cx)?;
        let before = into.filled().len();
        let read = if self.first.is_empty() {
            Pin::new(&mut self.stream).poll_read(cx, into)
        } else {
            let count = self.first.len().min(into.remaining());
            into.put_slice(&self.first[..count]);
            self.first.advance(count);
            Poll::Ready(Ok(()))
        };
        self.read.fetch_add((into.filled().len() - before) as u64, Ordering::Relaxed);
        read
    }
}

impl<I: Unpin> AsyncWrite for Connection<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.uncut(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.uncut(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.uncut(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.uncut(cx)?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
