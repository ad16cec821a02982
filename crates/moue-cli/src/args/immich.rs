//! What the command line says about an Immich server.

use super::shared::FilterArgs;
use clap::Args as ClapArgs;
use std::path::PathBuf;

/// For `moue gallery add … immich`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ImmichArgs {
    /// The address of the Immich server, such as https://photos.example.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The environment variable with an API key of Immich that has asset.read and asset.view.
    #[arg(long, value_name = "NAME")]
    pub(crate) key_env: Option<String>,
    /// Remove pictures from the gallery that were removed from Immich.
    #[arg(long)]
    pub(crate) drop_removed: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue gallery tag-immich my.moue --url https://photos.example --key-env IMMICH_KEY
  moue gallery tag-immich my.moue --url https://photos.example --key-env IMMICH_KEY --emotions
  moue gallery tag-immich my.moue --url https://photos.example --key-env IMMICH_KEY --tag cats

Copies tags from the gallery to the same pictures in Immich. There they are below the tag `moue`, so that \
you can find and remove them together. Only pictures that came from this server by `gallery add … immich` \
are tagged, and tags that came from Immich are not sent back. The key needs tag.create, tag.asset and \
asset.update.")]
pub(crate) struct TagImmichArgs {
    /// The gallery's file.
    pub(crate) gallery: PathBuf,
    /// The address of the Immich server, such as https://photos.example.
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// The environment variable with an API key of Immich.
    #[arg(long, value_name = "NAME")]
    pub(crate) key_env: String,
    /// Also tag what people would call the faces: happiness, surprise …
    #[arg(long)]
    pub(crate) emotions: bool,
    /// The parent of all tags; an empty one means none.
    #[arg(long, value_name = "TAG", default_value = "moue")]
    pub(crate) parent: String,
    /// The folder of the fetched pictures, if it is not GALLERY.pictures/.
    #[arg(long, value_name = "DIR")]
    pub(crate) pictures: Option<PathBuf>,
    /// Allow a server at a private or loopback address, and without TLS.
    #[arg(long)]
    pub(crate) allow_private: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Print a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
