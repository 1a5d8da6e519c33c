import { describe, expect, it } from 'vitest';
import type { Key } from '~/app/locale';
import de from '~/locales/de.json';
import en from '~/locales/en.json';
import { translator, type Values } from '~core/i18n';
import type { Email, MessageReceived } from '~core/wire';
import { explain, writtenBy } from './explain';
import { filedText } from './filed';
import { problemText } from './problems';

const t = translator('en', en).t as (k: Key, v?: Values) => string;
const lena = { name: 'Lena Novak', email: 'lena@x.example' };

function mail(patch: Partial<MessageReceived> = {}, email: Partial<Email> = {}): MessageReceived {
  return {
    message: 'm1',
    contact: { id: 'c1', name: lena.name, address: lena.email },
    from: lena,
    body: { text: 'Hi' },
    preview: 'Hi',
    why: { rule: 'new', inputs: { recipient: 'support@y.example' } },
    email: { mailbox: 'support@y.example', raw: 'in/1', ...email },
    ...patch,
  };
}

const said = (m: MessageReceived) => Object.fromEntries(explain(m, t).map((p) => [p.title.replace('why.', ''), p.says.join(' ')]));

describe('explain', () => {
  it('says of a plain letter that nothing was unusual', () => {
    const s = said(mail());
    expect(s.place).toContain('opened a conversation');
    expect(s.sender).toBe('It is from Lena Novak <lena@x.example>, as it says itself.');
    expect(s.folder).toContain('no filter');
    expect(s.checks).toContain('Nothing');
  });

  it.each([
    ['token', {}, 'own reply address'],
    ['in-reply-to', { messageId: 'a@b' }, 'answers a@b'],
    ['references', { messageId: 'a@b' }, 'mentions a@b'],
    ['referenced', {}, 'already answered it'],
    ['report', {}, 'mail system'],
    ['in-reply-to', { messageId: 'a@b', split: 'Invoice', origin: 't0' }, 'another subject, “Invoice”'],
    ['magic', {}, 'The rule “magic” decided.'],
  ])('rule %s', (rule, inputs, text) => expect(said(mail({ why: { rule, inputs } })).place).toContain(text));

  it('tells a participant from a colleague and from a third party', () => {
    const as = (joins: string) => said(mail({ why: { rule: 'in-reply-to', inputs: { joins } } })).place;
    expect(as('participant')).toContain('already');
    expect(as('agent')).toContain('your team');
    expect(as('third party')).toContain('proves nothing');
  });

  it.each([
    ['forwarded', 'of your team forwarded it'],
    ['attached', 'attached to a mail of Ada <ada@y.example>'],
    ['list', 'the list Ada <ada@y.example>'],
    ['form', 'form'],
    ['something new', 'Ada <ada@y.example> sent it'],
  ])('says who stands behind whom: %s', (way, text) =>
    expect(writtenBy(mail({ via: { name: 'Ada', email: 'ada@y.example' }, why: { rule: 'new', inputs: { sender: way } } }), t)).toContain(text),
  );

  it('says when nobody, or only a Reply-To, is named', () => {
    const by = (way: string) => writtenBy(mail({ why: { rule: 'new', inputs: { sender: way } } }), t);
    expect(by('reply-to')).toContain('Reply-To');
    expect(by('nobody')).toContain('does not say');
    expect(by('list')).toBe(by('from'));
  });

  it('names list, automatic writer, Bcc and where answers go', () => {
    const s = said(mail({}, { list: 'weekly.x.example', auto: 'x-autoreply', bcc: true, replyTo: [{ email: 'r@x.example' }] }));
    expect(s.place).toContain('support@y.example stands in neither To nor Cc');
    expect(s.sender).toContain('Answers go to r@x.example');
    expect(s.sender).toContain('mailing list weekly.x.example');
    expect(s.sender).toContain('its header has x-autoreply');
  });

  it('names what was put aside and what was wrong', () => {
    const s = said(
      mail(
        { filter: { folder: 'spam', why: { rule: 'deny', inputs: { entry: 'x.example' } } }, problems: [{ name: 'charset' }] },
        { crypto: 'pgp-signed' },
      ),
    );
    expect(s.folder).toBe('It was put into Spam. x.example is on the deny list.');
    expect(
      said(mail({ filter: { folder: 'spam', why: { rule: 'spam' } }, why: { rule: 'in-reply-to', inputs: { joins: 'participant' } } })).folder,
    ).toBe('It stays with this conversation. One that it began would have gone into Spam. The mail system takes it for spam.');
    expect(said(mail({ why: { rule: 'new', inputs: { allowed: 'x.example' } } })).folder).toContain('x.example is on the allow list');
    expect(s.checks).toContain('alphabet');
    expect(s.checks).toContain('does not verify');
  });
});

describe('filedText and problemText', () => {
  it('fall back to what they were told', () => {
    expect(filedText({ rule: 'moon', inputs: { phase: 'full' } }, t)).toBe('Rule: moon (phase: full).');
    expect(problemText({ name: 'moon', detail: 'full' }, t)).toBe('moon: full');
  });
  it('leave no placeholder open, in either language', () => {
    const inputs = { entry: 'x.example', from: 'a@x.example', rate: '60', by: 'u1', auto: 'subject', account: 'support@x.example' };
    for (const [l, texts] of [['en', en] as const, ['de', de] as const]) {
      const tt = translator(l, texts).t as typeof t;
      for (const rule of ['hand', 'spam', 'dmarc', 'deny', 'auto', 'marketing', 'roles', 'unsubscribe', 'rate', 'paused']) {
        expect(filedText({ rule, inputs }, tt)).not.toMatch(/[{}]|Rule:|Regel:/);
      }
    }
  });
});
