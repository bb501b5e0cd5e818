// Nginx Proxy Manager's two log formats: for proxied hosts (with cache and upstream status) and for the rest.
import type { Hit } from '../../core/hit.ts';
import { compileNginx } from '../declared/nginx.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { TemplateReader } from '../layout/template-reader.ts';
import type { Template } from '../layout/template.ts';

const PROXY = compileNginx(
  '[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent]',
) as Template;
const STANDARD = compileNginx(
  '[$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent]',
) as Template;

class NginxProxyManagerReader implements Reader {
  readonly #proxy = new TemplateReader(PROXY);
  readonly #standard = new TemplateReader(STANDARD);

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const miss = this.#proxy.read(chunk, start, end, hit);
    if (miss === undefined) return undefined;
    const proxy = hit.proxy;
    hit.reset(chunk.bytes);
    hit.proxy = proxy;
    return this.#standard.read(chunk, start, end, hit);
  }
}

export const nginxProxyManager = {
  name: 'nginx-proxy-manager',
  title: 'Nginx Proxy Manager',
  proxy: 'nginx',
  supplies: ['client', 'method', 'path', 'host', 'size', 'upstreamStatus', 'result'],
  samples: [
    {
      line: '[24/Jan/2022:16:51:02 +0000] - 502 502 - GET http openresty.local "/sdfdsf" [Client 192.0.2.4] [Length 192] [Gzip 3.10] [Sent-to openresty] "Mozilla/5.0 (X11; Linux x86_64)" "-"',
      hit: {
        ts: 1643043062000,
        code: 502,
        method: 'GET',
        path: '/sdfdsf',
        host: 'openresty.local',
        upstreamStatus: [502],
        bytes: 192,
        client: '192.0.2.4',
      },
    },
    {
      line: '[24/Jan/2022:13:40:19 +0000] 444 - GET https 192.0.2.9 "/.env" [Client 207.32.219.89] [Length 0] [Gzip -] "Mozilla/5.0" "-"',
      hit: {
        ts: 1643031619000,
        code: 444,
        method: 'GET',
        path: '/.env',
        host: '192.0.2.9',
        bytes: 0,
        client: '207.32.219.89',
      },
    },
  ],
  begins: '[',
  open: () => new NginxProxyManagerReader(),
} as const satisfies Format;
