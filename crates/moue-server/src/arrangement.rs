//! Where the pictures of the gallery lie by expression, kept until other ones are asked for.

use crate::problem::Problem;
use moue::gallery::GalleryError;
use moue::{Expression, Gallery};
use moue_index::layout;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, TryLockError};

/// The arrangement of the gallery as it was last asked for.
#[derive(Default)]
pub(crate) struct MapCache(Mutex<Arranged>);

#[derive(Default)]
struct Arranged {
    faces: Vec<u64>,
    places: Arc<Vec<[f32; 2]>>,
}

impl MapCache {
    /// The places of these faces. What another request is arranging is not done twice.
    ///
    /// # Errors
    /// A problem if the gallery cannot be read, and "busy" while another request arranges.
    pub(crate) fn places(
        &self,
        gallery: &Gallery,
        faces: &[u64],
    ) -> Result<Arc<Vec<[f32; 2]>>, Problem> {
        let mut arranged = match self.0.try_lock() {
            Ok(arranged) => arranged,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(Problem::busy("the map is being made; ask again"));
            }
        };
        if arranged.faces != faces {
            *arranged = Arranged {
                places: Arc::new(layout(&expressions(gallery, faces)?)),
                faces: faces.to_vec(),
            };
        }
        Ok(Arc::clone(&arranged.places))
    }
}

/// The expressions of faces, in their order.
fn expressions(gallery: &Gallery, faces: &[u64]) -> Result<Vec<(u64, Expression)>, GalleryError> {
    let mut found: HashMap<u64, Option<Expression>> = faces.iter().map(|id| (*id, None)).collect();
    gallery.for_each_expression(|id, expression| {
        found.entry(id).and_modify(|e| *e = Some(expression));
        Ok::<(), GalleryError>(())
    })?;
    // One that was removed a moment ago has none, and is placed anywhere.
    let of = |id: &u64| found[id].unwrap_or(Expression([0.125; 64]));
    Ok(faces.iter().map(|id| (*id, of(id))).collect())
}
