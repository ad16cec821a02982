// One small interface for engines that are driven in different ways.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

const where = (name) => execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
const asFunction = (body) => `(async () => { ${body} })()`;

/** Firefox says nothing to its makers and asks nothing about cameras. */
const FIREFOX_PREFERENCES = {
  'media.navigator.permission.disabled': true,
  'media.navigator.streams.fake': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.enabled': false,
  'app.update.disabledForTesting': true,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
};

async function firefox() {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: where('firefox-esr'),
    headless: true,
    userDataDir: mkdtempSync(join(tmpdir(), 'moue-firefox-')),
    extraPrefsFirefox: FIREFOX_PREFERENCES,
    protocolTimeout: 120_000,
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 390, height: 844 });
  page.on('pageerror', (error) => console.error('page error:', String(error)));
  return {
    // A service worker answers a reload, as a person's does.
    go: async (url) => {
      if (page.url() === url) await page.reload({ waitUntil: 'domcontentloaded' });
      else await page.goto(url, { waitUntil: 'domcontentloaded' });
    },
    run: (body) => page.evaluate(asFunction(body)),
    screenshot: () => page.screenshot(),
    close: () => browser.close(),
  };
}

/** What WebKitGTK needs as root and without a GPU. */
const WEBKIT_ENVIRONMENT = {
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  LIBGL_ALWAYS_SOFTWARE: '1',
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
};

async function webkit() {
  const port = 4700 + (process.pid % 200);
  const child = spawn('WebKitWebDriver', [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, ...WEBKIT_ENVIRONMENT },
  });
  const call = async (method, path, body) => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: { 'content-type': 'application/json' },
    });
    const { value } = await reply.json();
    if (!reply.ok) throw new Error(`${path}: ${value?.message}`);
    return value;
  };
  for (let tries = 0; tries < 100; tries++) {
    if (await call('GET', '/status').catch(() => undefined)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  const alwaysMatch = { 'webkitgtk:browserOptions': { args: ['--automation'] } };
  const { sessionId } = await call('POST', '/session', { capabilities: { alwaysMatch } });
  const at = `/session/${sessionId}`;
  await call('POST', `${at}/timeouts`, { script: 120_000 });
  // Scripts of the driver return through a callback.
  const wrapped = (body) =>
    `const done = arguments[arguments.length - 1];` +
    `${asFunction(body)}.then((value) => done({ value }), (error) => done({ error: String(error) }));`;
  return {
    go: (url) => call('POST', `${at}/url`, { url }),
    run: async (body) => {
      const { value, error } = await call('POST', `${at}/execute/async`, { script: wrapped(body), args: [] });
      if (error) throw new Error(error);
      return value;
    },
    // The driver's own never comes back without a GPU, so ImageMagick takes the whole display.
    screenshot: async () => execFileSync('import', ['-window', 'root', 'png:-']),
    close: async () => {
      await call('DELETE', at).catch(() => undefined);
      child.kill();
    },
  };
}

export const drivers = { firefox, webkit };
