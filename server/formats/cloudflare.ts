// Cloudflare Logpush: what the edge answered and what the origin did, apart. OriginResponseStatus 0: the origin was not asked, or did not answer.
import { jsonFormat } from './json-format.ts';

export const cloudflare = jsonFormat({
  name: 'cloudflare',
  title: 'Cloudflare Logpush',
  proxy: 'cloudflare',
  marks: ['EdgeResponseStatus', 'OriginResponseStatus', 'EdgeStartTimestamp', 'RayID', 'edgeResponse.status'],
  timeUnitMs: 1,
  reads: {
    code: ['EdgeResponseStatus', 'edgeResponse.status'],
    method: ['ClientRequestMethod', 'clientRequest.httpMethod'],
    path: ['ClientRequestURI', 'ClientRequestPath', 'clientRequest.uri'],
    host: ['ClientRequestHost', 'EdgeRequestHost', 'clientRequest.httpHost'],
    client: ['ClientIP', 'client.ip'],
    userAgent: ['ClientRequestUserAgent', 'clientRequest.userAgent'],
    time: ['EdgeStartTimestamp', 'Datetime', 'EdgeEndTimestamp', 'timestamp', 'edge.startTimestamp'],
    duration: ['EdgeTimeToFirstByteMs ms'],
    size: ['EdgeResponseBytes', 'edgeResponse.bytes'],
    upstream: ['OriginIP', 'origin.ip'],
    upstreamStatus: ['OriginResponseStatus', 'originResponse.status'],
    connectTime: ['OriginTCPHandshakeDurationMs ms'],
    responseTime: ['OriginResponseDurationMs ms'],
    upstreamBytes: ['OriginResponseBytes'],
    result: ['CacheCacheStatus', 'cache.cacheStatus'],
    details: ['EdgePathingStatus', 'EdgePathingOp'],
    protocol: ['ClientRequestProtocol'],
  },
  supplies: ['method', 'path', 'host', 'client', 'userAgent', 'size', 'durationMs', 'upstream', 'upstreamStatus', 'connectTime', 'responseTime', 'upstreamBytes', 'result', 'details'],
  samples: [
    {
      line: '{"ClientIP":"192.0.2.7","ClientRequestHost":"a.example","ClientRequestMethod":"GET","ClientRequestURI":"/x?y=1","EdgeEndTimestamp":"2026-01-02T15:04:06Z","EdgeResponseBytes":570,"EdgeResponseStatus":522,"EdgeStartTimestamp":"2026-01-02T15:04:05Z","OriginIP":"","OriginResponseStatus":0,"OriginResponseDurationMs":0,"RayID":"761fde4e984e5ab2"}',
      hit: { ts: 1767366245000, code: 522, method: 'GET', path: '/x?y=1', host: 'a.example', upstreamStatus: [0], bytes: 570, client: '192.0.2.7' },
    },
    {
      line: '{"ClientRequestMethod":"POST","ClientRequestPath":"/","EdgeResponseStatus":200,"EdgeStartTimestamp":1767366245123456789,"OriginIP":"203.0.113.9","OriginResponseStatus":200}',
      hit: { ts: 1767366245123, code: 200, method: 'POST', path: '/', upstream: '203.0.113.9', upstreamStatus: [200] },
    },
  ],
});
