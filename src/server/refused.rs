//! The refusals of connections before any call: the reasons that the counter shows, and how a failed
//! handshake is sorted into them.

use std::io;

use rustls::{Error, InvalidMessage, PeerIncompatible};

use crate::text_enum;

text_enum! {
    /// A reason why a connection did not come to a call. The client library shows each of these as UNAVAILABLE.
    Refused {
        NoCertificate = "no_certificate",
        /// The client certificate leads back to none of our authorities.
        UnknownCa = "unknown_ca",
        SelfSigned = "self_signed",
        /// The certificate leads back to our root, but not through an authority of the clients: straight, or through
        /// another.
        NotFromIssuingCa = "not_from_issuing_ca",
        /// An authority below an authority of the clients issued it.
        PathLength = "path_length",
        /// The holder of a certificate that is no authority's issued it.
        IssuerNotCa = "issuer_not_ca",
        /// The certificate is an authority's.
        CaAsClient = "ca_as_client",
        Expired = "expired",
        NotYetValid = "not_yet_valid",
        /// The certificate is not made for clients.
        ExtendedKeyUsage = "extended_key_usage",
        /// The key may not sign handshakes, or may sign certificates.
        KeyUsage = "key_usage",
        /// The certificate has a name that is no URI.
        OtherNames = "other_names",
        /// The certificate's authority may not issue for its names.
        NameConstraints = "name_constraints",
        /// The certificate has an unknown critical extension.
        CriticalExtension = "critical_extension",
        /// The key is neither P-256 nor Ed25519, or is one that anybody can sign with.
        ClientKey = "client_key",
        /// The client does not hold the certificate's key.
        HandshakeSignature = "handshake_signature",
        /// The certificate cannot be read.
        Malformed = "malformed",
        /// Anything else that is wrong with the client certificate.
        BadCertificate = "bad_certificate",
        /// TLS 1.2 or older.
        ProtocolVersion = "protocol_version",
        /// The client offers no protocol that is served, or agreed on HTTP/2 and does not speak it.
        NotHttp2 = "not_http2",
        /// The client did not agree on HTTP/2, and speaks it.
        NotHttp1 = "not_http1",
        /// Plain text, or another protocol.
        NotTls = "not_tls",
        /// The client refused us: it does not trust the gateway's certificate, for one.
        RefusedByClient = "refused_by_client",
        /// The client went away in the middle.
        Closed = "closed",
        /// The handshake took too long.
        Timeout = "timeout",
        /// Nothing followed the handshake, or not enough to tell the protocol by.
        Silent = "silent",
        /// There are too many connections.
        Connections = "connections",
        /// This certificate has too many connections.
        ConnectionsOfCertificate = "connections_of_certificate",
        /// This address has too many connections to where systems join, or handshakes under way.
        ConnectionsOfAddress = "connections_of_address",
        /// This address connects too often.
        PaceOfAddress = "pace_of_address",
        /// This certificate connects too often.
        PaceOfCertificate = "pace_of_certificate",
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
            // `verifier` says what, beside the error.
            Error::InvalidCertificate(_) => Self::BadCertificate,
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

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, CertificateError};

    use super::*;

    #[test]
    fn failed_handshakes_are_sorted() {
        let cases = [
            (Error::NoCertificatesPresented, Refused::NoCertificate),
            (Error::InvalidCertificate(CertificateError::BadEncoding), Refused::BadCertificate),
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
