// Amazon S3 server access log.
import { DETAILS, HOST, USER_AGENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, NO_STATUS, rejected } from '../misses.ts';
import { readRequest, setClient } from '../bytes/request.ts';
import { DASHED, closingQuote, digits, isDash, Needle, status, tokenEnd } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET, BRACKET_END, QUOTE, SPACE } = ASCII;

const NOT_S3 = rejected('s3-no-start', 'no owner, bucket and [time] at the beginning');
const NO_REQUEST = rejected('s3-no-request', 'no "request-URI" in its column');
const FIELDS_MAX = 32;

class S3Reader implements Reader {
  readonly #time = new TimeReader();
  readonly #quote = new Needle('"');

  // 79a59df9… awsexamplebucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df9… 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /awsexamplebucket?versioning HTTP/1.1" 200    -     113   -    7     -
  // owner     bucket           [time]                       client    requester id               operation           key request-URI                                status error bytes size total turn-around "referer" "agent" …
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    const bucket = tokenEnd(b, start, end) + 1;
    let at = tokenEnd(b, bucket, end) + 1;
    if (at + 28 > end || b[at] !== BRACKET) return NOT_S3;
    const ts = this.#time.clf(b, at + 1, end);
    if (ts !== ts || b[this.#time.end] !== BRACKET_END) return BAD_TIME;
    const client = this.#time.end + 2,
      clientEnd = tokenEnd(b, client, end);
    at = clientEnd + 1;
    for (let i = 0; i < 4; i++) at = tokenEnd(b, at, end) + 1; // requester, id, operation, key
    if (at >= end) return NO_REQUEST;
    const request = b[at] === QUOTE ? at + 1 : at;
    const close = request > at ? closingQuote(this.#quote, chunk, request, end) : tokenEnd(b, at, end);
    if (close === -1 || (request === at && !isDash(b, at, close))) return NO_REQUEST;
    at = request > at ? close + 2 : close + 1;
    let stop = tokenEnd(b, at, end);
    const code = status(b, at, stop);
    if (code < 0) return code === DASHED ? NO_STATUS : BAD_STATUS;

    hit.ts = ts;
    hit.code = code;
    setClient(b, client, clientEnd, hit);
    readRequest(chunk, request, close, hit);
    at = stop + 1;
    stop = tokenEnd(b, at, end);
    if (!isDash(b, at, stop)) hit.set(DETAILS, at, stop);
    this.#rest(chunk, stop + 1, end, hit);
    return undefined;
  }

  /** From the bytes sent on. */
  #rest(chunk: Chunk, at: number, end: number, hit: Hit): void {
    const b = chunk.bytes;
    for (let i = 0; i < FIELDS_MAX && at < end; i++) {
      const quoted = b[at] === QUOTE;
      const close = quoted ? closingQuote(this.#quote, chunk, at + 1, end) : tokenEnd(b, at, end);
      const from = quoted ? at + 1 : at,
        to = close === -1 ? end : close;
      if (i === 0 || i === 2) {
        const n = digits(b, from, to);
        if (n !== -1 && i === 0) hit.size = n;
        else if (n !== -1) hit.durationMs = n;
      } else if (i === 5 && !isDash(b, from, to)) hit.set(USER_AGENT, from, to);
      else if (i === 11 && !isDash(b, from, to)) hit.set(HOST, from, to);
      at = quoted ? to + 1 : to;
      while (at < end && b[at] === SPACE) at++;
    }
  }
}

export const s3 = {
  name: 's3',
  title: 'Amazon S3 server access log',
  proxy: 's3',
  samples: [
    {
      line: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be awsexamplebucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be A1206F460EXAMPLE REST.GET.BUCKETPOLICY - "GET /awsexamplebucket?policy HTTP/1.1" 404 NoSuchBucketPolicy 297 - 38 - "-" "S3Console/0.4" - BNaBsXZQQDbssi6xMBdBU2sLt= SigV2 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader awsexamplebucket.s3.amazonaws.com TLSV1.1',
      hit: {
        ts: 1549411238000,
        code: 404,
        method: 'GET',
        path: '/awsexamplebucket?policy',
        host: 'awsexamplebucket.s3.amazonaws.com',
        durationMs: 38,
        bytes: 297,
        client: '192.0.2.3',
      },
    },
  ],
  open: () => new S3Reader(),
} as const satisfies Format;
