// Keeps all files of the app, so that it works without a network, and takes shared pictures.

const CACHE = 'moue-files';
const SHARED = 'moue-shared';

self.addEventListener('install', (event) => {
  event.waitUntil(fetchAll().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin || isApi(url)) return;
  if (event.request.method === 'POST' && url.pathname.endsWith('/share')) {
    event.respondWith(takeShared(event.request));
  } else if (event.request.method === 'GET') {
    event.respondWith(answer(event.request));
  }
});

/** What `moue serve` answers changes with its gallery and needs a key. */
function isApi(url) {
  return /^(v1|v2|healthz|readyz|metrics|openapi\.json)(\/|$)/.test(url.pathname.slice(new URL('./', location.href).pathname.length));
}

async function fetchAll() {
  const cache = await caches.open(CACHE);
  const files = await listed('./files.json');
  await cache.addAll(['./', ...files]);
  // The page of `moue serve` is marked, and has a part of its own.
  const page = await (await cache.match('./')).text();
  const more = page.includes('name="moue-server"') ? await listed('./served.json') : [];
  await cache.addAll(more);
  await forgetOthers(cache, [...files, ...more]);
}

async function listed(name) {
  return (await fetch(name, { cache: 'no-store' })).json();
}

// Names have a hash of their content, so a file that is not in the list any more is an old one.
async function forgetOthers(cache, files) {
  const wanted = new Set(['./', ...files].map((f) => new URL(f, location.href).href));
  const kept = await cache.keys();
  await Promise.all(kept.filter((r) => !wanted.has(r.url)).map((r) => cache.delete(r)));
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const path = request.mode === 'navigate' ? './' : request;
  // The page itself is asked for anew, so that a new version arrives; all else never changes.
  if (request.mode === 'navigate') {
    const fresh = await fetch(request).catch(() => undefined);
    if (fresh?.ok) return fresh;
  }
  return (await cache.match(path, { ignoreSearch: true })) ?? fetch(request);
}

async function takeShared(request) {
  const form = await request.formData();
  const cache = await caches.open(SHARED);
  const files = form.getAll('pictures');
  await Promise.all(
    files.map((file, i) => {
      const headers = { 'content-type': file.type, 'x-name': encodeURIComponent(file.name) };
      return cache.put(`./shared/${Date.now()}-${i}`, new Response(file, { headers }));
    }),
  );
  return Response.redirect('./?shared', 303);
}
