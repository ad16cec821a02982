// A sliding window over a picture.

struct Window {
    input_height: u32,
    input_width: u32,
    // Vectors from one pixel to the next.
    input_row: u32,
    output_height: u32,
    output_width: u32,
    output_row: u32,
    kernel_height: u32,
    kernel_width: u32,
    stride_y: u32,
    stride_x: u32,
    dilation_y: u32,
    dilation_x: u32,
    // Rows and columns of the window that lie before the picture.
    before_y: u32,
    before_x: u32,
    // Whether the window moves over the output, and the stride over the input (transposed).
    transposed: u32,
    unused: u32,
}

// A pixel of the result: where its picture starts in the arena, its row and column.
struct Pixel {
    picture: u32,
    y: u32,
    x: u32,
}

fn pixel_of(w: Window, o: Operands, index: u32) -> Pixel {
    let at = index % o.items;
    let rows = at / w.output_width;
    let pixels = w.input_height * w.input_width;
    let picture = (o.a + index / o.items * o.a_len) / 4u + rows / w.output_height * pixels * w.input_row;
    return Pixel(picture, rows % w.output_height, at % w.output_width);
}

// The row or column that a tap reads, or -1 outside of the picture.
fn source_of(w: Window, at: u32, tap: u32, stride: u32, dilation: u32, before: u32, size: u32) -> i32 {
    if w.transposed != 0u {
        let origin = i32(at + before) - i32(tap);
        let inside = origin >= 0 && origin % i32(stride) == 0 && origin / i32(stride) < i32(size);
        return select(-1, origin / i32(stride), inside);
    }
    let origin = i32(at * stride + tap * dilation) - i32(before);
    return select(-1, origin, origin >= 0 && origin < i32(size));
}

// Where the input pixel that a tap reads starts in the arena, or -1.
fn row_of(w: Window, pixel: Pixel, ky: u32, kx: u32) -> i32 {
    let y = source_of(w, pixel.y, ky, w.stride_y, w.dilation_y, w.before_y, w.input_height);
    let x = source_of(w, pixel.x, kx, w.stride_x, w.dilation_x, w.before_x, w.input_width);
    let row = i32(pixel.picture) + (y * i32(w.input_width) + x) * i32(w.input_row);
    return select(-1, row, y >= 0 && x >= 0);
}
