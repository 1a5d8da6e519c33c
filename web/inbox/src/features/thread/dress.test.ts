import { describe, expect, it } from 'vitest';
import { contrast, parse } from './dress';

const of = (css: string) => parse(css) ?? expect.unreachable(css);

describe('colours', () => {
  it('reads what browsers say', () => {
    expect(parse('rgb(1, 2, 3)')).toEqual({ r: 1, g: 2, b: 3, a: 1 });
    expect(parse('rgba(1, 2, 3, 0.5)')).toEqual({ r: 1, g: 2, b: 3, a: 0.5 });
    expect(parse('rgb(1 2 3 / 0.25)')).toEqual({ r: 1, g: 2, b: 3, a: 0.25 });
    expect(parse('color(display-p3 1 0 0)')).toBeUndefined();
  });
  it.each([
    ['rgb(0, 0, 0)', 'rgb(255, 255, 255)', 21],
    ['rgb(255, 255, 255)', 'rgb(255, 255, 255)', 1],
    ['rgb(119, 119, 119)', 'rgb(255, 255, 255)', 4.48],
  ])('contrast of %s on %s', (a, b, want) => expect(contrast(of(a), of(b))).toBeCloseTo(want, 2));
});
