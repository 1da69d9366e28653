//! Lets a caller in: its certificate is registered and good now, its agency is active, and its role may call the method. Each
//! call is looked at anew, so that a revocation holds from its commit on.

use jiff::Timestamp;

use super::{Acting, Call, Error, MutationContext, Outside, Tx};
use crate::{
    domain::{Fault, Reason, access::Caller, certificate::Holder},
    store::{Entered, Recorder},
};

/// Makes the transaction of a caller whom the registry lets call the method.
pub(super) fn let_in(
    recorder: Recorder,
    entered: Option<Entered>,
    call: Call<'_>,
    mutation: Option<MutationContext>,
    outside: &Outside,
) -> Result<Tx, Error> {
    let caller = authorize(entered, call, recorder.now())?;
    Ok(Tx::new(recorder, Acting::new(caller, call.rule.clone(), mutation, outside.clone())))
}

/// Whether the registry lets the certificate's holder call the method at all.
pub(super) fn authorize(entered: Option<Entered>, call: Call<'_>, now: Timestamp) -> Result<Caller, Error> {
    let identity = call.identity;
    let known = entered.filter(|e| e.agency == identity.agency && e.system == identity.system);
    let Entered { agency, system, role, .. } = check_certificate(known, now)?;
    if !call.rule.roles.contains(&role) {
        let needed: Vec<_> = call.rule.roles.iter().map(|role| role.as_str()).collect();
        let refused = Fault::from(Reason::RoleNotAllowed).with("role", role);
        return Err(refused.with("needed", needed.join(", ")).into());
    }
    Ok(Caller { agency, system, role, fingerprint: identity.fingerprint })
}

/// Refuses a certificate that is not in the inventory, or that does not let its holder in now.
pub(super) fn check_certificate(entered: Option<Entered>, now: Timestamp) -> Result<Entered, Fault> {
    let known = entered.ok_or(Reason::CertificateNotRegistered)?;
    let Entered { agency, agency_state, role, certified, .. } = &known;
    let holder = Holder { agency, state: *agency_state, role: *role, certified: *certified };
    known.validity.let_in(&holder, now)?;
    Ok(known)
}
