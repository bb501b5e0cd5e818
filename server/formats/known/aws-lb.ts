// The columns that AWS's Application and classic load balancers share; alb.ts and elb.ts say where they begin.
import { DETAILS, RESPONSE_TIME, UPSTREAM, UPSTREAM_STATUS, USER_AGENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, NO_STATUS, rejected } from '../misses.ts';
import { readRequest, setClient } from '../bytes/request.ts';
import { DASHED, closingQuote, decimal, digits, isDash, Needle, status, tokenEnd } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { QUOTE, SPACE } = ASCII;

const NO_REQUEST = rejected('aws-no-request', 'no "request" in its column');
const NO_TIMES = rejected('aws-no-times', 'the three processing times are no numbers');
/** error_reason's place among the fields after the request (ALB only). */
const ERROR_REASON = 11;

export class AwsLoadBalancerReader implements Reader {
  readonly #typed: boolean;
  readonly #time = new TimeReader();
  readonly #quote = new Needle('"');

  /** `typed`: the line begins with the listener's type (ALB). */
  constructor(typed: boolean) {
    this.#typed = typed;
  }

  // http 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000   0.001  0.000    200    200           34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" …
  // type time                        elb                        client              target      request target response status target-status rx tx  request                                  agent
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    let at = this.#typed ? tokenEnd(b, start, end) + 1 : start;
    if (this.#typed && (at - start < 3 || at - start > 7)) return BAD_TIME;
    const ts = this.#time.iso(b, at, end);
    if (ts !== ts || b[this.#time.end] !== SPACE) return BAD_TIME;
    at = tokenEnd(b, this.#time.end + 1, end) + 1; // elb
    const client = at,
      clientEnd = tokenEnd(b, at, end);
    const target = clientEnd + 1,
      targetEnd = tokenEnd(b, target, end);
    at = targetEnd + 1;
    let seconds = 0;
    for (let i = 0; i < 3; i++) {
      const stop = tokenEnd(b, at, end);
      const n = decimal(b, at, stop);
      if (n !== n && !(stop - at === 2 && b[at + 1] === 49) && !isDash(b, at, stop)) return NO_TIMES;
      seconds += n; // NaN once a part is -1: never dispatched, or closed
      if (i === 1) hit.set(RESPONSE_TIME, at, stop);
      at = stop + 1;
    }
    let stop = tokenEnd(b, at, end);
    const code = status(b, at, stop);
    if (code < 0) return code === DASHED ? NO_STATUS : BAD_STATUS;
    const targetStatus = stop + 1,
      targetStatusEnd = tokenEnd(b, targetStatus, end);
    const sent = tokenEnd(b, targetStatusEnd + 1, end) + 1,
      sentEnd = tokenEnd(b, sent, end);
    if (b[sentEnd + 1] !== QUOTE || sentEnd + 1 >= end) return NO_REQUEST;
    stop = closingQuote(this.#quote, chunk, sentEnd + 2, end);
    if (stop === -1) return NO_REQUEST;

    hit.ts = ts;
    hit.code = code;
    hit.durationMs = Math.round(seconds * 1e6) / 1e3;
    const size = digits(b, sent, sentEnd);
    if (size !== -1) hit.size = size;
    setClient(b, client, clientEnd, hit);
    hit.set(UPSTREAM, target, targetEnd);
    hit.set(UPSTREAM_STATUS, targetStatus, targetStatusEnd);
    readRequest(chunk, sentEnd + 2, stop, hit);
    this.#rest(chunk, stop + 2, end, hit);
    return undefined;
  }

  /** The browser, and for failures of ALB the error reason. */
  #rest(chunk: Chunk, at: number, end: number, hit: Hit): void {
    const b = chunk.bytes;
    const last = this.#typed && hit.code >= 400 ? ERROR_REASON : 0;
    for (let i = 0; i <= last && at < end; i++) {
      const quoted = b[at] === QUOTE;
      const close = quoted ? closingQuote(this.#quote, chunk, at + 1, end) : tokenEnd(b, at, end);
      const from = quoted ? at + 1 : at,
        to = close === -1 ? end : close;
      if (i === 0) hit.set(USER_AGENT, from, to);
      else if (i === ERROR_REASON && !isDash(b, from, to)) hit.set(DETAILS, from, to);
      at = quoted ? to + 2 : to + 1;
    }
  }
}
