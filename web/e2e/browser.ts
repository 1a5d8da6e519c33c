/** Chromium on the machine, with a listener for Content-Security-Policy violations on every page. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Parley } from './parley';

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

export interface Tab {
  context: BrowserContext;
  page: Page;
  /** violations and page errors since the tab was opened */
  trouble: string[];
}

export async function open(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', colorScheme: 'light', ...options });
  const trouble: string[] = [];
  await context.exposeFunction('noteTrouble', (s: string) => void trouble.push(s));
  await context.addInitScript(() => {
    const note = (window as unknown as { noteTrouble(s: string): void }).noteTrouble;
    document.addEventListener('securitypolicyviolation', (e) =>
      note(`CSP ${e.effectiveDirective} ${e.blockedURI} ${e.sample} ${e.sourceFile}:${e.lineNumber}`),
    );
  });
  const page = await context.newPage();
  page.on('pageerror', (e) => trouble.push(`error ${e.message}`));
  return { context, page, trouble };
}

/** Signs in through the issuer's own page. */
export async function signIn(page: Page, parley: Parley, user = parley.ready.user): Promise<void> {
  if (page.url() === 'about:blank') await page.goto(parley.ready.inbox);
  await page.getByRole('button', { name: /Continue to sign in|Sign in again|Weiter/ }).click();
  await atIssuer(page, parley, user);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Fills in the issuer's form. */
export async function atIssuer(page: Page, parley: Parley, user = parley.ready.user): Promise<void> {
  await page.locator('input[type=email], input[name=username], input[name=email]').first().fill(user);
  await page.locator('input[type=password]').fill(parley.ready.password);
  await page.locator('button[type=submit], button').first().click();
}
