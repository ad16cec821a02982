// Copies of a person's pictures, small enough that thousands fit on a phone.

/** Files up to this size are kept as they are: most memes are, and animations stay animated. */
const KEEP_BYTES = 400_000;
/** The longer side of a copy in pixels: a phone's screen is no wider. */
const COPY_SIDE = 1280;
const QUALITY = 0.85;

/** The file itself, or a smaller picture of it. */
export async function displayCopy(file: Blob): Promise<Blob> {
  if (file.size <= KEEP_BYTES) return file;
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => undefined);
  // What the browser cannot decode it cannot show either; the file is kept for sharing.
  if (!bitmap) return file;
  const scale = Math.min(1, COPY_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(bitmap.width * scale)),
    Math.max(1, Math.round(bitmap.height * scale)),
  );
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const copy = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
  return copy.size < file.size ? copy : file;
}
