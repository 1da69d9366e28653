//! Schedules: what a push does, and what it refuses; changes, bookings, cancellation, and what readers see.

mod gate;
mod push;
mod refused;
mod reschedule;
