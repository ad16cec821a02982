//! Writes a contact sheet of drawings as PPM: `sheet OUT.ppm SIZE COLUMNS NAME…`, all drawings
//! without names.

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let size: usize = args[1].parse().expect("a size");
    let columns: usize = args[2].parse().expect("a number of columns");
    let wanted = |d: &moue_drawings::Drawing| {
        args.len() == 3 || args[3..].iter().any(|n| d.name().contains(n.as_str()))
    };
    let drawings: Vec<_> = moue_drawings::all().filter(wanted).collect();
    let (width, height) = (columns * size, drawings.len().div_ceil(columns) * size);
    let mut sheet = vec![255u8; width * height * 3];
    for (i, drawing) in drawings.iter().enumerate() {
        for (y, row) in drawing
            .render(size as u32)
            .chunks_exact(size * 3)
            .enumerate()
        {
            let at = ((i / columns * size + y) * width + i % columns * size) * 3;
            sheet[at..at + row.len()].copy_from_slice(row);
        }
    }
    let mut file = format!("P6 {width} {height} 255\n").into_bytes();
    file.extend(sheet);
    std::fs::write(&args[0], file)
}
