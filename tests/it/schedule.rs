//! Schedules: what a push does, and what it refuses; changes, bookings, cancellation, and what readers see.

mod cancel;
mod conflict;
mod gate;
mod push;
mod read;
mod refused;
mod reschedule;
