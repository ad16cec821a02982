import type { Match } from 'moue';
import { signal } from '@preact/signals';
import { t } from '../i18n';
import type { GallerySource } from '../logic/source';
import { MatchPicture } from './picture';

/** The match that is shown large. */
export const opened = signal<{ gallery: GallerySource; match: Match } | undefined>(undefined);

/** The words under a picture: its caption, else its name. */
export function words(match: Match): string {
  return match.caption ?? match.label;
}

/** The three best pictures; the best is the largest. */
export function Matches({ gallery, matches }: { gallery: GallerySource; matches: Match[] }) {
  return (
    <ol class="matches" aria-label={t('matches')}>
      {matches.map((match, index) => (
        <li key={index}>
          <button
            class="card"
            aria-label={t('match', { n: index + 1, caption: words(match) })}
            onClick={() => (opened.value = { gallery, match })}
          >
            <MatchPicture gallery={gallery} match={match} />
            <span class="words">{words(match)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Room for matches that are not there yet, so that nothing moves when they come. */
export function NoMatches({ text }: { text: string }) {
  return <p class="no-matches">{text}</p>;
}
