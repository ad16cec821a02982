//! Bots for chats: send one a selfie and get the picture of your gallery that makes the same face.
//!
//! [`Moue`] asks a server, `moue serve`; [`telegram`] and [`discord`] speak with these. Keys and tokens
//! come from the environment alone, and no error or log has them.

pub mod discord;
mod form;
pub mod moue;
pub mod telegram;

pub use moue::{Moue, Picture, Reaction};
