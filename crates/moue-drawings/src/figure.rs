//! What does not move, or hardly: head, ears, hair, clothes, backdrop.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::{Backdrop, Beard, Character, Ears, Hair, Head, Headwear};
use crate::face::{CENTER, EYE_Y, jaw_drop};
use crate::svg::{Paint, Svg, shade};

const TOP: f32 = 50.0;

fn outlined<'a>(c: &Character, fill: &'a str) -> Paint<'a>
where
    Character: 'a,
{
    Paint::both(fill, c.line, c.weight)
}

pub(crate) fn backdrop(svg: &mut Svg, c: &Character) {
    let [light, dark] = c.background;
    svg.rect(0.0, 0.0, 256.0, 256.0, 0.0, Paint::fill(light));
    match c.backdrop {
        Backdrop::Plain => svg.circle(128.0, 140.0, 116.0, Paint::fill(dark)),
        Backdrop::Disc => svg.circle(128.0, 132.0, 112.0, Paint::fill(dark)),
        Backdrop::Stripes => (0..6).for_each(|i| {
            let x = i as f32 * 64.0 - 64.0;
            svg.path(
                &format!("M{x:.0} 256L{:.0} 0h32L{:.0} 256Z", x + 90.0, x + 32.0),
                Paint::fill(dark),
            );
        }),
        Backdrop::Dots => (0..49).for_each(|i| {
            let (x, y) = ((i % 7) as f32 * 42.0, (i / 7) as f32 * 42.0);
            svg.circle(
                x + if i / 7 % 2 == 0 { 4.0 } else { 25.0 },
                y + 4.0,
                8.0,
                Paint::fill(dark),
            );
        }),
        Backdrop::Rays => (0..12).for_each(|i| {
            let at = |angle: f32| (128.0 + 210.0 * angle.cos(), 128.0 + 210.0 * angle.sin());
            let start = i as f32 * std::f32::consts::TAU / 12.0;
            let ((ax, ay), (bx, by)) = (at(start), at(start + std::f32::consts::TAU / 24.0));
            svg.path(
                &format!("M128 128L{ax:.1} {ay:.1}L{bx:.1} {by:.1}Z"),
                Paint::fill(dark),
            );
        }),
    }
}

pub(crate) fn body(svg: &mut Svg, c: &Character) {
    if c.head == Head::Ghost {
        return;
    }
    let neck = shade(c.skin, 0.86);
    svg.path("M106 186h44v40q-22 16 -44 0Z", outlined(c, &neck));
    svg.path(
        "M28 262q4 -46 74 -50q26 20 52 0q70 4 74 50Z",
        outlined(c, c.shirt),
    );
    svg.path(
        "M102 212q26 24 52 0",
        Paint::line(&shade(c.shirt, 0.7), 4.0),
    );
}

pub(crate) fn ears(svg: &mut Svg, c: &Character) {
    let inner = shade(c.skin, 0.8);
    for side in Side::BOTH {
        let s = side.sign();
        let edge = CENTER + s * (c.half_width - 2.0);
        match c.ears {
            Ears::Human => {
                svg.ellipse(edge, EYE_Y + 8.0, 13.0, 17.0, outlined(c, c.skin));
                svg.ellipse(edge + s * 2.0, EYE_Y + 9.0, 6.0, 9.0, Paint::fill(&inner));
            }
            Ears::Cat | Ears::Fox => {
                let tall = if c.ears == Ears::Fox { 22.0 } else { 34.0 };
                let d = |k: f32| {
                    format!(
                        "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z",
                        CENTER + s * (62.0 - 14.0 * k),
                        92.0 - 6.0 * k,
                        CENTER + s * (62.0 - 5.0 * k),
                        tall + 14.0 * k,
                        CENTER + s * (20.0 + 12.0 * k),
                        60.0 - 2.0 * k
                    )
                };
                svg.path(&d(0.0), outlined(c, c.skin));
                svg.path(
                    &d(1.0),
                    Paint::fill(if c.ears == Ears::Fox {
                        "#3a2320"
                    } else {
                        "#f7b8a8"
                    }),
                );
            }
            Ears::Bolts => svg.rect(
                edge - 8.0,
                EYE_Y - 6.0,
                16.0,
                30.0,
                5.0,
                outlined(c, "#7d8b99"),
            ),
            Ears::None => {}
        }
    }
}

/// The outline of the head; a dropped jaw makes it longer, puffed cheeks wider.
fn outline(c: &Character, b: &Blendshapes) -> String {
    let chin = c.chin + jaw_drop(b);
    let (w, puff) = (c.half_width, 9.0 * b.cheek_puff);
    let jaw_x = CENTER + 5.0 * b.jaw_left;
    // How wide the jaw is, and how far up it starts.
    let (jaw, cheek_y) = match c.head {
        Head::Round => (0.62, 150.0),
        Head::Long => (0.66, 152.0),
        Head::Wide => (0.78, 150.0),
        Head::Drop => (0.38, 140.0),
        Head::Square => {
            return format!(
                "M{:.1} 62h{:.1}q14 0 14 14V{:.1}q0 16 -16 16h-{:.1}q-16 0 -16 -16V76q0 -14 14 -14Z",
                CENTER - w + 12.0,
                2.0 * w - 24.0,
                chin - 16.0,
                2.0 * w - 28.0 + 8.0
            );
        }
        Head::Ghost => {
            let bottom = 248.0;
            return format!(
                "M{:.1} {bottom}V124A{w} 74 0 0 1 {:.1} 124V{bottom}q-11 -16 -22.7 0q-11 -16 -22.7 0q-11 -16 -22.6 0q-11 -16 -22.7 0q-11 -16 -22.7 0q-11 -16 -22.6 0Z",
                CENTER - w,
                CENTER + w
            );
        }
    };
    let (l, r) = (CENTER - w - puff, CENTER + w + puff);
    format!(
        "M{CENTER} {TOP}C{:.1} {TOP} {:.1} 82 {:.1} 118C{:.1} {cheek_y:.1} {:.1} {chin:.1} {jaw_x:.1} {chin:.1}C{:.1} {chin:.1} {:.1} {cheek_y:.1} {:.1} 118C{:.1} 82 {:.1} {TOP} {CENTER} {TOP}Z",
        CENTER + w * 0.62,
        CENTER + w,
        CENTER + w,
        r,
        jaw_x + w * jaw,
        jaw_x - w * jaw,
        l,
        CENTER - w,
        CENTER - w,
        CENTER - w * 0.62
    )
}

pub(crate) fn head(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    let d = outline(c, b);
    svg.path(&d, outlined(c, c.skin));
    svg.clipped(&d, |svg| {
        let shadow = shade(c.skin, 0.9);
        if c.skin != "#ffffff" {
            svg.path(
                "M128 40Q226 50 214 150Q200 230 128 240Q190 200 192 130Q190 70 128 40Z",
                Paint::fill(&shadow),
            );
        }
        cheeks(svg, c, b);
        muzzle(svg, c);
    });
    if c.freckles {
        for (x, y) in [
            (84.0, 148.0),
            (93.0, 153.0),
            (82.0, 157.0),
            (172.0, 148.0),
            (163.0, 153.0),
            (174.0, 157.0),
        ] {
            svg.circle(x, y, 2.0, Paint::fill(&shade(c.skin, 0.7)));
        }
    }
}

fn cheeks(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    let soft = if c.skin == "#ffffff" { 0.0 } else { 0.28 };
    for side in Side::BOTH {
        let raised = side.of((b.cheek_squint_left, b.cheek_squint_right));
        let size = 13.0 + 9.0 * b.cheek_puff + 3.0 * raised;
        svg.faded(soft + 0.2 * b.cheek_puff, |svg| {
            svg.ellipse(
                CENTER + side.sign() * 46.0,
                156.0 - 5.0 * raised,
                size,
                size * 0.72,
                Paint::fill("#f0605a"),
            );
        });
    }
}

/// Cats and foxes have a light muzzle.
fn muzzle(svg: &mut Svg, c: &Character) {
    if matches!(c.ears, Ears::Cat | Ears::Fox) {
        svg.ellipse(CENTER, 182.0, 46.0, 38.0, Paint::fill("#fff1e2"));
    }
}

/// Whiskers lie over the cheeks.
pub(crate) fn whiskers(svg: &mut Svg, c: &Character) {
    if c.ears != Ears::Cat {
        return;
    }
    for side in Side::BOTH {
        for (y, lift) in [(160.0, -6.0), (168.0, 3.0)] {
            let d = format!(
                "M{:.1} {y}l{:.1} {lift}",
                CENTER + side.sign() * 48.0,
                side.sign() * 34.0
            );
            svg.path(&d, Paint::line(c.line, 1.8));
        }
    }
}

pub(crate) fn hair_behind(svg: &mut Svg, c: &Character) {
    let paint = outlined(c, c.hair_color);
    match c.hair {
        Hair::Bob | Hair::Fringe => {
            svg.path("M128 30C50 30 44 100 48 196Q70 210 96 196H160Q186 210 208 196C212 100 206 30 128 30Z", paint)
        }
        Hair::Long => {
            svg.path("M128 32C46 30 46 120 40 240Q84 256 100 220H156Q172 256 216 240C210 120 210 30 128 32Z", paint)
        }
        Hair::Afro => svg.path(
            "M128 12C70 6 34 44 34 84C14 110 24 158 54 166H202C232 158 242 110 222 84C222 44 186 6 128 12Z",
            paint,
        ),
        Hair::Bun => {
            svg.circle(128.0, 30.0, 25.0, paint);
            svg.path("M128 38C66 38 54 90 58 140H198C202 90 190 38 128 38Z", paint);
        }
        Hair::Braids => {
            for side in Side::BOTH {
                for i in 0..4 {
                    let i = i as f32;
                    svg.ellipse(CENTER + side.sign() * (72.0 + 2.0 * i), 160.0 + 22.0 * i, 14.0 - i, 13.0, paint);
                }
            }
        }
        _ => {}
    }
}

pub(crate) fn hair_front(svg: &mut Svg, c: &Character) {
    let paint = outlined(c, c.hair_color);
    match c.hair {
        Hair::Bob => svg.path("M128 36C74 34 58 70 60 110Q88 104 104 72Q140 98 196 108C198 70 182 38 128 36Z", paint),
        Hair::Fringe => svg.path("M128 34C72 34 58 72 60 102Q72 90 84 94Q98 84 112 92Q128 82 144 92Q160 84 172 94Q186 90 196 102C198 72 184 34 128 34Z", paint),
        Hair::Long => svg.path("M128 36C76 34 58 76 60 124Q92 98 126 66Q160 98 196 124C198 76 180 34 128 36Z", paint),
        Hair::Afro => svg.path("M64 92Q72 58 128 58Q184 58 192 92Q178 76 160 80Q144 68 128 76Q112 68 96 80Q78 76 64 92Z", Paint::fill(c.hair_color)),
        Hair::Bun => svg.path("M128 40C80 40 60 76 62 108Q98 98 128 60Q158 98 194 108C196 76 176 40 128 40Z", paint),
        Hair::Short => svg.path("M62 112Q58 60 96 50Q150 30 184 62Q198 82 194 112Q184 92 176 82Q120 92 84 76Q70 92 62 112Z", paint),
        Hair::Spikes => svg.path("M58 116L44 84L64 82L52 46L84 58L90 18L116 46L138 10L150 46L182 22L178 60L208 54L194 84L212 96L196 116Q190 84 168 88L152 74L138 92L120 72L104 94L88 82Q66 84 58 116Z", paint),
        Hair::Tuft => svg.path("M128 56Q104 40 116 22Q120 34 128 32Q126 16 142 12Q136 26 148 30Q154 44 128 56Z", paint),
        _ => {}
    }
}

pub(crate) fn beard(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    let drop = jaw_drop(b);
    let paint = outlined(c, c.hair_color);
    let l = CENTER - c.half_width;
    match c.beard {
        Beard::Full => {
            let d = format!(
                "M{l:.1} 128Q{:.1} {:.1} 128 {:.1}Q{:.1} {:.1} {:.1} 128Q{:.1} 156 166 156Q128 146 90 156Q{:.1} 156 {l:.1} 128Z",
                l - 2.0,
                236.0 + drop,
                240.0 + drop,
                256.0 - l + 2.0,
                236.0 + drop,
                256.0 - l,
                256.0 - l - 8.0,
                l + 8.0
            );
            svg.path(&d, paint);
        }
        Beard::Stubble => svg.faded(0.35, |svg| {
            let d = format!(
                "M{:.1} 140Q{:.1} {:.1} 128 {:.1}Q{:.1} {:.1} {:.1} 140Q180 162 128 158Q76 162 {:.1} 140Z",
                l + 4.0,
                l + 6.0,
                204.0 + drop,
                208.0 + drop,
                250.0 - l,
                204.0 + drop,
                252.0 - l,
                l + 4.0
            );
            svg.path(&d, Paint::fill(c.hair_color));
        }),
        _ => {}
    }
}

/// A moustache lies over the upper lip.
pub(crate) fn moustache(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    if matches!(c.beard, Beard::Moustache) {
        let y = 162.0 - 4.0 * b.mouth_upper_up - 3.0 * (b.mouth_smile_left + b.mouth_smile_right);
        let d = format!(
            "M128 {y:.1}q-16 -12 -38 8q-8 4 -14 -2q8 20 28 16q18 -2 24 -12q6 10 24 12q20 4 28 -16q-6 6 -14 2q-22 -20 -38 -8Z"
        );
        svg.path(&d, outlined(c, c.hair_color));
    }
}

pub(crate) fn glasses(svg: &mut Svg, c: &Character) {
    if !c.glasses {
        return;
    }
    for side in Side::BOTH {
        let x = CENTER + side.sign() * (c.eye_gap + 1.0);
        svg.faded(0.18, |svg| {
            svg.circle(x, EYE_Y, 25.0, Paint::fill("#bfe3ff"))
        });
        svg.circle(x, EYE_Y, 25.0, Paint::line("#3b3344", 3.6));
        svg.path(
            &format!(
                "M{:.1} {EYE_Y}l{:.1} -4",
                x + side.sign() * 25.0,
                side.sign() * 12.0
            ),
            Paint::line("#3b3344", 3.2),
        );
    }
    svg.path(
        &format!(
            "M{:.1} {:.1}q{:.1} -8 {:.1} 0",
            CENTER - 5.0,
            EYE_Y - 3.0,
            5.0,
            10.0
        ),
        Paint::line("#3b3344", 3.2),
    );
}

pub(crate) fn headwear_behind(svg: &mut Svg, c: &Character) {
    if c.headwear == Headwear::Scarf {
        svg.path(
            "M128 24C40 26 36 120 46 200Q60 246 128 252Q196 246 210 200C220 120 216 26 128 24Z",
            outlined(c, &shade(c.wear, 0.85)),
        );
    }
}

pub(crate) fn headwear(svg: &mut Svg, c: &Character) {
    let dark = shade(c.wear, 0.78);
    let paint = outlined(c, c.wear);
    match c.headwear {
        Headwear::None => {}
        Headwear::Cap => {
            svg.path("M58 92Q56 30 128 28Q200 30 198 92Q128 68 58 92Z", paint);
            svg.path(
                "M60 90Q128 60 200 88Q236 96 240 108Q176 92 128 92Q92 92 60 90Z",
                outlined(c, &dark),
            );
            svg.circle(128.0, 29.0, 5.0, Paint::fill(&dark));
        }
        Headwear::Helmet => {
            for side in Side::BOTH {
                let s = side.sign();
                let d = format!(
                    "M{:.1} 78Q{:.1} 70 {:.1} 18Q{:.1} 50 {:.1} 58Z",
                    CENTER + s * 62.0,
                    CENTER + s * 112.0,
                    CENTER + s * 104.0,
                    CENTER + s * 84.0,
                    CENTER + s * 48.0
                );
                svg.path(&d, outlined(c, "#f3ead2"));
            }
            svg.path("M56 96Q54 26 128 24Q202 26 200 96Q128 76 56 96Z", paint);
            svg.path("M56 96Q128 74 200 96v-13Q128 60 56 83Z", outlined(c, &dark));
        }
        Headwear::Scarf => {
            svg.path("M128 26C56 28 50 100 56 150Q62 208 128 226Q194 208 200 150C206 100 200 28 128 26ZM128 62C174 62 186 92 186 124C186 176 166 208 128 210C90 208 70 176 70 124C70 92 82 62 128 62Z", paint);
            svg.path("M74 196Q100 244 176 236", Paint::line(&dark, 4.0));
        }
        Headwear::Turban => {
            svg.path(
                "M54 104Q34 30 128 20Q222 30 202 104Q176 74 128 72Q80 74 54 104Z",
                paint,
            );
            for d in [
                "M58 94Q90 40 150 28",
                "M66 84Q120 40 190 60",
                "M198 94Q166 52 108 34",
            ] {
                svg.path(d, Paint::line(&dark, 4.0));
            }
            svg.circle(128.0, 58.0, 8.0, outlined(c, "#f7e08a"));
        }
        Headwear::Antenna => {
            svg.path("M128 60V30", Paint::line(c.line, 4.5));
            svg.circle(128.0, 24.0, 10.0, paint);
        }
        Headwear::Beanie => {
            svg.path("M60 92Q58 26 128 24Q198 26 196 92Z", paint);
            svg.rect(54.0, 76.0, 148.0, 24.0, 10.0, outlined(c, &dark));
            (0..7).for_each(|i| {
                svg.path(&format!("M{} 80v16", 68 + 20 * i), Paint::line(c.wear, 2.5))
            });
            svg.circle(128.0, 22.0, 13.0, outlined(c, "#fff6dd"));
        }
        Headwear::Crown => {
            svg.path(
                "M84 62L78 16L104 38L128 8L152 38L178 16L172 62Q128 50 84 62Z",
                paint,
            );
            svg.circle(128.0, 42.0, 6.0, outlined(c, "#e0433f"));
        }
        Headwear::Headphones => {
            svg.path(
                "M58 118Q54 22 128 22Q202 22 198 118",
                Paint::line(c.wear, 11.0),
            );
            for side in Side::BOTH {
                svg.rect(
                    CENTER + side.sign() * 70.0 - 12.0,
                    104.0,
                    24.0,
                    44.0,
                    11.0,
                    outlined(c, "#f04f78"),
                );
            }
        }
    }
}
