// Attribute maps as JSON lines, in both spellings of OpenTelemetry's semantic conventions.
import { jsonFormat } from '../keyed/json-format.ts';
import { ASKED, EXCEPTIONS, NAMES } from '../keyed/names.ts';

const semconv = {
  ...NAMES,
  code: ['http.response.status_code', 'http.status_code', 'http.response.status', ...NAMES.code!],
};

/** A JSON line that is an attribute map: `{"http.request.method":"GET","http.response.status_code":502,…}`. */
export const otelAttributes = jsonFormat({
  name: 'otel',
  title: 'OpenTelemetry attributes',
  proxy: 'otel',
  order: 6,
  marks: [
    'http.target',
    'http.flavor',
    'http.scheme',
    'net.host.name',
    'net.peer.ip',
    'network.protocol.version',
    'http.route',
    'user_agent.synthetic.type',
    'http.request.resend_count',
    'client.port',
    'server.port',
  ],
  reads: semconv,
  asked: ASKED,
  exceptions: EXCEPTIONS,
  samples: [
    {
      line: '{"http.request.method":"GET","url.scheme":"https","url.path":"/users/7","http.route":"/users/{id}","server.address":"a.example","http.response.status_code":503,"client.address":"192.0.2.7"}',
      hit: { code: 503, method: 'GET', path: '/users/7', host: 'a.example', client: '192.0.2.7' },
    },
    {
      line: '{"http.method":"POST","http.scheme":"http","http.target":"/v1/orders?x=1","http.host":"a.example:8080","http.status_code":"500","http.flavor":"1.1","net.peer.ip":"192.0.2.9"}',
      hit: { code: 500, method: 'POST', path: '/v1/orders?x=1', host: 'a.example:8080', client: '192.0.2.9' },
    },
  ],
});
