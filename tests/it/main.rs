//! The integration tests, one file per noun, through the wire.
