/**
 * Web push in this browser: its subscription, and our word of it.
 * Owns: the service worker's registration, which device of whom this browser is (device.ts). Never: what is shown (public/sw.js).
 */
import type { Api } from '~core/api';
import { forgetDevice, keepDevice, myDevice } from './device';

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

let policy: ReturnType<Policies['createPolicy']> | undefined;

/** The address of the worker, as the page's policy wants it: only this one is trusted. */
function worker(): string {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  if (policies && !policy) policy = policies.createPolicy('worker', { createScriptURL: () => '/sw.js' });
  return policy ? policy.createScriptURL('') : '/sw.js';
}

export const supported = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

const bytes = (b64: string) => Uint8Array.from(atob(b64.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (raw: ArrayBuffer | null) =>
  btoa(String.fromCharCode(...new Uint8Array(raw ?? new ArrayBuffer(0))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** What its user knows this browser by. */
export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /Firefox\//.test(agent)
      ? 'Firefox'
      : /Chrome\//.test(agent)
        ? 'Chrome'
        : /Safari\//.test(agent)
          ? 'Safari'
          : 'Browser';
  const system = /Android/.test(agent)
    ? 'Android'
    : /iPhone|iPad/.test(agent)
      ? 'iOS'
      : /Mac OS X/.test(agent)
        ? 'macOS'
        : /Windows/.test(agent)
          ? 'Windows'
          : /Linux/.test(agent)
            ? 'Linux'
            : '';
  return system ? `${browser}, ${system}` : browser;
}

/** Subscribes this browser, with the key of this workspace, and tells the server. The permission is there. */
export async function subscribe(api: Api, user: string): Promise<void> {
  const { key } = await api.devices();
  await navigator.serviceWorker.register(worker());
  const { pushManager } = await navigator.serviceWorker.ready;
  let sub = await pushManager.getSubscription();
  if (sub && text(sub.options.applicationServerKey) !== key) {
    await sub.unsubscribe();
    sub = null;
  }
  sub ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const device = await api.addDevice({
    endpoint: sub.endpoint,
    p256dh: text(sub.getKey('p256dh')),
    auth: text(sub.getKey('auth')),
    name: deviceName(),
  });
  const before = myDevice();
  keepDevice({ user, id: device.id });
  if (before && before.id !== device.id) await api.deleteDevice(before.id); // the subscription has moved
}

/** Ends it: here, where nothing comes any more, and on the server as far as that answers. */
export async function unsubscribe(api: Api): Promise<void> {
  const mine = myDevice();
  forgetDevice();
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  if (mine) await api.deleteDevice(mine.id);
}

/** Once a session: a subscription may have moved, been taken away elsewhere, or be of who was here before. */
export async function renew(api: Api, user: string): Promise<void> {
  const mine = myDevice();
  if (!mine || !supported()) return;
  const known = mine.user === user && Notification.permission === 'granted' && (await api.devices()).devices.some((d) => d.id === mine.id);
  if (known) await subscribe(api, user);
  else await unsubscribe(api);
}
