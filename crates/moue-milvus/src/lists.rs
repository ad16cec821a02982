//! Lists of pictures, and what is counted of them. All see what was acknowledged before.

use crate::client::Client;
use crate::reading::{self, Freshness};
use crate::row::{self, field};
use moue::gallery::Picture;
use moue_store::{Listing, StoreError, count_tags};
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

/// Ids are below this: Milvus' numbers have a sign.
const END: u64 = i64::MAX as u64;

/// Calls `body` with the records of the pictures that meet the conditions, by id, until it breaks.
fn for_each(
    client: &Client,
    conditions: &[String],
    mut body: impl FnMut(Picture) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    reading::for_each_picture(client, conditions, false, Freshness::All, &mut |rows| {
        let picture = row::whole(rows).map(|stored| stored.picture);
        Ok(picture.map_or(ControlFlow::Continue(()), &mut body))
    })
}

/// The picture with this content.
pub(crate) fn find(client: &Client, content: &[u8; 32]) -> Result<Option<Picture>, StoreError> {
    let hash = moue::digest::hex(content);
    let mut found = None;
    // Hardly ever have two pictures one id.
    let of_id = format!("{} == {}", field::PICTURE, row::picture_id(content));
    for_each(client, &[of_id], |picture| {
        if picture.hash != hash {
            return ControlFlow::Continue(());
        }
        found = Some(picture);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// A list from small ids to large ones.
pub(crate) fn up(client: &Client, listing: &Listing<'_>) -> Result<Vec<Picture>, StoreError> {
    let Range { start, end } = listing.ids;
    let mut conditions = row::condition(listing.filter);
    conditions.push(format!("{} == true", field::SHOWN));
    conditions.push(format!("{} >= {}", field::PICTURE, start.min(END)));
    conditions.push(format!("{} < {}", field::PICTURE, end.min(END)));
    let mut found = Vec::new();
    for_each(client, &conditions, |picture| {
        if found.len() >= listing.limit {
            return ControlFlow::Break(());
        }
        found.extend(Some(picture).filter(|picture| listing.includes(picture)));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// A list from large ids to small ones. Milvus returns rows upwards, so it is read in parts from its end.
pub(crate) fn down(client: &Client, listing: &Listing<'_>) -> Result<Vec<Picture>, StoreError> {
    let mut end = listing.ids.end.min(END);
    // Ids are parts of hashes, so they are spread evenly: the first part has a page, more or less.
    let apart = END / reading::count(client, "")?.max(1);
    let mut size = apart.saturating_mul(listing.limit as u64).max(1);
    let mut found = Vec::new();
    while end > listing.ids.start && found.len() < listing.limit {
        let start = end.saturating_sub(size).max(listing.ids.start);
        let part = Listing {
            ids: start..end,
            limit: usize::MAX,
            ..listing.clone()
        };
        found.extend(up(client, &part)?.into_iter().rev());
        end = start;
        size = size.saturating_mul(2);
    }
    found.truncate(listing.limit);
    Ok(found)
}

/// How many pictures that are not hidden have each tag.
pub(crate) fn tags(client: &Client) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for_each(client, &[], |picture| {
        count_tags(&mut counts, picture);
        ControlFlow::Continue(())
    })?;
    Ok(counts)
}
