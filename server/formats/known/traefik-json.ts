// Traefik's JSON access log (also its OTLP records): what the client got and what the service answered, apart.
import { jsonFormat } from '../keyed/json-format.ts';

export const traefikJson = jsonFormat({
  name: 'traefik-json',
  title: 'Traefik JSON',
  proxy: 'traefik',
  marks: [
    'DownstreamStatus',
    'OriginStatus',
    'DownstreamContentSize',
    'RouterName',
    'entryPointName',
    'OriginDuration',
  ],
  timeUnitMs: 1e-6,
  durationUnitMs: 1e-6,
  reads: {
    code: ['DownstreamStatus'],
    method: ['RequestMethod'],
    path: ['RequestPath'],
    host: ['RequestHost', 'RequestAddr'],
    client: ['ClientHost', 'ClientAddr'],
    userAgent: ['request_User-Agent', 'request_UserAgent'],
    time: ['StartUTC', 'StartLocal', 'time', 'timestamp', '@timestamp'],
    duration: ['Duration ns'],
    size: ['DownstreamContentSize'],
    upstream: ['ServiceAddr', 'ServiceURL.Host', 'ServiceURL'],
    upstreamStatus: ['OriginStatus'],
    responseTime: ['OriginDuration ns'],
    upstreamBytes: ['OriginContentSize'],
    retries: ['RetryAttempts'],
    protocol: ['RequestProtocol'],
  },
  samples: [
    {
      line: '{"ClientAddr":"172.17.0.1:39496","ClientHost":"172.17.0.1","DownstreamContentSize":11,"DownstreamStatus":502,"Duration":357313,"OriginDuration":0,"OriginStatus":0,"Overhead":32644,"RequestHost":"a.example","RequestMethod":"GET","RequestPath":"/x","RetryAttempts":1,"RouterName":"web@docker","ServiceAddr":"172.17.0.3:80","ServiceURL":{"Scheme":"http","Host":"172.17.0.3:80","Path":""},"StartUTC":"2021-12-08T14:02:43.587782192Z","level":"info","msg":"","time":"2021-12-08T14:02:44Z"}',
      hit: {
        ts: 1638972163587,
        code: 502,
        method: 'GET',
        path: '/x',
        host: 'a.example',
        upstream: '172.17.0.3:80',
        upstreamStatus: [0],
        durationMs: 0.357313,
        bytes: 11,
        client: '172.17.0.1',
      },
    },
    {
      line: '{"DownstreamStatus":"404","Duration":"12000000","RequestMethod":"GET","RequestPath":"/","time":"2021-12-08T14:02:44Z"}',
      hit: { ts: 1638972164000, code: 404, method: 'GET', path: '/', durationMs: 12 },
    },
  ],
});
