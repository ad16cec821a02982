//! Hair and beards.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::Character;
use crate::face::{CENTER, jaw_drop};
use crate::features::{Beard, Hair};
use crate::sketch::{Paint, Sketch, outlined};

pub(crate) fn hair_behind(sketch: &mut Sketch, c: &Character) {
    let paint = outlined(c, c.hair_color);
    match c.hair {
        Hair::Bob | Hair::Fringe => {
            sketch.path("M128 30C50 30 44 100 48 196Q70 210 96 196H160Q186 210 208 196C212 100 206 30 128 30Z", paint)
        }
        Hair::Long => {
            sketch.path("M128 32C46 30 46 120 40 240Q84 256 100 220H156Q172 256 216 240C210 120 210 30 128 32Z", paint)
        }
        Hair::Afro => sketch.path(
            "M128 12C70 6 34 44 34 84C14 110 24 158 54 166H202C232 158 242 110 222 84C222 44 186 6 128 12Z",
            paint,
        ),
        Hair::Bun => {
            sketch.circle(128.0, 30.0, 25.0, paint);
            sketch.path("M128 38C66 38 54 90 58 140H198C202 90 190 38 128 38Z", paint);
        }
        Hair::Braids => Side::BOTH
            .into_iter()
            .for_each(|side| braid(sketch, side, paint)),
        _ => {}
    }
}

fn braid(sketch: &mut Sketch, side: Side, paint: Paint<'_>) {
    for i in [0.0, 1.0, 2.0, 3.0] {
        let x = CENTER + side.sign() * (72.0 + 2.0 * i);
        sketch.ellipse(x, 160.0 + 22.0 * i, 14.0 - i, 13.0, paint);
    }
}

pub(crate) fn hair_front(sketch: &mut Sketch, c: &Character) {
    let paint = outlined(c, c.hair_color);
    match c.hair {
        Hair::Bob => sketch.path("M128 36C74 34 58 70 60 110Q88 104 104 72Q140 98 196 108C198 70 182 38 128 36Z", paint),
        Hair::Fringe => sketch.path("M128 34C72 34 58 72 60 102Q72 90 84 94Q98 84 112 92Q128 82 144 92Q160 84 172 94Q186 90 196 102C198 72 184 34 128 34Z", paint),
        Hair::Long => sketch.path("M128 36C76 34 58 76 60 124Q92 98 126 66Q160 98 196 124C198 76 180 34 128 36Z", paint),
        Hair::Afro => sketch.path("M64 92Q72 58 128 58Q184 58 192 92Q178 76 160 80Q144 68 128 76Q112 68 96 80Q78 76 64 92Z", Paint::fill(c.hair_color)),
        Hair::Bun => sketch.path("M128 40C80 40 60 76 62 108Q98 98 128 60Q158 98 194 108C196 76 176 40 128 40Z", paint),
        Hair::Short => sketch.path("M62 112Q58 60 96 50Q150 30 184 62Q198 82 194 112Q184 92 176 82Q120 92 84 76Q70 92 62 112Z", paint),
        Hair::Spikes => sketch.path("M58 116L44 84L64 82L52 46L84 58L90 18L116 46L138 10L150 46L182 22L178 60L208 54L194 84L212 96L196 116Q190 84 168 88L152 74L138 92L120 72L104 94L88 82Q66 84 58 116Z", paint),
        Hair::Tuft => sketch.path("M128 56Q104 40 116 22Q120 34 128 32Q126 16 142 12Q136 26 148 30Q154 44 128 56Z", paint),
        _ => {}
    }
}

pub(crate) fn beard(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    let drop = jaw_drop(b);
    let left = CENTER - c.half_width;
    match c.beard {
        Beard::Full => sketch.path(&full_beard(left, drop), outlined(c, c.hair_color)),
        Beard::Stubble => sketch.faded(0.35, |sketch| {
            sketch.path(&stubble(left, drop), Paint::fill(c.hair_color));
        }),
        Beard::None | Beard::Moustache => {}
    }
}

fn full_beard(l: f32, drop: f32) -> String {
    format!(
        "M{l:.1} 128Q{:.1} {:.1} 128 {:.1}Q{:.1} {:.1} {:.1} 128Q{:.1} 156 166 156Q128 146 90 156Q{:.1} 156 {l:.1} 128Z",
        l - 2.0,
        236.0 + drop,
        240.0 + drop,
        256.0 - l + 2.0,
        236.0 + drop,
        256.0 - l,
        256.0 - l - 8.0,
        l + 8.0
    )
}

fn stubble(l: f32, drop: f32) -> String {
    format!(
        "M{:.1} 140Q{:.1} {:.1} 128 {:.1}Q{:.1} {:.1} {:.1} 140Q180 162 128 158Q76 162 {:.1} 140Z",
        l + 4.0,
        l + 6.0,
        204.0 + drop,
        208.0 + drop,
        250.0 - l,
        204.0 + drop,
        252.0 - l,
        l + 4.0
    )
}

/// A moustache lies between nose and mouth, narrow enough that the mouth stays visible: faces are
/// matched by it.
pub(crate) fn moustache(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    if matches!(c.beard, Beard::Moustache) {
        // It rises with the upper lip, and with a smile.
        let y = 155.0 - 4.0 * b.mouth_upper_up - 2.0 * (b.mouth_smile_left + b.mouth_smile_right);
        let d = format!(
            "M128 {y:.1}q-10 -6 -22 0q-9 4 -16 -4q2 11 16 10q14 -1 22 -4q8 3 22 4q14 1 16 -10q-7 8 -16 4q-12 -6 -22 0Z"
        );
        sketch.path(&d, outlined(c, c.hair_color));
    }
}
