// What a diagnosis is made from: counts of one code in one stretch of time, and a few exchanges to quote. `explain` fills it from
// a file, the server from its store and its samples.
import type { Dimension } from '#shared/api.ts';
import type { Exchange, Proxy } from '#shared/exchange.ts';
import type { CodeCount } from './worst-code.ts';

export interface ObservedValue {
  value: string;
  /** Exchanges with the code that have this value. */
  hits: number;
  /** All exchanges with this value; null when only failures are counted by this dimension. */
  traffic: number | null;
  /** Its share of all exchanges in the time before; null when that is not known. */
  before: number | null;
  /** Of `hits`, those with a success at the same value within seconds; null when that is not known. */
  amidSuccess?: number | null;
}

export interface ObservedCause {
  cause: string;
  hits: number;
  sample?: Exchange;
  /** How long the last attempt of some of them took, ms (attemptMs). */
  durationsMs?: readonly number[];
}

/** Exchanges of one step of time. */
export interface ObservedStep {
  at: number;
  hits: number;
  total: number;
}

export interface Observed {
  source: string | null;
  proxy: Proxy;
  /** The line format is ingress-nginx's own: what to paste differs. */
  ingress?: boolean;
  code: number;
  total: number;
  hits: number;
  /** First and last exchange with the code, ms. */
  from: number | null;
  to: number | null;
  causes: readonly ObservedCause[];
  dimensions: Readonly<Partial<Record<Dimension, readonly ObservedValue[]>>>;
  /** Other codes of the same time range, with how many of their exchanges show a fault; in any order. */
  others?: readonly CodeCount[];
  /** Equal steps, in order. */
  series: readonly ObservedStep[];
  /** Deploys and restarts around the time, from annotations. */
  deploys: readonly { at: number; text: string }[];
  /** Of `limited` answers that told a client to slow down, how many saw it return within a second. */
  returns?: { limited: number; soon: number } | undefined;
}
