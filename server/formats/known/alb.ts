// AWS Application Load Balancer. Fields at the end that nobody expects are ignored, as AWS asks.
import { AwsLoadBalancerReader } from './aws-lb.ts';
import type { Format } from '../format.ts';

export const alb = {
  name: 'alb',
  title: 'AWS Application Load Balancer',
  proxy: 'alb',
  samples: [
    {
      line: 'https 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 -1 -1 -1 502 - 34 366 "GET https://www.example.com:443/a?b HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262" "www.example.com" "arn:aws:acm" 0 2018-07-02T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "10.0.0.1:80" "-" "-" "-"',
      hit: {
        ts: 1530570180186,
        code: 502,
        method: 'GET',
        path: '/a?b',
        host: 'www.example.com:443',
        upstream: '10.0.0.1:80',
        bytes: 366,
        client: '192.168.131.39',
      },
    },
    {
      line: 'h2 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 10.0.1.252:48160 10.0.0.66:9000 0.000 0.002 0.000 200 200 5 257 "GET https://10.0.2.105:773/ HTTP/2.0" "curl/7.46.0" - - arn "Root=1" "-" "-" 1 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-"',
      hit: {
        ts: 1530570180186,
        code: 200,
        method: 'GET',
        path: '/',
        host: '10.0.2.105:773',
        upstream: '10.0.0.66:9000',
        upstreamStatus: [200],
        durationMs: 2,
        bytes: 257,
        client: '10.0.1.252',
      },
    },
  ],
  open: () => new AwsLoadBalancerReader(true),
} as const satisfies Format;
