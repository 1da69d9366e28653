//! Signed statements as callers send them: checked here so that who signed wrongly learns it at once. What counts is
//! the signer's own check.

use super::super::{Error, Tx};
use crate::{
    domain::{
        Fault, Reason,
        certificate::{Approval, LIFETIME_DAYS_MAX, ORDER_LIFE},
    },
    pki::{
        certificate::public_key,
        statement::{ExpectedStatement, Statement},
    },
    store::certificate as inventory,
};

/// A statement and its signature, as they came.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The statement's bytes.
    pub statement: Vec<u8>,
    /// The signature over them, by the caller's key.
    pub signature: Vec<u8>,
}

impl Signed {
    /// Checks that the statement says this and that the caller's key signed it. `STATEMENT_INVALID`,
    /// `LIFETIME_TOO_LONG`.
    pub async fn check(&self, tx: &mut Tx, expected: &ExpectedStatement<'_>) -> Result<Statement, Error> {
        let statement = self.read()?;
        if !statement.says(expected) {
            return Err(invalid("it speaks of something else").into());
        }
        check_days(statement.lifetime_days)?;
        if statement.expires_at <= tx.now() || statement.expires_at > tx.now() + ORDER_LIFE {
            return Err(invalid("its time is over, or more than 30 days ahead").into());
        }
        let fingerprint = tx.caller().fingerprint;
        let der = inventory::der(tx.db(), &fingerprint).await?;
        let key =
            der.and_then(|der| public_key(&der)).ok_or_else(|| invalid("the caller's key is not known"))?;
        if !statement.verify(&key, &self.signature) {
            return Err(invalid("the signature is not by the key of the caller's certificate").into());
        }
        Ok(statement)
    }

    /// Reads the statement. `STATEMENT_INVALID` where the bytes are none.
    pub fn read(&self) -> Result<Statement, Fault> {
        Statement::read(&self.statement).map_err(|_| invalid("its bytes are not those of a statement"))
    }

    /// Makes the caller's approval of an order.
    pub fn approval(&self, tx: &Tx) -> Approval {
        Approval {
            approver: tx.caller().system_name().to_string(),
            certificate: tx.caller().fingerprint,
            statement: self.statement.clone(),
            signature: self.signature.clone(),
            approved_at: tx.now(),
        }
    }
}

fn check_days(days: u32) -> Result<(), Fault> {
    if (1..=LIFETIME_DAYS_MAX.unsigned_abs()).contains(&days) {
        return Ok(());
    }
    Err(Fault::from(Reason::LifetimeTooLong).with("days", days).with("max", LIFETIME_DAYS_MAX))
}

fn invalid(why: &str) -> Fault {
    Fault::from(Reason::StatementInvalid).with("why", why)
}
