// The service worker: it plays films while they arrive, hands what one page leaves to the next, and
// keeps the files of the page itself, so that it opens without a network. It keeps nothing else.

import { MEDIA_PATH } from './ui/transfer/media';
import { hear, receive } from './worker/handover';
import { media } from './worker/media';
import { scope } from './worker/scope';

/** The files of this build, and its name; `shell.ts` puts them in. */
declare const SHELL: { version: string; files: string[] };
const CACHE = `snug-${SHELL.version}`;

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(['/', ...SHELL.files])));
});

// It takes over at once only where nobody was before: a page that is open keeps its own files.
scope.addEventListener('activate', (event) => {
  const clean = caches
    .keys()
    .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([clean, scope.clients.claim()]));
});

scope.addEventListener('message', hear);

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== scope.location.origin) return;
  if (request.method === 'POST' && pathname === SHARE_PATH) event.respondWith(receive(event));
  if (request.method !== 'GET') return;
  if (pathname.startsWith(MEDIA_PATH)) {
    event.respondWith(media(event, pathname.slice(MEDIA_PATH.length)));
  } else if (request.mode === 'navigate' && pathname === '/') {
    // The newest page that there is.
    event.respondWith(fetch(request).catch(() => kept('/')));
  } else if (SHELL.files.includes(pathname)) {
    event.respondWith(kept(pathname));
  }
});

async function kept(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(path);
}

/** Where the system sends what people share with Snug, as the manifest has it. */
const SHARE_PATH = '/share';
