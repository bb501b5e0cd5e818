// JSON access logs by the names of their keys: what a log_format with escape=json gives, what web frameworks and loggers write.
import { jsonFormat } from './json-format.ts';
import { ASKED, EXCEPTIONS, NAMES, STRANGE } from './names.ts';

const nginxWords = [
  'body_bytes_sent',
  'request_time',
  'time_local',
  'time_iso8601',
  'remote_addr',
  'remote_user',
  'http_user_agent',
  'http_referer',
  'http_x_forwarded_for',
  'request_uri',
  'request_method',
  'request_length',
  'upstream_addr',
  'upstream_status',
  'upstream_response_time',
  'upstream_connect_time',
  'upstream_header_time',
  'msec',
  'server_protocol',
  'connection_requests',
  'pipe',
  'ssl_protocol',
  'ssl_cipher',
  'upstream_cache_status',
  'gzip_ratio',
];

export const nginxJson = jsonFormat({
  name: 'nginx-json',
  title: 'nginx JSON',
  proxy: 'nginx',
  order: 5,
  marks: [
    'body_bytes_sent',
    'request_time',
    'time_local',
    'time_iso8601',
    'upstream_addr',
    'upstream_response_time',
    'upstream_connect_time',
    'upstream_header_time',
    'upstream_status',
    'upstream_bytes_received',
    'upstream_response_length',
    'http_x_forwarded_for',
    'proxy_upstream_name',
    'upstream.addr',
    'upstream.response_time',
    'limit_req_status',
    'limit_conn_status',
  ],
  words: nginxWords,
  durationUnitMs: 1000,
  reads: { ...NAMES, code: NAMES.code!.map((name) => (name.endsWith('?') ? name : `${name}?`)) },
  samples: [
    {
      line: '{"time":"2026-11-22T22:18:03+00:00","remote_addr":"127.0.0.1","host":"a.example","request_method":"GET","uri":"/api/items/","status":502,"body_bytes_sent":157,"request_time":0.004,"upstream_addr":"127.0.0.1:21223, 127.0.0.1:21224","upstream_status":"502, 502","upstream_connect_time":"-, -","upstream_header_time":"-, -","upstream_response_time":"0.000, 0.004"}',
      hit: {
        ts: 1795385883000,
        code: 502,
        method: 'GET',
        path: '/api/items/',
        host: 'a.example',
        upstream: '127.0.0.1:21224',
        upstreamStatus: [502, 502],
        durationMs: 4,
        bytes: 157,
        client: '127.0.0.1',
      },
    },
    // what nginx logs when the upstream answers without a status line: no valid JSON
    {
      line: '{"time":"2026-11-22T22:17:49+00:00","request_method":"PUT","uri":"/api/items/7","status":009,"body_bytes_sent":31,"request_time":0.000,"upstream_addr":"127.0.0.1:21211","upstream_status":"200"}',
      hit: {
        ts: 1795385869000,
        code: 9,
        method: 'PUT',
        path: '/api/items/7',
        upstream: '127.0.0.1:21211',
        upstreamStatus: [200],
        durationMs: 0,
        bytes: 31,
      },
    },
    {
      line: '{"msec":"1795385869.250","request":"GET /a?b=1 HTTP/1.1","status":"200","body_bytes_sent":"31","http_user_agent":"curl/8.5.0","upstream_addr":"","upstream_status":""}',
      hit: { ts: 1795385869250, code: 200, method: 'GET', path: '/a?b=1', bytes: 31 },
    },
  ],
});

export const json = jsonFormat({
  name: 'json',
  title: 'JSON by key names',
  proxy: 'unknown',
  reads: NAMES,
  // Pino's second line of a request, all that Fastify logs when it answers
  words: ['res.status_code', 'reqId'],
  strange: STRANGE,
  asked: ASKED,
  exceptions: EXCEPTIONS,
  samples: [
    {
      line: '{"level":30,"time":1522706235463,"pid":1,"req":{"id":1,"method":"GET","url":"/users?id=7","headers":{"host":"a.example"},"remoteAddress":"::1"},"res":{"statusCode":500},"responseTime":13,"msg":"request completed"}',
      hit: {
        ts: 1522706235463,
        code: 500,
        method: 'GET',
        path: '/users?id=7',
        host: 'a.example',
        durationMs: 13,
        client: '::1',
      },
    },
    {
      line: '{"level":30,"time":1522706235463,"pid":1,"hostname":"h","reqId":"req-1","res":{"statusCode":200},"responseTime":1.25,"msg":"request completed"}',
      hit: { ts: 1522706235463, code: 200, host: 'h', durationMs: 1.25 },
    },
    {
      line: '{"@timestamp":"2016-12-07T10:05:07.250Z","http":{"request":{"method":"get"},"response":{"status_code":404,"body":{"bytes":571}}},"url":{"original":"/ocelot"},"source":{"ip":"192.0.2.7"}}',
      hit: { ts: 1481105107250, code: 404, method: 'get', path: '/ocelot', bytes: 571, client: '192.0.2.7' },
    },
    {
      line: '{"date":"2026-11-22","time":"22:18:03","verb":"GET","request":"/x","response":"301","clientip":"192.0.2.7","bytes":"-"}',
      hit: { ts: 1795385883000, code: 301, method: 'GET', path: '/x', client: '192.0.2.7' },
    },
  ],
});
