import { describe, expect, it } from 'vitest';
import { at, head, row } from '~core/fixtures';
import { type Pages, place, read, rowsOf } from './rows';

const pages = (...ids: string[][]): Pages => ({
  pages: ids.map((p, i) => ({ threads: p.map((id) => row(id)), next: i < ids.length - 1 ? 'n' : '' })),
  pageParams: [''],
});
const ids = (d: Pages) => rowsOf(d).map((r) => r.thread.id);
const risen = (id: string, patch = {}) => head(id, { seq: 5, activeAt: at(30), ...patch });

describe('place', () => {
  it('puts a new thread on top', () => expect(ids(place(pages(['a', 'b']), risen('n'), 'open', 'u1', true).data)).toEqual(['n', 'a', 'b']));
  it('moves a thread up from a later page', () => {
    const { data } = place(pages(['a'], ['b', 'c']), risen('c'), 'open', 'u1', true);
    expect(ids(data)).toEqual(['c', 'a', 'b']);
    expect(data.pages[0]?.next).toBe('n');
  });
  it('puts what comes in from another view where its activity says', () => {
    const shown = place(pages(['a']), risen('b'), 'open', 'u1', true).data; // b, then a
    const between = head('n', { seq: 5, activeAt: at(20) });
    expect(ids(place(shown, between, 'open', 'u1', true).data)).toEqual(['b', 'n', 'a']);
    const last = head('z', { seq: 5, activeAt: at(-90) });
    expect(ids(place(shown, last, 'open', 'u1', true).data)).toEqual(['b', 'a', 'z']);
  });
  it('leaves what belongs behind the loaded pages to the next one', () => {
    const more: Pages = { pages: [{ threads: [row('a')], next: 'n' }], pageParams: [''] };
    expect(ids(place(more, head('z', { seq: 5, activeAt: at(-90) }), 'open', 'u1', true).data)).toEqual(['a']);
  });
  it('changes in place what did not become active', () =>
    expect(ids(place(pages(['a', 'b']), head('b', { seq: 5 }), 'open', 'u1', true).data)).toEqual(['a', 'b']));
  it('moves nothing under the pointer: changes the row where it stands, holds a new one back', () => {
    const moved = place(pages(['a', 'b']), risen('b', { preview: 'new' }), 'open', 'u1', false);
    expect([ids(moved.data), moved.held, rowsOf(moved.data)[1]?.thread.preview]).toEqual([['a', 'b'], true, 'new']);
    const added = place(pages(['a', 'b']), risen('n'), 'open', 'u1', false);
    expect([ids(added.data), added.held]).toEqual([['a', 'b'], true]);
  });
  it('takes out what no longer belongs', () => {
    expect(ids(place(pages(['a', 'b']), risen('b', { status: 'closed' }), 'open', 'u1', false).data)).toEqual(['a']);
    expect(ids(place(pages(['a']), risen('a', { assignee: { kind: 'agent', id: 'u2' } }), 'mine', 'u1', true).data)).toEqual([]);
  });
  it('keeps to the view', () => {
    expect(ids(place(pages([]), risen('n', { assignee: { kind: 'agent', id: 'u1' } }), 'mine', 'u1', true).data)).toEqual(['n']);
    expect(ids(place(pages([]), risen('n', { assignee: { kind: 'agent', id: 'u1' } }), 'unassigned', 'u1', true).data)).toEqual([]);
    expect(ids(place(pages([]), risen('n', { status: 'closed' }), 'closed', 'u1', true).data)).toEqual(['n']);
  });
  it('takes out of the inbox what was put aside, and into its folder', () => {
    const spam = risen('b', { folder: 'spam' });
    for (const view of ['open', 'unassigned', 'filtered']) expect(ids(place(pages(['a', 'b']), spam, view, 'u1', true).data)).toEqual(['a']);
    expect(ids(place(pages([]), spam, 'spam', 'u1', true).data)).toEqual(['b']);
    expect(ids(place(pages(['b']), risen('b', { folder: '' }), 'spam', 'u1', true).data)).toEqual([]);
    expect(ids(place(pages(['b']), risen('b', { folder: 'filtered', status: 'closed' }), 'closed', 'u1', true).data)).toEqual([]);
    expect(ids(place(pages([]), risen('b', { folder: 'filtered', status: 'closed' }), 'filtered', 'u1', true).data)).toEqual(['b']);
  });
  it('ignores an older head', () =>
    expect(place(pages(['a']), head('a', { seq: 1, status: 'closed' }), 'open', 'u1', true).data).toEqual(pages(['a'])));
  it('keeps what was read', () => {
    const seen = read(pages(['a', 'b']), 'b', 2);
    expect(rowsOf(place(seen, risen('b'), 'open', 'u1', true).data)[0]?.readSeq).toBe(2);
  });
});
