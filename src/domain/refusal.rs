//! Refusals: a [`Fault`] is a reason without a place, a [`Violation`] a fault at a field, a [`Refusal`] the answer to a
//! whole call. Texts come from the table in `reason.rs`; the particulars of a case travel as facts, which hold no personal
//! data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Reason,
    reason::{Facts, Language},
};

/// A reason and the facts of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The reason, from the table.
    pub reason: Reason,
    /// The facts of the case, without personal data.
    pub facts: Facts,
}

impl Fault {
    /// Adds a fact. The key names a placeholder of the reason's text, or plain metadata.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.facts.push((key.to_owned(), value.to_string()));
        self
    }

    /// The text with its facts, in the reader's language: what is wrong, why, and what to do next.
    pub fn text(&self, language: Language) -> String {
        self.reason.text(language, &self.facts)
    }

    /// Places the fault at a field of the request.
    pub fn at(self, field: impl Into<String>) -> Violation {
        Violation { field: field.into(), fault: self }
    }
}

impl Fault {
    /// Makes a `STATE_FORBIDS` with the noun of a resource, the state that it has and the states that would be allowed.
    pub fn state_forbids<S: fmt::Display>(resource: &str, state: impl fmt::Display, allowed: &[S]) -> Self {
        let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
        let fault = Self::from(Reason::StateForbids).with("resource", resource);
        fault.with("state", state).with("allowed", allowed.join(", "))
    }
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self { reason, facts: Vec::new() }
    }
}

/// A fault at a field, whose path reads as in the contract: `terms.parties[1].agency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The path of the field.
    pub field: String,
    /// What is wrong with the field.
    pub fault: Fault,
}

impl From<Violation> for Vec<Violation> {
    fn from(violation: Violation) -> Self {
        vec![violation]
    }
}

/// The refusal of a whole call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", fault.reason.code())]
pub struct Refusal {
    /// The reason of the refusal, with its facts.
    pub fault: Fault,
    /// Everything that is wrong with the request, at once; filled for `FIELDS_INVALID` alone.
    pub violations: Vec<Violation>,
}

impl Refusal {
    /// The reason, without its facts.
    pub fn reason(&self) -> Reason {
        self.fault.reason
    }
}

impl<F: Into<Fault>> From<F> for Refusal {
    fn from(fault: F) -> Self {
        Self { fault: fault.into(), violations: Vec::new() }
    }
}

/// Collects everything that is wrong with a request while it is parsed, so that the caller learns it at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Passes a parsed value on, or notes the fault at `field` and answers `None`.
    pub fn take<T>(&mut self, field: impl Into<String>, parsed: Result<T, Fault>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                self.add(field, fault);
                None
            }
        }
    }

    /// Notes a fault at a field.
    pub fn add(&mut self, field: impl Into<String>, fault: impl Into<Fault>) {
        self.0.push(fault.into().at(field));
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value if nothing was noted, else every violation.
    pub fn or_ok<T>(self, value: T) -> Result<T, Vec<Violation>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }

    /// Everything that was noted, in order.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    /// The parsed value if nothing was noted, else `FIELDS_INVALID` with every violation. A parser that lost a part to a
    /// violation hands in `None`.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Refusal> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Refusal { fault: Reason::FieldsInvalid.into(), violations: self.0 }),
        }
    }
}
