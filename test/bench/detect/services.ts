// The services of the benchmark: what they answer when all is well, and when they speak.

import type { Effect } from './event.ts';

export interface Service {
  readonly name: string;
  /** Requests a second on average. */
  readonly rate: number;
  /** Usual share of each code; the rest is 200. */
  readonly usual: Readonly<Record<number, number>>;
  /** How errors clump: the shape of the gamma that scales their share from bucket to bucket (small = wild). */
  readonly clump: number;
  /** How far the level of its errors swings over half hours, as a standard deviation of its logarithm. */
  readonly swings?: number;
  /** Which events happen to it. */
  readonly size: 'large' | 'medium' | 'small' | 'tiny' | 'noisy' | 'hourly' | 'errors';
  readonly rhythm: 'day' | 'office' | 'weekdays' | 'bursts' | 'hourly' | 'steady';
  /** What is usual for it at a time, and looks like an event. */
  readonly habit?: (t: number) => Effect;
  /** Nothing before this day. */
  readonly fromDay?: number;
  /** Only its errors are shipped. */
  readonly errorsOnly?: true;
  /** Nothing happens to it: every page is false. */
  readonly calm?: true;
  readonly brokenFromBirth?: true;
}

export const services: readonly Service[] = [
  {
    name: 'api',
    rate: 600,
    usual: {
      500: 0.0004,
      502: 0.00005,
      503: 0.0001,
      504: 0.0002,
      404: 0.02,
      429: 0.01,
      401: 0.01,
      304: 0.05,
      499: 0.002,
    },
    clump: 3,
    size: 'large',
    rhythm: 'day',
  },
  {
    name: 'web',
    rate: 90,
    usual: { 500: 0.001, 502: 0.0001, 504: 0.0002, 404: 0.05, 403: 0.005, 304: 0.2, 301: 0.03, 499: 0.004 },
    clump: 2,
    size: 'large',
    rhythm: 'day',
  },
  {
    name: 'shop',
    rate: 15,
    usual: { 500: 0.003, 502: 0.0002, 504: 0.001, 404: 0.01, 422: 0.02, 499: 0.003 },
    clump: 1.5,
    size: 'medium',
    rhythm: 'day',
  },
  {
    name: 'login',
    rate: 6,
    usual: { 500: 0.001, 401: 0.12, 429: 0.01, 302: 0.3 },
    clump: 3,
    size: 'medium',
    rhythm: 'steady',
  },
  {
    name: 'redirector',
    rate: 12,
    usual: { 301: 0.9, 404: 0.02, 500: 0.0005 },
    clump: 3,
    size: 'medium',
    rhythm: 'day',
  },
  { name: 'office', rate: 9, usual: { 500: 0.002, 404: 0.01, 304: 0.1 }, clump: 3, size: 'medium', rhythm: 'office' },
  { name: 'admin', rate: 1, usual: { 500: 0.01, 502: 0.001, 404: 0.03 }, clump: 2, size: 'small', rhythm: 'day' },
  { name: 'partner', rate: 0.3, usual: { 500: 0.02, 504: 0.008, 400: 0.05 }, clump: 2, size: 'small', rhythm: 'day' },
  { name: 'blog', rate: 0.05, usual: { 404: 0.1, 304: 0.1 }, clump: 3, size: 'tiny', rhythm: 'day' },
  { name: 'probe', rate: 0.034, usual: {}, clump: 3, size: 'tiny', rhythm: 'steady' },
  { name: 'batch', rate: 3, usual: { 500: 0.01, 404: 0.02 }, clump: 2, size: 'small', rhythm: 'bursts', calm: true },
  {
    name: 'half-broken',
    rate: 3,
    usual: { 500: 0.3, 404: 0.05 },
    clump: 4,
    size: 'small',
    rhythm: 'day',
    calm: true,
    brokenFromBirth: true,
  },
  {
    name: 'leaky',
    rate: 40,
    usual: { 500: 0.012, 503: 0.004, 504: 0.006, 499: 0.02 },
    clump: 0.8,
    size: 'large',
    rhythm: 'day',
    calm: true,
  },
  {
    name: 'error-log',
    rate: 0.05,
    usual: { 500: 0.6, 502: 0.2, 404: 0.2 },
    clump: 1,
    size: 'errors',
    rhythm: 'steady',
    errorsOnly: true,
  },
  {
    name: 'mega',
    rate: 2500,
    usual: { 500: 0.0002, 502: 0.00002, 503: 0.0001, 504: 0.0001, 404: 0.01, 304: 0.1, 499: 0.001 },
    clump: 4,
    size: 'large',
    rhythm: 'day',
  },
  {
    name: 'noisy',
    rate: 40,
    usual: { 500: 0.016, 503: 0.004, 504: 0.004, 404: 0.02 },
    clump: 3,
    size: 'noisy',
    rhythm: 'day',
  },
  {
    name: 'clumpy',
    rate: 25,
    usual: { 500: 0.004, 502: 0.001, 404: 0.02 },
    clump: 0.15,
    size: 'large',
    rhythm: 'day',
    calm: true,
  },
  {
    name: 'moody',
    rate: 12,
    usual: { 500: 0.003, 504: 0.001, 404: 0.02 },
    clump: 3,
    swings: 0.4,
    size: 'medium',
    rhythm: 'day',
    calm: true,
  },
  {
    name: 'hourly errors',
    rate: 20,
    usual: { 500: 0.002, 404: 0.02 },
    clump: 3,
    size: 'medium',
    rhythm: 'day',
    calm: true,
    habit: (t) => (t % 3600 < 40 ? { share: { 500: 0.25 } } : {}),
  },
  { name: 'job', rate: 1 / 3600, usual: {}, clump: 3, size: 'hourly', rhythm: 'hourly' },
  { name: 'weekdays', rate: 2, usual: { 500: 0.005, 404: 0.02 }, clump: 3, size: 'small', rhythm: 'weekdays' },
  { name: 'newcomer', rate: 4, usual: { 500: 0.004, 404: 0.03 }, clump: 3, size: 'medium', rhythm: 'day', fromDay: 4 },
];
