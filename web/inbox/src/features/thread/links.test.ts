import { describe, expect, it } from 'vitest';
import { differs, hostOf, named } from './links';

describe('the host of an address', () => {
  it.each([
    ['https://Shop.example/a?b=c', 'shop.example'],
    ['http://user:x@evil.example:8080/', 'evil.example'],
    ['https://bücher.example/', 'xn--bcher-kva.example'],
    ['mailto:Ann%40x@Mail.example?subject=a', 'mail.example'],
    ['mailto:a@b.example,c@d.example', 'b.example'],
    ['tel:+49123', ''],
    ['javascript:alert(1)', ''],
    ['', ''],
    ['https://', ''],
  ])('%s', (address, host) => expect(hostOf(address)).toBe(host));
});

describe('the host that a text names', () => {
  it.each([
    ['https://www.bank.example/login', 'www.bank.example'],
    ['Go to https://bank.example now', 'bank.example'],
    ['bank.example', 'bank.example'],
    ['  www.Bank.example/login?a=b  ', 'www.bank.example'],
    ['<support@bank.example>', 'bank.example'],
    ['b\u200bank\u00ad.example', 'bank.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['https://bank.example@evil.example/', 'evil.example'],
    ['Click here', ''],
    ['invoice.pdf', ''],
    ['Version 2.0.1', ''],
    ['e.g. this one', ''],
    ['Read more at bank.example today', ''],
    ['3.50', ''],
    ['', ''],
  ])('%s', (text, host) => expect(named(text)).toBe(host));

  it('takes no time for a text that is made to take it', () => {
    const start = Date.now();
    for (const t of [
      'a.'.repeat(50_000),
      'a-'.repeat(50_000),
      `https://${'a'.repeat(100_000)}`,
      '('.repeat(100_000),
      `${'x'.repeat(50_000)}@`,
      'https://'.repeat(20_000),
    ])
      named(t);
    for (let i = 0; i < 6_000; i++) named('a.'.repeat(200)); // as many as a mail has room for
    expect(Date.now() - start).toBeLessThan(4_000);
  });
});

describe('a link that says something else than it does', () => {
  it.each([
    ['https://bank.example', 'https://evil.example/bank.example'],
    ['bank.example', 'https://bank.example.evil.example/'],
    ['support@bank.example', 'mailto:thief@evil.example'],
    ['support@bank.example', 'https://evil.example/'],
    ['Sign in', 'https://bank.example@evil.example/'],
    ['https://bank.example@evil.example/', 'https://bank.example@evil.example/'],
    ['https://bаnk.example/', 'https://bank.example/'], // the second letter is Cyrillic
  ])('%s → %s', (text, address) => expect(differs(text, address)).toBe(true));

  it.each([
    ['https://bank.example/login', 'https://www.bank.example/login'],
    ['www.bank.example', 'http://bank.example/'],
    ['Your order', 'https://track.mailer.example/c/1'],
    ['invoice.pdf', 'https://files.example/invoice.pdf'],
    ['support@bank.example', 'mailto:Support@Bank.example?subject=x'],
    ['bank.example', 'tel:+49123'],
    ['', 'https://bank.example/'],
  ])('not: %s → %s', (text, address) => expect(differs(text, address)).toBe(false));
});
