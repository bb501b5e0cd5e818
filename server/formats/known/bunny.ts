// bunny.net's CDN log: bars between columns, the status second.
import { RESULT, USER_AGENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, rejected } from '../misses.ts';
import { readUrl, setClient } from '../bytes/request.ts';
import { digits, isDash, Needle, status } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';

const NOT_BUNNY = rejected('bunny-columns', 'no twelve columns between bars');
const COLUMNS = 12;
const CACHE = 0,
  STATUS = 1,
  TIME = 2,
  BYTES = 3,
  CLIENT = 5,
  URL_ = 7,
  AGENT = 9;

class BunnyReader implements Reader {
  readonly #bar = new Needle('|');
  readonly #time = new TimeReader();
  readonly #bars = new Int32Array(COLUMNS + 1);

  // HIT|200|1507167062421|412|390|163.172.53.229|-|https://test.example/a.js|WA|Mozilla/5.0|322b688bd63fb63f2babe9de96a5712f|DE
  // cache status time     bytes zone client    referer url                   edge agent     request                         country
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes,
      bars = this.#bars;
    let n = 0;
    bars[n++] = start - 1;
    for (let at = this.#bar.find(chunk, start, end); at !== -1 && n < COLUMNS; at = this.#bar.find(chunk, at + 1, end))
      bars[n++] = at;
    if (n !== COLUMNS) return NOT_BUNNY;
    bars[n] = end;
    const from = (column: number): number => bars[column] + 1,
      to = (column: number): number => bars[column + 1];
    const ts = this.#time.epoch(b, from(TIME), to(TIME));
    if (ts !== ts || this.#time.end !== to(TIME)) return BAD_TIME;
    const code = status(b, from(STATUS), to(STATUS));
    if (code < 0) return BAD_STATUS;
    hit.ts = ts;
    hit.code = code;
    hit.set(RESULT, from(CACHE), to(CACHE));
    const size = digits(b, from(BYTES), to(BYTES));
    if (size !== -1) hit.size = size;
    setClient(b, from(CLIENT), to(CLIENT), hit);
    if (!isDash(b, from(URL_), to(URL_))) readUrl(chunk, from(URL_), to(URL_), hit);
    if (!isDash(b, from(AGENT), to(AGENT))) hit.set(USER_AGENT, from(AGENT), to(AGENT));
    return undefined;
  }
}

export const bunny = {
  name: 'bunny',
  title: 'bunny.net CDN',
  proxy: 'unknown',
  samples: [
    {
      line: 'MISS|502|1507167062421|412|390|192.0.2.7|-|https://cdn.example/a.js?b|WA|Mozilla/5.0 (X11)|322b688bd63fb63f2babe9de96a5712f|DE',
      hit: { ts: 1507167062421, code: 502, path: '/a.js?b', host: 'cdn.example', bytes: 412, client: '192.0.2.7' },
    },
  ],
  open: () => new BunnyReader(),
} as const satisfies Format;
