// Loki, Elasticsearch _bulk, Firehose, Splunk and MessagePack: each protocol's bodies are counted, and answered as its senders need.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Sources } from '#shared/api.ts';
import { encode, ExtData } from '@msgpack/msgpack';
import protobuf from 'protobufjs';
import { compress } from 'snappyjs';
import { startServer, suiteLife, temporaryFolder, totals, type Running } from '../support/server.ts';

const line = (code: number, path = '/'): string =>
  `203.0.113.7 - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+).*/, '$1/$2/$3:$4')} +0000] "GET ${path} HTTP/1.1" ${code} 5 "-" "test"`;

suite('other protocols', () => {
  let server: Running;
  const life = suiteLife();
  before(async () => {
    server = await startServer(life, { dataDir: temporaryFolder(life) });
  });

  const send = (
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(`${server.url}${path}`, { method, body: body === undefined ? undefined : Buffer.from(body), headers });

  test('Loki: JSON, with and without gzip, is 204; labels name the source', async () => {
    const push = (app: string) =>
      JSON.stringify({
        streams: [
          {
            stream: { app, host: 'web1' },
            values: [
              [`${Date.now()}000000`, line(502)],
              [`${Date.now()}000001`, line(200), { trace_id: 'x' }],
            ],
          },
        ],
      });
    const plain = await send('POST', '/loki/api/v1/push', push('loki-json'), { 'content-type': 'application/json' });
    assert.equal(plain.status, 204);
    const zipped = await send('POST', '/loki/api/v1/push', gzipSync(push('loki-gzip')), {
      'content-type': 'application/json; charset=utf-8',
      'content-encoding': 'gzip',
    });
    assert.equal(zipped.status, 204);
    for (const source of ['loki-json', 'loki-gzip'])
      assert.deepEqual(await totals(server.url, source), { 200: 1, 502: 1 });
    assert.equal((await send('GET', '/ready')).status, 200);
    const { sources } = (await (await send('GET', '/api/sources')).json()) as Sources;
    assert.match(sources.find(({ name }) => name === 'loki-gzip')!.answers[0].note, /2 accepted/);
  });

  test('Loki: the JSON of old Promtails, with labels as text', async () => {
    const push = {
      streams: [
        {
          labels: '{job="promtail", env="a"}',
          entries: [
            { ts: new Date().toISOString(), line: line(504) },
            { timestamp: new Date().toISOString(), line: line(200) },
          ],
        },
      ],
    };
    assert.equal(
      (await send('POST', '/api/prom/push', JSON.stringify(push), { 'content-type': 'application/json' })).status,
      204,
    );
    assert.deepEqual(await totals(server.url, 'promtail'), { 200: 1, 504: 1 });
  });

  test("Pub/Sub pushes, a Lambda's Kinesis records, CloudWatch's subscriptions: lines in base64, lists behind other things", async () => {
    const data = Buffer.from(line(502)).toString('base64');
    const bodies: Record<string, unknown> = {
      pubsub: {
        message: { data, attributes: { a: 'b' }, messageId: '1', publishTime: new Date().toISOString() },
        subscription: 'projects/p/subscriptions/s',
      },
      kinesis: { Records: [{ kinesis: { partitionKey: '1', data }, eventSource: 'aws:kinesis' }] },
      pull: { receivedMessages: [{ ackId: 'x', message: { data } }] },
      cloudwatch: {
        messageType: 'DATA_MESSAGE',
        owner: '1',
        logGroup: '/a',
        subscriptionFilters: ['f'],
        logEvents: [{ id: '1', timestamp: Date.now(), message: line(502) }],
      },
      sqs: { Records: [{ messageId: '1', body: line(502) }] },
    };
    for (const [source, body] of Object.entries(bodies)) {
      assert.equal(
        (await send('POST', `/ingest/${source}`, JSON.stringify(body), { 'content-type': 'application/json' })).status,
        200,
      );
      assert.deepEqual(await totals(server.url, source), { 502: 1 }, source);
    }
  });

  test('Loki: snappy protobuf needs neither header; what is neither is 422, so that no sender blocks on it', async () => {
    const type = protobuf
      .parse(
        `syntax = "proto3"; message P { repeated S streams = 1; } message S { string labels = 1; repeated E entries = 2; fixed64 hash = 3; }
      message E { T timestamp = 1; string line = 2; } message T { int64 seconds = 1; int32 nanos = 2; }`,
      )
      .root.lookupType('P');
    const body = (job: string) =>
      compress(
        Buffer.from(
          type
            .encode({
              streams: [
                {
                  labels: `{job="${job}", env="a\\"b"}`,
                  entries: [{ timestamp: { seconds: Math.floor(Date.now() / 1000), nanos: 5 }, line: line(503) }],
                },
              ],
            })
            .finish(),
        ),
      );
    assert.equal((await send('POST', '/loki/api/v1/push', body('bare'), {})).status, 204);
    assert.equal(
      (
        await send('POST', '/loki/api/v1/push', body('typed'), {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
        })
      ).status,
      204,
    );
    for (const source of ['bare', 'typed']) assert.deepEqual(await totals(server.url, source), { 503: 1 });
    assert.equal(
      (await send('POST', '/loki/api/v1/push', 'neither', { 'content-type': 'application/x-protobuf' })).status,
      422,
    );
    assert.equal(
      (
        await send('POST', '/loki/api/v1/push', '{"streams":[{"stream":{},"values":[["1",{"a":1}]]}]}', {
          'content-type': 'application/json',
        })
      ).status,
      422,
    );
  });

  test('Elasticsearch: each action is answered in order, and counted by the line in its document', async () => {
    const docs = [line(502), line(200), 'an application said so']
      .map(
        (message) =>
          `{"create":{"_index":"filebeat-8.13.2-2026.01.31"}}\n${JSON.stringify({ '@timestamp': new Date(), message, host: { name: 'web1' } })}\n`,
      )
      .join('');
    const response = await send('POST', '/_bulk', docs, { 'content-type': 'application/x-ndjson' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-elastic-product'), 'Elasticsearch');
    const answer = (await response.json()) as {
      errors: boolean;
      items: Record<string, { status: number; _index: string }>[];
    };
    assert.equal(answer.errors, false);
    assert.deepEqual(
      answer.items.map(({ create }) => create.status),
      [201, 201, 201],
    );
    assert.deepEqual(await totals(server.url, 'filebeat'), { 200: 1, 502: 1 });
    // The same batch again, after an answer that was lost.
    await send('POST', '/_bulk', docs, { 'content-type': 'application/x-ndjson' });
    assert.deepEqual(await totals(server.url, 'filebeat'), { 200: 1, 502: 1 });
  });

  test("Elasticsearch: Fluent Bit's own bodies have as many items as actions; a line that is none is told of", async () => {
    const cases = {
      fluentbit_create_index: ['index'],
      fluentbit_create_multiple_documents: ['index', 'index', 'index', 'index'],
      fluentbit_delete_multiple_documents: ['update'],
      fluentbit_update_multiple_documents: ['delete'],
    };
    for (const [name, verbs] of Object.entries(cases)) {
      const { items } = (await (
        await send('POST', '/logs/_bulk', readFileSync(new URL(`../fixtures/es-bulk/${name}.ndjson`, import.meta.url)))
      ).json()) as { items: object[] };
      assert.deepEqual(
        items.map((item) => Object.keys(item)[0]),
        verbs,
        name,
      );
    }
    const { errors, items } = (await (await send('POST', '/_bulk', 'no action\n{"create":{}}\n{}\n')).json()) as {
      errors: boolean;
      items: object[];
    };
    assert.equal(errors, true);
    assert.equal(items.length, 2);
  });

  test('Elasticsearch: Filebeat and Logstash get the greeting they look for, a browser the page', async () => {
    const greeting = await send('GET', '/', undefined, { 'user-agent': 'Elastic-filebeat/8.13.2 (linux; amd64)' });
    assert.equal(greeting.headers.get('x-elastic-product'), 'Elasticsearch');
    assert.equal(((await greeting.json()) as { version: { number: string } }).version.number, '8.13.2');
    const browser = await send('GET', '/', undefined, { 'user-agent': 'Mozilla/5.0', accept: 'text/html' });
    assert.equal(browser.headers.get('x-elastic-product'), null);
    for (const path of [
      '/_license',
      '/_ilm/policy/filebeat',
      '/_index_template/x',
      '/_nodes/_local',
      '/elastic/_license',
    ])
      assert.equal((await send('GET', path)).status, 200, path);
    assert.equal(
      (await send('PUT', '/_index_template/x', '{"index_patterns":["x"]}', { 'content-type': 'application/json' }))
        .status,
      200,
    );
  });

  test('Firehose: the request id comes back, and comes again counts nothing', async () => {
    const record = (text: string | Buffer) => ({ data: Buffer.from(text).toString('base64') });
    const subscription = {
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/ecs/shop',
      logEvents: [{ id: '1', timestamp: Date.now(), message: line(504) }],
    };
    const body = JSON.stringify({
      requestId: 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
      timestamp: Date.now(),
      records: [
        record(`${line(500)}\n${line(200)}\n`),
        record(line(403)),
        record(gzipSync(JSON.stringify(subscription))),
      ],
    });
    for (let i = 0; i < 2; i++) {
      const response = await send('POST', '/firehose/cdn', body, { 'content-type': 'application/json' });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'application/json');
      const { requestId, timestamp } = (await response.json()) as { requestId: string; timestamp: number };
      assert.equal(requestId, 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f');
      assert.ok(timestamp > 0);
    }
    assert.deepEqual(await totals(server.url, 'cdn'), { 200: 1, 403: 1, 500: 1 });
    assert.deepEqual(await totals(server.url, 'shop'), { 504: 1 });
    const refused = await send('POST', '/firehose', '{}', { 'x-amz-firehose-request-id': 'abc' });
    assert.equal(refused.status, 422);
    assert.equal(((await refused.json()) as { requestId: string }).requestId, 'abc');
  });

  test('Splunk: events one after another without a separator, and raw lines', async () => {
    const events = [
      line(502),
      { status: 503, method: 'GET', path: '/x', time: Date.now() / 1000 },
      { line: line(200), source: 'stdout' },
    ]
      .map((event) => JSON.stringify({ time: Date.now() / 1000, source: '/var/log/hec/access.log', event }))
      .join('');
    const response = await send('POST', '/services/collector/event', events, { authorization: 'Splunk anything' });
    assert.deepEqual(await response.json(), { text: 'Success', code: 0 });
    assert.deepEqual(await totals(server.url, 'hec'), { 200: 1, 502: 1, 503: 1 });
    assert.equal((await send('OPTIONS', '/services/collector/event/1.0')).status, 200); // or Docker starts no container
    await send(
      'POST',
      '/services/collector/event/1.0',
      JSON.stringify({
        time: `${Date.now() / 1000}`,
        host: 'docker',
        event: { line: { status: 504, request_method: 'GET', uri: '/' }, source: 'stdout', tag: 'x' },
      }),
    );
    assert.deepEqual(await totals(server.url, 'docker'), { 504: 1 });
    await send('POST', '/services/collector/raw?source=raw', `${line(500)}\n${line(500)}\n`);
    assert.deepEqual(await totals(server.url, 'raw'), { 500: 2 });
  });

  test("MessagePack: Fluent Bit's pairs with an event time, and Fluentd's records", async () => {
    const eventTime = Buffer.alloc(8);
    eventTime.writeUInt32BE(Math.floor(Date.now() / 1000));
    const pairs = [
      [new ExtData(0, eventTime), { log: line(502) }],
      [[new ExtData(0, eventTime), {}], { log: Buffer.from(line(200)) }],
    ];
    const records = [{ message: line(503) }];
    const body = Buffer.concat([...pairs, ...records].map((value) => encode(value)));
    for (const type of ['application/msgpack', 'application/x-msgpack'])
      assert.equal(
        (await send('POST', `/ingest/${type.includes('x-') ? 'fluentd' : 'fluentbit'}`, body, { 'content-type': type }))
          .status,
        200,
      );
    for (const source of ['fluentd', 'fluentbit'])
      assert.deepEqual(await totals(server.url, source), { 200: 1, 502: 1, 503: 1 });
    assert.equal(
      (
        await send('POST', '/ingest/fluentd', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), {
          'content-type': 'application/msgpack',
        })
      ).status,
      422,
    );
  });
});
