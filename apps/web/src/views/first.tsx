import { firstRun, leaveFirstRun } from '../app';
import { language, languages, setLanguage, t } from '../i18n';
import { Logo } from './logo';

/** What it does and that nothing is sent, in one screen. */
export function FirstRun() {
  return (
    <main class="first" hidden={!firstRun.value}>
      <Logo />
      <h1>moue</h1>
      <p class="tagline">{t('tagline')}</p>
      <p>{t('howItWorks')}</p>
      <p class="promise">{t('promise')}</p>
      <div class="first-actions">
        <button class="primary large" onClick={() => leaveFirstRun('camera')}>{t('start')}</button>
        <button class="plain" onClick={() => leaveFirstRun('photo')}>{t('tryPhoto')}</button>
      </div>
      <LanguageChoice />
    </main>
  );
}

function LanguageChoice() {
  return (
    <label class="language">
      <span class="hidden">{t('language')}</span>
      <select value={language.value} onChange={(e) => setLanguage(e.currentTarget.value)}>
        {Object.entries(languages).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>{name}</option>
        ))}
      </select>
    </label>
  );
}
