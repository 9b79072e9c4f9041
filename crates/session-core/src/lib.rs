//! One signaling session as a pure state machine: numbering, acknowledgements, cursors, limits, timers.
