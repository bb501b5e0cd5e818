// Caddy's structured access log. The same logger writes start-up lines, and each failed request a second time under
// http.log.error: one request is one record under http.log.access.
import { jsonFormat } from '../keyed/json-format.ts';
import { skipped } from '../misses.ts';
import { NAMES } from '../keyed/names.ts';

const OTHER_LOG = skipped(
  'caddy-other-log',
  'a Caddy log line that is no access record (its request has one of its own)',
);

export const caddy = jsonFormat({
  name: 'caddy',
  title: 'Caddy JSON',
  proxy: 'caddy',
  marks: ['request.remote_ip', 'request.proto', 'request.client_ip', 'resp_headers', 'common_log', 'err_trace'],
  looks: ['logger', 'err_id', 'err_trace'],
  durationUnitMs: 1000,
  reads: {
    ...NAMES,
    code: ['status?'],
    method: ['request.method'],
    path: ['request.uri'],
    request: [],
    host: ['request.host'],
    client: ['request.client_ip', 'request.remote_ip', 'request.remote_addr'],
    userAgent: ['request.headers.user-agent'],
    time: ['ts'],
    duration: ['duration', 'duration_ms ms', 'latency'],
    size: ['size'],
    upstream: ['upstream'],
  },
  refuse(value) {
    const logger = value('logger');
    const other = logger !== undefined && logger.startsWith('http.') && !logger.startsWith('http.log.access');
    return other ||
      value('err_id') !== undefined ||
      value('err_trace') !== undefined ||
      (value('upstream') !== undefined && value('size') === undefined)
      ? OTHER_LOG
      : undefined;
  },
  samples: [
    {
      line: '{"level":"error","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.7","remote_port":"41342","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"a.example","uri":"/x?a=1\\u0026b=2","headers":{"User-Agent":["curl/7.82.0"]}},"bytes_read":0,"user_id":"","duration":0.5,"size":10900,"status":502,"resp_headers":{"Server":["Caddy"]}}',
      hit: {
        ts: 1646861401524,
        code: 502,
        method: 'GET',
        path: '/x?a=1&b=2',
        host: 'a.example',
        durationMs: 500,
        bytes: 10900,
        client: '192.0.2.7',
      },
    },
    {
      line: '{"level":"info","ts":"2021/06/30 08:08:04","logger":"http.log.access.log0","msg":"handled request","request":{"remote_addr":"192.0.2.7:52194","proto":"HTTP/1.1","method":"POST","host":"a.example:8080","uri":"/"},"common_log":"…","duration":"1.5ms","size":0,"status":0}',
      hit: {
        ts: 1625040484000,
        code: 0,
        method: 'POST',
        path: '/',
        host: 'a.example:8080',
        durationMs: 1.5,
        bytes: 0,
        client: '192.0.2.7',
      },
    },
  ],
});
