// How each sender sends to this server: configuration to paste, with this server's address and safe retries.
import { NGINX_LOG_FORMAT } from '#shared/log-formats.ts';
import { texts } from '../texts/index.ts';

const t = texts.snippets;

interface Place {
  url: string;
  host: string;
  port: number;
  tls: boolean;
  source: string;
  token: string | null;
}
export interface Snippet {
  /** Its title, its place and its note are in the catalogue. */
  id: keyof typeof t.senders;
  text(p: Place): string;
  needs?: 'syslog';
}

/** Lines can be sent to the address that the dashboard was loaded from. */
export function place(location: Location, source: string, withToken: boolean): Place {
  const tls = location.protocol === 'https:';
  return {
    url: location.origin,
    host: location.hostname,
    port: Number(location.port) || (tls ? 443 : 80),
    tls,
    source,
    token: withToken ? 'YOUR_INGEST_TOKEN' : null,
  };
}

const bearer = (p: Place, line: string) => (p.token ? line : '');
const SYSLOG_PORT = 5514;

export const SNIPPETS: readonly Snippet[] = [
  {
    id: 'curl',
    text: (
      p,
    ) => `echo '203.0.113.7 - - ['"$(LC_ALL=C date '+%d/%b/%Y:%H:%M:%S %z')"'] "GET /hello HTTP/1.1" 200 512 "-" "curl"' |
  curl -sS ${p.token ? `-H 'Authorization: Bearer ${p.token}' ` : ''}--data-binary @- ${p.url}/ingest/${p.source}

${t.fileComment}
curl -sS ${p.token ? `-H 'Authorization: Bearer ${p.token}' ` : ''}--data-binary @/var/log/nginx/access.log ${p.url}/ingest/${p.source}`,
  },
  { id: 'tail', text: (p) => `npm start -- --tail ${p.source}=/var/log/nginx/access.log` },
  {
    id: 'nginx-syslog',
    needs: 'syslog',
    text: (p) => `${NGINX_LOG_FORMAT}
access_log syslog:server=${p.host}:${SYSLOG_PORT},tag=${p.source.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 32)} fivealarm;`,
  },
  {
    id: 'nginx-tail',
    text: (p) => `${NGINX_LOG_FORMAT}
access_log /var/log/nginx/fivealarm.log fivealarm;

${t.thenComment}
npm start -- --tail ${p.source}=/var/log/nginx/fivealarm.log`,
  },
  {
    id: 'apache',
    text: (p) => `LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
CustomLog \${APACHE_LOG_DIR}/access.log combined

${t.thenComment}
npm start -- --tail ${p.source}=/var/log/apache2/access.log`,
  },
  {
    id: 'caddy',
    text: (p) => `log {
  output file /var/log/caddy/access.log
  format json
}

${t.thenComment}
npm start -- --tail ${p.source}=/var/log/caddy/access.log`,
  },
  {
    id: 'haproxy',
    needs: 'syslog',
    text: (p) => `global
  log ${p.host}:${SYSLOG_PORT} len 8192 format rfc3164 local0
defaults
  mode http
  log global
  option httplog`,
  },
  {
    id: 'docker',
    needs: 'syslog',
    text: (p) => `docker run --log-driver syslog \\
  --log-opt syslog-address=udp://${p.host}:${SYSLOG_PORT} \\
  --log-opt tag=${p.source} \\
  nginx`,
  },
  {
    id: 'vector',
    text: (p) => `sources:
  access:
    type: file
    include: [/var/log/nginx/access.log]
sinks:
  fivealarm:
    type: http
    inputs: [access]
    uri: ${p.url}/ingest/${p.source}
    encoding: { codec: json }
    framing: { method: newline_delimited }
    compression: gzip${p.token ? `\n    auth: { strategy: bearer, token: ${p.token} }` : ''}
    healthcheck: { uri: ${p.url}/healthz }`,
  },
  {
    id: 'fluent-bit',
    text: (p) => `pipeline:
  inputs:
    - { name: tail, path: /var/log/nginx/access.log, db: /var/lib/fluent-bit/access.db }
  outputs:
    - name: http
      match: '*'
      host: ${p.host}
      port: ${p.port}
      uri: /ingest/${p.source}
      format: json_lines
      compress: gzip${p.tls ? '\n      tls: on' : ''}${bearer(p, `\n      header: Authorization Bearer ${p.token}`)}
      retry_limit: no_limits`,
  },
  {
    id: 'fluentd',
    text: (p) => `<source>
  @type tail
  path /var/log/nginx/access.log
  pos_file /var/lib/fluentd/access.pos
  tag access
  <parse>
    @type none
  </parse>
</source>
<match access>
  @type http
  endpoint ${p.url}/ingest/${p.source}
  compress gzip${bearer(p, `\n  headers {"Authorization":"Bearer ${p.token}"}`)}
  retryable_response_codes 429, 500, 502, 503, 504
  <format>
    @type single_value
  </format>
  <buffer>
    @type file
    path /var/lib/fluentd/fivealarm
    flush_interval 1s
    retry_forever true
  </buffer>
</match>`,
  },
  {
    id: 'filebeat',
    text: (p) => `filebeat.inputs:
  - type: filestream
    id: access
    paths: [/var/log/nginx/access.log]
output.elasticsearch:
  hosts: ["${p.url}"]${bearer(p, `\n  headers: { Authorization: "Bearer ${p.token}" }`)}
  compression_level: 1
setup.ilm.enabled: false
setup.template.enabled: false`,
  },
  {
    id: 'alloy',
    text: (p) => `loki.source.file "access" {
  targets    = [{__path__ = "/var/log/nginx/access.log", service_name = "${p.source}"}]
  forward_to = [loki.write.fivealarm.receiver]
}
loki.write "fivealarm" {
  endpoint {
    url = "${p.url}/loki/api/v1/push"${bearer(p, `\n    bearer_token = "${p.token}"`)}
    max_backoff_retries = 1000
  }
}`,
  },
  {
    id: 'otel',
    text: (p) => `exporters:
  otlphttp/fivealarm:
    endpoint: ${p.url}
    compression: gzip${p.token ? `\n    headers: { Authorization: "Bearer ${p.token}" }` : ''}
    retry_on_failure: { max_elapsed_time: 0 }
service:
  pipelines:
    logs: { receivers: [filelog], exporters: [otlphttp/fivealarm] }

${t.sdkComment}
OTEL_EXPORTER_OTLP_ENDPOINT=${p.url}`,
  },
  {
    id: 'rsyslog',
    text: (p) => `module(load="imfile")
module(load="omhttp")
input(type="imfile" File="/var/log/nginx/access.log" Tag="${p.source}" ruleset="fivealarm")
template(name="line" type="string" string="%msg%")
ruleset(name="fivealarm") {
  action(type="omhttp" server="${p.host}" serverport="${p.port}" usehttps="${p.tls ? 'on' : 'off'}" restpath="ingest/${p.source}"
    template="line" batch="on" batch.format="newline"${bearer(p, `\n    httpheaders=["Authorization: Bearer ${p.token}"]`)}
    action.resumeRetryCount="-1" queue.type="linkedList" queue.filename="fivealarm" queue.saveOnShutdown="on")
}`,
  },
  {
    id: 'syslog-ng',
    text: (p) => `source s_access { file("/var/log/nginx/access.log" flags(no-parse) follow-freq(1)); };
destination d_fivealarm {
  http(url("${p.url}/ingest/${p.source}") method("POST") body("\${MESSAGE}")
    batch-lines(500) batch-timeout(1000)${bearer(p, `\n    headers("Authorization: Bearer ${p.token}")`)}
    disk-buffer(disk-buf-size(104857600) reliable(yes)));
};
log { source(s_access); destination(d_fivealarm); };`,
  },
  {
    id: 'ship',
    text: (p) =>
      `npm run -s fivealarm -- ship /var/log/nginx/access.log --to ${p.url}${p.token ? ` --token ${p.token}` : ''}`,
  },
];
