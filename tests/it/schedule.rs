//! Schedules: what a push does, and what it refuses; changes, bookings, the prison's yes and no, cancellation, and what
//! readers see.

mod cancel;
mod confirm;
mod conflict;
mod decline;
mod gate;
mod push;
mod read;
mod refused;
mod reschedule;
mod room;
mod uids;
mod unconfirm;
