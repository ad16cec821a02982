//! Who is shown: identity, skin, hair and what is worn.

use crate::math::{V3, mix, scale};
use crate::model::IDENTITIES;
use crate::random::Random;

/// The deviation of the weights of identities; wider ones leave what people look like.
const IDENTITY_DEVIATION: f32 = 0.8;

/// Hair on the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HairStyle {
    Bald,
    Receding,
    Buzz,
    Short,
    Quiff,
    SidePart,
    Spiky,
    Afro,
    Fringe,
    Bob,
    Long,
    Bun,
    Ponytail,
}

/// What covers the hair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Headwear {
    None,
    Beanie,
    Cap,
    Scarf,
}

/// Hair of the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beard {
    None,
    Stubble,
    Moustache,
    Goatee,
    Full,
}

/// Glasses before the eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glasses {
    None,
    Clear,
    Dark,
}

/// What hides a part of the face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    None,
    Mask,
    Hand,
}

/// How the eyebrows are painted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brows {
    pub(crate) thickness: f32,
    pub(crate) arch: f32,
    pub(crate) lift: f32,
    pub(crate) slope: f32,
    pub(crate) density: f32,
}

impl Brows {
    fn sample(random: &mut Random) -> Self {
        Self {
            thickness: random.range(0.22, 0.6),
            arch: random.range(0.1, 0.9),
            lift: random.normal(0.2),
            slope: random.normal(0.25),
            density: random.range(0.45, 1.0),
        }
    }
}

/// A person: colors are linear.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) identity: [f32; IDENTITIES],
    pub(crate) skin: V3,
    /// Red in cheeks, nose and ears, from 0 to 1.
    pub(crate) flush: f32,
    pub(crate) freckles: f32,
    pub(crate) gloss: f32,
    pub(crate) lips: V3,
    /// How far the lips differ from the skin.
    pub(crate) lip_share: f32,
    pub(crate) eye_shadow: f32,
    /// Lashes that show from afar; those of most people do not.
    pub(crate) has_lashes: bool,
    pub(crate) iris: V3,
    pub(crate) hair: V3,
    pub(crate) hair_style: HairStyle,
    /// Multiplies how far hair stands off.
    pub(crate) volume: f32,
    pub(crate) brows: Brows,
    pub(crate) brow_color: V3,
    pub(crate) beard: Beard,
    pub(crate) glasses: Glasses,
    pub(crate) rim: V3,
    pub(crate) headwear: Headwear,
    pub(crate) cover: Cover,
    pub(crate) cloth: V3,
    pub(crate) second_cloth: V3,
    /// Moves the noise, so that no two persons have the same.
    pub(crate) texture: V3,
}

/// An sRGB color as linear numbers.
pub(crate) fn linear(rgb: [u8; 3]) -> V3 {
    rgb.map(|v| (f32::from(v) / 255.0).powf(2.2))
}

/// Skin from light to dark, after the Fitzpatrick scale.
const SKINS: [[u8; 3]; 8] = [
    [255, 224, 204],
    [241, 205, 177],
    [226, 182, 150],
    [200, 152, 116],
    [168, 118, 84],
    [132, 88, 60],
    [94, 61, 43],
    [64, 42, 32],
];
const HAIRS: [[u8; 3]; 9] = [
    [18, 15, 14],
    [34, 24, 19],
    [58, 38, 26],
    [88, 58, 36],
    [128, 88, 52],
    [188, 146, 92],
    [126, 52, 26],
    [150, 148, 146],
    [214, 211, 206],
];
const DYED: [[u8; 3]; 5] = [
    [214, 84, 140],
    [70, 110, 200],
    [80, 160, 96],
    [140, 90, 190],
    [226, 190, 60],
];
const IRISES: [[u8; 3]; 7] = [
    [40, 24, 14],
    [70, 42, 22],
    [104, 70, 34],
    [112, 104, 56],
    [84, 116, 92],
    [92, 124, 158],
    [130, 140, 148],
];

/// One of some colors, changed a little.
fn near(random: &mut Random, colors: &[[u8; 3]]) -> V3 {
    let color = linear(random.pick(colors));
    color.map(|c| (c * (1.0 + random.normal(0.12))).clamp(0.0, 1.0))
}

/// Any color of cloth.
pub(crate) fn any_color(random: &mut Random) -> V3 {
    let gray = random.range(0.02, 0.8);
    let color = [0, 1, 2].map(|_| random.range(0.02, 0.9));
    mix([gray; 3], color, random.unit())
}

impl Person {
    /// Draws a person; `covered` is the share of people with a mask or a hand before the face.
    pub(crate) fn sample(random: &mut Random, covered: f32) -> Self {
        let tone = random.range(0.0, SKINS.len() as f32 - 1.001);
        let skin = skin(random, tone);
        // Dark skin seldom comes with light hair.
        let known = if tone > 3.5 { 4 } else { HAIRS.len() };
        let hair = near(random, &HAIRS[..known]);
        let lip_share = random.range(0.35, 0.8);
        Self {
            identity: [0; IDENTITIES].map(|_| random.normal(IDENTITY_DEVIATION)),
            flush: random.range(0.1, 0.9),
            freckles: sometimes(random, 0.12),
            gloss: random.range(0.02, 0.22),
            lips: lips(random, skin),
            lip_share,
            eye_shadow: sometimes(random, 0.2),
            has_lashes: random.chance(0.35),
            iris: near(random, &IRISES[..if tone > 3.5 { 3 } else { IRISES.len() }]),
            hair_style: random.pick(&HAIR_STYLES),
            volume: random.range(0.7, 1.4),
            brows: Brows::sample(random),
            brow_color: scale(hair, random.range(0.5, 1.0)),
            beard: beard(random),
            glasses: random.pick(&GLASSES),
            rim: any_color(random),
            headwear: headwear(random),
            cover: cover(random, covered),
            cloth: any_color(random),
            second_cloth: any_color(random),
            texture: [0, 1, 2].map(|_| random.range(-90.0, 90.0)),
            skin,
            hair,
        }
    }

    /// Dyes the hair of some drawn persons.
    pub(crate) fn dye(&mut self, random: &mut Random) {
        if random.chance(0.3) {
            self.hair = near(random, &DYED);
            self.brow_color = scale(self.hair, 0.6);
        }
    }
}

/// One in eight wears glasses, and a quarter of these dark ones.
const GLASSES: [Glasses; 32] = {
    let mut all = [Glasses::None; 32];
    all[0] = Glasses::Dark;
    all[1] = Glasses::Clear;
    all[2] = Glasses::Clear;
    all[3] = Glasses::Clear;
    all
};

/// A skin between two of the known ones.
fn skin(random: &mut Random, tone: f32) -> V3 {
    let [light, dark] = [0, 1].map(|step| linear(SKINS[tone as usize + step]));
    mix(light, dark, tone.fract()).map(|c| c * (1.0 + random.normal(0.05)))
}

/// A strength from 0 to 1, with this probability; else 0.
fn sometimes(random: &mut Random, probability: f32) -> f32 {
    if random.chance(probability) {
        random.unit()
    } else {
        0.0
    }
}

fn lips(random: &mut Random, skin: V3) -> V3 {
    if random.chance(0.2) {
        // Lipstick.
        return [
            random.range(0.25, 0.7),
            random.range(0.01, 0.12),
            random.range(0.02, 0.2),
        ];
    }
    [skin[0] * 0.78, skin[1] * 0.5, skin[2] * 0.52]
}

/// Some are more frequent.
const HAIR_STYLES: [HairStyle; 19] = {
    use HairStyle as H;
    [
        H::Bald,
        H::Receding,
        H::Buzz,
        H::Short,
        H::Short,
        H::Short,
        H::Quiff,
        H::SidePart,
        H::SidePart,
        H::Spiky,
        H::Afro,
        H::Fringe,
        H::Fringe,
        H::Bob,
        H::Bob,
        H::Long,
        H::Long,
        H::Bun,
        H::Ponytail,
    ]
};

fn beard(random: &mut Random) -> Beard {
    if random.chance(0.65) {
        return Beard::None;
    }
    random.pick(&[
        Beard::Stubble,
        Beard::Stubble,
        Beard::Moustache,
        Beard::Goatee,
        Beard::Full,
    ])
}

fn headwear(random: &mut Random) -> Headwear {
    if random.chance(0.86) {
        return Headwear::None;
    }
    random.pick(&[Headwear::Beanie, Headwear::Cap, Headwear::Scarf])
}

fn cover(random: &mut Random, covered: f32) -> Cover {
    if !random.chance(covered) {
        return Cover::None;
    }
    random.pick(&[Cover::Mask, Cover::Hand])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_person() {
        let draw = |index| Person::sample(&mut Random::new(5, index, 1), 0.2);
        assert_eq!(format!("{:?}", draw(3)), format!("{:?}", draw(3)));
        assert_ne!(draw(3).identity, draw(4).identity);
    }

    #[test]
    fn all_skins_and_styles_come_up() {
        let people: Vec<Person> = (0..600)
            .map(|i| Person::sample(&mut Random::new(1, i, 1), 0.2))
            .collect();
        let light = people.iter().map(|p| p.skin[1]);
        assert!(light.clone().fold(0.0, f32::max) > 0.6 && light.fold(1.0, f32::min) < 0.04);
        for cover in [Cover::None, Cover::Mask, Cover::Hand] {
            assert!(people.iter().any(|p| p.cover == cover));
        }
        let styles: std::collections::HashSet<String> = people
            .iter()
            .map(|p| format!("{:?}{:?}", p.hair_style, p.beard))
            .collect();
        assert!(styles.len() > 40);
    }
}
