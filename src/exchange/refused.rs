//! Calls that were refused, as those who supervise see them. The keeper counts them, by the day.

use jiff::Timestamp;

use super::{
    Error, Tx, Work,
    entries::certificate,
    page::{Page, PageRequest},
};
use crate::{
    domain::{AgencyCode, access::Fingerprint, certificate::Serial, refused::Refused},
    store::refused::{self, Filter},
};

/// Lists refused calls, those of the newest day first.
pub struct ListRefusedCalls {
    /// Of this agency's systems; `None` for all.
    pub agency: Option<AgencyCode>,
    /// By this certificate.
    pub certificate: Option<Serial>,
    /// For this reason.
    pub reason: Option<String>,
    /// Refused from this time on, and before that one.
    pub range: (Option<Timestamp>, Option<Timestamp>),
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListRefusedCalls {
    type Answer = Page<Refused>;

    async fn run(&self, tx: &mut Tx) -> Result<Page<Refused>, Error> {
        let after = self.page.after(tx, |[day, certificate, method, reason]| {
            let certificate: Fingerprint = hex::decode(certificate).ok()?.try_into().ok()?;
            Some((day.parse().ok()?, certificate, method, reason))
        })?;
        let certificate = match &self.certificate {
            Some(serial) => Some(certificate(tx, serial).await?.fingerprint),
            None => None,
        };
        let filter = Filter {
            agency: self.agency.clone(),
            certificate,
            reason: self.reason.clone(),
            range: self.range,
        };
        let after = after
            .as_ref()
            .map(|(day, certificate, method, reason)| (*day, certificate, method.as_str(), reason.as_str()));
        let found = refused::list(tx.db(), &filter, after, self.page.limit()).await?;
        Ok(self.page.page(tx, found, |one: &Refused| {
            [one.day.to_string(), hex::encode(one.certificate), one.method.clone(), one.reason.clone()]
        }))
    }
}
