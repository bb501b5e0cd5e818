// Cloudflare's logs, of the edge and of Workers: what the edge answered and what the origin did, apart. OriginResponseStatus 0: the origin was not asked, or did not answer.
import { jsonFormat } from '../keyed/json-format.ts';
import { keys } from '../keyed/line-values.ts';
import { skipped } from '../misses.ts';

const EARLY_HINTS = skipped('early-hints', "a subrequest of Cloudflare's early hints cache, not a request of a user");

// a Worker's record: {"$workers":{"event":{"request":{…},"response":{…}}}}, {"ScriptName":"w","Event":{"Request":{…},"Response":{…}}}
keys.wrapper('$workers');

export const cloudflare = jsonFormat({
  name: 'cloudflare',
  title: 'Cloudflare Logpush',
  proxy: 'cloudflare',
  marks: [
    'EdgeResponseStatus',
    'OriginResponseStatus',
    'EdgeStartTimestamp',
    'RayID',
    'edgeResponse.status',
    'ScriptName',
  ],
  timeUnitMs: 1,
  reads: {
    code: ['EdgeResponseStatus', 'edgeResponse.status', 'response.status'],
    method: ['ClientRequestMethod', 'clientRequest.httpMethod', 'request.method'],
    path: ['ClientRequestURI', 'ClientRequestPath', 'clientRequest.uri', 'request.url'],
    host: ['ClientRequestHost', 'EdgeRequestHost', 'clientRequest.httpHost'],
    client: ['ClientIP', 'client.ip'],
    userAgent: ['ClientRequestUserAgent', 'clientRequest.userAgent'],
    time: [
      'EdgeStartTimestamp',
      'Datetime',
      'EdgeEndTimestamp',
      'timestamp',
      'edge.startTimestamp',
      'eventTimestamp',
      'EventTimestampMs',
    ],
    duration: ['EdgeTimeToFirstByteMs ms', 'WallTimeMs ms'],
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
  looks: ['RequestSource'],
  refuse: (value) => (value('RequestSource') === 'earlyHintsCache' ? EARLY_HINTS : undefined),
  samples: [
    {
      line: '{"ClientIP":"192.0.2.7","ClientRequestHost":"a.example","ClientRequestMethod":"GET","ClientRequestURI":"/x?y=1","EdgeEndTimestamp":"2026-01-02T15:04:06Z","EdgeResponseBytes":570,"EdgeResponseStatus":522,"EdgeStartTimestamp":"2026-01-02T15:04:05Z","OriginIP":"","OriginResponseStatus":0,"OriginResponseDurationMs":0,"RayID":"761fde4e984e5ab2"}',
      hit: {
        ts: 1767366245000,
        code: 522,
        method: 'GET',
        path: '/x?y=1',
        host: 'a.example',
        upstreamStatus: [0],
        bytes: 570,
        client: '192.0.2.7',
      },
    },
    {
      line: '{"ClientRequestMethod":"POST","ClientRequestPath":"/","EdgeResponseStatus":200,"EdgeStartTimestamp":1767366245123456789,"OriginIP":"203.0.113.9","OriginResponseStatus":200}',
      hit: { ts: 1767366245123, code: 200, method: 'POST', path: '/', upstream: '203.0.113.9', upstreamStatus: [200] },
    },
    {
      line: '{"Event":{"RayID":"3e6eb3","Request":{"URL":"https://a.example/x","Method":"GET"},"Response":{"Status":500}},"EventTimestampMs":1767366245250,"EventType":"fetch","Exceptions":[],"Logs":[],"Outcome":"exception","ScriptName":"w","WallTimeMs":12}',
      hit: { ts: 1767366245250, code: 500, method: 'GET', path: '/x', host: 'a.example', durationMs: 12 },
    },
  ],
});
