//! Why a connection was refused before any call: the reasons that the counter shows, and how a failed
//! handshake is sorted into them.

use std::io;

use rustls::{CertificateError, Error, InvalidMessage, PeerIncompatible};

use crate::text_enum;

text_enum! {
    /// Why a connection did not come to a call. The client library shows each of these as UNAVAILABLE.
    Refused {
        NoCertificate = "no_certificate",
        /// The client certificate leads back to none of our authorities.
        UnknownCa = "unknown_ca",
        Expired = "expired",
        NotYetValid = "not_yet_valid",
        /// Anything else that is wrong with the client certificate.
        BadCertificate = "bad_certificate",
        /// TLS 1.2 or older.
        ProtocolVersion = "protocol_version",
        /// The client does not speak HTTP/2.
        NotHttp2 = "not_http2",
        /// Plain text, or another protocol.
        NotTls = "not_tls",
        /// The client refused us: it does not trust the gateway's certificate, for one.
        RefusedByClient = "refused_by_client",
        /// The client went away in the middle.
        Closed = "closed",
        /// The handshake took too long.
        Timeout = "timeout",
        /// Nothing followed the handshake.
        Silent = "silent",
        /// There are too many connections.
        Connections = "connections",
        /// This certificate has too many connections.
        ConnectionsOfCertificate = "connections_of_certificate",
        Other = "other",
    }
}

impl From<&io::Error> for Refused {
    fn from(error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(error) => error.into(),
            None => match error.kind() {
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => Self::Closed,
                _ => Self::Other,
            },
        }
    }
}

impl From<&Error> for Refused {
    fn from(error: &Error) -> Self {
        match error {
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::InvalidCertificate(error) => error.into(),
            Error::PeerIncompatible(
                PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::SupportedVersionsExtensionRequired
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::ServerDoesNotSupportTls12Or13,
            )
            | Error::InvalidMessage(InvalidMessage::UnknownProtocolVersion) => Self::ProtocolVersion,
            Error::NoApplicationProtocol => Self::NotHttp2,
            Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => Self::NotTls,
            Error::AlertReceived(_) => Self::RefusedByClient,
            _ => Self::Other,
        }
    }
}

impl From<&CertificateError> for Refused {
    fn from(error: &CertificateError) -> Self {
        match error {
            // An authority of the same name as ours but another key shows as a bad signature.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownCa,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            _ => Self::BadCertificate,
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    #[test]
    fn failed_handshakes_are_sorted() {
        let certificate = Error::InvalidCertificate;
        let cases = [
            (Error::NoCertificatesPresented, Refused::NoCertificate),
            (certificate(CertificateError::UnknownIssuer), Refused::UnknownCa),
            (certificate(CertificateError::Expired), Refused::Expired),
            (certificate(CertificateError::NotValidYet), Refused::NotYetValid),
            (certificate(CertificateError::BadEncoding), Refused::BadCertificate),
            (PeerIncompatible::SupportedVersionsExtensionRequired.into(), Refused::ProtocolVersion),
            (Error::NoApplicationProtocol, Refused::NotHttp2),
            (InvalidMessage::InvalidContentType.into(), Refused::NotTls),
            (Error::AlertReceived(AlertDescription::UnknownCA), Refused::RefusedByClient),
            (Error::HandshakeNotComplete, Refused::Other),
        ];
        for (error, reason) in cases {
            assert_eq!(Refused::from(&io::Error::new(io::ErrorKind::InvalidData, error)), reason);
        }
        assert_eq!(Refused::from(&io::Error::from(io::ErrorKind::UnexpectedEof)), Refused::Closed);
        assert_eq!(Refused::from(&io::Error::other("disk")), Refused::Other);
    }
}
