import { describe, expect, it } from 'vitest';
import { listed } from './attached';

const file = (patch: object) => ({ name: 'a', type: 'image/png', size: 1, ref: 't/1/m/0', ...patch });
const logo = file({ inline: true, contentId: 'logo@x', ref: 't/1/m/0' });
const photo = file({ inline: true, contentId: 'photo@x', ref: 't/1/m/1' });
const pdf = file({ type: 'application/pdf', inline: true, contentId: 'pdf@x', ref: 't/1/m/2' });
const ns = (html: string | undefined) => listed([logo, photo, pdf], html).map((f) => f.n);

describe('listed', () => {
  it('leaves out the picture that the text shows, and only that', () =>
    expect(ns('<img src="https://files.example/files/t/1/m/0?signature=x">')).toEqual([1, 2]));
  it('lists all of them when plain text is shown', () => expect(ns('')).toEqual([0, 1, 2]));
  it('believes the mail until its HTML is there', () => expect(ns(undefined)).toEqual([2]));
  it('lists a picture without a content id, however inline', () => expect(listed([file({ inline: true })], undefined)).toHaveLength(1));
});
