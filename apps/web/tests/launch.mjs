// Chromium with a fake camera, for the tests that drive the app there.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** Writes what the fake camera shows: a picture, which sways if `seconds` is more than one. */
export function drawCamera(work, picture, seconds = 1) {
  const file = join(work, 'camera.y4m');
  const fit = 'scale=640:480:force_original_aspect_ratio=decrease,pad=680:520:(ow-iw)/2:(oh-ih)/2';
  // Around a circle of 12 pixels every second; a still picture is cut from the middle.
  const turn = seconds > 1 ? ['+12*sin(2*PI*t)', '+12*cos(2*PI*t)'] : ['', ''];
  const crop = `crop=640:480:20${turn[0]}:20${turn[1]}`;
  const rate = seconds > 1 ? '30' : '10';
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-loop', '1', '-framerate', rate, '-i', picture, '-t', String(seconds)],
    ...['-vf', `${fit},${crop},format=yuv420p`, file],
  ]);
  return file;
}

/** A browser with a profile of its own in `work`, and its page. */
export async function launch(work, camera, more = {}) {
  const context = await chromium.launchPersistentContext(join(work, 'profile'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    viewport: { width: 390, height: 844 },
    locale: 'en-US',
    permissions: ['camera', 'clipboard-read', 'clipboard-write'],
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      `--use-file-for-fake-video-capture=${camera}`,
      // Tests of memory collect garbage, also that of workers.
      '--js-flags=--expose-gc',
    ],
    ...more,
  });
  return { context, page: context.pages()[0] ?? (await context.newPage()) };
}

/** The process that runs a page and its workers: the largest one of the browser's renderers. */
export async function renderer(context) {
  const cdp = await context.browser()?.newBrowserCDPSession();
  const session = cdp ?? (await context.newCDPSession(context.pages()[0]));
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const own = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return own.sort((a, b) => privateMiB(b) - privateMiB(a))[0];
}

/** MiB that a process has for itself alone; `performance.memory` does not see what wasm has. Linux only. */
export function privateMiB(process) {
  const text = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
  const kib = ['Private_Dirty', 'Private_Clean'].map((key) => Number(text.match(`${key}: +(\\d+)`)[1]));
  return (kib[0] + kib[1]) / 1024;
}

/** CPU milliseconds of a process so far, in the kernel's ticks of 10 ms. Linux only. */
export function cpuMs(process) {
  const text = readFileSync(`/proc/${process}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
