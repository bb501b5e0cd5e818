// HAProxy with a JSON log-format. Nobody prescribes its keys; the termination state is what gives it away.
import { jsonFormat } from './json-format.ts';
import { NAMES } from './names.ts';

export const haproxyJson = jsonFormat({
  name: 'haproxy-json',
  title: 'HAProxy JSON',
  proxy: 'haproxy',
  order: 4,
  marks: ['termination_state', 'term_state', 'termination', 'session_state', 'tsc', 'haproxy.termination_state', 'haproxy.frontend_name', 'haproxy_frontend_name', 'haproxy_backend_name', 'frontend_name'],
  durationUnitMs: 1,
  timeUnitMs: 1,
  reads: {
    ...NAMES,
    host: ['http_host', 'host_header', 'vhost', 'request_host', 'hostname_header', 'host'],
    upstream: ['server_addr', 'server_name', 'server', 'haproxy.server_name', 'haproxy_server_name', 'backend_server', 'backend_name', 'backend', 'haproxy.backend_name'],
    termination: ['termination_state', 'term_state', 'termination', 'session_state', 'tsc', 'haproxy.termination_state', 'ts'],
    time: NAMES.time!.filter((name) => name !== 'ts'),
    duration: ['ta', 'time_total', 'total_time', 'tt', 'time_active', 'request_active_time', ...NAMES.duration!.filter((name) => name !== 'response_time')],
    connectTime: ['tc', 'time_connect', 'connect_time', 'haproxy.connection_wait_time_ms'],
    headerTime: [],
    responseTime: ['tr', 'time_response', 'response_time', 'server_response_time', 'haproxy.http.request.time_wait_without_data_ms'],
  },
  supplies: ['method', 'path', 'host', 'client', 'size', 'durationMs', 'upstream', 'termination', 'connectTime'],
  samples: [
    {
      line: '{"time":"2026-01-02T15:04:05.250Z","client_ip":"192.0.2.7","frontend_name":"http-in","backend_name":"app","server_name":"app1","http_status":"503","bytes":"212","termination_state":"SC--","http_method":"GET","http_uri":"/x","ta":3}',
      hit: { ts: 1767366245250, code: 503, method: 'GET', path: '/x', upstream: 'app1', durationMs: 3, bytes: 212, client: '192.0.2.7' },
    },
  ],
});
