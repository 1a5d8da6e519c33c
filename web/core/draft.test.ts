import { describe, expect, it } from 'vitest';
import { addresses, blank, fieldHTML, fromServer, isBlank, letterOf, looksRight, mailHTML, paragraphs, plainOf, shownIn, toServer } from './draft';

const written = (patch: object) => ({ ...blank, ...patch });

describe('a draft', () => {
  it('is blank without words, files, subject or hidden recipients', () => {
    expect(isBlank(blank)).toBe(true);
    expect(isBlank(written({ text: '  \n' }))).toBe(true);
    expect(isBlank(written({ text: '👍' }))).toBe(false);
    expect(isBlank(written({ files: [{ upload: 'u' }] }))).toBe(false);
    expect(isBlank(written({ subject: 'S' }))).toBe(false);
    expect(isBlank(written({ html: '<p><img src="cid:a"></p>' }))).toBe(false);
  });
  it('is blank with nothing but the signature, however its lines are spaced', () =>
    expect(isBlank(written({ text: '\n--\nAda\nParley' }), '-- \nAda  Parley')).toBe(true));
  it('comes back from the server as it went', () => {
    const w = written({
      html: '<p>a</p>',
      text: 'a',
      to: [{ email: 'a@x.example' }],
      files: [{ upload: 'u', name: 'f' }],
      forwards: 3,
      leaveOut: [1],
    });
    const back = fromServer({ ...toServer(w), at: '', tag: 't', mode: 'forward' }, plainOf);
    expect({ ...w, cc: undefined, bcc: undefined }).toEqual(back);
  });
});

describe('a letter', () => {
  it('is plain if nothing in it has form', () => expect(letterOf(written({ text: 'Hi' }), '')).toEqual({ text: 'Hi' }));
  it('has lines, not paragraphs, and comes back', () => {
    const html = '<p>a</p><p></p><p><strong>b</strong></p>';
    expect(mailHTML(html)).toBe('<div>a</div><div><br></div><div><strong>b</strong></div>');
    expect(fieldHTML(mailHTML(html))).toBe(html);
  });
  it('names the files and what stays behind', () => {
    const l = letterOf(written({ text: 'x', files: [{ upload: 'u', name: 'a.pdf', size: 3 }], forwards: 2, leaveOut: [0] }), 'tag');
    expect(l).toMatchObject({ attachments: [{ upload: 'u', name: 'a.pdf' }], forwards: 2, leaveOut: [0], draft: 'tag' });
  });
  it('knows its pictures', () => expect([...shownIn('<p><img src="cid:abc123"></p>')]).toEqual(['abc123']));
});

describe('text', () => {
  it('of HTML', () => expect(plainOf('<p>a &amp; b</p><p></p><p>c<br>d&nbsp;&#233;</p>')).toBe('a & b\n\nc\nd\u00a0é'));
  it('as paragraphs holds no HTML', () => expect(paragraphs('<b>\n&')).toBe('<p>&lt;b&gt;</p><p>&amp;</p>'));
});

describe('addresses', () => {
  it('are read from a line', () =>
    expect(addresses('a@x.example, "Ng, Bo" <b@x.example>; c@y.example\nDi <d@x.example>')).toEqual([
      { email: 'a@x.example' },
      { name: 'Ng, Bo', email: 'b@x.example' },
      { email: 'c@y.example' },
      { name: 'Di', email: 'd@x.example' },
    ]));
  it.each(['a@x.example', 'a+b@sub.x.example', 'support@parley.localhost'])('%s looks right', (email) => expect(looksRight({ email })).toBe(true));
  it.each(['', 'a', 'a@', '@x.example', 'a b@x.example', 'a@x', 'a@x.example\r\nBcc: b@x.example'])('%j does not', (email) =>
    expect(looksRight({ email })).toBe(false),
  );
});
