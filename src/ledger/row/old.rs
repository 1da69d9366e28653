//! Rows as version 1 digested them, which version 2 digests otherwise.

use prost::Message;

use super::{Readers, Row, v1};
use crate::domain::{
    agency::System,
    certificate::{Issued, Order},
};

/// A row as version 1 digested it, for lines of before version 2.
pub struct V1<'a, T>(pub &'a T);

impl Row for V1<'_, System> {
    const TAG: &'static str = "gerbang/system/v1\n";

    fn resource(&self) -> String {
        self.0.resource()
    }

    fn version(&self) -> i64 {
        self.0.version
    }

    fn readers(&self) -> Readers {
        self.0.readers()
    }

    fn canonical(&self) -> Vec<u8> {
        v1::System::from(self.0).encode_to_vec()
    }
}

impl Row for V1<'_, Issued> {
    const TAG: &'static str = "gerbang/certificate/v1\n";

    fn resource(&self) -> String {
        self.0.resource()
    }

    fn version(&self) -> i64 {
        self.0.version
    }

    fn readers(&self) -> Readers {
        self.0.readers()
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Certificate::from(self.0).encode_to_vec()
    }
}

impl Row for V1<'_, Order> {
    const TAG: &'static str = "gerbang/order/v1\n";

    fn resource(&self) -> String {
        self.0.resource()
    }

    fn version(&self) -> i64 {
        self.0.version
    }

    fn readers(&self) -> Readers {
        self.0.readers()
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Order::from(self.0).encode_to_vec()
    }
}
