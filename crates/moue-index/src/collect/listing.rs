//! Listings of collections.

use crate::Collection;
use serde::Deserialize;
use serde_json::Value;

/// A picture of a listing, in the words of both collections.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ListedPicture {
    pub(super) id: String,
    #[serde(rename = "name")]
    pub(super) title: String,
    #[serde(alias = "blank")]
    pub(super) url: String,
    #[serde(default, rename = "keywords")]
    pub(super) tags: Vec<String>,
}

/// The pictures of a listing; `None` if the bytes are no listing. Pictures of another form are
/// skipped, as the services may add kinds of entries.
pub(super) fn parse(collection: Collection, bytes: &[u8]) -> Option<Vec<ListedPicture>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let list = match collection {
        Collection::Imgflip => value.get("data")?.get("memes")?,
        Collection::Memegen => &value,
    };
    let entries = list.as_array()?.iter();
    Some(
        entries
            .filter_map(|entry| ListedPicture::deserialize(entry).ok())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_listings_are_read() {
        let imgflip = br#"{"success":true,"data":{"memes":[{"id":"181913649","name":"Drake","url":"https://i.imgflip.com/30b1gx.jpg","width":1,"height":1,"box_count":2},{"odd":1}]}}"#;
        let found = parse(Collection::Imgflip, imgflip).unwrap();
        assert_eq!((found.len(), found[0].title.as_str()), (1, "Drake"));
        let memegen = br#"[{"id":"ds","name":"Daily Struggle","blank":"https://api.memegen.link/images/ds.png","keywords":["sweat"]}]"#;
        assert_eq!(
            parse(Collection::Memegen, memegen).unwrap()[0].tags,
            ["sweat"]
        );
        assert!(
            parse(Collection::Imgflip, b"<html>").is_none()
                && parse(Collection::Memegen, b"{}").is_none()
        );
    }
}
