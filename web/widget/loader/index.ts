/**
 * What the tag loads: asks which chatflow shows on this page, draws the launcher, fetches the panel when somebody wants it.
 * Owns: the page it stands on (single-page navigation too), window.Parley. Never: conversations. Imported by: nothing.
 */
import { shows } from '../../core/targeting';
import { Api, type Config, type Flow, type Identity } from '../api';
import { Keep } from '../store';
import { language, translator } from '../text';
import { Launcher } from './launcher';
import { type Event, sdk } from './sdk';

declare const PANEL: string; // address of the panel's module, written in by the build

/** What the panel needs; the only contract between the two files. */
export interface Mount {
  host: ShadowRoot;
  api: Api;
  keep: Keep;
  config: Config;
  flow: Flow;
  lang: string;
  close(): void;
  unread(n: number): void;
  event(name: Event, data?: unknown): void;
  /** a preview: takes no focus and opens no line */
  quiet?: boolean;
}
export interface Panel {
  open(): void;
  hide(): void;
  flow(f: Flow): void;
  destroy(): void;
}

const script = document.currentScript as HTMLScriptElement | null;
const account = script?.dataset.parley ?? '';
const origin = script ? new URL(script.src).origin : '';

const words = {
  en: { open: 'Open chat', close: 'Close chat', unread: '{count} new', welcome: 'Message', dismiss: 'Dismiss' },
  de: { open: 'Chat öffnen', close: 'Chat schließen', unread: '{count} neu', welcome: 'Nachricht', dismiss: 'Ausblenden' },
};

class Widget {
  private readonly api = new Api(origin, account);
  private readonly keep = new Keep(account);
  private readonly lang = language(Object.keys(words), document.documentElement.lang, navigator.languages);
  private config: Config | undefined;
  private flow: Flow | undefined;
  private launcher: Launcher | undefined;
  private panel: Promise<Panel> | undefined;
  private isOpen = false;
  private unread = 0;

  readonly events = sdk({
    load: () => this.load(),
    open: () => this.open(),
    close: () => this.close(),
    remove: () => this.remove(),
    refresh: () => this.navigated(),
    loaded: () => !!this.launcher,
    clear: () => this.keep.clear(),
    identify: (who) => this.identify(who ?? undefined),
  });

  /** Somebody else is signed in on the page, or nobody any more: what is shown is of who was before. */
  identify(who: Identity | undefined): void {
    this.api.identity = who;
    if (!this.keep.settle(who?.externalId ?? '')) return;
    this.api.token = '';
    this.remove();
    this.unread = 0;
    this.navigated();
  }

  async load(): Promise<void> {
    if (this.config) return;
    try {
      this.config = await this.api.config(location.href, this.lang);
    } catch {
      return; // the team's page goes on without a chat: no error is the host's to see
    }
    watchNavigation(() => this.navigated());
    this.navigated();
  }

  /** Looks again which flow shows: the page may have changed without a load. */
  private navigated(): void {
    const c = this.config;
    if (!c) return;
    const flow = c.off ? undefined : c.flows.find((f) => shows(f.targeting, location.href));
    const hidden = !flow || (!flow.bot && !flow.there && flow.away.mode === 'hide');
    if (hidden && !this.isOpen) this.remove();
    if (!flow || hidden) return;
    this.flow = flow;
    if (!this.launcher) this.draw(c);
    else void this.panel?.then((p) => p.flow(flow));
  }

  private draw(c: Config): void {
    const t = translator(words, c.texts, this.lang);
    this.launcher = new Launcher(c, t, {
      toggle: () => (this.isOpen ? this.close() : this.open()),
      warm: () => void this.fetch(),
    });
    this.events.emit('widgetLoaded');
    const { token, begun, n } = this.keep.get();
    if (token && begun) this.look(token, n);
  }

  /** One question on a new page: has somebody answered meanwhile? The socket opens only with the panel. */
  private async look(token: string, n: number): Promise<void> {
    try {
      this.api.token = token;
      const { seen } = this.keep.get();
      const t = await this.api.lines(n, seen);
      if (!this.isOpen) this.count(t.lines.filter((l) => l.by !== 'visitor' && !l.gone).length);
    } catch {
      // the panel will find out
    }
  }

  private count(n: number): void {
    if (n !== this.unread) this.events.emit('unreadConversationCountChanged', { unreadCount: n });
    this.unread = n;
    this.launcher?.badge(n);
  }

  private fetch(): Promise<Panel> | undefined {
    const { config, launcher, flow } = this;
    if (!config || !launcher || !flow) return undefined;
    this.panel ??= import(/* @vite-ignore */ new URL(PANEL, origin).href).then((m: { mount(o: Mount): Panel }) =>
      m.mount({
        host: launcher.root,
        api: this.api,
        keep: this.keep,
        config,
        flow,
        lang: this.lang,
        close: () => this.close(),
        unread: (n) => this.count(this.isOpen ? 0 : n),
        event: (name, data) => this.events.emit(name, data),
      }),
    );
    this.panel.catch(() => {
      this.panel = undefined; // the network may be back at the next try
      this.launcher?.pressed(false);
    });
    return this.panel;
  }

  open(): void {
    const panel = this.fetch();
    if (!panel || this.isOpen) return;
    this.isOpen = true;
    this.launcher?.pressed(true);
    this.count(0);
    panel.then(
      (p) => this.isOpen && p.open(),
      () => {
        this.isOpen = false;
      },
    );
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.launcher?.pressed(false);
    this.events.emit('widgetClosed');
    void this.panel?.then((p) => p.hide());
    this.launcher?.focus();
  }

  private remove(): void {
    void this.panel?.then((p) => p.destroy());
    this.panel = undefined;
    this.isOpen = false;
    this.launcher?.remove();
    this.launcher = undefined;
  }
}

/** Tells when the address changes without a load. */
function watchNavigation(changed: () => void): void {
  let at = location.href;
  const look = () => {
    if (location.href === at) return;
    at = location.href;
    changed();
  };
  for (const name of ['pushState', 'replaceState'] as const) {
    const real = history[name];
    history[name] = function (this: History, ...args: Parameters<typeof real>) {
      real.apply(this, args);
      queueMicrotask(look);
    };
  }
  addEventListener('popstate', look);
  addEventListener('hashchange', look);
}

/** What the page says of its visitor: window.parleySettings.identity, or data attributes of the tag. */
function said(): Identity | undefined {
  const { identity } = (window as { parleySettings?: { identity?: Identity } }).parleySettings ?? {};
  const { externalId, email, name, at, signature } = script?.dataset ?? {};
  return identity ?? (externalId && signature ? { externalId, email, name, at: Number(at), signature } : undefined);
}

if (script && account && !('Parley' in window)) {
  const w = new Widget();
  w.events.publish();
  w.identify(said());
  const start = () => void w.load();
  const settings = (window as { parleySettings?: { loadImmediately?: boolean } }).parleySettings;
  if (settings?.loadImmediately !== false) {
    if ('requestIdleCallback' in window) requestIdleCallback(start, { timeout: 2_000 });
    else setTimeout(start, 200);
  }
}
