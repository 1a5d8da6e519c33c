/**
 * How long a chat message takes from the key that sends it to the screen of the other side, both ways, in two browsers on local mode.
 * Prints "name value unit" lines.
 */
import type { Page } from 'playwright-core';
import { launch, open, signIn } from '../e2e/browser';
import { Parley } from '../e2e/parley';

const rounds = 40;
const pause = 2_100; // a visitor may write thirty times a minute

export default async function main(): Promise<void> {
  const parley = await Parley.start();
  const browser = await launch();
  try {
    const [agent, visitor] = await Promise.all([open(browser), open(browser)]);
    await agent.page.goto(parley.ready.inbox);
    await signIn(agent.page, parley);
    await visitor.page.goto(parley.ready.demo);
    await visitor.page.getByRole('button', { name: 'Open chat' }).click();
    const field = visitor.page.getByRole('textbox', { name: 'Write a message' });
    await field.fill('Hello');
    await field.press('Enter');
    await agent.page.getByRole('option', { name: /Hello/ }).click();
    const reply = agent.page.getByRole('textbox', { name: /^Reply to/ });
    await reply.waitFor();
    const there: number[] = [];
    const back: number[] = [];
    for (let i = 0; i < rounds; i++) {
      await field.fill(`From the visitor ${i}.`);
      there.push(await timed(visitor.page, () => field.press('Enter'), agent.page, `From the visitor ${i}.`));
      await reply.fill(`From the agent ${i}.`);
      back.push(await timed(agent.page, () => reply.press('Control+Enter'), visitor.page, `From the agent ${i}.`));
      await agent.page.waitForTimeout(pause);
    }
    say('chat.screen.agent', there.slice(5));
    say('chat.screen.visitor', back.slice(5));
  } finally {
    await browser.close();
    await parley.stop();
  }
}

/** Milliseconds from the key in one page to the frame in which the other shows the text. */
async function timed(from: Page, send: () => Promise<void>, to: Page, text: string): Promise<number> {
  const seen = to.evaluate(shown, text);
  const sent = from.evaluate(pressed);
  await to.waitForTimeout(50); // until both listen
  await send();
  return (await seen) - (await sent);
}

/** When Enter was pressed, in ms since 1970: both pages have the clock of this machine. */
function pressed(): Promise<number> {
  return new Promise((ok) => {
    const on = (e: KeyboardEvent) => {
      if (e.key !== 'Enter') return;
      window.removeEventListener('keydown', on, true);
      ok(performance.timeOrigin + e.timeStamp);
    };
    window.addEventListener('keydown', on, true);
  });
}

/** When a text stands on the page, a shadow root of it included. */
function shown(text: string): Promise<number> {
  return new Promise((ok) => {
    const roots: (Document | ShadowRoot)[] = [document];
    for (const el of document.querySelectorAll('*')) if (el.shadowRoot) roots.push(el.shadowRoot);
    const look = () => {
      if (!roots.some((r) => r.querySelector('[role=log]')?.textContent?.includes(text))) return;
      watch.disconnect();
      requestAnimationFrame(() => ok(performance.timeOrigin + performance.now()));
    };
    const watch = new MutationObserver(look);
    for (const r of roots) watch.observe(r, { childList: true, subtree: true, characterData: true });
    look();
  });
}

function say(name: string, ms: number[]): void {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (q: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(1);
  console.log(`${name}.p50 ${at(0.5)} ms`);
  console.log(`${name}.p99 ${at(0.99)} ms`);
}
