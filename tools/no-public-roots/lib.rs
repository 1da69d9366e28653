//! The list of public authorities that sqlx trusts beside `sslrootcert`: none. With the list of the web, any of its
//! hundred authorities could speak for the database.
#![no_std]

use rustls_pki_types::TrustAnchor;

/// The authorities: none.
pub const TLS_SERVER_ROOTS: &[TrustAnchor<'static>] = &[];
