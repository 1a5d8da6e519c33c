import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MessageReceived } from '~core/wire';
import { isAlways, load, type Slot, senderOf, setAlways, subscribe } from './remote';

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v) });
});

describe('senders whose images are always shown', () => {
  it('are remembered for one agent, whatever the case', () => {
    setAlways('ann', 'Lena@Shop.example', true);
    expect(isAlways('ann', 'lena@shop.EXAMPLE')).toBe(true);
    expect(isAlways('bob', 'lena@shop.example')).toBe(false);
    expect(isAlways('ann', 'lena@shop.example.evil.example')).toBe(false);
    setAlways('ann', 'lena@shop.example', false);
    expect(isAlways('ann', 'lena@shop.example')).toBe(false);
  });

  it('are told to whoever listens', () => {
    const heard = vi.fn();
    const stop = subscribe(heard);
    setAlways('ann', 'a@x.example', true);
    stop();
    setAlways('ann', 'b@x.example', true);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('never include nobody, and are few', () => {
    setAlways('ann', '', true);
    expect(isAlways('ann', '')).toBe(false);
    for (let i = 0; i < 600; i++) setAlways('ann', `${i}@x.example`, true);
    expect([isAlways('ann', '99@x.example'), isAlways('ann', '100@x.example'), isAlways('ann', '599@x.example')]).toEqual([false, true, true]);
  });

  it('are none when what is kept is damaged, or nothing can be kept', () => {
    kept.set('parley.images.ann', '{"a":1}');
    expect(isAlways('ann', 'a@x.example')).toBe(false);
    kept.set('parley.images.ann', 'nonsense');
    expect(isAlways('ann', 'a@x.example')).toBe(false);
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('no');
      },
      setItem: () => {
        throw new Error('no');
      },
    });
    setAlways('ann', 'a@x.example', true);
    expect(isAlways('ann', 'a@x.example')).toBe(false);
  });
});

describe('whose word counts', () => {
  const mail = (more: object) => ({ from: { email: 'lena@shop.example' }, ...more }) as MessageReceived;
  it('is the sender’s, unless the mail may be another’s', () => {
    expect(senderOf(mail({}))).toBe('lena@shop.example');
    expect(senderOf(mail({ problems: [{ name: 'charset' }] }))).toBe('lena@shop.example');
    expect(senderOf(mail({ problems: [{ name: 'dmarc' }] }))).toBe('');
    expect(senderOf(mail({ problems: [{ name: 'spam' }] }))).toBe('');
    expect(senderOf(mail({ thirdParty: true }))).toBe('');
  });
});

describe('loading', () => {
  interface Fake {
    src: string;
    onload?: () => void;
    onerror?: () => void;
  }
  const start = (n: number) => {
    const made: Fake[] = [];
    const done: string[] = [];
    const slots: Slot[] = Array.from({ length: n }, (_, i) => ({ url: `/${i}`, done: (ok) => void done.push(`${i} ${ok}`) }));
    const stop = load(slots, 3, () => {
      const img: Fake = { src: '' };
      made.push(img);
      return img as unknown as HTMLImageElement;
    });
    return { made, done, stop };
  };

  it('asks for a few at a time, in order, and goes on after a failure', () => {
    const { made, done } = start(5);
    expect(made.map((m) => m.src)).toEqual(['/0', '/1', '/2']);
    made[1]?.onerror?.();
    made[0]?.onload?.();
    expect(made.map((m) => m.src)).toEqual(['/0', '/1', '/2', '/3', '/4']);
    for (const i of [2, 3, 4]) made[i]?.onload?.();
    expect(done).toEqual(['1 false', '0 true', '2 true', '3 true', '4 true']);
  });

  it('asks for nothing more once the mail is gone', () => {
    const { made, done, stop } = start(5);
    stop();
    made[0]?.onload?.();
    expect([made.length, done.length]).toEqual([3, 0]);
  });
});
