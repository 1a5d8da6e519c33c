/**
 * The button in the corner, in a shadow root of its own: nothing of the host page's style reaches it, nothing of ours leaves it.
 * Owns: the root, its style (a constructed sheet, so that no style-src of the host stands in the way), the badge. Never: the panel.
 * Imported by: loader.
 */
import type { Config } from '../api';
import { ink, readable } from '../colour';
import type { T } from '../text';
import css from './launcher.css?inline';

const ns = 'http://www.w3.org/2000/svg';
const bubble = 'M21 11.5a8.4 8.4 0 0 1-12.2 7.5L3 21l2-5.8A8.4 8.4 0 1 1 21 11.5Z';
const chevron = 'm6 9 6 6 6-6';

export class Launcher {
  readonly root: ShadowRoot;
  private readonly host = document.createElement('parley-chat');
  private readonly button = document.createElement('button');
  private readonly path = document.createElementNS(ns, 'path');
  private readonly mark = document.createElement('span');
  private open = false;
  private count = 0;

  constructor(
    c: Config,
    private readonly t: T,
    on: { toggle(): void; warm(): void },
    parent: HTMLElement = document.body,
  ) {
    this.root = this.host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const theme = new CSSStyleSheet();
    const edge = c.side === 'left' ? 'left' : 'right';
    theme.replaceSync(
      `:host{--a:${c.accent};--on-a:${ink(c.accent)};--at:${readable(c.accent)};--x:${c.offsetX}px;--y:${c.offsetY}px}.lb,.p{${edge}:var(--x)}`,
    );
    this.root.adoptedStyleSheets = [sheet, theme];
    const svg = document.createElementNS(ns, 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(this.path);
    this.button.className = 'lb';
    this.button.type = 'button';
    this.button.append(svg);
    if (c.label) {
      const label = document.createElement('span');
      label.className = 'lt';
      label.textContent = c.label;
      this.button.append(label);
    }
    this.mark.className = 'lm';
    this.mark.setAttribute('aria-hidden', 'true');
    this.button.append(this.mark);
    this.button.onclick = on.toggle;
    this.button.onpointerenter = on.warm;
    this.button.onfocus = on.warm;
    this.root.append(this.button);
    parent.append(this.host);
    this.draw();
  }

  pressed(open: boolean): void {
    this.open = open;
    this.draw();
  }

  badge(n: number): void {
    this.count = n;
    this.draw();
  }

  focus(): void {
    this.button.focus();
  }

  remove(): void {
    this.host.remove();
  }

  private draw(): void {
    this.path.setAttribute('d', this.open ? chevron : bubble);
    this.button.setAttribute('aria-expanded', String(this.open));
    this.button.classList.toggle('lo', this.open);
    const name = this.t(this.open ? 'close' : 'open');
    this.button.setAttribute('aria-label', this.count ? `${name}, ${this.t('unread', { count: this.count })}` : name);
    this.mark.textContent = this.count ? String(Math.min(this.count, 99)) : '';
  }
}
