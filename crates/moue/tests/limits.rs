//! Requests that are made to be slow: refused before they cost, or stopped soon. Every file is made
//! here.

use moue::cancel::{CancelToken, Cancelled};
use moue::detect::{DetectError, DetectOptions};
use moue::frame::{DecodeError, DecodeLimit, DecodeOptions};
use moue::video::{Animation, FrameSource, SourceError};
use moue::{Effort, FaceDetector, Frame};
use std::time::{Duration, Instant};

/// Far more than any of the requests takes, far less than they would take without limits.
const PROMPT: Duration = Duration::from_secs(20);

/// What a decoder refused, how much was needed and how much is allowed.
fn refused(result: Result<Frame<'static>, DecodeError>) -> (DecodeLimit, u64, u64) {
    match result {
        Err(DecodeError::TooLarge {
            resource,
            asked,
            limit,
        }) => (resource, asked, limit),
        other => panic!("not refused: {other:?}"),
    }
}

/// A JPEG with as many scans as wanted: one picture's only scan, again and again, as decoders of
/// progressive files must accept it.
fn scans(count: usize) -> Vec<u8> {
    let jpeg = include_bytes!("data/corners.jpg");
    let start = jpeg.windows(2).rposition(|w| w == [0xFF, 0xDA]).unwrap();
    let end = jpeg.windows(2).rposition(|w| w == [0xFF, 0xD9]).unwrap();
    let mut bytes = jpeg[..start].to_vec();
    (0..count).for_each(|_| bytes.extend(&jpeg[start..end]));
    bytes.extend(&jpeg[end..]);
    bytes
}

/// A GIF of `frames` frames of one pixel on a canvas of `side × side`.
fn gif(side: u16, frames: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(side.to_le_bytes());
    bytes.extend(side.to_le_bytes());
    // A global palette of two colors.
    bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    for _ in 0..frames {
        // A graphic control block with a delay of 0.1 s, then one pixel at the top left.
        bytes.extend([0x21, 0xF9, 4, 0, 10, 0, 0, 0]);
        bytes.extend([0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0]);
        bytes.extend([2, 2, 0x4C, 0x01, 0]);
    }
    bytes.push(0x3B);
    bytes
}

#[test]
fn endless_scans_are_refused_by_their_number() {
    assert!(Frame::decode(&scans(1)).is_ok());
    let start = Instant::now();
    let (resource, asked, limit) = refused(Frame::decode(&scans(20_000)));
    assert_eq!((resource, asked, limit), (DecodeLimit::Scans, 20_000, 100));
    assert!(start.elapsed() < PROMPT);
}

#[test]
fn the_memory_of_16_bit_channels_is_counted() {
    let pixels = image::ImageBuffer::<image::Rgba<u16>, _>::from_pixel(
        64,
        64,
        image::Rgba([0, 0, 0, u16::MAX]),
    );
    let mut png = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let bytes = 64 * 64 * 4 * 2;
    let exactly = DecodeOptions {
        max_memory: bytes,
        ..DecodeOptions::default()
    };
    let less = DecodeOptions {
        max_memory: bytes - 1,
        ..DecodeOptions::default()
    };
    assert!(Frame::decode_with(png.get_ref(), &exactly).is_ok());
    let resource = refused(Frame::decode_with(png.get_ref(), &less));
    assert_eq!(resource, (DecodeLimit::Memory, bytes, bytes - 1));
}

/// Frames until the source fails, and the reason.
fn until_refused(bytes: Vec<u8>, options: &DecodeOptions) -> (u64, DecodeError) {
    let mut animation = Animation::decode_with(bytes, options).unwrap().unwrap();
    for count in 0.. {
        match animation.next_frame() {
            Ok(Some(_)) => {}
            Err(SourceError::Decode(error)) => return (count, error),
            other => panic!("frame {count}: {other:?}"),
        }
    }
    unreachable!()
}

#[test]
fn an_animation_ends_where_its_frames_or_pixels_are_too_many() {
    let options = DecodeOptions {
        max_frames: 7,
        ..DecodeOptions::default()
    };
    let (count, error) = until_refused(gif(4, 20), &options);
    assert!(
        matches!(
            error,
            DecodeError::TooLarge {
                resource: DecodeLimit::Frames,
                asked: 8,
                limit: 7
            }
        ),
        "{error}"
    );
    assert_eq!(count, 7);
    let options = DecodeOptions {
        max_total_pixels: 1000 * 1000 * 3,
        ..DecodeOptions::default()
    };
    let (count, error) = until_refused(gif(1000, 100_000), &options);
    assert!(
        matches!(
            error,
            DecodeError::TooLarge {
                resource: DecodeLimit::TotalPixels,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(count, 3);
}

#[test]
fn an_animation_may_end_exactly_at_its_limits() {
    let options = DecodeOptions {
        max_frames: 5,
        max_total_pixels: 5 * 16,
        ..DecodeOptions::default()
    };
    let mut animation = Animation::decode_with(gif(4, 5), &options)
        .unwrap()
        .unwrap();
    for _ in 0..5 {
        assert!(animation.next_frame().unwrap().is_some());
    }
    assert!(animation.next_frame().unwrap().is_none());
}

#[test]
fn a_canceled_request_decodes_and_detects_nothing() {
    let cancel = CancelToken::with_timeout(Duration::ZERO);
    let options = DecodeOptions {
        cancel: cancel.clone(),
        ..DecodeOptions::default()
    };
    let still = Frame::decode_with(&scans(1), &options);
    assert!(matches!(still, Err(DecodeError::Cancelled(Cancelled))));
    let (count, error) = until_refused(gif(4, 3), &options);
    assert!(matches!(error, DecodeError::Cancelled(_)) && count == 0);
    let frame = Frame::from_pixels(vec![90; 64 * 64 * 3], 64, 64).unwrap();
    for effort in [Effort::Live, Effort::Thorough] {
        let options = DetectOptions {
            effort,
            cancel: cancel.clone(),
            ..DetectOptions::default()
        };
        let detected = FaceDetector::new().unwrap().detect_with(&frame, &options);
        assert_eq!(detected, Err(DetectError::Cancelled(Cancelled)));
    }
}

/// A picture of noise, which keeps all passes of a thorough detection busy.
#[test]
fn a_deadline_ends_a_long_detection() {
    let mut state = 1u32;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    let pixels = (0..2048 * 2048 * 3).map(|_| noise()).collect();
    let frame = Frame::from_pixels(pixels, 2048, 2048).unwrap();
    let mut detector = FaceDetector::new().unwrap();
    // Nobody has to wake up for it in time. The first view alone reads twelve megabytes.
    let deadline = Instant::now() + Duration::from_millis(2);
    let options = DetectOptions {
        cancel: CancelToken::with_deadline(deadline),
        ..DetectOptions::default()
    };
    let detected = detector.detect_with(&frame, &options);
    let late = deadline.elapsed();
    assert_eq!(detected, Err(DetectError::Cancelled(Cancelled)));
    assert!(late < Duration::from_secs(2), "{late:?} after the deadline");
}

#[test]
fn at_most_as_many_faces_as_asked_for_are_returned() {
    let drawing = moue_drawings::find("lola-grin").unwrap();
    let frame = Frame::from_pixels(drawing.render(256), 256, 256).unwrap();
    let mut detector = FaceDetector::new().unwrap();
    assert_eq!(detector.detect(&frame).unwrap().len(), 1);
    let none = DetectOptions {
        max_faces: 0,
        ..DetectOptions::default()
    };
    assert!(detector.detect_with(&frame, &none).unwrap().is_empty());
}
