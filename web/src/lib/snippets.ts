// How each sender is pointed here: configuration to paste, holding this server's address, and the traps of that sender's retries.
interface Place {
  url: string;
  host: string;
  port: number;
  tls: boolean;
  source: string;
  token: string | null;
}
export interface Snippet {
  id: string;
  title: string;
  where: string;
  text(p: Place): string;
  note?: string;
  needs?: 'syslog';
}

/** Where the page was loaded from is where lines can be sent. */
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
const LOG_FORMAT = `log_format fivealarm '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                     '"$http_referer" "$http_user_agent" $request_time $host '
                     '$upstream_addr $upstream_status $upstream_connect_time $upstream_header_time $upstream_response_time';`;

export const SNIPPETS: readonly Snippet[] = [
  {
    id: 'curl',
    title: 'curl',
    where: 'any shell: one line, or a whole file',
    text: (
      p,
    ) => `echo '203.0.113.7 - - ['"$(LC_ALL=C date '+%d/%b/%Y:%H:%M:%S %z')"'] "GET /hello HTTP/1.1" 200 512 "-" "curl"' |
  curl -sS ${p.token ? `-H 'Authorization: Bearer ${p.token}' ` : ''}--data-binary @- ${p.url}/ingest/${p.source}

# a file you already have (it is counted at its own times, and never pages)
curl -sS ${p.token ? `-H 'Authorization: Bearer ${p.token}' ` : ''}--data-binary @/var/log/nginx/access.log ${p.url}/ingest/${p.source}`,
    note: 'The answer says how many lines were read, and which were not and why.',
  },
  {
    id: 'tail',
    title: 'Tail a file',
    where: 'on the machine that has the log; followed through rotation',
    text: (p) => `npm start -- --tail ${p.source}=/var/log/nginx/access.log`,
    note: 'Where it stopped is kept with the counts: a restart neither loses nor repeats a line.',
  },
  {
    id: 'nginx-syslog',
    title: 'nginx syslog',
    where: 'nginx.conf, http or server block',
    needs: 'syslog',
    text: (p) => `${LOG_FORMAT}
access_log syslog:server=${p.host}:${SYSLOG_PORT},tag=${p.source.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 32)} fivealarm;`,
    note: 'UDP: nginx does not wait and does not repeat; what is lost on the way is lost. To count exactly, tail the file.',
  },
  {
    id: 'nginx-tail',
    title: 'nginx tail',
    where: 'nginx.conf, then follow the file',
    text: (p) => `${LOG_FORMAT}
access_log /var/log/nginx/fivealarm.log fivealarm;

# then
npm start -- --tail ${p.source}=/var/log/nginx/fivealarm.log`,
    note: 'The upstream variables tell a refused connection from a crash and a timeout; plain combined cannot.',
  },
  {
    id: 'apache',
    title: 'Apache',
    where: 'httpd.conf or a virtual host',
    text: (p) => `LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
CustomLog \${APACHE_LOG_DIR}/access.log combined

# then
npm start -- --tail ${p.source}=/var/log/apache2/access.log`,
  },
  {
    id: 'caddy',
    title: 'Caddy',
    where: 'Caddyfile, in the site',
    text: (p) => `log {
  output file /var/log/caddy/access.log
  format json
}

# then
npm start -- --tail ${p.source}=/var/log/caddy/access.log`,
    note: 'Caddy’s access log does not say why reverse_proxy failed; its error log does.',
  },
  {
    id: 'haproxy',
    title: 'HAProxy',
    where: 'haproxy.cfg',
    needs: 'syslog',
    text: (p) => `global
  log ${p.host}:${SYSLOG_PORT} len 8192 format rfc3164 local0
defaults
  mode http
  log global
  option httplog`,
    note: 'The default line length of 1,024 cuts long requests off: keep len 8192.',
  },
  {
    id: 'docker',
    title: 'Docker',
    where: 'per container, or in daemon.json',
    needs: 'syslog',
    text: (p) => `docker run --log-driver syslog \\
  --log-opt syslog-address=udp://${p.host}:${SYSLOG_PORT} \\
  --log-opt tag=${p.source} \\
  nginx`,
    note: 'With tcp:// Docker refuses to start containers while the receiver is down; udp:// does not.',
  },
  {
    id: 'vector',
    title: 'Vector',
    where: 'vector.yaml',
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
    note: 'Vector retries 429 and 5xx for ever, with the same bytes: a repeated batch is recognised and counted once.',
  },
  {
    id: 'fluent-bit',
    title: 'Fluent Bit',
    where: 'fluent-bit.yaml',
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
    note: 'By default Fluent Bit gives up after one retry, and the chunk is lost: retry_limit no_limits.',
  },
  {
    id: 'fluentd',
    title: 'Fluentd',
    where: 'fluent.conf',
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
    note: 'By default Fluentd repeats only 503, throws the chunk away on any other error, and waits a minute before it sends: all three are set otherwise here.',
  },
  {
    id: 'filebeat',
    title: 'Filebeat',
    where: 'filebeat.yml',
    text: (p) => `filebeat.inputs:
  - type: filestream
    id: access
    paths: [/var/log/nginx/access.log]
output.elasticsearch:
  hosts: ["${p.url}"]${bearer(p, `\n  headers: { Authorization: "Bearer ${p.token}" }`)}
  compression_level: 1
setup.ilm.enabled: false
setup.template.enabled: false`,
    note: 'The port must stand in hosts, or Filebeat takes 9200. It repeats for ever; what can never be read is acknowledged and shown here, so that it does not block the queue.',
  },
  {
    id: 'alloy',
    title: 'Grafana Alloy',
    where: 'config.alloy',
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
    note: 'By default Alloy throws a batch away after ten tries, some minutes: a thousand outlast a night.',
  },
  {
    id: 'otel',
    title: 'OpenTelemetry',
    where: 'collector configuration, or the SDK’s environment',
    text: (p) => `exporters:
  otlphttp/fivealarm:
    endpoint: ${p.url}
    compression: gzip${p.token ? `\n    headers: { Authorization: "Bearer ${p.token}" }` : ''}
    retry_on_failure: { max_elapsed_time: 0 }
service:
  pipelines:
    logs: { receivers: [filelog], exporters: [otlphttp/fivealarm] }

# or straight from an SDK
OTEL_EXPORTER_OTLP_ENDPOINT=${p.url}`,
    note: 'The collector drops data after five minutes of retrying: max_elapsed_time 0 keeps it trying. Only server spans are counted.',
  },
  {
    id: 'rsyslog',
    title: 'rsyslog',
    where: '/etc/rsyslog.d/fivealarm.conf',
    text: (p) => `module(load="imfile")
module(load="omhttp")
input(type="imfile" File="/var/log/nginx/access.log" Tag="${p.source}" ruleset="fivealarm")
template(name="line" type="string" string="%msg%")
ruleset(name="fivealarm") {
  action(type="omhttp" server="${p.host}" serverport="${p.port}" usehttps="${p.tls ? 'on' : 'off'}" restpath="ingest/${p.source}"
    template="line" batch="on" batch.format="newline"${bearer(p, `\n    httpheaders=["Authorization: Bearer ${p.token}"]`)}
    action.resumeRetryCount="-1" queue.type="linkedList" queue.filename="fivealarm" queue.saveOnShutdown="on")
}`,
    note: 'Without action.resumeRetryCount="-1" rsyslog throws failed messages away; usehttps is on unless it is said to be off.',
  },
  {
    id: 'syslog-ng',
    title: 'syslog-ng',
    where: '/etc/syslog-ng/conf.d/fivealarm.conf',
    text: (p) => `source s_access { file("/var/log/nginx/access.log" flags(no-parse) follow-freq(1)); };
destination d_fivealarm {
  http(url("${p.url}/ingest/${p.source}") method("POST") body("\${MESSAGE}")
    batch-lines(500) batch-timeout(1000)${bearer(p, `\n    headers("Authorization: Bearer ${p.token}")`)}
    disk-buffer(disk-buf-size(104857600) reliable(yes)));
};
log { source(s_access); destination(d_fivealarm); };`,
    note: 'syslog-ng retries most errors for ever, so that one refused batch can block the queue; here a body that can never be read is answered 422, which it drops.',
  },
  {
    id: 'ship',
    title: 'fivealarm ship',
    where: 'the forwarder: exact across crashes and rotation',
    text: (p) =>
      `npm run -s fivealarm -- ship /var/log/nginx/access.log --to ${p.url}${p.token ? ` --token ${p.token}` : ''}`,
    note: 'It keeps no state: this server remembers how far each file was committed.',
  },
];
