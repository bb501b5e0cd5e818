// Envoy's JSON access log under its usual keys: Istio, Contour, Envoy Gateway and Emissary write the same names.
import { RETRIES } from '../../core/hit.ts';
import { jsonFormat } from '../keyed/json-format.ts';
import { SESSION, unserved } from '../served.ts';
import { NAMES } from '../keyed/names.ts';

export const envoyJson = jsonFormat({
  name: 'envoy-json',
  title: 'Envoy JSON',
  proxy: 'envoy',
  marks: [
    'response_flags',
    'upstream_cluster',
    'upstream_service_time',
    'x_envoy_upstream_service_time',
    'upstream_transport_failure_reason',
    'response_code_details',
    'x_envoy_original_path',
    'x_envoy_origin_path',
    'downstream_remote_address',
    'downstream_local_address',
    'response.response_code_details',
    'response_flags_long',
    'resp_flags',
    'common_properties.start_time',
    'common_properties.upstream_cluster',
  ],
  looks: ['upstream_request_attempt_count'],
  timeUnitMs: 1,
  durationUnitMs: 1,
  reads: {
    ...NAMES,
    code: [
      'response_code',
      'http.response.status_code',
      'response.response_code',
      'response.response_code.value',
      'status_code',
      'http.status_code',
      'status',
      'code',
    ],
    method: [
      'method',
      'request_method',
      'http.request.method',
      'http.method',
      'request.request_method',
      'request.method',
      'req_method',
      'verb',
      ...NAMES.method!,
    ],
    path: [
      'x_envoy_original_path',
      'x_envoy_origin_path',
      'path',
      'request_path',
      'uri',
      'url.path',
      'http.target',
      'request.original_path',
      'request.path',
      'request_uri',
      'req_path',
      'url',
      'url_path',
    ],
    host: [
      'authority',
      'request_authority',
      'req_authority',
      'host',
      'http.host',
      'request.authority',
      'server.address',
      'requested_server_name',
    ],
    client: [
      'x_forwarded_for',
      'client_ip',
      'downstream_remote_address',
      'downstream_direct_remote_address',
      'client.address',
      'remote_address',
      'downstream_remote_addr',
      'downstream_peer',
      'http.client_ip',
    ],
    userAgent: ['user_agent', 'request_user_agent', 'user_agent.original', 'request.user_agent', 'http.user_agent'],
    time: ['start_time', 'timestamp', 'time', '@timestamp', 'common_properties.start_time', 'ts', 'local_time'],
    duration: ['duration', 'response_duration', 'duration_ms ms', 'request_duration', 'total_duration'],
    size: ['bytes_sent', 'response_body_bytes', 'http.response.body.size', 'response.response_body_bytes', 'bytes_tx'],
    upstream: [
      'upstream_host',
      'upstream_remote_address',
      'upstream_addr',
      'upstream_cluster',
      'upstream_host_name',
      'common_properties.upstream_cluster',
    ],
    responseTime: [
      'upstream_service_time',
      'x_envoy_upstream_service_time',
      'resp_upstream_service_time',
      'upstream_response_time',
    ],
    flags: ['response_flags', 'resp_flags', 'envoy.response_flags', 'envoy.response.flags', 'response_flags_long'],
    details: [
      'response_code_details',
      'response.response_code_details',
      'resp_code_details',
      'envoy.response_code_details',
      'upstream_transport_failure_reason',
    ],
    route: ['http.route'],
  },
  refuse: (value) =>
    isNone(value('method') ?? value('http.request.method') ?? value('request_method')) &&
    isNone(value('path') ?? value('url.path')) &&
    Number(value('response_code') ?? 1) === 0
      ? unserved(SESSION)
      : undefined,
  finish(hit, value) {
    const attempts = Number(value('upstream_request_attempt_count'));
    if (attempts > 1) hit.setText(RETRIES, String(attempts - 1));
  },
  samples: [
    {
      line: '{"start_time":"2024-05-01T10:00:00.250Z","method":"GET","path":"/api","protocol":"HTTP/1.1","response_code":503,"response_flags":"UF,URX","response_code_details":"upstream_reset_before_response_started{connection_failure}","bytes_received":0,"bytes_sent":91,"duration":12,"upstream_service_time":null,"x_forwarded_for":"192.0.2.7","user_agent":"curl/8","authority":"a.example","upstream_host":"10.0.0.3:8080","upstream_cluster":"outbound|80||web"}',
      hit: {
        ts: 1714557600250,
        code: 503,
        method: 'GET',
        path: '/api',
        host: 'a.example',
        upstream: '10.0.0.3:8080',
        durationMs: 12,
        bytes: 91,
        client: '192.0.2.7',
      },
    },
    {
      line: '{":authority":"a.example","start_time":"2024-05-01T10:00:00.250Z","method":"POST","x-envoy-origin-path":"/v1","response_code":0,"response_flags":"DC","duration":3,"x-envoy-upstream-service-time":null,"upstream_host":null}',
      hit: { ts: 1714557600250, code: 0, method: 'POST', path: '/v1', host: 'a.example', durationMs: 3 },
    },
  ],
});

const isNone = (text: string | undefined): boolean =>
  text === undefined || text === '-' || text === '' || text === 'null';
