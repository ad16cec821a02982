import type { Match } from 'moue';
import { useEffect, useState } from 'preact/hooks';
import { pictureUrl, previewUrl } from '../logic/engine';
import type { GallerySource } from '../logic/source';

/** The picture of a match. The one before stays until the new one can be painted, so that nothing
 * blinks. */
export function MatchPicture({ gallery, match, large }: { gallery: GallerySource; match: Match; large?: boolean }) {
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    let wanted = true;
    void ready(large ? pictureUrl(gallery, match) : previewUrl(gallery, match)).then((url) => wanted && setShown(url));
    return () => {
      wanted = false;
    };
  }, [gallery.id, match.id]);
  if (match.emoji) return <span class="emoji" aria-hidden="true">{match.emoji}</span>;
  return shown ? <img src={shown} alt="" draggable={false} /> : <span class="blank" />;
}

async function ready(loading: Promise<string | undefined>): Promise<string | undefined> {
  const url = await loading.catch(() => undefined);
  if (!url) return undefined;
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => undefined);
  return url;
}
