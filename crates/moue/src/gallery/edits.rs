//! Which parts of a picture may be changed, and how two changes go together.

use super::records::Picture;

impl Picture {
    /// Takes over what differs between two states of this picture, of what users may change: path, label,
    /// caption, words, tags, source, and the perceptual hash by which answers are told apart. Near-duplicates
    /// are found by the one that it was added with.
    pub(super) fn take_changes(&mut self, before: &Self, after: &Self) {
        fn take<T: Clone + PartialEq>(value: &mut T, before: &T, after: &T) {
            if before != after {
                value.clone_from(after);
            }
        }
        take(&mut self.path, &before.path, &after.path);
        take(&mut self.label, &before.label, &after.label);
        take(&mut self.caption, &before.caption, &after.caption);
        take(&mut self.words, &before.words, &after.words);
        take(&mut self.source, &before.source, &after.source);
        take(
            &mut self.perceptual_hash,
            &before.perceptual_hash,
            &after.perceptual_hash,
        );
        if self.tags == before.tags {
            take(&mut self.tags, &before.tags, &after.tags);
        } else {
            self.take_tags(&before.tags, &after.tags);
        }
    }

    /// Adds and removes tags; those that others have added meanwhile stay.
    fn take_tags(&mut self, before: &[String], after: &[String]) {
        self.tags
            .retain(|tag| !before.contains(tag) || after.contains(tag));
        for tag in after {
            if !before.contains(tag) && !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::NewPicture;

    fn picture(label: &str, tags: &[&str]) -> Picture {
        let new = NewPicture {
            label: label.into(),
            tags: tags.iter().map(|tag| (*tag).into()).collect(),
            ..NewPicture::default()
        };
        Picture::from_new(1, 1, &new)
    }

    #[test]
    fn changes_of_two_go_together() {
        let before = picture("a", &["cat", "old"]);
        let mut now = picture("b", &["cat", "old", "theirs"]);
        let after = picture("a", &["cat", "ours"]);
        now.take_changes(&before, &after);
        assert_eq!(now, picture("b", &["cat", "theirs", "ours"]));
        // What nobody else has changed is taken as it is, order and all.
        let mut now = before.clone();
        now.take_changes(&before, &picture("c", &["ours", "cat"]));
        assert_eq!(now, picture("c", &["ours", "cat"]));
    }

    #[test]
    fn what_others_rely_on_is_not_changed() {
        let before = picture("a", &[]);
        let mut after = picture("b", &[]);
        after.hash = "0".into();
        (after.id, after.group, after.hidden) = (7, 7, true);
        let mut now = before.clone();
        now.take_changes(&before, &after);
        assert_eq!(now, picture("b", &[]));
    }
}
