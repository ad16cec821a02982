//! Pictures in the protocol of iTerm2, which mintty and others have too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A PNG file as a picture that fills so many cells from the cursor on.
pub(super) fn place(png: &[u8], [columns, rows]: [usize; 2]) -> String {
    let length = png.len();
    let data = STANDARD.encode(png);
    format!(
        "\x1b]1337;File=inline=1;size={length};width={columns};height={rows};preserveAspectRatio=0:{data}\x07"
    )
}
