//! A bot for chats: send it a selfie and get the picture of your gallery that makes the same face.
//!
//! [`Moue`] asks a server, `moue serve`; [`telegram`] speaks with Telegram. Keys and tokens come from
//! the environment alone, and no error or log has them.

pub mod moue;
pub mod telegram;

pub use moue::{Moue, Picture, Reaction};
