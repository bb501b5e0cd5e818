// OTLP log records: those of requests that the service answered count, those of requests that it sent to others do not.
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { startServer, suiteLife, temporaryFolder, totals, type Running } from '../support/server.ts';

type Given = string | number | boolean | { [key: string]: Given };

interface Case {
  attributes: Record<string, Given>;
  scope?: string;
  body?: string;
}

const SENT: Record<string, Case> = {
  'the stable conventions of a client': {
    attributes: {
      'http.request.method': 'GET',
      'url.full': 'https://api.example/v1/x?y=1',
      'server.address': 'api.example',
      'server.port': 443,
      'http.response.status_code': 503,
    },
  },
  'the same with a user agent of its own': {
    attributes: {
      'http.request.method': 'GET',
      'url.full': 'https://api.example/v1/x',
      'server.address': 'api.example',
      'user_agent.original': 'shop/1.0',
      'http.response.status_code': 503,
    },
  },
  'the old conventions of a client': {
    attributes: {
      'http.method': 'POST',
      'http.url': 'http://payments:8080/charge',
      'net.peer.name': 'payments',
      'net.peer.port': 8080,
      'net.peer.ip': '10.0.0.7',
      'http.status_code': 500,
    },
  },
  'the headers that .NET received': {
    scope: 'System.Net.Http.HttpClient.Default.ClientHandler',
    body: 'Received HTTP response headers after 120.5ms - 502',
    attributes: {
      ElapsedMilliseconds: 120.5,
      StatusCode: 502,
      HttpMethod: 'GET',
      Uri: 'https://api.example/x',
      '{OriginalFormat}': 'Received HTTP response headers after {ElapsedMilliseconds}ms - {StatusCode}',
    },
  },
  'the end of what .NET sent': {
    scope: 'System.Net.Http.HttpClient.Default.LogicalHandler',
    body: 'End processing HTTP request after 121.5ms - 502',
    attributes: { ElapsedMilliseconds: 121.5, StatusCode: 502, HttpMethod: 'GET', Uri: '/x' },
  },
  'an exception that carries the status of an answer': {
    body: 'payment failed',
    attributes: {
      'exception.type': 'HttpRequestException',
      'exception.message': 'Response status code does not indicate success: 503',
      'http.response.status_code': 503,
    },
  },
};

const SERVED: Record<string, Case> = {
  'a status under a proper name': { attributes: { 'http.response.status_code': 200 } },
  'the stable conventions of a server': {
    attributes: {
      'http.request.method': 'GET',
      'url.path': '/x',
      'url.scheme': 'https',
      'server.address': 'shop.example',
      'server.port': 443,
      'http.response.status_code': 201,
    },
  },
  'the old conventions of a server': {
    attributes: {
      'http.method': 'GET',
      'http.url': 'http://shop.example/x',
      'net.host.name': 'shop.example',
      'net.peer.ip': '203.0.113.7',
      'http.status_code': 202,
    },
  },
  'a failed request with its exception': {
    attributes: {
      'http.request.method': 'GET',
      'url.path': '/x',
      'client.address': '203.0.113.7',
      'exception.type': 'Error',
      'http.response.status_code': 500,
    },
  },
  "pino's request and response, nested": {
    body: 'request completed',
    attributes: {
      req: { id: 1, method: 'GET', url: '/users?id=7', remoteAddress: '::1' },
      res: { statusCode: 404 },
      responseTime: 13,
    },
  },
};

suite('OTLP log records', () => {
  let server: Running;
  const life = suiteLife();
  before(async () => {
    server = await startServer(life, { dataDir: temporaryFolder(life) });
  });

  async function counted(source: string, { attributes, scope, body }: Case): Promise<Record<string, number>> {
    const response = await fetch(`${server.url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: source } }] },
            scopeLogs: [
              {
                ...(scope === undefined ? {} : { scope: { name: scope } }),
                logRecords: [
                  {
                    timeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
                    ...(body === undefined ? {} : { body: { stringValue: body } }),
                    attributes: pairs(attributes),
                  },
                ],
              },
            ],
          },
        ],
      }),
    });
    assert.equal(response.status, 200, source);
    return totals(server.url, source);
  }

  test('what the service asked of others is not counted as answered by it', async () => {
    for (const [name, given] of Object.entries(SENT)) assert.deepEqual(await counted(name, given), {}, name);
  });

  test('what it answered is counted', async () => {
    for (const [name, given] of Object.entries(SERVED))
      assert.deepEqual(Object.values(await counted(name, given)), [1], name);
  });
});

const pairs = (given: Record<string, Given>): unknown[] =>
  Object.entries(given).map(([key, value]) => ({ key, value: anyValue(value) }));

const anyValue = (value: Given): object =>
  typeof value === 'string'
    ? { stringValue: value }
    : typeof value === 'boolean'
      ? { boolValue: value }
      : typeof value !== 'number'
        ? { kvlistValue: { values: pairs(value) } }
        : Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value };
