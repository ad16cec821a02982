//! Collections that are known by name.

/// A collection that is known by name.
///
/// ```
/// use moue_index::Collection;
/// assert_eq!(Collection::named("imgflip"), Some(Collection::Imgflip));
/// assert_eq!(Collection::Memegen.name(), "memegen");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// The most used templates of imgflip.com.
    Imgflip,
    /// The templates of memegen.link.
    Memegen,
}

impl Collection {
    /// The collection of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Imgflip, Self::Memegen]
            .into_iter()
            .find(|collection| collection.name() == name)
    }

    /// Its name, which is also the source of its pictures in a gallery.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imgflip => "imgflip",
            Self::Memegen => "memegen",
        }
    }

    /// The address of its listing.
    #[cfg(feature = "collections")]
    pub(crate) fn listing(self) -> &'static str {
        match self {
            Self::Imgflip => "https://api.imgflip.com/get_memes",
            Self::Memegen => "https://api.memegen.link/templates/",
        }
    }
}
