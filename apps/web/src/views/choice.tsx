import { tab } from '../app';
import { t } from '../i18n';
import { chosen, current, type GalleryName, mine, sources } from '../logic/engine';
import { hasPictures } from '../logic/mine';
import { served } from '../logic/served';

/** Which gallery is searched. */
export function GalleryChoice() {
  const names: GalleryName[] = ['drawings', 'emoji'];
  if (served.value) names.unshift('library');
  if (mine.value && hasPictures.value) names.push('mine');
  const choose = (name: GalleryName): void => {
    // The library tells there why it cannot be searched, or asks for a key.
    if (name === 'library' && !sources.value.library) tab.value = 'library';
    chosen.value = name;
  };
  return (
    <div class="choice" role="group">
      {names.map((name) => (
        <button key={name} aria-pressed={current.value === name} onClick={() => choose(name)}>
          {t(name)}
        </button>
      ))}
    </div>
  );
}
