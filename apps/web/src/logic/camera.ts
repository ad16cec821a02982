// The camera: its frames, one after the other, to the tracker.

import type { FoundFace } from 'moue';
import { signal } from '@preact/signals';
import { gallery, moue } from './engine';

export type CameraFault = 'cameraInsecure' | 'cameraDenied' | 'cameraMissing' | 'cameraBusy';

export const running = signal(false);
export const fault = signal<CameraFault | undefined>(undefined);
export const faces = signal<FoundFace[]>([]);
/** Whether the picture is shown as in a mirror: only the front camera's is. */
export const mirrored = signal(true);

let stream: MediaStream | undefined;
let facing: 'user' | 'environment' = 'user';

/** Starts the camera into a `<video>`. */
export async function startCamera(video: HTMLVideoElement): Promise<void> {
  stopCamera();
  fault.value = undefined;
  try {
    // A page of a name or address without TLS has none: a phone that opens another machine's.
    if (!isSecureContext) throw new DOMException('', 'InsecureError');
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException('', 'NotFoundError');
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: facing, width: { ideal: 640 }, height: { ideal: 480 } },
    });
  } catch (error) {
    fault.value = faultOf(error);
    return;
  }
  mirrored.value = facing === 'user';
  video.srcObject = stream;
  await video.play();
  await moue.value?.resetTracking();
  running.value = true;
  void follow(video, stream);
}

export function switchCamera(video: HTMLVideoElement): Promise<void> {
  facing = facing === 'user' ? 'environment' : 'user';
  return startCamera(video);
}

export function stopCamera(): void {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  running.value = false;
  faces.value = [];
}

function faultOf(error: unknown): CameraFault {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'InsecureError') return 'cameraInsecure';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'cameraDenied';
  return name === 'NotReadableError' ? 'cameraBusy' : 'cameraMissing';
}

/** Searches for the newest frame whenever the one before is done, so that no queue builds up. */
async function follow(video: HTMLVideoElement, own: MediaStream): Promise<void> {
  while (stream === own) {
    const time = await nextFrame(video);
    if (stream !== own || video.paused || !moue.value || !gallery.value) continue;
    try {
      const found = await gallery.value.track(video, time);
      if (stream === own && !video.paused) faces.value = found;
    } catch {
      // The first frames of some cameras have no pixels yet.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** WebKitGTK has frame callbacks that never come for cameras, so the screen's frames count too. */
const FRAME_WAIT_MS = 250;

function nextFrame(video: HTMLVideoElement): Promise<number> {
  return new Promise((resolve) => {
    const done = (time: number): void => {
      clearTimeout(late);
      resolve(time);
    };
    const late = setTimeout(() => requestAnimationFrame(done), FRAME_WAIT_MS);
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });
}
