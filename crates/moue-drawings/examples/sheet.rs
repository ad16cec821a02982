//! Writes a contact sheet of drawings as PPM: `sheet OUT.ppm SIZE COLUMNS NAME…`, all drawings
//! without names.

use moue_drawings::Drawing;

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, size, columns, names @ ..] = &args[..] else {
        panic!("usage: sheet OUT.ppm SIZE COLUMNS NAME…");
    };
    let size: usize = size.parse().expect("a size");
    let columns: usize = columns.parse().expect("a number of columns");
    let drawings = moue_drawings::all().filter(|d| is_named(d, names));
    std::fs::write(out, sheet(&drawings.collect::<Vec<_>>(), size, columns))
}

fn is_named(drawing: &Drawing, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|n| drawing.name().contains(n.as_str()))
}

/// The drawings in rows of `columns`, each `size` pixels wide and high, as a PPM file.
fn sheet(drawings: &[Drawing], size: usize, columns: usize) -> Vec<u8> {
    let width = columns * size;
    let height = drawings.len().div_ceil(columns) * size;
    let mut pixels = vec![255; width * height * 3];
    for (number, drawing) in drawings.iter().enumerate() {
        let corner = number / columns * size * width + number % columns * size;
        let picture = drawing.render(size as u32);
        for (y, row) in picture.chunks_exact(size * 3).enumerate() {
            pixels[(corner + y * width) * 3..][..row.len()].copy_from_slice(row);
        }
    }
    let mut file = format!("P6 {width} {height} 255\n").into_bytes();
    file.extend(pixels);
    file
}
