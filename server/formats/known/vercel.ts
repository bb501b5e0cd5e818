// Vercel log drains: build and console lines beside requests; a request has `proxy`.
import { jsonFormat } from '../keyed/json-format.ts';

export const vercel = jsonFormat({
  name: 'vercel',
  title: 'Vercel log drain',
  proxy: 'vercel',
  marks: ['proxy.statusCode', 'deploymentId', 'proxy.vercelCache', 'proxy.clientIp'],
  reads: {
    code: ['proxy.statusCode', 'statusCode'],
    method: ['proxy.method', 'requestMethod', 'method'],
    path: ['proxy.path', 'requestPath', 'path'],
    host: ['proxy.host', 'host'],
    client: ['proxy.clientIp'],
    userAgent: ['proxy.userAgent'],
    time: ['proxy.timestamp', 'timestamp'],
    duration: ['requestDurationMs ms', 'durationMs ms'],
    size: ['proxy.responseByteSize'],
    result: ['proxy.vercelCache'],
    details: ['proxy.wafAction', 'errorCode'],
  },
  samples: [
    {
      line: '{"id":"1","deploymentId":"dpl_1","source":"lambda","host":"my-app-abc123.vercel.app","timestamp":1573817250283,"statusCode":504,"path":"/api/users","proxy":{"timestamp":1573817250172,"method":"GET","host":"my-app.vercel.app","path":"/api/users?page=1","userAgent":["Mozilla/5.0"],"statusCode":504,"clientIp":"192.0.2.7","responseByteSize":1024}}',
      hit: {
        ts: 1573817250172,
        code: 504,
        method: 'GET',
        path: '/api/users?page=1',
        host: 'my-app.vercel.app',
        bytes: 1024,
        client: '192.0.2.7',
      },
    },
  ],
});
