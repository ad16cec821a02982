//! Expressions: values of blendshapes, sampled from combinations that faces make.

use crate::random::Random;

/// The blendshapes, as MediaPipe orders them, without `_neutral` and with the tongue.
pub(crate) const NAMES: [&str; 52] = [
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
];

/// An expression that people have a word for: a name without a side counts for both.
pub(crate) struct Prototype {
    pub(crate) name: &'static str,
    pub(crate) values: &'static [(&'static str, f32)],
}

macro_rules! prototypes {
    ($($name:literal: $($shape:ident $value:literal),*;)*) => {
        &[$(Prototype { name: $name, values: &[$((stringify!($shape), $value)),*] }),*]
    };
}

/// The 31 expressions that the evaluation tells apart. Values by eye, after the action units of
/// FACS (Ekman and Friesen 1978) that the words stand for.
pub(crate) const PROTOTYPES: &[Prototype] = prototypes! {
    "neutral": ;
    "closed smile": mouthSmile 0.6, cheekSquint 0.2;
    "grin": mouthSmile 0.9, mouthUpperUp 0.4, mouthLowerDown 0.3, cheekSquint 0.5, jawOpen 0.08;
    "laugh": mouthSmile 0.9, jawOpen 0.45, cheekSquint 0.7, eyeSquint 0.6, mouthUpperUp 0.4;
    "sad": mouthFrown 0.7, browInnerUp 0.7, mouthShrugLower 0.3, eyeLookDown 0.3;
    "pout": mouthShrugLower 0.8, mouthPucker 0.4, mouthFrown 0.4, browDown 0.3;
    "angry": browDown 0.9, eyeSquint 0.4, mouthPress 0.6, noseSneer 0.3;
    "shout": browDown 0.9, jawOpen 0.55, mouthUpperUp 0.5, mouthLowerDown 0.6, noseSneer 0.6;
    "surprised": browInnerUp 0.8, browOuterUp 0.9, eyeWide 0.8, jawOpen 0.5;
    "afraid": browInnerUp 0.9, browDown 0.3, eyeWide 0.8, mouthStretch 0.7, jawOpen 0.15;
    "disgusted": noseSneer 0.9, mouthUpperUp 0.6, browDown 0.5, eyeSquint 0.5, mouthFrown 0.2;
    "contempt": mouthSmileLeft 0.5, mouthDimpleLeft 0.7, mouthPressLeft 0.3;
    "wink": eyeBlinkLeft 1.0, cheekSquintLeft 0.6, eyeSquintLeft 0.5, mouthSmileLeft 0.2;
    "wink and smile": eyeBlinkLeft 1.0, cheekSquintLeft 0.7, mouthSmile 0.7, mouthUpperUp 0.3;
    "eyes closed": eyeBlink 1.0;
    "yawn": jawOpen 0.9, eyeBlink 0.8, browInnerUp 0.3, mouthFunnel 0.2;
    "kiss": mouthPucker 0.9, mouthFunnel 0.2;
    "oh": mouthFunnel 0.8, jawOpen 0.3;
    "puffed": cheekPuff 0.9, mouthPress 0.3;
    "tongue": tongueOut 0.9, jawOpen 0.3;
    "tongue and smile": tongueOut 0.8, jawOpen 0.35, mouthSmile 0.7, eyeSquint 0.4;
    "mouth to a side": mouthLeft 0.9;
    "jaw to a side": jawLeft 0.9, jawOpen 0.1;
    "brows up": browInnerUp 0.8, browOuterUp 0.9;
    "one brow up": browOuterUpLeft 0.9, browDownRight 0.4;
    "frown": browDown 0.9;
    "looks aside": eyeLookOutLeft 0.9, eyeLookInRight 0.9;
    "looks up": eyeLookUp 0.9;
    "looks down": eyeLookDown 0.9;
    "squint": eyeSquint 0.9, cheekSquint 0.5;
    "lips rolled in": mouthRollUpper 0.7, mouthRollLower 0.8;
};

/// A share of the sampled heads shows an emotion in full, as photos of faces do.
const WORDS_OFTEN: [&str; 12] = [
    "closed smile",
    "grin",
    "laugh",
    "sad",
    "angry",
    "surprised",
    "afraid",
    "disgusted",
    "contempt",
    "wink",
    "wink and smile",
    "tongue",
];

/// Values of all blendshapes, most from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) values: [f32; NAMES.len()],
    /// The prototype that it is near to, as an index.
    pub(crate) prototype: Option<usize>,
}

impl Expression {
    pub(crate) fn neutral() -> Self {
        Self {
            values: [0.0; NAMES.len()],
            prototype: None,
        }
    }

    /// The prototype of this index, with all values multiplied.
    pub(crate) fn of(prototype: usize, strength: f32) -> Self {
        let mut expression = Self::neutral();
        for (name, value) in PROTOTYPES[prototype].values {
            expression.raise(name, strength * value);
        }
        expression.prototype = Some(prototype);
        expression
    }

    /// The value of a blendshape of ARKit.
    pub(crate) fn value(&self, name: &str) -> f32 {
        NAMES
            .iter()
            .position(|n| *n == name)
            .map_or(0.0, |i| self.values[i])
    }

    /// Adds to a blendshape, or to the two of both sides; the sum stays from 0 to 1.
    pub(crate) fn raise(&mut self, name: &str, by: f32) {
        for (known, value) in NAMES.iter().zip(&mut self.values) {
            let side = known.strip_prefix(name);
            if matches!(side, Some("" | "Left" | "Right")) {
                *value = (*value + by).clamp(0.0, 1.0);
            }
        }
    }

    /// The value of a shape of the model, whose names have `_L` and `_R`.
    pub(crate) fn shape_value(&self, name: &str) -> f32 {
        let name = name.replace("_L", "Left").replace("_R", "Right");
        if let Some(side) = name.strip_prefix("browInnerUp") {
            debug_assert!(!side.is_empty());
            return self.value("browInnerUp");
        }
        if name.starts_with("cheekPuff") {
            return self.value("cheekPuff");
        }
        // The model's own shape that ARKit has not: the cheek follows the squint.
        if let Some(side) = name.strip_prefix("cheekRaiser") {
            return 0.6 * self.value(&format!("cheekSquint{side}"));
        }
        self.value(&name)
    }

    /// The expression of the mirrored face.
    pub(crate) fn mirrored(&self) -> Self {
        let other = |name: &str| {
            if name.ends_with("Left") {
                name.replace("Left", "Right")
            } else {
                name.replace("Right", "Left")
            }
        };
        Self {
            values: NAMES.map(|name| self.value(&other(name))),
            ..*self
        }
    }

    /// Draws an expression that a face might make.
    pub(crate) fn sample(random: &mut Random) -> Self {
        let kind = random.unit();
        let mut expression = match kind {
            k if k < 0.07 => Self::of(0, 1.0),
            k if k < 0.27 => single(random, 1),
            k if k < 0.40 => single(random, 2),
            k if k < 0.78 => prototype(random),
            k if k < 0.90 => speech(random),
            _ => many(random),
        };
        if random.chance(0.5) {
            expression = expression.mirrored();
        }
        let is_named = expression.prototype.is_some();
        small_values(&mut expression, random, if is_named { 0.04 } else { 0.06 });
        if kind >= 0.07 && random.chance(0.25) {
            gaze(&mut expression, random);
        }
        expression
    }
}

/// One shape or two at any strength, both sides or one.
fn single(random: &mut Random, count: usize) -> Expression {
    let mut expression = Expression::neutral();
    for _ in 0..count {
        let name = random.pick(&NAMES);
        let value = random.range(0.3, 1.0);
        let both = name.trim_end_matches("Left").trim_end_matches("Right");
        // Gaze and shifts of mouth and jaw are of one direction.
        let is_paired = !name.starts_with("eyeLook") && !["mouth", "jaw"].contains(&both);
        let name = if is_paired && random.chance(0.6) {
            both
        } else {
            name
        };
        expression.raise(name, value);
    }
    if expression.value("tongueOut") > 0.0 {
        expression.raise("jawOpen", random.range(0.15, 0.45));
    }
    expression
}

/// A prototype at some strength, each value changed a little and one side stronger.
fn prototype(random: &mut Random) -> Expression {
    let name = random.pick(&WORDS_OFTEN);
    let often = PROTOTYPES.iter().position(|p| p.name == name).unwrap_or(0);
    let index = if random.chance(0.5) {
        often
    } else {
        random.below(PROTOTYPES.len())
    };
    let mut expression = Expression::of(index, random.range(0.5, 1.1));
    let lean = random.normal(0.12);
    for (name, value) in NAMES.iter().zip(&mut expression.values) {
        let side = f32::from(u8::from(name.ends_with("Left")))
            - f32::from(u8::from(name.ends_with("Right")));
        let change = 1.0 + random.normal(0.12) + lean * side;
        *value = (*value * change).clamp(0.0, 1.0);
    }
    expression
}

/// A moment of speech: jaw and lips.
fn speech(random: &mut Random) -> Expression {
    let mut expression = Expression::neutral();
    expression.raise("jawOpen", random.range(0.0, 0.4));
    let shapes: &[&str] = random.pick(&[
        &["mouthFunnel", "mouthPucker"],
        &["mouthStretch", "mouthLowerDown"],
        &["mouthUpperUp", "mouthLowerDown"],
        &["mouthPress", "mouthRollLower"],
        &["mouthShrugUpper", "mouthClose"],
    ]);
    for name in shapes {
        expression.raise(name, random.range(0.0, 0.6));
    }
    expression.raise("browInnerUp", random.range(0.0, 0.3));
    expression.raise("mouthSmile", random.range(-0.3, 0.4));
    expression
}

/// Many shapes a little, as a network that estimates them from photos says.
fn many(random: &mut Random) -> Expression {
    let mut expression = Expression::neutral();
    small_values(&mut expression, random, 0.25);
    expression.raise("eyeBlink", random.range(0.0, 0.5));
    expression.raise("mouthSmile", random.range(-0.5, 0.7));
    expression
}

/// Adds values of about this size, alike on both sides.
fn small_values(expression: &mut Expression, random: &mut Random, size: f32) {
    for name in NAMES {
        if name == "tongueOut" || name.starts_with("eyeLook") || name.ends_with("Right") {
            continue;
        }
        // An exponential distribution: most are small, some are not.
        let value = -size * 0.5 * random.unit().max(1e-4).ln();
        let both = name.trim_end_matches("Left");
        let is_shift = ["mouth", "jaw"].contains(&both);
        expression.raise(if is_shift { name } else { both }, value.min(4.0 * size));
    }
}

fn gaze(expression: &mut Expression, random: &mut Random) {
    let across = random.normal(0.35);
    let up = random.normal(0.3);
    let sides = if across > 0.0 {
        ["eyeLookOutLeft", "eyeLookInRight"]
    } else {
        ["eyeLookInLeft", "eyeLookOutRight"]
    };
    for name in sides {
        expression.raise(name, across.abs());
    }
    expression.raise(if up > 0.0 { "eyeLookUp" } else { "eyeLookDown" }, up.abs());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prototypes_name_blendshapes_and_differ() {
        assert_eq!(PROTOTYPES.len(), 31);
        for (i, prototype) in PROTOTYPES.iter().enumerate() {
            for (name, value) in prototype.values {
                let mut expression = Expression::neutral();
                expression.raise(name, *value);
                assert_ne!(expression.values, [0.0; NAMES.len()], "{name}");
            }
            for j in 0..i {
                assert_ne!(Expression::of(i, 1.0).values, Expression::of(j, 1.0).values);
            }
        }
    }

    #[test]
    fn the_mirrored_expression_changes_sides() {
        let wink = Expression::of(12, 1.0);
        assert_eq!(wink.mirrored().value("eyeBlinkRight"), 1.0);
        assert_eq!(wink.mirrored().mirrored(), wink);
    }

    #[test]
    fn samples_stay_in_range_and_vary() {
        let mut random = Random::new(1, 0, 0);
        let samples: Vec<Expression> = (0..500).map(|_| Expression::sample(&mut random)).collect();
        for (i, name) in NAMES.iter().enumerate() {
            let values = samples.iter().map(|s| s.values[i]);
            assert!(values.clone().all(|v| (0.0..=1.0).contains(&v)));
            assert!(values.fold(0.0, f32::max) > 0.3, "{name} is never shown");
        }
    }
}
