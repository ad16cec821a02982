// A match as a file: shared, copied or saved.

import type { Match } from 'moue';
import type { GallerySource } from './source';

/** Where the picture of a match is. */
type Pictures = Pick<GallerySource, 'picture'>;

/** Pixels along the longer side of a drawing as PNG. */
const DRAWING_SIDE = 512;

/** The picture as a PNG or, if it is a JPEG, GIF or PNG already, as it is. */
export async function fileOf(gallery: Pictures, match: Match): Promise<File> {
  const blob = await gallery.picture(match.id);
  if (!blob) throw new Error('the picture is gone');
  const keeps = ['image/jpeg', 'image/png', 'image/gif'].includes(blob.type);
  const shown = keeps ? blob : await asPng(blob);
  const ending = shown.type.split('/')[1]?.replace('jpeg', 'jpg') ?? 'png';
  return new File([shown], `${safe(match.label)}.${ending}`, { type: shown.type });
}

function safe(name: string): string {
  return name.replace(/[^\p{L}\p{N} ._-]+/gu, '-').slice(0, 80) || 'moue';
}

/** Any picture that the browser shows, as PNG. */
export async function asPng(blob: Blob): Promise<Blob> {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return await drawn(image, blob.type === 'image/svg+xml');
  } finally {
    URL.revokeObjectURL(url);
  }
}

function drawn(image: HTMLImageElement, scalable: boolean): Promise<Blob> {
  const long = Math.max(image.naturalWidth, image.naturalHeight) || 1;
  const scale = scalable ? DRAWING_SIDE / long : 1;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round((image.naturalWidth || 1) * scale);
  canvas.height = Math.round((image.naturalHeight || 1) * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((png) => (png ? resolve(png) : reject(new Error('no PNG'))), 'image/png');
  });
}

export function canShare(): boolean {
  const probe = new File([new Uint8Array(1)], 'x.png', { type: 'image/png' });
  return typeof navigator.share === 'function' && (navigator.canShare?.({ files: [probe] }) ?? false);
}

/** Opens the system's share sheet; `false` if the person closed it. */
export async function share(gallery: Pictures, match: Match): Promise<boolean> {
  const file = await fileOf(gallery, match);
  try {
    await navigator.share({ files: [file], ...(match.emoji ? { text: match.emoji } : {}) });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false;
    throw error;
  }
}

/** Puts an emoji as text or a picture as PNG into the clipboard. Must be called inside a tap. */
export function copy(gallery: Pictures, match: Match): Promise<void> {
  if (match.emoji) return navigator.clipboard?.writeText(match.emoji) ?? Promise.reject(new Error('no clipboard'));
  // Safari wants the item made inside the tap and its picture as a promise.
  if (!navigator.clipboard) return Promise.reject(new Error('no clipboard'));
  const png = gallery.picture(match.id).then((blob) => {
    if (!blob) throw new Error('the picture is gone');
    return blob.type === 'image/png' ? blob : asPng(blob);
  });
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
}

export async function save(gallery: Pictures, match: Match): Promise<void> {
  saveBlob(await fileOf(gallery, match));
}

/** Saves a file as a download. */
export function saveBlob(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // The download has begun by then in every browser that was tried.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
