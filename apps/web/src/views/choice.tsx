import { t } from '../i18n';
import { chosen, type GalleryName, mine } from '../logic/engine';
import { hasPictures } from '../logic/mine';

/** Which gallery is searched. */
export function GalleryChoice() {
  const names: GalleryName[] = ['drawings', 'emoji'];
  if (mine.value && hasPictures.value) names.push('mine');
  return (
    <div class="choice" role="group">
      {names.map((name) => (
        <button key={name} aria-pressed={chosen.value === name} onClick={() => (chosen.value = name)}>
          {t(name)}
        </button>
      ))}
    </div>
  );
}
