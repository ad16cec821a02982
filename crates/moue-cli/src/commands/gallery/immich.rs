//! Pictures of an Immich server: `moue gallery add … immich` and `moue gallery tag-immich`.

use crate::args::gallery::AddArgs;
use std::path::Path;
#[cfg(feature = "collections")]
use std::path::PathBuf;

/// The name that stands for the server among the paths of `add`, and the source of its pictures.
pub(super) const NAME: &str = "immich";

/// Whether a path of `add` stands for the server, and is no file or folder called so.
pub(super) fn is_named(path: &Path) -> bool {
    path == Path::new(NAME) && !path.exists()
}

/// `--pictures DIR`, or a folder beside the gallery; in it that of a collection.
#[cfg(feature = "collections")]
pub(super) fn folder_of(
    gallery: &Path,
    pictures: Option<&PathBuf>,
    name: &str,
) -> anyhow::Result<PathBuf> {
    if let Some(pictures) = pictures {
        return Ok(pictures.join(name));
    }
    // It has no folder, and a password in its name would become that of one.
    anyhow::ensure!(
        !crate::address::is_address(gallery),
        "the gallery is no file that pictures could be put beside: --pictures DIR names a folder for them"
    );
    let mut beside = gallery.as_os_str().to_owned();
    beside.push(".pictures");
    Ok(PathBuf::from(beside).join(name))
}

/// Checks that `immich` and its options come together.
pub(super) fn check(args: &AddArgs) -> anyhow::Result<()> {
    let is_asked = args.paths.iter().any(|path| is_named(path));
    let has_options =
        args.immich.url.is_some() || args.immich.key_env.is_some() || args.immich.drop_removed;
    anyhow::ensure!(
        is_asked || !has_options,
        "--url, --key-env and --drop-removed are for an Immich server: name `immich` among the paths"
    );
    Ok(())
}

#[cfg(feature = "collections")]
pub(super) use with_network::{Source, tag};

#[cfg(not(feature = "collections"))]
pub(super) use without_network::{Source, tag};

/// Says how to get a moue that knows Immich.
#[cfg(not(feature = "collections"))]
mod without_network {
    use super::super::report::AddReport;
    use crate::args::gallery::AddArgs;
    use crate::args::immich::TagImmichArgs;
    use crate::report::Outcome;
    use anyhow::{Result, bail};
    use moue::Gallery;
    use moue::cancel::CancelToken;
    use std::path::PathBuf;

    const WAY_OUT: &str = "Immich is asked over the network, and this moue was built without the \
        feature collections; `cargo install --locked --path crates/moue-cli --features full` builds \
        one that has it";

    /// There is none.
    pub(in super::super) enum Source {}

    impl Source {
        pub(in super::super) fn open(_: &AddArgs, _: &Gallery, _: &CancelToken) -> Result<Self> {
            bail!(WAY_OUT)
        }

        pub(in super::super) fn kept(&self) -> Vec<PathBuf> {
            match *self {}
        }

        pub(in super::super) fn fetch(
            &mut self,
            _: &Gallery,
            _: &mut AddReport,
        ) -> Result<Option<Vec<PathBuf>>> {
            match *self {}
        }

        pub(in super::super) fn discard(&mut self, _: &Gallery, _: &[PathBuf]) -> Result<()> {
            match *self {}
        }
    }

    pub(in super::super) fn tag(_: &TagImmichArgs) -> Result<Outcome> {
        bail!(WAY_OUT)
    }
}

#[cfg(feature = "collections")]
mod with_network {
    use super::super::report::AddReport;
    use super::{NAME, folder_of};
    use crate::args::gallery::AddArgs;
    use crate::args::immich::TagImmichArgs;
    use crate::emotions;
    use crate::inputs;
    use crate::output::{counted, note, print_result};
    use crate::progress;
    use crate::report::Outcome;
    use anyhow::{Context, Result};
    use moue::Gallery;
    use moue::cancel::CancelToken;
    use moue::gallery::{Filter, Picture, shown_path};
    use moue_index::{
        Asset, Event, FetchOptions, Immich, ImmichError, ImmichServer, Status, forget,
    };
    use serde_json::json;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;

    /// Pictures that are fetched before they are added: so many previews, of 300 kB each, are on the
    /// disk although there may be no face in them.
    const BATCH: usize = 200;

    /// A server with the pictures of a gallery.
    pub(in super::super) struct Source {
        immich: Immich,
        due: Vec<Asset>,
        cancel: CancelToken,
    }

    impl Source {
        /// Lists the pictures of the server; removes from the gallery what is gone, if that is wanted.
        pub(in super::super) fn open(
            args: &AddArgs,
            gallery: &Gallery,
            cancel: &CancelToken,
        ) -> Result<Self> {
            let url = args.immich.url.as_ref();
            let url = url.context("immich needs the address of its server: --url URL")?;
            let key = args.immich.key_env.as_ref();
            let key = key.context("immich needs a key: --key-env NAME, an environment variable")?;
            let options = FetchOptions {
                // Previews, and as many as the disk has room for: the folder keeps those with faces.
                total_bytes: u64::MAX,
                ..options(args.allow_private, cancel)
            };
            let folder = folder_of(&args.gallery, args.pictures.as_ref(), NAME)?;
            let mut immich = Immich::open(&server(url, key)?, &folder, &options)?;
            note(&format!(
                "fetching pictures of {url} from the network into {}",
                folder.display()
            ));
            let listed = immich.list()?;
            if args.immich.drop_removed {
                let removed = forget(gallery, &immich.drop_removed(&listed)?)?;
                report_removed(&removed, args.json)?;
            }
            let due = listed.into_iter().filter(|asset| immich.is_due(asset));
            let mut due: Vec<Asset> = due.collect();
            if due.len() > args.max_pictures {
                note(&format!(
                    "{} of {} that are new or changed; the next run goes on, or --most takes more",
                    args.max_pictures,
                    due.len()
                ));
                due.truncate(args.max_pictures);
            }
            Ok(Self {
                immich,
                due,
                cancel: cancel.clone(),
            })
        }

        /// Files of earlier runs: the gallery may be a new one.
        pub(in super::super) fn kept(&self) -> Vec<PathBuf> {
            self.immich.files()
        }

        /// Fetches some more pictures, and returns their files; `None` once there are no more.
        pub(in super::super) fn fetch(
            &mut self,
            gallery: &Gallery,
            report: &mut AddReport,
        ) -> Result<Option<Vec<PathBuf>>> {
            if self.due.is_empty() || self.cancel.is_cancelled() {
                return Ok(None);
            }
            let batch: Vec<Asset> = self.due.drain(..BATCH.min(self.due.len())).collect();
            let bar = progress::bar(batch.len(), "fetched");
            let mut files = Vec::new();
            let mut replaced = Vec::new();
            for asset in batch {
                if self.cancel.is_cancelled() {
                    break;
                }
                let fetched = self.immich.fetch(&asset);
                bar.inc(1);
                replaced.extend(fetched.replaced);
                match fetched.file {
                    Ok(file) => files.push(file),
                    Err(reason) => report.event(&unreadable(asset, reason)),
                }
            }
            bar.finish_and_clear();
            forget(gallery, &replaced)?;
            Ok(Some(files))
        }

        /// Deletes files without a face, which would only take room.
        pub(in super::super) fn discard(
            &mut self,
            gallery: &Gallery,
            faceless: &[PathBuf],
        ) -> Result<()> {
            let mut gone = Vec::new();
            for file in faceless {
                if self.immich.discard(file)? {
                    gone.push(file.clone());
                }
            }
            forget(gallery, &gone)?;
            Ok(())
        }
    }

    fn unreadable(asset: Asset, reason: String) -> Event {
        Event {
            path: PathBuf::from(asset.original_file_name),
            status: Status::Unreadable,
            faces: 0,
            detail: Some(reason),
            as_before: false,
        }
    }

    fn report_removed(removed: &[String], as_json: bool) -> Result<()> {
        if as_json {
            return removed.iter().try_for_each(|path| {
                crate::output::print_json(&json!({
                    "schema": "moue.gallery.add/1", "picture": shown_path(path),
                    "path_bytes": moue::gallery::path_bytes(path), "status": "removed", "faces": 0,
                }))
            });
        }
        note(&format!("{} removed", counted(removed.len(), "picture")));
        Ok(())
    }

    fn options(allow_private: bool, cancel: &CancelToken) -> FetchOptions {
        FetchOptions {
            allow_private,
            cancel: cancel.clone(),
            ..FetchOptions::default()
        }
    }

    /// The server, with the key of an environment variable: on the command line everybody on the
    /// machine could read it.
    fn server(url: &str, key_env: &str) -> Result<ImmichServer> {
        let key = std::env::var(key_env);
        let key = key.with_context(|| format!("the environment variable {key_env} has no key"))?;
        Ok(ImmichServer::new(url, key.trim())?)
    }

    /// Writes the gallery's tags to the server.
    pub(in super::super) fn tag(args: &TagImmichArgs) -> Result<Outcome> {
        let cancel = crate::interrupt::token();
        let gallery = inputs::open_gallery(&args.gallery)?;
        let folder = folder_of(&args.gallery, args.pictures.as_ref(), NAME)?;
        let options = options(args.allow_private, &cancel);
        let immich = Immich::open(&server(&args.url, &args.key_env)?, &folder, &options)?;
        let tags = tags_of(args, &gallery, &immich)?;
        let assets: BTreeSet<&String> = tags.values().flatten().collect();
        let changed = match immich.tag(&tags) {
            Err(ImmichError::Stopped) => return Ok(Outcome::Interrupted),
            changed => changed?,
        };
        let object = json!({
            "schema": "moue.gallery.tag-immich/1", "tags": tags.len(), "assets": assets.len(),
            "changed": changed,
        });
        let text = format!(
            "{} on {} of Immich, {changed} of them new",
            counted(tags.len(), "tag"),
            counted(assets.len(), "picture")
        );
        print_result(args.json, &object, &text)?;
        Ok(Outcome::found_if(!assets.is_empty()))
    }

    /// By tag, the assets that get it.
    fn tags_of(
        args: &TagImmichArgs,
        gallery: &Gallery,
        immich: &Immich,
    ) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let filter = Filter::from(&args.filter);
        let emotions = match args.emotions.then(|| emotions::of_gallery(gallery, &[])) {
            Some(emotions) => emotions?,
            None => Default::default(),
        };
        let by_content = immich.assets_by_content();
        let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        gallery.for_each_picture(|picture| {
            if let Some(assets) = by_content.get(&*picture.hash)
                && filter.matches(&picture)
            {
                let faces = picture.faces.iter();
                let seen = faces.filter_map(|face| emotions.get(&face.id));
                let seen = seen.map(|emotions| emotions.top().to_string());
                for tag in given(&picture, immich, assets).chain(seen) {
                    let tagged = tags.entry(below(&args.parent, &tag)).or_default();
                    tagged.extend(assets.iter().map(|&asset| asset.to_owned()));
                }
            }
            Ok::<(), anyhow::Error>(())
        })?;
        tags.remove("");
        Ok(tags)
    }

    /// The tags that somebody gave to a picture in the gallery: without those that came with its assets.
    fn given(picture: &Picture, immich: &Immich, assets: &[&str]) -> impl Iterator<Item = String> {
        let own: BTreeSet<String> = assets.iter().flat_map(|id| immich.own_tags(id)).collect();
        let tags = picture.tags.iter().filter(|tag| !own.contains(*tag));
        tags.cloned().collect::<Vec<_>>().into_iter()
    }

    /// A tag below another, as Immich writes it: without empty parts.
    fn below(parent: &str, tag: &str) -> String {
        let parts = parent.split('/').chain(tag.split('/')).map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join("/")
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::path::Path;

        #[test]
        fn pictures_lie_beside_the_file_and_no_password_names_a_folder() {
            let beside = |gallery: &str| folder_of(Path::new(gallery), None, "imgflip");
            let expected = Path::new("cats.2023.pictures/imgflip");
            assert_eq!(beside("cats.2023").unwrap(), expected);
            assert!(beside("postgres://me:pw@db/faces").is_err());
        }

        #[test]
        fn tags_have_no_empty_parts() {
            assert_eq!(below("moue", "cats"), "moue/cats");
            assert_eq!(below("", "a//b/"), "a/b");
            assert_eq!(below("moue/", " / "), "moue");
        }
    }
}
