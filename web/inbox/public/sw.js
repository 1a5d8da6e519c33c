// Shows what a push brings while no page is open, and opens the conversation on a click. It keeps nothing and answers no requests.
self.addEventListener('push', (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(
    self.registration.showNotification(told.title || 'Parley', {
      body: told.text || '',
      tag: told.id || 'parley',
      icon: '/favicon.svg',
      data: told.path,
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(String(event.notification.data ?? '')));
});

async function show(path) {
  const to = path.startsWith('/inbox/') ? path : '/';
  const pages = await self.clients.matchAll({ type: 'window' });
  const page = pages.find((p) => p.frameType === 'top-level');
  if (!page) return void (await self.clients.openWindow(to));
  await page.focus();
  page.postMessage({ open: to });
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
