//! The sets of heads that training and evaluation ask for.

use crate::expression::{Expression, PROTOTYPES};
use crate::head::{Pose, Request, Style};
use crate::person::{Beard, Cover, Glasses, Headwear, Person};
use crate::random::Random;
use clap::ValueEnum;

/// Persons of the set of expressions.
const PEOPLE: u64 = 14;
/// Angles of the set of turned heads.
const YAWS: [f32; 6] = [0.0, 30.0, 45.0, 60.0, 75.0, 90.0];

/// A set of heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Any person, expression, pose and style; the heads of a group have one expression.
    Train,
    /// Photo-like heads at yaws of 0, 30, 45, 60, 75 and 90°; groups are persons.
    Turned,
    /// 31 expressions of 14 persons, photo-like, nearly frontal; groups are persons.
    Expressions,
    /// Neutral faces and smiles without teeth, photo-like, nearly frontal; groups are persons.
    Smiles,
}

/// Which heads to render.
#[derive(Clone, clap::Args)]
pub(crate) struct Selection {
    /// Which set.
    #[arg(long, value_enum, default_value = "train")]
    pub(crate) set: Kind,
    /// The same seed gives the same heads.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Heads to leave out at the beginning of the set.
    #[arg(long, default_value_t = 0)]
    pub(crate) skip: u64,
    /// Heads to render.
    #[arg(long, default_value_t = 40)]
    pub(crate) count: u64,
    /// Heads with one expression, of the set for training.
    #[arg(long, default_value_t = 2)]
    pub(crate) views: u64,
    /// Pixels along a side.
    #[arg(long, default_value_t = 144, value_parser = clap::value_parser!(u64).range(32..=1024))]
    pub(crate) size: u64,
    /// Share of heads with a mask or a hand before the face, of the set for training.
    #[arg(long, default_value_t = 0.1)]
    pub(crate) covered: f32,
    /// Largest yaw in degrees, of the set for training.
    #[arg(long, default_value_t = 95.0)]
    pub(crate) max_yaw: f32,
    /// Pictures with transparency in place of a background.
    #[arg(long)]
    pub(crate) cut_out: bool,
    /// Heads of this style alone, of the set for training.
    #[arg(long)]
    pub(crate) style: Option<u8>,
}

impl Selection {
    /// How many heads there are to render: the sets for evaluation have an end.
    pub(crate) fn len(&self) -> u64 {
        let all = match self.set {
            Kind::Expressions => PEOPLE * PROTOTYPES.len() as u64,
            _ => u64::MAX,
        };
        self.count.min(all.saturating_sub(self.skip))
    }

    /// The number of a head's group: of the expression it shares, or of the person.
    pub(crate) fn group(&self, index: u64) -> u64 {
        match self.set {
            Kind::Train => index / self.views.max(1),
            Kind::Turned => index / YAWS.len() as u64,
            Kind::Expressions => index / PROTOTYPES.len() as u64,
            Kind::Smiles => index / 2,
        }
    }

    /// What the head of this number is to look like.
    pub(crate) fn request(&self, index: u64) -> Request {
        match self.set {
            Kind::Train => self.training(index),
            Kind::Turned => self.turned(index),
            Kind::Expressions => {
                let prototype = (index % PROTOTYPES.len() as u64) as usize;
                self.facing(index, &|_| Expression::of(prototype, 1.0))
            }
            Kind::Smiles => self.facing(index, &|random| {
                let mut expression = Expression::of(usize::from(index % 2 == 1), 0.0);
                if index % 2 == 1 {
                    expression.raise("mouthSmile", random.range(0.3, 0.5));
                    expression.raise("cheekSquint", 0.1);
                }
                expression
            }),
        }
    }

    fn training(&self, index: u64) -> Request {
        let mut of_group = Random::new(self.seed, self.group(index), 0);
        let mut random = Random::new(self.seed, index, 1);
        let style = self.training_style(index, &mut random);
        let mut person = Person::sample(&mut random, self.covered);
        if style.is_drawn() {
            person.dye(&mut random);
        }
        let mut pose = Pose::sample(&mut random);
        pose.yaw = pose.yaw.clamp(-self.max_yaw, self.max_yaw);
        Request {
            expression: Expression::sample(&mut of_group),
            pose,
            style,
            fill: random.range(0.62, 0.86),
            is_damaged: true,
            ..self.basic(index, person)
        }
    }

    /// The first head of a group is like a photo.
    fn training_style(&self, index: u64, random: &mut Random) -> Style {
        let drawn = Style::sample(random);
        let of_arguments = self.style.and_then(|i| Style::ALL.get(usize::from(i)));
        let is_first = self.views > 1 && index.is_multiple_of(self.views);
        match of_arguments {
            Some(style) => *style,
            None if is_first && drawn.is_drawn() => Style::Photo,
            None => drawn,
        }
    }

    fn turned(&self, index: u64) -> Request {
        let group = self.group(index);
        let mut random = Random::new(self.seed, group, 1);
        let person = Person::sample(&mut random, 0.0);
        let expression = Expression::sample(&mut random);
        let pose = Pose {
            yaw: YAWS[(index % YAWS.len() as u64) as usize] * random.sign(),
            pitch: random.normal(8.0),
            roll: random.normal(5.0),
        };
        Request {
            expression,
            pose,
            fill: random.range(0.3, 0.6),
            is_damaged: true,
            ..self.basic(index, person)
        }
    }

    /// A face that can be seen well.
    fn facing(&self, index: u64, expression: &dyn Fn(&mut Random) -> Expression) -> Request {
        let mut of_person = Random::new(self.seed, self.group(index), 1);
        let mut person = Person::sample(&mut of_person, 0.0);
        person.cover = Cover::None;
        person.headwear = Headwear::None;
        if person.glasses == Glasses::Dark {
            person.glasses = Glasses::None;
        }
        if person.beard == Beard::Full {
            person.beard = Beard::Stubble;
        }
        let mut random = Random::new(self.seed, index, 2);
        Request {
            expression: expression(&mut random),
            pose: Pose::facing(&mut random),
            fill: 0.75,
            ..self.basic(index, person)
        }
    }

    fn basic(&self, index: u64, person: Person) -> Request {
        Request {
            person,
            expression: Expression::neutral(),
            pose: Pose::default(),
            style: Style::Photo,
            size: self.size as usize,
            fill: 0.75,
            is_damaged: false,
            is_cut_out: self.cut_out,
            seed: Random::new(self.seed, index, 3).bits(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(set: Kind) -> Selection {
        Selection {
            set,
            seed: 3,
            skip: 0,
            count: 1000,
            views: 2,
            size: 144,
            covered: 0.1,
            max_yaw: 95.0,
            cut_out: false,
            style: None,
        }
    }

    #[test]
    fn heads_of_a_group_share_what_the_set_says() {
        let train = selection(Kind::Train);
        let [a, b] = [train.request(6), train.request(7)];
        assert_eq!(a.expression, b.expression);
        assert_ne!(a.person.identity, b.person.identity);
        assert!(!a.style.is_drawn(), "the first is like a photo");
        let people = selection(Kind::Expressions);
        let [a, b] = [people.request(0), people.request(30)];
        assert_eq!(a.person.identity, b.person.identity);
        assert_ne!(a.expression, b.expression);
        assert_eq!(people.len(), 434);
    }

    #[test]
    fn closed_smiles_take_turns_with_neutral_faces() {
        let smiles = selection(Kind::Smiles);
        assert_eq!(smiles.request(4).expression.value("mouthSmileLeft"), 0.0);
        let smile = smiles.request(5).expression;
        assert!((0.3..=0.5).contains(&smile.value("mouthSmileLeft")));
        assert_eq!(smile.value("jawOpen"), 0.0);
    }
}
