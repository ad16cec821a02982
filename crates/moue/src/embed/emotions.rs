//! Emotions: how many of a picture's voters an expression would get for each.

use super::expression::Expression;
use crate::weights::{self, EMOTION_COUNT};
use serde::{Serialize, Serializer};
use std::str::FromStr;

/// What annotators of FER+ chose from, in the order of [`Emotion::ALL`].
///
/// ```
/// use moue::embed::Emotion;
/// assert_eq!("happiness".parse(), Ok(Emotion::Happiness));
/// assert_eq!("happy".parse(), Ok(Emotion::Happiness));
/// assert_eq!(Emotion::Fear.to_string(), "fear");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Emotion {
    /// No emotion in particular.
    Neutral,
    /// Smiles and laughter.
    Happiness,
    /// Raised brows, wide eyes, an open mouth.
    Surprise,
    /// Lowered corners of the mouth, tears.
    Sadness,
    /// Lowered brows, a tight or shouting mouth.
    Anger,
    /// A wrinkled nose.
    Disgust,
    /// Wide eyes with a drawn mouth.
    Fear,
    /// One raised corner of the mouth.
    Contempt,
}

impl Emotion {
    /// All of them, in the order of the rows of the readout.
    pub const ALL: [Self; EMOTION_COUNT] = [
        Self::Neutral,
        Self::Happiness,
        Self::Surprise,
        Self::Sadness,
        Self::Anger,
        Self::Disgust,
        Self::Fear,
        Self::Contempt,
    ];

    /// Its name as FER+ has it, in small letters; also its key in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Happiness => "happiness",
            Self::Surprise => "surprise",
            Self::Sadness => "sadness",
            Self::Anger => "anger",
            Self::Disgust => "disgust",
            Self::Fear => "fear",
            Self::Contempt => "contempt",
        }
    }

    /// Everyday words that are read as it, beside its name.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Neutral => &[],
            Self::Happiness => &["happy"],
            Self::Surprise => &["surprised"],
            Self::Sadness => &["sad"],
            Self::Anger => &["angry"],
            Self::Disgust => &["disgusted"],
            Self::Fear => &["afraid", "scared"],
            Self::Contempt => &["contemptuous"],
        }
    }
}

impl std::fmt::Display for Emotion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no [`Emotion`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no emotion; there are neutral, happiness, surprise, sadness, anger, disgust, fear and \
     contempt"
)]
pub struct UnknownEmotion(pub String);

impl FromStr for Emotion {
    type Err = UnknownEmotion;

    fn from_str(text: &str) -> Result<Self, UnknownEmotion> {
        let is_named = |name: &&str| name.eq_ignore_ascii_case(text);
        let mut all = Self::ALL.into_iter();
        let found = all.find(|e| is_named(&e.name()) || e.words().iter().any(is_named));
        found.ok_or_else(|| UnknownEmotion(text.to_owned()))
    }
}

/// Estimated shares of votes: of many people who see the picture and choose one of eight words, how
/// many choose each. The shares are from 0 to 1 and sum to 1.
///
/// This names how a picture looks to people who vote. It is no measure of what somebody feels.
/// Leading shares are right for five of six faces that were not trained on, often for happiness,
/// surprise and neutral faces and seldom for disgust and contempt; the model card has the figures
/// for each emotion.
///
/// In JSON it is an object with a key for each emotion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emotions([f32; EMOTION_COUNT]);

impl Emotions {
    /// The share of one emotion, 0 to 1.
    pub fn share(&self, emotion: Emotion) -> f32 {
        self.0[emotion as usize]
    }

    /// The emotion with the largest share.
    pub fn top(&self) -> Emotion {
        let larger = |a: &Emotion, b: &Emotion| self.share(*a).total_cmp(&self.share(*b));
        Emotion::ALL
            .into_iter()
            .max_by(larger)
            .unwrap_or(Emotion::Neutral)
    }

    /// All emotions with their shares, in the order of [`Emotion::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Emotion, f32)> + '_ {
        Emotion::ALL.into_iter().map(|e| (e, self.share(e)))
    }
}

impl Serialize for Emotions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(emotion, share)| (emotion.name(), share)))
    }
}

impl Expression {
    /// What people who vote would call this expression.
    ///
    /// A softmax over linear functions of the embedding, fitted on the votes of FER+'s training
    /// faces, and on rendered heads and drawings, by maximum likelihood (multinomial logistic
    /// regression). It is meant for expressions of the compiled-in network; those of another network
    /// get numbers without a meaning.
    ///
    /// ```no_run
    /// # fn show(expression: &moue::Expression) {
    /// let emotions = expression.emotions();
    /// let top = emotions.top();
    /// println!("{top} {:.2}", emotions.share(top));
    /// # }
    /// ```
    pub fn emotions(&self) -> Emotions {
        let scores = weights::readout().emotions.map(|row| row.of(&self.0));
        // The largest becomes 0, so that no power overflows.
        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers = scores.map(|s| (s - largest).exp());
        let total: f32 = powers.iter().sum();
        Emotions(powers.map(|p| p / total))
    }

    /// Whether its emotions meet all conditions; without conditions nothing is computed.
    pub fn meets(&self, conditions: &[EmotionFilter]) -> bool {
        conditions.is_empty() || {
            let emotions = self.emotions();
            conditions.iter().all(|c| c.matches(&emotions))
        }
    }
}

/// A condition on an expression's emotions, as the program's option `--emotion` has it.
///
/// ```
/// use moue::embed::{Emotion, EmotionFilter};
/// assert_eq!("anger".parse(), Ok(EmotionFilter::Top(Emotion::Anger)));
/// assert_eq!("surprise>0.5".parse(), Ok(EmotionFilter::Above(Emotion::Surprise, 0.5)));
/// assert!("surprise>5".parse::<EmotionFilter>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EmotionFilter {
    /// This emotion has the largest share: `happiness`.
    Top(Emotion),
    /// Its share is larger than this: `surprise>0.5`.
    Above(Emotion, f32),
    /// Its share is smaller than this: `neutral<0.3`.
    Below(Emotion, f32),
}

impl EmotionFilter {
    /// Whether these shares meet the condition.
    pub fn matches(&self, emotions: &Emotions) -> bool {
        match *self {
            Self::Top(emotion) => emotions.top() == emotion,
            Self::Above(emotion, share) => emotions.share(emotion) > share,
            Self::Below(emotion, share) => emotions.share(emotion) < share,
        }
    }
}

/// Why a text is no [`EmotionFilter`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmotionFilterError {
    /// The word is no emotion.
    #[error(transparent)]
    Emotion(#[from] UnknownEmotion),
    /// What follows the sign is no number from 0 to 1.
    #[error("{0:?} is no share; write a number from 0 to 1, as in surprise>0.5")]
    Share(String),
}

impl FromStr for EmotionFilter {
    type Err = EmotionFilterError;

    fn from_str(text: &str) -> Result<Self, EmotionFilterError> {
        let Some(at) = text.find(['>', '<']) else {
            return Ok(Self::Top(text.trim().parse()?));
        };
        let emotion = text[..at].trim().parse()?;
        let number = text[at + 1..].trim();
        let share = number.parse().ok().filter(|s| (0.0..=1.0).contains(s));
        let share = share.ok_or_else(|| EmotionFilterError::Share(number.to_owned()))?;
        Ok(if text[at..].starts_with('>') {
            Self::Above(emotion, share)
        } else {
            Self::Below(emotion, share)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::EXPRESSION_LEN;

    fn axis(i: usize, sign: f32) -> Expression {
        let mut e = [0.0; EXPRESSION_LEN];
        e[i] = sign;
        Expression(e)
    }

    #[test]
    fn shares_are_a_distribution_and_top_is_the_largest() {
        for i in 0..EXPRESSION_LEN {
            let emotions = axis(i, if i % 2 == 0 { 1.0 } else { -1.0 }).emotions();
            let shares: Vec<f32> = emotions.iter().map(|(_, s)| s).collect();
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!(shares.iter().all(|s| (0.0..=1.0).contains(s)));
            let largest = shares.iter().copied().fold(0.0, f32::max);
            assert_eq!(emotions.share(emotions.top()), largest);
        }
    }

    #[test]
    fn the_mean_face_is_of_no_single_emotion() {
        let mean = Expression(weights::readout().mean);
        let emotions = mean.emotions();
        // A third of FER+'s votes are neutral, a quarter happiness; no class has most.
        assert!(
            emotions.iter().all(|(_, share)| share < 0.9),
            "{emotions:?}"
        );
    }

    #[test]
    fn json_has_a_key_for_each_emotion() {
        let json = serde_json::to_value(axis(0, 1.0).emotions()).unwrap();
        let object = json.as_object().unwrap();
        assert_eq!(object.len(), EMOTION_COUNT);
        assert!(Emotion::ALL.iter().all(|e| object[e.name()].is_number()));
    }

    #[test]
    fn filters_are_read_and_applied() {
        let mut shares = [0.05; EMOTION_COUNT];
        shares[Emotion::Surprise as usize] = 0.65;
        let emotions = Emotions(shares);
        let meets = |text: &str| text.parse::<EmotionFilter>().unwrap().matches(&emotions);
        assert!(meets("surprise") && meets("Surprise > 0.6") && meets("neutral<0.3"));
        assert!(!meets("fear") && !meets("surprise>0.65") && !meets("surprise<0.6"));
        for wrong in [
            "joy", "joy>0.5", "fear>", "fear>x", "fear>1.5", "fear<NaN", "",
        ] {
            assert!(wrong.parse::<EmotionFilter>().is_err(), "{wrong}");
        }
    }
}
