import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { tab } from '../app';
import { t } from '../i18n';
import { faces, fault, mirrored, running, startCamera, stopCamera, switchCamera } from '../logic/camera';
import { gallery, load } from '../logic/engine';
import { GalleryChoice } from './choice';
import { Marks } from './marks';
import { Matches, NoMatches } from './matches';

/** The camera, full-bleed, with the matches of the face in it. */
export function CameraView() {
  const video = useRef<HTMLVideoElement>(null);
  const frozen = useSignal(false);
  const selected = useSignal(0);
  const aspect = useSignal(4 / 3);
  const shown = useComputed(() => faces.value[Math.min(selected.value, faces.value.length - 1)]);
  useEffect(() => {
    void load().then(() => video.current && startCamera(video.current)).catch(() => undefined);
    return stopCamera;
  }, []);
  const toggle = (): void => {
    frozen.value = !frozen.value;
    if (frozen.value) video.current?.pause();
    else void video.current?.play();
  };
  if (fault.value) return <CameraFault />;
  return (
    <section class="camera">
      <div class={mirrored.value ? 'view mirrored' : 'view'}>
        <video
          ref={video}
          playsInline
          muted
          onResize={(e) => (aspect.value = e.currentTarget.videoWidth / e.currentTarget.videoHeight || 4 / 3)}
        />
        <Marks covers faces={faces.value} aspect={aspect.value} chosen={selected.value} onChoose={(i) => (selected.value = i)} />
      </div>
      <GalleryChoice />
      <div class="tray">
        {shown.value && gallery.value && shown.value.matches.length > 0 ? (
          <Matches gallery={gallery.value} matches={shown.value.matches} />
        ) : (
          <NoMatches text={emptyText(running.value, shown.value !== undefined)} />
        )}
        <div class="controls">
          <span />
          <button class="shutter" aria-pressed={frozen.value} aria-label={t(frozen.value ? 'resume' : 'freeze')} onClick={toggle} disabled={!running.value}>
            <svg viewBox="0 0 24 24" aria-hidden="true">{frozen.value ? <path d="M8 5l11 7-11 7z" /> : <circle cx="12" cy="12" r="8" />}</svg>
          </button>
          <button class="round" aria-label={t('switchCamera')} onClick={() => video.current && void switchCamera(video.current)}>
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 12a8 8 0 0 1 14-5l2 2M20 12a8 8 0 0 1-14 5l-2-2M20 4v5h-5M4 20v-5h5" /></svg>
          </button>
        </div>
      </div>
    </section>
  );
}

function emptyText(isRunning: boolean, hasFace: boolean): string {
  if (!isRunning) return '';
  return t(hasFace ? 'nothingClose' : 'noFace');
}

function CameraFault() {
  return (
    <div class="notice" role="alert">
      <p>{t(fault.value ?? 'cameraMissing')}</p>
      <button class="primary" onClick={() => (tab.value = 'photo')}>{t('tryPhoto')}</button>
      <button class="plain" onClick={() => (fault.value = undefined)}>{t('retry')}</button>
    </div>
  );
}
