import type { Gallery, Match } from 'moue';
import { useEffect, useState } from 'preact/hooks';
import { pictureUrl } from '../logic/engine';

/** The picture of a match. The one before stays until the new one can be painted, so that nothing
 * blinks. */
export function MatchPicture({ gallery, match }: { gallery: Gallery; match: Match }) {
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    let wanted = true;
    void ready(gallery, match).then((url) => wanted && setShown(url));
    return () => {
      wanted = false;
    };
  }, [gallery.id, match.id]);
  if (match.emoji) return <span class="emoji" aria-hidden="true">{match.emoji}</span>;
  return shown ? <img src={shown} alt="" draggable={false} /> : <span class="blank" />;
}

async function ready(gallery: Gallery, match: Match): Promise<string | undefined> {
  const url = await pictureUrl(gallery, match);
  if (!url) return undefined;
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => undefined);
  return url;
}
