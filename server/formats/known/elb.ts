// AWS classic load balancer. Its TCP listeners write "-" for the status: no exchange.
import { AwsLoadBalancerReader } from './aws-lb.ts';
import type { Format } from '../format.ts';

export const elb = {
  name: 'elb',
  title: 'AWS Classic Load Balancer',
  proxy: 'elb',
  samples: [
    {
      line: '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
      hit: {
        ts: 1431560383945,
        code: 200,
        method: 'GET',
        path: '/',
        host: 'www.example.com:80',
        upstream: '10.0.0.1:80',
        upstreamStatus: [200],
        durationMs: 1.178,
        bytes: 29,
        client: '192.168.131.39',
      },
    },
  ],
  begins: '0123456789',
  open: () => new AwsLoadBalancerReader(false),
} as const satisfies Format;
