//! The cast: how each character looks, whatever face it pulls.

/// Outline of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    Round,
    Long,
    Square,
    Wide,
    Ghost,
    Drop,
}

/// How eyes are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eyes {
    /// White with iris and pupil.
    White,
    /// Large, with a highlight and a heavy upper lid.
    Big,
    /// A dark oval.
    Dot,
    /// A bright bar on a dark screen.
    Screen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nose {
    Button,
    Bulb,
    Long,
    Holes,
    Cat,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hair {
    None,
    Bob,
    Afro,
    Spikes,
    Bun,
    Long,
    Short,
    Tuft,
    Braids,
    Fringe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beard {
    None,
    Full,
    Moustache,
    Stubble,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Headwear {
    None,
    Cap,
    Helmet,
    Scarf,
    Turban,
    Antenna,
    Beanie,
    Crown,
    Headphones,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ears {
    Human,
    Cat,
    Fox,
    Bolts,
    None,
}

/// Behind the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backdrop {
    Plain,
    Rays,
    Dots,
    Stripes,
    Disc,
}

/// A character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Character {
    /// Lower-case, one word.
    pub name: &'static str,
    /// Whether it is meant to be human.
    pub human: bool,
    pub(crate) skin: &'static str,
    pub(crate) line: &'static str,
    pub(crate) weight: f32,
    pub(crate) head: Head,
    pub(crate) half_width: f32,
    pub(crate) chin: f32,
    pub(crate) eyes: Eyes,
    pub(crate) iris: &'static str,
    /// Half the distance of the eyes.
    pub(crate) eye_gap: f32,
    pub(crate) eye_size: f32,
    pub(crate) brow: &'static str,
    pub(crate) brow_weight: f32,
    pub(crate) nose: Nose,
    pub(crate) lip: &'static str,
    pub(crate) hair: Hair,
    pub(crate) hair_colour: &'static str,
    pub(crate) beard: Beard,
    pub(crate) headwear: Headwear,
    pub(crate) wear: &'static str,
    pub(crate) ears: Ears,
    pub(crate) glasses: bool,
    pub(crate) freckles: bool,
    pub(crate) backdrop: Backdrop,
    pub(crate) background: [&'static str; 2],
    pub(crate) shirt: &'static str,
}

const BASE: Character = Character {
    name: "",
    human: true,
    skin: "#f2c79f",
    line: "#3b2a26",
    weight: 3.0,
    head: Head::Round,
    half_width: 66.0,
    chin: 206.0,
    eyes: Eyes::White,
    iris: "#5b3a21",
    eye_gap: 29.0,
    eye_size: 1.0,
    brow: "#3b2a26",
    brow_weight: 6.0,
    nose: Nose::Button,
    lip: "#b5524b",
    hair: Hair::None,
    hair_colour: "#3b2a26",
    beard: Beard::None,
    headwear: Headwear::None,
    wear: "#d9433f",
    ears: Ears::Human,
    glasses: false,
    freckles: false,
    backdrop: Backdrop::Disc,
    background: ["#ffe3a8", "#ffc861"],
    shirt: "#3f7cc4",
};

/// All characters.
pub const CHARACTERS: &[Character] = &[
    Character { name: "mina", hair: Hair::Bob, hair_colour: "#2b2233", brow: "#2b2233", eyes: Eyes::Big, iris: "#4a6b3a", background: ["#ffd6e0", "#ff9fb6"], shirt: "#6c4ab6", ..BASE },
    Character { name: "gus", skin: "#f0bd98", head: Head::Long, half_width: 62.0, chin: 212.0, hair_colour: "#efeae2", brow: "#e6dfd4", brow_weight: 8.0, beard: Beard::Full, nose: Nose::Bulb, iris: "#3e6a8c", background: ["#cfe8d5", "#94cba4"], backdrop: Backdrop::Stripes, shirt: "#7a4a2b", ..BASE },
    Character { name: "ivy", skin: "#7a4a2e", line: "#2a1710", hair: Hair::Afro, hair_colour: "#24150f", brow: "#24150f", lip: "#8f3b3b", eyes: Eyes::White, iris: "#2e1a10", background: ["#ffe59a", "#f6b93b"], backdrop: Backdrop::Rays, shirt: "#e2574c", ..BASE },
    Character { name: "rex", skin: "#e0a878", hair: Hair::Short, hair_colour: "#6b3f22", brow: "#5a3319", headwear: Headwear::Cap, wear: "#2f8f6b", freckles: true, iris: "#6f8f3c", background: ["#d7ecff", "#8ec5f5"], backdrop: Backdrop::Dots, shirt: "#f2f2f2", ..BASE },
    Character { name: "nana", skin: "#f3cdb0", hair: Hair::Bun, hair_colour: "#c9c6cf", brow: "#a9a5b0", brow_weight: 4.5, glasses: true, iris: "#5477a0", background: ["#e8dcff", "#bfa4ee"], shirt: "#3f9b94", ..BASE },
    Character { name: "kaz", skin: "#f5d2ac", head: Head::Drop, hair: Hair::Spikes, hair_colour: "#2457d6", brow: "#1b3f9c", eyes: Eyes::Big, iris: "#2457d6", nose: Nose::None, eye_size: 1.1, background: ["#fff3b0", "#ffd43b"], backdrop: Backdrop::Rays, shirt: "#222a3a", ..BASE },
    Character { name: "bolt", human: false, skin: "#b9c6d3", line: "#2d3945", head: Head::Square, eyes: Eyes::Screen, iris: "#56f0d8", nose: Nose::None, lip: "#55636f", brow: "#2d3945", brow_weight: 7.0, headwear: Headwear::Antenna, wear: "#ff6b57", ears: Ears::Bolts, background: ["#d8f4ef", "#7fd8c8"], backdrop: Backdrop::Dots, shirt: "#7d8b99", ..BASE },
    Character { name: "miso", human: false, skin: "#f6a75c", line: "#4a2a14", head: Head::Wide, half_width: 72.0, chin: 200.0, eyes: Eyes::White, iris: "#3c9a4b", nose: Nose::Cat, ears: Ears::Cat, brow: "#7a4418", lip: "#a8493f", background: ["#dff1ff", "#9fd0f0"], backdrop: Backdrop::Stripes, shirt: "#f6a75c", ..BASE },
    Character { name: "zib", human: false, skin: "#9bd45f", line: "#2c4a1a", head: Head::Drop, half_width: 70.0, eyes: Eyes::Big, iris: "#5a2ca0", eye_size: 1.2, eye_gap: 32.0, nose: Nose::Holes, lip: "#3f7a2a", brow: "#2c4a1a", brow_weight: 4.5, ears: Ears::None, headwear: Headwear::Antenna, wear: "#ff8ad8", background: ["#2b2350", "#4a3b86"], backdrop: Backdrop::Dots, shirt: "#c9c2ef", ..BASE },
    Character { name: "boo", human: false, skin: "#fbfbff", line: "#4b4a66", head: Head::Ghost, half_width: 68.0, eyes: Eyes::Dot, iris: "#2b2a40", nose: Nose::None, lip: "#7d7aa8", brow: "#4b4a66", brow_weight: 4.5, ears: Ears::None, background: ["#5c5a8a", "#3a3866"], backdrop: Backdrop::Plain, ..BASE },
    Character { name: "pip", skin: "#fbd5bb", head: Head::Wide, half_width: 70.0, chin: 198.0, hair: Hair::Tuft, hair_colour: "#c98a3a", brow: "#b57a35", brow_weight: 4.0, eyes: Eyes::Big, iris: "#3d7fb5", background: ["#e6f7c8", "#b9e07a"], backdrop: Backdrop::Dots, shirt: "#fff0a8", ..BASE },
    Character { name: "sal", skin: "#c98d5e", line: "#3a2013", headwear: Headwear::Scarf, wear: "#1f8a8a", brow: "#2a1810", iris: "#4b2e18", eyes: Eyes::White, lip: "#a8434e", ears: Ears::None, background: ["#ffe1d0", "#ffad8a"], shirt: "#1f8a8a", ..BASE },
    Character { name: "vik", skin: "#f1c4a0", hair: Hair::Braids, hair_colour: "#c8552b", brow: "#a8421d", brow_weight: 8.0, beard: Beard::Full, headwear: Headwear::Helmet, wear: "#9aa4ad", nose: Nose::Bulb, iris: "#3f7f6a", background: ["#c8dff0", "#86b3d6"], backdrop: Backdrop::Stripes, shirt: "#6b4a33", ..BASE },
    Character { name: "sunny", human: false, skin: "#ffd23e", line: "#5c3d00", weight: 3.5, half_width: 78.0, chin: 204.0, eyes: Eyes::Dot, iris: "#4a2f00", eye_gap: 30.0, nose: Nose::None, lip: "#7a3a00", brow: "#6b4700", brow_weight: 6.0, ears: Ears::None, background: ["#ffffff", "#e9eef5"], backdrop: Backdrop::Plain, ..BASE },
    Character { name: "arjun", skin: "#a86b42", line: "#2e1a0f", headwear: Headwear::Turban, wear: "#e07b1f", beard: Beard::Moustache, hair_colour: "#1d1410", brow: "#1d1410", brow_weight: 7.0, nose: Nose::Long, iris: "#2e1a0f", background: ["#d6f0e0", "#8fd0ad"], backdrop: Backdrop::Rays, shirt: "#27466b", ..BASE },
    Character { name: "fern", skin: "#ffffff", line: "#1c1c1c", weight: 3.5, head: Head::Long, half_width: 62.0, hair: Hair::Long, hair_colour: "#ffffff", brow: "#1c1c1c", brow_weight: 5.0, eyes: Eyes::Dot, iris: "#1c1c1c", nose: Nose::Long, lip: "#1c1c1c", background: ["#ffffff", "#f3f3f0"], backdrop: Backdrop::Plain, shirt: "#ffffff", ..BASE },
    Character { name: "lola", skin: "#e8b48a", hair: Hair::Fringe, hair_colour: "#e8508a", brow: "#a83262", headwear: Headwear::Headphones, wear: "#2b2b3a", eyes: Eyes::White, iris: "#7a4fc0", lip: "#c2384f", background: ["#d9d2ff", "#a99bf5"], backdrop: Backdrop::Dots, shirt: "#2b2b3a", ..BASE },
    Character { name: "otis", skin: "#5c3a26", line: "#1f110a", head: Head::Long, half_width: 64.0, beard: Beard::Stubble, hair_colour: "#1f110a", brow: "#1f110a", brow_weight: 7.0, nose: Nose::Bulb, headwear: Headwear::Beanie, wear: "#d9b23c", iris: "#2a160c", lip: "#7d3f3a", background: ["#ffd9c2", "#f79d73"], backdrop: Backdrop::Stripes, shirt: "#3c5a40", ..BASE },
    Character { name: "rana", human: false, skin: "#5fbf6a", line: "#1d4a2a", head: Head::Wide, half_width: 76.0, chin: 200.0, eyes: Eyes::White, iris: "#c98a12", eye_gap: 34.0, eye_size: 1.15, nose: Nose::Holes, lip: "#2f7a3d", brow: "#1d4a2a", ears: Ears::None, headwear: Headwear::Crown, wear: "#f7c52d", background: ["#cdeffd", "#8ad4f5"], backdrop: Backdrop::Rays, shirt: "#5fbf6a", ..BASE },
    Character { name: "todd", human: false, skin: "#e8753a", line: "#4a1f0c", head: Head::Drop, half_width: 70.0, eyes: Eyes::White, iris: "#6b3a12", nose: Nose::Cat, ears: Ears::Fox, brow: "#4a1f0c", lip: "#8a3a22", glasses: true, background: ["#e4f3d3", "#aed588"], backdrop: Backdrop::Disc, shirt: "#35506b", ..BASE },
];
