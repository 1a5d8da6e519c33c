/** Small valid entries and heads for tests. */
import type { Delivery, Entry, Row, Summary } from './wire';

export const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString();

export function comment(seq: number, text = `note ${seq}`, actor = 'u1'): Entry {
  const body = { comment: `c${seq}`, body: { text }, preview: text };
  return { seq, id: `e${seq}`, at: at(seq), type: 'comment.added', actor: { kind: 'agent', id: actor, name: actor }, comment: body };
}

export function sent(seq: number, text: string, actor = 'u1'): Entry {
  const message = {
    message: `m${seq}`,
    from: { email: 's@x.example' },
    to: [{ email: 'l@x.example' }],
    body: { text },
    preview: text,
    delivery: 'd1',
  };
  return { seq, id: `e${seq}`, at: at(seq), type: 'message.sent', actor: { kind: 'agent', id: actor, name: actor }, sent: message };
}

export function head(id: string, patch: Partial<Summary> = {}): Summary {
  return {
    id,
    inbox: 'in1',
    account: 'a1',
    channel: 'email',
    subject: 'Charged twice',
    contact: { id: 'c1', name: 'Lena Novak', address: 'lena@x.example' },
    status: 'open',
    seq: 2,
    preview: 'Hi',
    previewBy: { kind: 'visitor', id: 'c1' },
    messages: 1,
    comments: 0,
    files: 0,
    problems: 0,
    openedAt: at(0),
    activeAt: at(0),
    ...patch,
  };
}

export const row = (id: string, patch: Partial<Summary> = {}): Row => ({ thread: head(id, patch), readSeq: 0 });

export const delivery = (state: Delivery['state'], minute: number): Delivery => ({
  id: 'd1',
  thread: 't1',
  seq: 3,
  state,
  attempts: 1,
  recipients: [],
  at: at(minute),
});
