// Numbers in sentences, on both sides alike: 13,456 of 14,930 (90%).
const whole = new Intl.NumberFormat('en-US');

export const count = (n: number): string => whole.format(Math.round(n));
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/**
 * A share (0–1) in percent: more digits the closer it is to nothing or to everything, and never 0% of something or 100% of less than
 * all: 38%, 4.6%, 0.02%, 99.98%, >99.99%. `beside`: a share that it is compared with in the same sentence; it gets the digits that
 * tell the two apart (5.04%, over 5%). A dash where there is no share.
 */
export function percent(share: number, beside?: number): string {
  const p = share * 100;
  if (!Number.isFinite(p)) return '–';
  if (p > 0 && p < 0.01) return '<0.01%';
  if (p > 99.99 && p < 100) return '>99.99%';
  const apart = beside === undefined ? undefined : beside * 100;
  let digits = p < 1 || (p > 99.9 && p < 100) ? 2 : p < 20 || (p > 99 && p < 100) ? 1 : 0;
  while (apart !== undefined && apart !== p && digits < 4 && isSame(p, apart, digits)) digits++;
  return `${rounded(p, digits)}%`;
}

/** A share (0–1) that somebody set, such as an objective, in as many digits as it was given: 99.995%. */
export const exactPercent = (share: number): string => `${Number((share * 100).toPrecision(12))}%`;

const rounded = (n: number, digits: number): number => Number(n.toFixed(digits));
const isSame = (a: number, b: number, digits: number): boolean => rounded(a, digits) === rounded(b, digits);
