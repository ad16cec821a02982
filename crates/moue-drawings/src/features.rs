//! What the parts of a face can be.

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
