// Whole numbers in sentences, on both sides alike: 13,456 of 14,930.
const whole = new Intl.NumberFormat('en-US');

export const count = (n: number): string => whole.format(Math.round(n));
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
