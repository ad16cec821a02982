//! What the markers of a JPEG file promise, read before a decoder sees it.

/// How a picture is coded (ITU-T T.81, table B.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    Sequential,
    Progressive,
    Lossless,
    Hierarchical,
    Arithmetic,
}

/// The frame header of a file, and the number of its scans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) process: Process,
    /// Bits of a sample.
    pub(super) precision: u8,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: usize,
    /// Samples of all components together, with the padding to whole blocks.
    pub(super) samples: u64,
    pub(super) scans: u64,
    /// Segments behind the start of the first scan.
    pub(super) late_segments: u64,
}

impl Header {
    /// Walks the markers of ITU-T T.81, annex B, up to the end of the image; `None` if the file
    /// ends before, or has no frame header.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        const END_OF_IMAGE: u8 = 0xD9;
        const START_OF_SCAN: u8 = 0xDA;
        let mut header = None;
        let mut scans = 0;
        let mut late_segments = 0;
        let mut at = 2;
        while let Some(next) = marker(bytes, at) {
            match bytes[next] {
                END_OF_IMAGE => {
                    return header.map(|header| Self {
                        scans,
                        late_segments,
                        ..header
                    });
                }
                // Restart markers and escaped bytes belong to the scan, standalone markers have no
                // length.
                0x00 | 0x01 | 0xD0..=0xD8 => at = next + 1,
                code => {
                    late_segments += u64::from(scans > 0);
                    scans += u64::from(code == START_OF_SCAN);
                    let length = usize::from(word(bytes, next + 1)?);
                    let segment = bytes.get(next + 3..).unwrap_or_default();
                    if let Some(process) = process(code) {
                        header = header.or_else(|| frame_header(process, segment));
                    }
                    // The length counts its own two bytes; less would walk in circles.
                    at = next + 1 + length.max(2);
                }
            }
        }
        None
    }

    /// Pixels of the picture.
    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The process that a marker starts, if it starts a frame.
fn process(code: u8) -> Option<Process> {
    Some(match code {
        0xC0 | 0xC1 => Process::Sequential,
        0xC2 => Process::Progressive,
        0xC3 => Process::Lossless,
        0xC5..=0xC7 => Process::Hierarchical,
        0xC9..=0xCB | 0xCD..=0xCF => Process::Arithmetic,
        _ => return None,
    })
}

/// Precision, height, width, and for each component its number, sampling factors and table.
fn frame_header(process: Process, segment: &[u8]) -> Option<Header> {
    let components = usize::from(*segment.get(5)?);
    let factors: Vec<[u64; 2]> = segment
        .get(6..6 + 3 * components)?
        .chunks_exact(3)
        .map(|component| [component[1] >> 4, component[1] & 15].map(u64::from))
        .collect();
    let height = word(segment, 1)?;
    let width = word(segment, 3)?;
    Some(Header {
        process,
        precision: *segment.first()?,
        width,
        height,
        components,
        samples: samples(u64::from(width), u64::from(height), &factors),
        scans: 0,
        late_segments: 0,
    })
}

/// A unit holds as many blocks of 8×8 samples of each component as its factors state, and the
/// largest factors cover the unit's pixels.
fn samples(width: u64, height: u64, factors: &[[u64; 2]]) -> u64 {
    let largest = |side: usize| factors.iter().map(|f| f[side]).max().unwrap_or(1).max(1);
    let units = width.div_ceil(8 * largest(0)) * height.div_ceil(8 * largest(1));
    let blocks: u64 = factors.iter().map(|[h, v]| h * v).sum();
    units * blocks * 64
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u16::from_be_bytes)
}

/// The position of the code of the next marker from `at` on: the first byte other than 0xFF after a
/// 0xFF.
fn marker(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at + bytes.get(at..)?.iter().position(|b| *b == 0xFF)?;
    Some(start + bytes[start..].iter().position(|b| *b != 0xFF)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame header of 20×9 pixels with colors at half the resolution.
    fn frame(code: u8) -> Vec<u8> {
        let mut bytes = vec![0xFF, code, 0, 17, 8, 0, 9, 0, 20, 3];
        bytes.extend([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        bytes
    }

    #[test]
    fn the_end_of_an_embedded_thumbnail_is_not_the_end() {
        let thumbnail = [0xFF, 0xD8, 0xFF, 0xD9];
        let mut file = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 6];
        file.extend(thumbnail);
        file.extend(frame(0xC0));
        file.extend([0xFF, 0xDA, 0, 2, 1, 2, 0xFF, 0x00, 3]);
        assert_eq!(Header::read(&file), None);
        file.extend([0xFF, 0xD9, 9, 9]);
        let header = Header::read(&file).unwrap();
        assert_eq!(header.scans, 1, "bytes after the end do no harm");
        assert_eq!(header.late_segments, 0);
        file.splice(file.len() - 4.., [0xFF, 0xC4, 0, 2, 0xFF, 0xD9]);
        assert_eq!(Header::read(&file).unwrap().late_segments, 1);
        file.splice(file.len() - 6.., [0xFF, 0xD9, 9, 9]);
        for cut in 0..file.len() - 2 {
            assert_eq!(Header::read(&file[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn a_header_has_its_size_process_and_samples() {
        for (code, process) in [
            (0xC0, Process::Sequential),
            (0xC2, Process::Progressive),
            (0xC3, Process::Lossless),
            (0xC9, Process::Arithmetic),
        ] {
            let file = [&[0xFF, 0xD8][..], &frame(code), &[0xFF, 0xD9]].concat();
            let header = Header::read(&file).unwrap();
            assert_eq!((header.width, header.height, header.components), (20, 9, 3));
            assert_eq!((header.process, header.precision), (process, 8));
            // Two units of 16×16 pixels: four blocks of gray and one of each color.
            assert_eq!(header.samples, 2 * 6 * 64);
        }
    }
}
