import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { type Animation, hasFrames } from '../logic/animation';
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
        {still.value.file.type === 'image/gif' && !hasFrames && <p class="hint">{t('firstFrame')}</p>}
        <FilePicker label={t('another')} kind="plain" />
      </div>
    </section>
  );
}

function stillText(): string {
  if (stillFault.value) return t(stillFault.value);
  if (!stillFaces.value) return t('loading');
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
  if (shown.frames) return <Frames frames={shown.frames} name={shown.file.name} onAspect={(a) => (aspect.value = a)}>{marks}</Frames>;
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
            searchEachShown(v);
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

/** Searches every frame that a paused video shows, as seeks lead to it: on a slow machine it is shown
 * only after `seeked`, at which the frame before is still there. */
function searchEachShown(video: HTMLVideoElement): void {
  // Firefox before 132 has no such callback, and is content with `seeked`.
  if (!('requestVideoFrameCallback' in video)) return;
  video.requestVideoFrameCallback(() => {
    void search(video);
    searchEachShown(video);
  });
}

/** One frame of an animation, and a slider for all. */
function Frames(props: { frames: Animation; name: string; onAspect: (aspect: number) => void; children: preact.ComponentChildren }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const index = useSignal(0);
  const { count } = props.frames;
  useEffect(() => {
    let wanted = true;
    void props.frames.frame(index.value).then((frame) => {
      if (wanted && canvas.current) {
        draw(canvas.current, frame);
        props.onAspect(frame.displayWidth / frame.displayHeight);
        void search(canvas.current);
      }
      frame.close();
    });
    return () => {
      wanted = false;
    };
  }, [index.value]);
  const words = t('frameOf', { n: index.value + 1, total: count });
  return (
    <>
      <div class="fit">
        <canvas ref={canvas} role="img" aria-label={props.name} />
        {props.children}
      </div>
      <label class="scrubber">
        <input
          class="scrub"
          type="range"
          min={0}
          max={count - 1}
          step={1}
          value={index.value}
          aria-label={t('position')}
          aria-valuetext={words}
          onInput={(e) => (index.value = Number(e.currentTarget.value))}
        />
        <span aria-hidden="true">{words}</span>
      </label>
    </>
  );
}

function draw(canvas: HTMLCanvasElement, frame: VideoFrame): void {
  canvas.width = frame.displayWidth;
  canvas.height = frame.displayHeight;
  canvas.getContext('2d')?.drawImage(frame, 0, 0);
}
