//! The search of a gallery for the face of the moment.

use crate::args::shared::SearchArgs;
use crate::inputs;
use crate::stores::{self, Store};
use anyhow::Result;
use moue::gallery::SearchOptions;
use moue::{Expression, Finder, Gallery, Match};
use std::collections::HashMap;
use std::sync::Arc;

/// A gallery and how it is searched.
pub(crate) struct Lookup {
    gallery: Arc<Store>,
    options: SearchOptions,
    /// The expressions of the faces that were found, by their ids.
    expressions: HashMap<u64, Expression>,
}

impl Lookup {
    pub(crate) fn open(args: &SearchArgs, limit: usize) -> Result<Self> {
        Ok(Self {
            gallery: stores::open(&args.gallery.gallery)?,
            options: options(args, limit)?,
            expressions: HashMap::new(),
        })
    }

    #[cfg(feature = "pick")]
    pub(crate) fn gallery(&self) -> &Arc<Store> {
        &self.gallery
    }

    /// The search that the command line asks for.
    #[cfg(feature = "pick")]
    pub(crate) fn options(&self) -> &SearchOptions {
        &self.options
    }

    /// The matches of an expression; of equal pictures those that are shown already, so that a live
    /// view does not go from one character to another with every frame.
    pub(crate) fn matches(
        &mut self,
        expression: &Expression,
        shown: &[Match],
    ) -> Result<Vec<Match>> {
        let found = self.matches_by(expression, shown, &self.options.clone())?;
        self.remember(&found)?;
        Ok(found)
    }

    /// As [`Self::matches`], with other options, and without remembering what is found for
    /// [`Self::score`].
    pub(crate) fn matches_by(
        &mut self,
        expression: &Expression,
        shown: &[Match],
        options: &SearchOptions,
    ) -> Result<Vec<Match>> {
        let options = SearchOptions {
            preferred: shown.iter().map(|m| m.id).collect(),
            ..options.clone()
        };
        Ok(self.gallery.search(&[*expression], &options)?)
    }

    /// Reads the expressions of matches that are to be shown: a gallery on a server is asked for each.
    pub(crate) fn remember(&mut self, found: &[Match]) -> Result<()> {
        for id in found.iter().map(|m| m.id) {
            if !self.expressions.contains_key(&id)
                && let Some(found) = self.gallery.expression(id)?
            {
                self.expressions.insert(id, found);
            }
        }
        Ok(())
    }

    /// The score that a shown picture has for an expression.
    pub(crate) fn score(&self, expression: &Expression, shown: &Match) -> Option<f32> {
        let picture = self.expressions.get(&shown.id)?;
        Some(self.options.score(&[*expression], picture))
    }
}

fn options(args: &SearchArgs, limit: usize) -> Result<SearchOptions> {
    let mut options = args.options(limit);
    if !args.nearness.not.is_empty() {
        // Of the gallery the finder needs nothing here.
        let mut finder = Finder::new(Gallery::builtin()?)?;
        options.negatives = inputs::expressions(&mut finder, &args.nearness.not, false)?;
    }
    Ok(options)
}
