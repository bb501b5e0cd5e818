// HAProxy with a JSON log-format. Nobody prescribes its keys; the termination state is what gives it away.
import { UPSTREAM } from '../../core/hit.ts';
import { jsonFormat } from '../keyed/json-format.ts';
import { NAMES } from '../keyed/names.ts';

/** Begins `<NOSRV>`. */
const LESS = 60;

export const haproxyJson = jsonFormat({
  name: 'haproxy-json',
  title: 'HAProxy JSON',
  proxy: 'haproxy',
  order: 4,
  marks: [
    'termination_state',
    'term_state',
    'termination',
    'session_state',
    'tsc',
    'haproxy.termination_state',
    'haproxy.frontend_name',
    'haproxy_frontend_name',
    'haproxy_backend_name',
    'frontend_name',
  ],
  durationUnitMs: 1,
  timeUnitMs: 1,
  reads: {
    ...NAMES,
    // as the variables of its log-format are called (%b and %B are one name here)
    method: [...NAMES.method!, 'HM'],
    path: [...NAMES.path!, 'HU', 'HP'],
    request: [...NAMES.request!, 'r'],
    client: [...NAMES.client!, 'ci'],
    host: ['http_host', 'host_header', 'vhost', 'request_host', 'hostname_header', 'host'],
    upstream: [
      'server_addr',
      'server_name',
      'server',
      'haproxy.server_name',
      'haproxy_server_name',
      'backend_server',
      'backend_name',
      'backend',
      'haproxy.backend_name',
      's',
    ],
    termination: [
      'termination_state',
      'term_state',
      'termination',
      'session_state',
      'tsc',
      'haproxy.termination_state',
      'ts',
    ],
    time: NAMES.time!.filter((name) => name !== 'ts'),
    duration: [
      'ta',
      'time_total',
      'total_time',
      'tt',
      'time_active',
      'request_active_time',
      ...NAMES.duration!.filter((name) => name !== 'response_time'),
    ],
    connectTime: ['tc', 'time_connect', 'connect_time', 'haproxy.connection_wait_time_ms'],
    headerTime: [],
    responseTime: [
      'tr',
      'time_response',
      'response_time',
      'server_response_time',
      'haproxy.http.request.time_wait_without_data_ms',
    ],
  },
  // The backend has no server left: its own name says more than that.
  finish(hit, value) {
    if (!hit.has(UPSTREAM) || hit.bufferOf(UPSTREAM)[hit.startOf(UPSTREAM)] !== LESS) return;
    const backend = value('backend_name') ?? value('backend') ?? value('haproxy.backend_name');
    if (backend) hit.setText(UPSTREAM, `${backend}/<NOSRV>`);
  },
  samples: [
    {
      line: '{"time":"2026-01-02T15:04:05.250Z","client_ip":"192.0.2.7","frontend_name":"http-in","backend_name":"app","server_name":"app1","http_status":"503","bytes":"212","termination_state":"SC--","http_method":"GET","http_uri":"/x","ta":3}',
      hit: {
        ts: 1767366245250,
        code: 503,
        method: 'GET',
        path: '/x',
        upstream: 'app1',
        durationMs: 3,
        bytes: 212,
        client: '192.0.2.7',
      },
    },
    {
      line: '{"time":"2026-01-02T15:04:05.250Z","client_ip":"192.0.2.7","backend":"app","server":"<NOSRV>","status":503,"bytes":"212","termination_state":"SC","method":"GET","uri":"/x","ta":0}',
      hit: {
        ts: 1767366245250,
        code: 503,
        method: 'GET',
        path: '/x',
        upstream: 'app/<NOSRV>',
        durationMs: 0,
        bytes: 212,
        client: '192.0.2.7',
      },
    },
  ],
});
