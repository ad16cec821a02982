import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { gallery } from '../logic/engine';
import { offer, search, type Still, still, stillFace, stillFaces, stillFault } from '../logic/still';
import { GalleryChoice } from './choice';
import { Marks } from './marks';
import { Matches, NoMatches } from './matches';

/** A photo, animation or video, and the matches of a face in it. */
export function StillView() {
  if (!still.value) return <Pick />;
  const face = stillFaces.value?.[stillFace.value];
  return (
    <section class="still">
      <div class="still-picture">
        <Shown key={still.value.url} still={still.value} />
      </div>
      <div class="still-answer">
        <GalleryChoice />
        {face && gallery.value && face.matches.length > 0 ? (
          <Matches gallery={gallery.value} matches={face.matches} />
        ) : (
          <NoMatches text={stillText()} />
        )}
        <FilePicker label={t('another')} kind="plain" />
      </div>
    </section>
  );
}

function stillText(): string {
  if (stillFault.value) return t(stillFault.value);
  if (!stillFaces.value) return still.value?.isVideo ? '' : t('loading');
  return t(stillFaces.value.length === 0 ? 'noFaceInPicture' : 'nothingClose');
}

function Pick() {
  return (
    <div class="pick">
      <FilePicker label={t('choosePhoto')} kind="primary large" />
      <p>{t('dropHere')}</p>
    </div>
  );
}

function FilePicker({ label, kind }: { label: string; kind: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button class={kind} onClick={() => input.current?.click()}>{label}</button>
      <input
        ref={input}
        class="hidden"
        type="file"
        accept="image/*,video/*"
        aria-label={label}
        tabIndex={-1}
        onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          if (file) void offer(file);
        }}
      />
    </>
  );
}

function Shown({ still: shown }: { still: Still }) {
  const aspect = useSignal(4 / 3);
  const marks = (
    <Marks faces={stillFaces.value ?? []} aspect={aspect.value} chosen={stillFace.value} onChoose={(i) => (stillFace.value = i)} />
  );
  if (shown.isVideo) return <Clip url={shown.url} onAspect={(a) => (aspect.value = a)}>{marks}</Clip>;
  return (
    <div class="fit">
      <img
        src={shown.url}
        alt={shown.file.name}
        onLoad={(e) => (aspect.value = e.currentTarget.naturalWidth / e.currentTarget.naturalHeight)}
      />
      {marks}
    </div>
  );
}

function Clip(props: { url: string; onAspect: (aspect: number) => void; children: preact.ComponentChildren }) {
  const video = useRef<HTMLVideoElement>(null);
  const duration = useSignal(0);
  return (
    <>
      <div class="fit">
        <video
          ref={video}
          src={props.url}
          muted
          playsInline
          preload="auto"
          onLoadedMetadata={(e) => {
            const v = e.currentTarget;
            duration.value = v.duration;
            props.onAspect(v.videoWidth / v.videoHeight);
            v.currentTime = Math.min(v.duration / 2, 1);
          }}
          onSeeked={(e) => void search(e.currentTarget)}
        />
        {props.children}
      </div>
      <input
        class="scrub"
        type="range"
        min={0}
        max={duration.value}
        step={0.05}
        aria-label={t('position')}
        onInput={(e) => video.current && (video.current.currentTime = Number(e.currentTarget.value))}
      />
    </>
  );
}
