//! Rewrites of a parsed graph, before it is lowered to steps.

pub(crate) mod int8;
