// Zalando's Logbook, as Spring services write it: a line for the request, one for the response, the request's own by its correlation. The
// response's counts. What the service asked of others is told in the same words, the other way round.
import { jsonFormat } from '../keyed/json-format.ts';
import { rejected } from '../misses.ts';
import { ENOUGH, MEASURED, SENT, unserved } from '../served.ts';

const NO_RESPONSE = rejected('logbook-no-response', 'no response of Logbook');

export const logbook = jsonFormat({
  name: 'logbook',
  title: 'Logbook (Spring)',
  proxy: 'unknown',
  marks: ['correlation'],
  reads: {
    code: ['status'],
    method: ['method'],
    path: ['path'],
    host: ['host'],
    client: ['remote'],
    time: ['time', 'timestamp', '@timestamp'],
    duration: ['duration ms'],
    protocol: ['protocol'],
  },
  looks: ['type', 'origin'],
  refuse(value) {
    if (value('type') !== 'response') return NO_RESPONSE;
    return value('origin') === 'remote' ? unserved(ENOUGH | MEASURED | SENT) : undefined;
  },
  samples: [
    {
      line: '{"origin":"local","type":"response","correlation":"2d66e4bc","duration":25,"protocol":"HTTP/1.1","status":503,"headers":{"Content-Type":["text/plain"]},"body":"x"}',
      hit: { code: 503, durationMs: 25 },
    },
  ],
});
