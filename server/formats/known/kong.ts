// Kong's log plugins: request and response as objects, and latencies that tell Kong's own time from the service's.
import { jsonFormat } from '../keyed/json-format.ts';

export const kong = jsonFormat({
  name: 'kong',
  title: 'Kong',
  proxy: 'nginx',
  marks: ['latencies.proxy', 'latencies.kong', 'latencies.request', 'upstream_uri'],
  timeUnitMs: 1,
  reads: {
    code: ['response.status', 'status'],
    method: ['request.method'],
    path: ['request.uri', 'request.url', 'upstream_uri'],
    host: ['request.headers.host'],
    client: ['client_ip'],
    userAgent: ['request.headers.user-agent'],
    time: ['started_at', 'timestamp', 'time', '@timestamp'],
    duration: ['latencies.request ms'],
    size: ['response.size'],
    upstream: ['service.host', 'service.name'],
    upstreamStatus: ['upstream_status'],
    responseTime: ['latencies.proxy ms'],
    details: ['source', 'response_source'],
  },
  samples: [
    {
      line: '{"client_ip":"192.0.2.7","started_at":1767366245250,"upstream_uri":"/","request":{"method":"GET","uri":"/get?a=1","url":"http://a.example:8000/get?a=1","headers":{"host":"a.example:8000","user-agent":"curl/8"},"size":"75"},"response":{"status":503,"size":"434","headers":{}},"latencies":{"request":515,"kong":58,"proxy":457},"tries":[],"upstream_status":"503","service":{"host":"svc.local","name":"svc"}}',
      hit: {
        ts: 1767366245250,
        code: 503,
        method: 'GET',
        path: '/get?a=1',
        host: 'a.example:8000',
        upstream: 'svc.local',
        upstreamStatus: [503],
        durationMs: 515,
        bytes: 434,
        client: '192.0.2.7',
      },
    },
  ],
});
