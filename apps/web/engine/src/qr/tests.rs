use fast_qr::{ECL, Mask, Mode, QRBuilder};

use super::*;

const MASKS: [Mask; 8] = [
    Mask::Checkerboard,
    Mask::HorizontalLines,
    Mask::VerticalLines,
    Mask::DiagonalLines,
    Mask::LargeCheckerboard,
    Mask::Fields,
    Mask::Diamonds,
    Mask::Meadow,
];

/// Texts that just fit into each version, and those that just do not.
fn lengths() -> impl Iterator<Item = usize> {
    let lengths = [
        14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624,
        666, 711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809,
        1911, 1989, 2099, 2213, 2331,
    ];
    lengths.into_iter().flat_map(|length| [length, length + 1])
}

fn dark(symbol: &Symbol) -> Vec<bool> {
    let size = symbol.size();
    let modules = (0..size * size).map(|at| symbol.is_dark(at % size, at / size));
    modules.collect()
}

fn dark_by_another(text: &str, mask: Option<Mask>) -> Vec<bool> {
    let mut builder = QRBuilder::new(text);
    builder.ecl(ECL::M).mode(Mode::Byte);
    if let Some(mask) = mask {
        builder.mask(mask);
    }
    let code = builder.build().unwrap();
    let modules = (0..code.size).flat_map(|y| &code[y]);
    modules.map(|module| module.value()).collect()
}

#[test]
fn every_version_is_drawn_as_another_program_draws_it() {
    let masks = (0..).zip(MASKS).cycle();
    let lengths = lengths().filter(|length| *length <= 2331);
    for ((length, number), (mask, theirs)) in lengths.zip(0..).zip(masks) {
        let text: String = ('!'..='~').cycle().skip(number).take(length).collect();
        let ours = draw(text.as_bytes()).unwrap().masked(mask);
        let theirs = dark_by_another(&text, Some(theirs));
        assert_eq!(dark(&ours), theirs, "{length} bytes");
    }
}

#[test]
fn a_link_is_drawn_with_each_mask() {
    let link = "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry";
    let bare = draw(link.as_bytes()).unwrap();
    for (mask, number) in MASKS.into_iter().zip(0..) {
        let theirs = dark_by_another(link, Some(mask));
        assert_eq!(dark(&bare.masked(number)), theirs, "mask {number}");
    }
}

#[test]
fn the_mask_is_one_that_is_easy_to_read() {
    let link = "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry";
    let chosen = Qr::of(link).unwrap().0.penalty();
    let bare = draw(link.as_bytes()).unwrap();
    let penalties: Vec<_> = (0..8).map(|mask| bare.masked(mask).penalty()).collect();
    assert!(penalties.iter().all(|penalty| chosen <= *penalty));
    assert!(penalties.iter().any(|penalty| chosen < *penalty));
}

#[test]
fn what_is_hard_to_read_costs() {
    let line = |text: &str| line_penalty(text.bytes().map(|it| it == b'#'));
    assert_eq!(line("#.#.#.#.#.#.#"), 0);
    assert_eq!(line("#####.#.#.#.#"), 3);
    assert_eq!(line("#######......"), 5 + 4);
    assert_eq!(line("#.###.#....#."), 40);
    assert_eq!(line(".#....#.###.#"), 40);
}

#[test]
fn no_code_holds_more_than_the_largest() {
    assert!(Qr::of(&"a".repeat(2331)).is_some());
    assert!(Qr::of(&"a".repeat(2332)).is_none());
    assert_eq!(Qr::of("").unwrap().size(), 21);
}
