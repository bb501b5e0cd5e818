// uWSGI's request log, the usual way Python applications say what they answered.
import { METHOD, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, rejected } from '../misses.ts';
import { methodEnd, readUrl, setClient } from '../bytes/request.ts';
import { digits, Needle, startsWith, status, tokenEnd } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET_END, PAREN_END } = ASCII;

const NOT_UWSGI = rejected('uwsgi-layout', 'no [pid: …] … => generated … in … (HTTP/… status)');

class UwsgiReader implements Reader {
  readonly #vars = new Needle('} [');
  readonly #generated = new Needle(' => generated ');
  readonly #in = new Needle(' in ');
  readonly #protocol = new Needle(' (HTTP/');
  readonly #time = new TimeReader();

  // [pid: 3412|app: 0|req: 1/1] 127.0.0.1 () {38 vars in 696 bytes} [Tue Dec  2 10:18:25 2014] GET /x => generated 10 bytes in 4    msecs (HTTP/1.1 404) 2 headers …
  //                             client    user                      [time]                     request           size          time        protocol status
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    if (!startsWith(b, start, end, '[pid: ')) return NOT_UWSGI;
    const time = this.#vars.find(chunk, start, end);
    const generated = time === -1 ? -1 : this.#generated.find(chunk, time, end);
    const inside = generated === -1 ? -1 : this.#in.find(chunk, generated + 14, end);
    const protocol = inside === -1 ? -1 : this.#protocol.find(chunk, inside, end);
    if (protocol === -1) return NOT_UWSGI;
    let at = tokenEnd(b, protocol + 2, end) + 1,
      stop = at;
    while (stop < end && b[stop] !== PAREN_END) stop++;
    const code = status(b, at, stop);
    if (code < 0) return BAD_STATUS;
    hit.ts = this.#time.any(b, time + 3, generated);
    hit.code = code;

    at = start;
    while (at < time && b[at] !== BRACKET_END) at++;
    setClient(b, at + 2, tokenEnd(b, at + 2, time), hit);
    at = time + 3;
    while (at < generated && b[at] !== BRACKET_END) at++;
    at += 2;
    const method = methodEnd(b, at, generated);
    if (method !== -1 && method < generated) {
      hit.set(METHOD, at, method);
      readUrl(chunk, method + 1, generated, hit);
    }
    const size = digits(b, generated + 14, tokenEnd(b, generated + 14, end));
    if (size !== -1) hit.size = size;
    stop = tokenEnd(b, inside + 4, end);
    const taken = digits(b, inside + 4, stop);
    if (taken !== -1) hit.durationMs = startsWith(b, stop + 1, end, 'micros') ? taken / 1000 : taken;
    return undefined;
  }
}

export const uwsgi = {
  name: 'uwsgi',
  title: 'uWSGI request log',
  proxy: 'unknown',
  samples: [
    {
      line: '[pid: 3412|app: 0|req: 1/1] 127.0.0.1 () {38 vars in 696 bytes} [Tue Dec  2 10:18:25 2014] GET /static/x?y=1 => generated 10 bytes in 4 msecs (HTTP/1.1 404) 2 headers in 85 bytes (1 switches on core 0)',
      hit: {
        ts: 1417515505000,
        code: 404,
        method: 'GET',
        path: '/static/x?y=1',
        durationMs: 4,
        bytes: 10,
        client: '127.0.0.1',
      },
    },
  ],
  begins: '[',
  open: () => new UwsgiReader(),
} as const satisfies Format;
