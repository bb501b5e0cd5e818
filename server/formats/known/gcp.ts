// Google Cloud's LogEntry.httpRequest: load balancers (statusDetails says who made the code), Cloud Run, App Engine.
import { jsonFormat } from '../keyed/json-format.ts';

export const gcp = jsonFormat({
  name: 'gcp',
  title: 'Google Cloud load balancer / httpRequest',
  proxy: 'gcp',
  marks: [
    'httpRequest.status',
    'httpRequest.requestMethod',
    'httpRequest.requestUrl',
    'http_request.request_method',
    'protoPayload.httpVersion',
  ],
  timeUnitMs: 1000,
  durationUnitMs: 1000,
  reads: {
    code: ['httpRequest.status', 'protoPayload.status'],
    method: ['httpRequest.requestMethod', 'protoPayload.method'],
    path: ['httpRequest.requestUrl', 'protoPayload.resource'],
    client: ['httpRequest.remoteIp', 'protoPayload.ip'],
    userAgent: ['httpRequest.userAgent', 'protoPayload.userAgent'],
    host: ['protoPayload.host'],
    time: ['protoPayload.startTime', 'timestamp', 'time', 'receiveTimestamp'],
    duration: ['httpRequest.latency', 'httpRequest.latencySeconds s', 'protoPayload.latency'],
    size: ['httpRequest.responseSize', 'protoPayload.responseSize'],
    upstream: ['httpRequest.serverIp', 'resource.labels.backend_service_name', 'resource.labels.service_name'],
    details: ['statusDetails'],
    result: ['httpRequest.cacheHit'],
    protocol: ['httpRequest.protocol'],
  },
  samples: [
    {
      line: '{"httpRequest":{"latency":"0.250s","remoteIp":"192.0.2.7","requestMethod":"GET","requestSize":"80","requestUrl":"https://a.example/x?y=1","responseSize":"447","serverIp":"10.0.0.3","status":502,"userAgent":"curl/8"},"insertId":"1","jsonPayload":{"@type":"type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry","statusDetails":"failed_to_connect_to_backend"},"resource":{"type":"http_load_balancer","labels":{"backend_service_name":"web"}},"severity":"WARNING","timestamp":"2026-01-02T15:04:05.250Z"}',
      hit: {
        ts: 1767366245250,
        code: 502,
        method: 'GET',
        path: '/x?y=1',
        host: 'a.example',
        upstream: '10.0.0.3',
        durationMs: 250,
        bytes: 447,
        client: '192.0.2.7',
      },
    },
    {
      line: '{"protoPayload":{"@type":"type.googleapis.com/google.appengine.logging.v1.RequestLog","appId":"s~p","ip":"192.0.2.7","startTime":"2026-01-02T15:04:05.250Z","latency":"0.1s","method":"GET","resource":"/x","httpVersion":"HTTP/1.1","status":200,"responseSize":"12","host":"a.example"},"resource":{"type":"gae_app"},"timestamp":"2026-01-02T15:04:05.250Z"}',
      hit: {
        ts: 1767366245250,
        code: 200,
        method: 'GET',
        path: '/x',
        host: 'a.example',
        durationMs: 100,
        bytes: 12,
        client: '192.0.2.7',
      },
    },
  ],
});
