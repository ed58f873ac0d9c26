//! Pictures: their size as shown, and a small one in their stead.

use std::{
    io::{BufReader, Cursor, Read, Seek},
    sync::{Mutex, PoisonError},
};

use image::{
    DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage, RgbaImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
    metadata::Orientation,
};
use snug_protocol::{Preview, limits::PREVIEW_BYTES};

use super::Window;

/// Makes the preview of a picture; `None` when it is none, or of no kind that is known here.
pub(super) fn preview<R: Read + Seek>(file: R, size: u64) -> Option<Preview> {
    let read = if size > FILE_BYTES {
        HEADER_BYTES
    } else {
        size
    };
    let file = Window::new(file, read, 4 * read + HEADER_BYTES);
    let mut decoder = decoder(file)?;
    let (mut width, mut height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if is_turned(orientation) {
        (width, height) = (height, width);
    }
    let thumbnail = (is_decoded(&decoder, size))
        .then(|| small(decoder, orientation))
        .flatten();
    (width > 0 && height > 0).then_some(Preview {
        width,
        height,
        duration: None,
        thumbnail: thumbnail.and_then(|small| encode(&small)),
    })
}

/// Makes a thumbnail of a picture in memory.
pub(super) fn thumbnail(file: &[u8]) -> Option<Vec<u8>> {
    preview(Cursor::new(file), file.len() as u64)?.thumbnail
}

/// Reads the headers of a picture, of whatever kind its first bytes say.
fn decoder<'a, R: Read + Seek + 'a>(mut file: Window<R>) -> Option<impl ImageDecoder + 'a> {
    file.rewind().ok()?;
    let file = BufReader::new(file);
    let mut reader = ImageReader::new(file).with_guessed_format().ok()?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODED_BYTES);
    reader.limits(limits);
    reader.into_decoder().ok()
}

/// Whether a picture that is said to be so large gets decoded.
fn is_decoded(decoder: &impl ImageDecoder, size: u64) -> bool {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let plausible = size
        .saturating_mul(PIXELS_PER_BYTE)
        .max(PIXELS_OF_FEW_BYTES);
    size <= FILE_BYTES && pixels <= plausible.min(PIXELS) && decoder.total_bytes() <= DECODED_BYTES
}

fn small(decoder: impl ImageDecoder, orientation: Orientation) -> Option<DynamicImage> {
    // A panic in another thread leaves nothing behind that matters here.
    let _one_at_a_time = DECODING.lock().unwrap_or_else(PoisonError::into_inner);
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let mut small = shrunk(picture, SIDE);
    small.apply_orientation(orientation);
    Some(small)
}

fn shrunk(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture;
    }
    picture.thumbnail(side, side)
}

const fn is_turned(orientation: Orientation) -> bool {
    match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
    }
}

fn encode(small: &DynamicImage) -> Option<Vec<u8>> {
    if let Some(transparent) = transparent(small)
        && let Some(png) = png(&transparent)
    {
        return Some(png);
    }
    let mut opaque = opaque(small);
    loop {
        let fitting = QUALITIES.iter().find_map(|quality| jpeg(&opaque, *quality));
        if fitting.is_some() || opaque.width().max(opaque.height()) == 1 {
            return fitting;
        }
        let side = opaque.width().max(opaque.height()) / 2;
        opaque = shrunk(opaque.into(), side).into_rgb8();
    }
}

/// The picture, if one can see through it anywhere.
fn transparent(small: &DynamicImage) -> Option<RgbaImage> {
    if !small.has_alpha() {
        return None;
    }
    let rgba = small.to_rgba8();
    rgba.pixels().any(|pixel| pixel[3] < 255).then_some(rgba)
}

/// The picture on white, as paper is.
fn opaque(small: &DynamicImage) -> RgbImage {
    if !small.has_alpha() {
        return small.to_rgb8();
    }
    let rgba = small.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
        Rgb([r, g, b].map(|value| {
            let on_white = 255 * 255 - u32::from(alpha) * (255 - u32::from(value));
            u8::try_from(on_white / 255).expect("between the value and white")
        }))
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder).ok()?;
    (bytes.len() <= PREVIEW_BYTES).then_some(bytes)
}

fn png(picture: &RgbaImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).ok()?;
    (bytes.len() <= PREVIEW_BYTES).then_some(bytes)
}

/// Held while a picture is decoded: memory for one is enough.
static DECODING: Mutex<()> = Mutex::new(());

/// Pixels of the longer side of a thumbnail.
const SIDE: u32 = 256;

/// Qualities at which a thumbnail is tried; most fit at the first. Below the last, a smaller
/// picture looks better.
const QUALITIES: [u8; 5] = [80, 65, 50, 35, 20];

/// Bytes of a file that is decoded. Some decoders take all of it into memory; cameras write up to
/// about 40 MiB as JPEG.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of a larger file in which its size is looked for.
const HEADER_BYTES: u64 = 1024 * 1024;

/// Pixels of a picture that is decoded: above the 50 million of a phone's camera.
const PIXELS: u64 = 64 * 1024 * 1024;

/// Bytes of a decoded picture: [`PIXELS`] in red, green, blue and alpha.
const DECODED_BYTES: u64 = 4 * PIXELS;

/// Pixels in a byte of a file, at most, for the claim to be worth decoding: three times what JPEG
/// and PNG need for plain white.
const PIXELS_PER_BYTE: u64 = 1024;

/// Pixels that are decoded anyhow; some kinds need a few bytes only for a picture of one colour.
const PIXELS_OF_FEW_BYTES: u64 = 4 * 1024 * 1024;

#[cfg(test)]
pub(super) mod tests {
    use image::{ImageFormat, Rgba};

    use super::*;

    /// The same picture in every kind that is known here.
    pub(in super::super) fn samples(width: u32, height: u32) -> Vec<Vec<u8>> {
        use ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
        let picture = DynamicImage::from(landscape(width, height));
        let write = |kind| written(&picture, kind);
        [Bmp, Gif, Jpeg, Png, WebP].map(write).into()
    }

    #[test]
    fn every_kind_is_measured_and_made_small() {
        for file in samples(300, 200) {
            let preview = made(&file).unwrap();
            assert_eq!((preview.width, preview.height), (300, 200));
            assert_eq!(preview.duration, None);
            let small = image::load_from_memory(&preview.thumbnail.unwrap()).unwrap();
            assert_eq!((small.width(), small.height()), (256, 171));
            let top = small.to_rgb8().get_pixel(128, 20).0;
            assert!(top[2] > 200 && top[0] < 80, "sky is {top:?}");
        }
    }

    #[test]
    fn small_pictures_stay_as_small() {
        let preview = made(&written(&landscape(3, 2).into(), ImageFormat::Png)).unwrap();
        let small = image::load_from_memory(&preview.thumbnail.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (3, 2));
    }

    #[test]
    fn orientation_turns_size_and_thumbnail() {
        // Where the sky, which is above, gets to.
        let (above, below, left, right) = ((50, 10), (50, 140), (10, 75), (90, 75));
        let skies = [above, above, below, below, left, right, right, left];
        for (orientation, at) in (1..).zip(skies) {
            let (width, height) = if orientation < 5 {
                (100, 150)
            } else {
                (150, 100)
            };
            let file = written(&landscape(width, height).into(), ImageFormat::Jpeg);
            let preview = made(&with_exif(&file, orientation)).unwrap();
            assert_eq!((preview.width, preview.height), (100, 150));
            let small = image::load_from_memory(&preview.thumbnail.unwrap()).unwrap();
            let sky = small.to_rgb8().get_pixel(at.0, at.1).0;
            assert!(sky[2] > 200 && sky[0] < 80, "{orientation}: {sky:?}");
        }
    }

    #[test]
    fn nothing_that_a_camera_notes_is_in_a_thumbnail() {
        let file = written(&landscape(20, 10).into(), ImageFormat::Jpeg);
        let file = with_exif(&file, 1);
        let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|at| at == what);
        assert!(holds(&file, PLACE));
        let thumbnail = made(&file).unwrap().thumbnail.unwrap();
        assert!(!holds(&thumbnail, PLACE) && !holds(&thumbnail, b"Exif"));
    }

    #[test]
    fn transparency_is_kept_where_it_fits() {
        let clear = |x, y| Rgba([200, 0, 0, if x > y { 0 } else { 255 }]);
        let logo = RgbaImage::from_fn(400, 400, clear).into();
        for kind in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let thumbnail = made(&written(&logo, kind)).unwrap().thumbnail.unwrap();
            assert_eq!(image::guess_format(&thumbnail).unwrap(), ImageFormat::Png);
            let small = image::load_from_memory(&thumbnail).unwrap().to_rgba8();
            assert_eq!(small.get_pixel(250, 5)[3], 0);
        }
    }

    #[test]
    fn noise_fits_too() {
        let mut state = 1u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()
        };
        let opaque = RgbImage::from_fn(256, 256, |_, _| Rgb([noise()[0], noise()[0], noise()[0]]));
        let clear = RgbaImage::from_fn(256, 256, |_, _| Rgba(noise()));
        for noise in [opaque.into(), clear.into()] {
            let thumbnail = made(&written(&noise, ImageFormat::Png)).unwrap().thumbnail;
            let thumbnail = thumbnail.unwrap();
            assert!(thumbnail.len() <= PREVIEW_BYTES);
            assert_eq!(image::guess_format(&thumbnail).unwrap(), ImageFormat::Jpeg);
        }
    }

    #[test]
    fn what_shows_through_is_white() {
        let clear = RgbaImage::from_pixel(1, 2, Rgba([9, 9, 9, 0]));
        assert_eq!(opaque(&clear.into()).get_pixel(0, 1).0, [255, 255, 255]);
        let dense = RgbaImage::from_pixel(1, 2, Rgba([9, 0, 255, 255]));
        assert_eq!(opaque(&dense.into()).get_pixel(0, 1).0, [9, 0, 255]);
    }

    #[test]
    fn bombs_are_measured_and_not_decoded() {
        let gif = [&b"GIF89a\xff\xff\xff\xff\0\0\0"[..], &[0; 100]].concat();
        for (file, side) in [(png_bomb(50_000), 50_000), (gif, 65_535)] {
            let preview = made(&file).unwrap();
            assert_eq!((preview.width, preview.height), (side, side));
            assert_eq!(preview.thumbnail, None);
        }
    }

    #[test]
    fn a_few_bytes_are_not_believed_to_be_many_pixels() {
        let (width, height) = (7_000u16, 7_000u16);
        let mut file = written(&landscape(16, 16).into(), ImageFormat::Jpeg);
        let frame = file.windows(2).position(|at| at == [0xff, 0xc0]).unwrap();
        file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        let preview = made(&file).unwrap();
        assert_eq!((preview.width, preview.thumbnail), (7_000, None));
    }

    #[test]
    fn files_that_are_too_large_are_measured_by_their_beginning() {
        let mut file = written(&landscape(300, 200).into(), ImageFormat::Jpeg);
        let size = FILE_BYTES + 1;
        let large = preview(Cursor::new(&file), size).unwrap();
        assert_eq!((large.width, large.thumbnail), (300, None));
        file.truncate(0);
        assert_eq!(preview(Cursor::new(&file), size), None);
    }

    #[test]
    fn long_and_narrow_is_no_trouble() {
        let line = DynamicImage::from(landscape(20_000, 1));
        let preview = made(&written(&line, ImageFormat::Png)).unwrap();
        let small = image::load_from_memory(&preview.thumbnail.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (256, 1));
    }

    fn made(file: &[u8]) -> Option<Preview> {
        preview(Cursor::new(file), file.len() as u64)
    }

    /// Blue above green.
    fn landscape(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |_, y| {
            Rgb(if y < height / 2 {
                [20, 40, 250]
            } else {
                [20, 250, 40]
            })
        })
    }

    fn written(picture: &DynamicImage, kind: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, kind).unwrap();
        file.into_inner()
    }

    /// Puts orientation and a place into a JPEG file, as cameras do.
    fn with_exif(file: &[u8], orientation: u8) -> Vec<u8> {
        let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        let tiff = [&b"MM\0\x2a\0\0\0\x08\0\x01"[..], &entry, &[0; 4], PLACE].concat();
        let len = u16::try_from(8 + tiff.len()).unwrap().to_be_bytes();
        let (start, rest) = file.split_at(2);
        [start, &[0xff, 0xe1], &len, b"Exif\0\0", &tiff, rest].concat()
    }

    fn png_bomb(side: u32) -> Vec<u8> {
        let size = [side, side].map(u32::to_be_bytes).concat();
        let header = [&b"IHDR"[..], &size, &[8, 6, 0, 0, 0]].concat();
        let data = [&b"IDAT"[..], b"\x78\x9c\xed\xc1\x01\x0d\0\0"].concat();
        let chunk = |chunk: Vec<u8>| {
            let len = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
            [&len[..], &chunk, &crc32(&chunk).to_be_bytes()].concat()
        };
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(header), chunk(data)].concat()
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let shift = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        let update = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), shift);
        !bytes.iter().fold(!0, update)
    }

    const PLACE: &[u8] = b"52.5200 N, 13.4050 E";
}
